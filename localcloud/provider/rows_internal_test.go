package provider

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"reflect"
	"slices"
	"strings"
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
		"oci:Kms/generatedKey:GeneratedKey":                                          reflect.TypeFor[keymanagement.GeneratedKey](),
	}
	// hookParts are the structs that a finish hook takes part of the outputs from.
	hookParts = map[string]map[string]reflect.Type{
		"oci:ContainerEngine/containerInstance:ContainerInstance": {
			"containers": reflect.TypeFor[containerinstances.Container](), "vnics": reflect.TypeFor[core.Vnic](),
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

func TestEverySchemaTokenHasARow(t *testing.T) {
	for token := range schema().resources {
		if kinds[token] == nil {
			t.Errorf("schema.json has %s, the table has not", token)
		}
	}
	for token := range kinds {
		if _, ok := schema().resources[token]; !ok {
			t.Errorf("the table has %s, schema.json has not", token)
		}
	}
	for token := range schema().functions {
		if invokable[token] == nil {
			t.Errorf("schema.json has %s, the table has not", token)
		}
	}
	for token := range invokable {
		if _, ok := schema().functions[token]; !ok {
			t.Errorf("the table has %s, schema.json has not", token)
		}
	}
}

// TestEveryInputHasItsPlace finds renames without a server: each input of the
// schema must have a field in the create request, or a stated reason.
func TestEveryInputHasItsPlace(t *testing.T) {
	for token, k := range kinds {
		t.Run(token, func(t *testing.T) {
			client := openClient(t, k.client)
			body := hookBodies[token]
			parameters := []string{}
			if method := k.method("Create"); method != "" {
				r := requestOf(t, client, method)
				for _, field := range r.parameters() {
					if input, ok := k.parameterInput(wireName(field)); ok {
						parameters = append(parameters, input)
					}
				}
				if body == nil {
					body = bodyType(k, r)
				}
			}
			for name, p := range k.schema().inputs {
				_, local := k.local[name]
				_, unsupported := k.unsupported[name]
				sent := slices.Contains(parameters, name) || slices.Contains(hookInputs[token], name)
				fits := body != nil && k.fits(body, name)
				switch {
				case !fits && !sent && !local && !unsupported:
					t.Errorf("input %s has no field in %v", name, body)
				case fits && local:
					t.Errorf("input %s is said to be local, but the request takes it", name)
				case fits:
					checkNested(t, k.naming, body, modelType(t, k, client), hookParts[token][name], name, p, name)
				}
			}
		})
	}
}

// TestEveryOutputHasItsSource is the same for outputs and the API's model.
func TestEveryOutputHasItsSource(t *testing.T) {
	for token, k := range kinds {
		t.Run(token, func(t *testing.T) {
			model := modelType(t, k, openClient(t, k.client))
			for name, p := range k.schema().outputs {
				matched := false
				if model != nil {
					_, matched = k.field(model, name, p)
					if !matched {
						_, _, matched = k.inlined(model, name, p)
					}
				}
				why, excused := k.unmatched[name]
				_, unsupported := k.unsupported[name]
				_, local := k.local[name]
				switch {
				case !matched && !excused && !unsupported && !local:
					t.Errorf("output %s has no field in %v", name, model)
				case matched && excused:
					t.Errorf("output %s is excused (%s), but %v has a field for it", name, why, model)
				}
			}
		})
	}
}

// TestEveryPathCanBeFilled checks the parameters in the paths of all requests:
// each comes from the id, an input, or is the id.
func TestEveryPathCanBeFilled(t *testing.T) {
	for token, k := range kinds {
		t.Run(token, func(t *testing.T) {
			client := openClient(t, k.client)
			for _, verb := range []string{"Create", "Get", "Update", "Delete"} {
				method := k.method(verb)
				if method == "" {
					continue
				}
				ids := 0
				for _, field := range requestOf(t, client, method).parameters() {
					name := wireName(field)
					_, derived := k.derive[name]
					_, isInput := k.parameterInput(name)
					switch {
					case field.Tag.Get("contributesTo") != "path" || derived:
					case strings.Contains(k.id, "{"+name) && verb != "Create":
					case name == k.idParameter && verb != "Create":
						ids++
					case isInput:
					default:
						ids++
					}
				}
				want := 1
				if verb == "Create" || k.id != "" {
					want = 0
				}
				if ids != want {
					t.Errorf("%s: %d path parameters left for the id, want %d", method, ids, want)
				}
			}
		})
	}
}

// TestExceptionsNameProperties finds stale exceptions.
func TestExceptionsNameProperties(t *testing.T) {
	for token, k := range kinds {
		outputs := k.schema().outputs
		for _, exceptions := range []map[string]string{k.local, k.unsupported, k.unmatched} {
			for name := range exceptions {
				if _, ok := outputs[name]; !ok {
					t.Errorf("%s: exception for %s, which the schema does not have", token, name)
				}
			}
		}
		for _, name := range slices.Concat(k.clears, k.keeps) {
			if _, ok := outputs[name]; !ok {
				t.Errorf("%s: list names %s, which the schema does not have", token, name)
			}
		}
	}
}

func TestEveryFunctionFindsItsFields(t *testing.T) {
	// What the SDK's newer models no longer have, or never had.
	excused := map[string][]string{
		"oci:Kms/getVault:getVault": {"externalKeyManagerMetadatas", "restoreFromFiles", "restoreFromObjectStores", "restoreTrigger"},
		"oci:Database/getAutonomousDatabase:getAutonomousDatabase": slices.Concat(
			slices.Collect(maps.Keys(kinds["oci:Database/autonomousDatabase:AutonomousDatabase"].unsupported)),
			slices.Collect(maps.Keys(kinds["oci:Database/autonomousDatabase:AutonomousDatabase"].unmatched))),
	}
	for token, f := range invokable {
		if f.run != nil {
			continue
		}
		t.Run(token, func(t *testing.T) {
			r := requestOf(t, openClient(t, f.client), f.method)
			outputs := f.schema().outputs
			model := deref(responseBody(r.method.Type().Out(0)))
			if f.list != "" {
				s := outputs[f.list].shape
				if f.collection {
					s = s.nested()["items"].shape
				}
				outputs = s.nested()
				if items, ok := fieldsOf(model)["items"]; ok {
					model = deref(items.Type)
				}
			}
			for name, p := range outputs {
				_, echoed := f.schema().inputs[name]
				if _, ok := f.field(model, name, p); !ok && !echoed && name != "id" && !slices.Contains(excused[token], name) {
					t.Errorf("output %s has no field in %v", name, model)
				}
			}
		})
	}
}

// checkNested descends into objects. A nested property may be input or output
// only, so it must have a field in the request or in the model. Which variant of
// a polymorphic object has it only a value can tell.
func checkNested(t *testing.T, n naming, body, model, part reflect.Type, name string, p property, path string) {
	if p.object == "" {
		return
	}
	within := func(holder reflect.Type) (reflect.Type, bool) {
		if holder == nil || holder.Kind() != reflect.Struct {
			return nil, false
		}
		field, ok := n.field(holder, name, p)
		if !ok {
			return nil, false
		}
		inner := deref(field.Type)
		return inner, inner.Kind() == reflect.Struct
	}
	request, inRequest := within(body)
	told, inModel := within(model)
	if !inRequest {
		return
	}
	for nested, np := range p.nested() {
		found := false
		for holder, ok := range map[reflect.Type]bool{request: inRequest, told: inModel, part: part != nil} {
			if !ok || holder == nil {
				continue
			}
			_, plainly := n.field(holder, nested, np)
			_, _, inline := n.inlined(holder, nested, np)
			found = found || plainly || inline
		}
		if !found {
			t.Errorf("%s.%s has no field in %v or %v", path, nested, request, told)
			continue
		}
		checkNested(t, n, request, told, nil, nested, np, path+"."+nested)
	}
}

func bodyType(k *kind, r *request) reflect.Type {
	field, ok := r.body()
	if !ok {
		return nil
	}
	if field.Type.Kind() == reflect.Interface {
		return reflect.TypeOf(k.body(r.name, nil)).Elem()
	}
	return deref(field.Type)
}

func modelType(t *testing.T, k *kind, client any) reflect.Type {
	t.Helper()
	if model, ok := hookModels[k.token]; ok {
		return model
	}
	method := k.method("Get")
	if method == "" {
		return nil
	}
	return deref(responseBody(requestOf(t, client, method).method.Type().Out(0)))
}

func responseBody(t reflect.Type) reflect.Type {
	for _, field := range reflect.VisibleFields(t) {
		if len(field.Index) == 1 && field.Tag.Get("presentIn") == "body" {
			return field.Type
		}
	}
	return t
}
