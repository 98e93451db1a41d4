package provider

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/containerinstances"
	"github.com/oracle/oci-go-sdk/v65/core"
	"github.com/oracle/oci-go-sdk/v65/identity"
	"github.com/oracle/oci-go-sdk/v65/keymanagement"
	"github.com/oracle/oci-go-sdk/v65/loadbalancer"
)

// Rows whose hooks read or create what no Get or Create method shows: the SDK
// structs that their properties are decoded into and encoded from.
var (
	hookBodies = map[string]reflect.Type{
		"oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule": reflect.TypeFor[core.AddSecurityRuleDetails](),
		"oci:Core/defaultSecurityList:DefaultSecurityList":                           reflect.TypeFor[core.UpdateSecurityListDetails](),
	}
	hookModels = map[string]reflect.Type{
		"oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule": reflect.TypeFor[core.SecurityRule](),
		"oci:LoadBalancer/listener:Listener":                                         reflect.TypeFor[loadbalancer.Listener](),
		"oci:LoadBalancer/certificate:Certificate":                                   reflect.TypeFor[loadbalancer.Certificate](),
		"oci:Identity/authToken:AuthToken":                                           reflect.TypeFor[identity.AuthToken](),
		"oci:Identity/customerSecretKey:CustomerSecretKey":                           reflect.TypeFor[identity.CustomerSecretKey](),
		"oci:Kms/generatedKey:GeneratedKey":                                          reflect.TypeFor[keymanagement.GeneratedKey](),
	}
	// hookParts are the structs that a finish hook takes part of the outputs from.
	hookParts = map[string]map[string][]reflect.Type{
		"oci:ContainerEngine/containerInstance:ContainerInstance": {
			"containers": {reflect.TypeFor[containerinstances.Container]()}, "vnics": {reflect.TypeFor[core.Vnic]()},
		},
	}
	// hookInputs are inputs that a create hook puts into its request itself.
	hookInputs = map[string][]string{
		"oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule": {"networkSecurityGroupId"},
		// The list exists and belongs to the VCN's compartment already.
		"oci:Core/defaultSecurityList:DefaultSecurityList": {"compartmentId"},
		"oci:ObjectStorage/storageObject:StorageObject": {
			"cacheControl", "content", "contentDisposition", "contentEncoding", "contentLanguage", "contentMd5", "contentType", "metadata", "source",
		},
	}
)

var testIdentity = sync.OnceValue(func() common.ConfigurationProvider {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return common.NewRawConfigurationProvider("ocid1.tenancy.oc1..a", "ocid1.user.oc1..a", "us-ashburn-1", "aa:bb", string(text), nil)
})

func openClient(t *testing.T, kind *clientKind) any {
	t.Helper()
	client, err := kind.open(testIdentity(), "https://example.invalid")
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func requestOf(t *testing.T, client any, method string) *request {
	t.Helper()
	r, err := newRequest(client, method)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// nowhere are nested properties of the official provider that the API does not have.
var nowhere = []string{"loadBalancerConfig.state", "productionLoadBalancerConfig.state", "testLoadBalancerConfig.state"}

// checkNested descends into objects. A nested property may be input or output
// only, so it must have a field in a request or in a model. Which variant of
// a polymorphic object has it only a value can tell.
func checkNested(t *testing.T, n naming, bodies, models, parts []reflect.Type, name string, p property, path string) {
	if p.object == "" {
		return
	}
	// within finds the structs in the field, and whether it is polymorphic.
	within := func(holders []reflect.Type) (inner []reflect.Type, variants bool) {
		for _, holder := range holders {
			if holder.Kind() != reflect.Struct {
				continue
			}
			field, ok := n.field(holder, name, p)
			if !ok {
				continue
			}
			switch t := deref(field.Type); t.Kind() {
			case reflect.Struct:
				inner = append(inner, t)
			case reflect.Interface:
				variants = true
			}
		}
		return inner, variants
	}
	requests, variants := within(bodies)
	if len(requests) == 0 || variants {
		return
	}
	told, _ := within(models)
	for nested, np := range p.nested() {
		if !slices.ContainsFunc(slices.Concat(requests, told, parts), func(holder reflect.Type) bool {
			_, plainly := n.field(holder, nested, np)
			_, _, inline := n.inlined(holder, nested, np)
			return plainly || inline
		}) {
			if slices.Contains(nowhere, path+"."+nested) {
				continue
			}
			t.Errorf("%s.%s has no field in %v or %v", path, nested, requests, told)
			continue
		}
		checkNested(t, n, requests, told, nil, nested, np, path+"."+nested)
	}
}

// bodyTypes are the structs that a request's body may be: several for a row with a
// union, nothing for a request without a body.
func bodyTypes(k *kind, r *request) []reflect.Type {
	field, ok := r.body()
	switch {
	case !ok:
		return nil
	case field.Type.Kind() != reflect.Interface:
		return []reflect.Type{deref(field.Type)}
	case k.union == nil:
		return []reflect.Type{reflect.TypeOf(k.body(r.name, nil)).Elem()}
	}
	var all []reflect.Type
	for value := range k.union.structs {
		body, err := k.union.body(r.name, value)
		if err != nil {
			panic(err)
		}
		all = append(all, body.Type().Elem())
	}
	return all
}

// modelTypes are the structs that the API may answer.
func modelTypes(t *testing.T, k *kind, client any) []reflect.Type {
	t.Helper()
	if model, ok := hookModels[k.token]; ok {
		return []reflect.Type{model}
	}
	if models, ok := unionModels[k.token]; ok {
		return models
	}
	method := k.method("Get")
	if method == "" {
		return nil
	}
	return []reflect.Type{deref(responseBody(requestOf(t, client, method).method.Type().Out(0)))}
}

func responseBody(t reflect.Type) reflect.Type {
	for _, field := range reflect.VisibleFields(t) {
		if len(field.Index) == 1 && field.Tag.Get("presentIn") == "body" {
			return field.Type
		}
	}
	return t
}
