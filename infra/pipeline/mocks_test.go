package pipeline

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"oci-media-pipelines/infra/image"
)

const (
	testProject     = "oci-media-pipelines"
	testCompartment = "ocid1.compartment.oc1..aaaaaaaatest"
	testTenancy     = "ocid1.tenancy.oc1..aaaaaaaatenancy"
	testSeed        = "c2VlZC1vZi10aGUtZGF0YWJhc2UtcGFzc3dvcmQ="
)

// testTime is when every mocked group and policy was created.
var testTime = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// rig runs the program under Pulumi's mocks and remembers what it declared.
type rig struct {
	// What may be set before run.
	project, stack string
	config         map[string]string // keys without the project's name
	secrets        []string          // those of the keys whose values are encrypted
	provider       map[string]string // keys of the oci: namespace
	region, home   string
	preview        bool // nothing exists yet, so the cloud knows no output
	grants         []Grant
	source         string // what the images are built from
	buildError     error
	pushError      error
	clock          time.Time

	mu        sync.Mutex
	resources []declared
	invokes   []string
	outputs   map[string]pulumi.Input
	pushes    []string
	hooks     []string
	calls     map[string]pulumi.ResourceHookFunction
	cloud     http.Handler // answers what the hooks ask
	waits     []time.Duration
	builds    []image.Spec
}

// declared is one registered resource.
type declared struct {
	kind, name, provider string
	inputs               resource.PropertyMap
	secretOutputs        []string
	dependencies         []string // names
	order                int
}

func newRig(config ...string) *rig {
	r := &rig{
		project: testProject, stack: "dev", region: "eu-frankfurt-1", home: "eu-frankfurt-1",
		config:   map[string]string{"compartmentId": testCompartment},
		provider: map[string]string{},
		calls:    map[string]pulumi.ResourceHookFunction{},
		grants:   Grants(),
		clock:    testTime.Add(time.Hour),
	}
	for i := 0; i < len(config); i += 2 {
		r.config[config[i]] = config[i+1]
	}
	return r
}

func (r *rig) run() error {
	settings := map[string]string{}
	for key, value := range r.config {
		settings[r.project+":"+key] = value
	}
	for key, value := range r.provider {
		settings["oci:"+key] = value
	}
	program := func(ctx *pulumi.Context) error {
		err := program{grants: r.grants, room: r}.deploy(ctx)
		r.outputs = maps.Clone(ctx.GetCurrentExportMap())
		return err
	}
	return pulumi.RunErr(program, pulumi.WithMocks(r.project, r.stack, r), func(info *pulumi.RunInfo) {
		info.Config = settings
		for _, key := range r.secrets {
			info.ConfigSecretKeys = append(info.ConfigSecretKeys, r.project+":"+key)
		}
		info.DryRun = r.preview
	})
}

// deployed runs the program, which has to succeed.
func deployed(t *testing.T, r *rig) *rig {
	t.Helper()
	if err := r.run(); err != nil {
		t.Fatal(err)
	}
	return r
}

// all finds the resources of a kind, by the last part of its token.
func (r *rig) all(kind string) []declared {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []declared
	for _, d := range r.resources {
		if strings.HasSuffix(d.kind, ":"+kind) {
			found = append(found, d)
		}
	}
	return found
}

// one finds the only resource of a kind.
func (r *rig) one(t *testing.T, kind string) declared {
	t.Helper()
	found := r.all(kind)
	if len(found) != 1 {
		t.Fatalf("%d resources of kind %s, want 1", len(found), kind)
	}
	return found[0]
}

// named finds a resource by its logical name.
func (r *rig) named(t *testing.T, name string) declared {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range r.resources {
		if d.name == name && !strings.HasPrefix(d.kind, "pipeline:") {
			return d
		}
	}
	t.Fatalf("no resource named %s", name)
	return declared{}
}

// text reads a property, through secrets.
func (d declared) text(t *testing.T, path string) string {
	t.Helper()
	parsed, err := resource.ParsePropertyPath(path)
	if err != nil {
		t.Fatal(err)
	}
	value, ok := parsed.Get(resource.NewProperty(bare(resource.NewProperty(d.inputs)).ObjectValue()))
	if !ok {
		t.Fatalf("%s %s has no %s", d.kind, d.name, path)
	}
	return fmt.Sprint(value.V)
}

// bare takes the secret marks off.
func bare(value resource.PropertyValue) resource.PropertyValue {
	switch {
	case value.IsSecret():
		return bare(value.SecretValue().Element)
	case value.IsArray():
		list := []resource.PropertyValue{}
		for _, element := range value.ArrayValue() {
			list = append(list, bare(element))
		}
		return resource.NewProperty(list)
	case value.IsObject():
		object := resource.PropertyMap{}
		for key, element := range value.ObjectValue() {
			object[key] = bare(element)
		}
		return resource.NewProperty(object)
	}
	return value
}

// --- Pulumi's side ---

func (r *rig) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := declared{kind: args.TypeToken, name: args.Name, provider: args.Provider, inputs: args.Inputs, order: len(r.resources)}
	if args.RegisterRPC != nil {
		d.secretOutputs = args.RegisterRPC.GetAdditionalSecretOutputs()
		for _, urn := range args.RegisterRPC.GetDependencies() {
			d.dependencies = append(d.dependencies, resource.URN(urn).Name())
		}
	}
	r.resources = append(r.resources, d)
	if !args.Custom {
		return "", args.Inputs, nil
	}
	// Pulumi's mocks cannot carry a secret without a value, so the seed has one.
	if r.preview && args.TypeToken != "oci:Kms/generatedKey:GeneratedKey" {
		return "", args.Inputs, nil
	}
	state := args.Inputs.Copy()
	for key, value := range cloudOutputs(args) {
		state[resource.PropertyKey(key)] = resource.NewPropertyValue(value)
	}
	kind := strings.ToLower(args.TypeToken[strings.LastIndex(args.TypeToken, ":")+1:])
	return "ocid1." + kind + ".oc1.." + args.Name, state, nil
}

// cloudOutputs is what the cloud adds to a new resource.
func cloudOutputs(args pulumi.MockResourceArgs) map[string]any {
	switch args.TypeToken[strings.LastIndex(args.TypeToken, ":")+1:] {
	case "Vcn":
		return map[string]any{"defaultSecurityListId": "ocid1.securitylist.oc1..default"}
	case "NatGateway":
		return map[string]any{"natIp": "192.0.2.10"}
	case "Vault":
		return map[string]any{"cryptoEndpoint": "https://v-crypto.example", "managementEndpoint": "https://v-management.example"}
	case "GeneratedKey":
		return map[string]any{"plaintext": testSeed, "ciphertext": "ciphertext", "plaintextChecksum": "1"}
	case "DynamicGroup", "Policy":
		return map[string]any{"timeCreated": testTime.String()}
	case "AutonomousDatabase":
		return map[string]any{"connectionUrls": []any{map[string]any{"ordsUrl": "https://db.adb.example/ords"}}}
	case "Function":
		return map[string]any{"invokeEndpoint": "https://functions.example"}
	case "ContainerInstance":
		last := args.Name[len(args.Name)-1]
		return map[string]any{"vnics": []any{map[string]any{"subnetId": "s", "privateIp": fmt.Sprintf("10.0.64.%c", last)}}}
	case "LoadBalancer":
		return map[string]any{"ipAddressDetails": []any{map[string]any{"ipAddress": "203.0.113.9", "isPublic": true}}}
	}
	return nil
}

func (r *rig) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	r.mu.Lock()
	r.invokes = append(r.invokes, args.Token)
	r.mu.Unlock()
	answer := map[string]any{}
	switch args.Token {
	case "oci:ObjectStorage/getNamespace:getNamespace":
		answer["namespace"] = "axnamespace"
	case "oci:Core/getServices:getServices":
		answer["services"] = []any{
			map[string]any{"id": "ocid1.service.oc1..storage", "name": "OCI FRA Object Storage", "cidrBlock": "oci-fra-objectstorage", "description": ""},
			map[string]any{"id": "ocid1.service.oc1..all", "name": "All FRA Services In Oracle Services Network", "cidrBlock": "all-fra-services-in-oracle-services-network", "description": ""},
		}
	case "oci:Identity/getAvailabilityDomains:getAvailabilityDomains":
		answer["availabilityDomains"] = []any{map[string]any{"name": "Uocm:FRA-AD-1"}, map[string]any{"name": "Uocm:FRA-AD-2"}}
	case "oci:Identity/getFaultDomains:getFaultDomains":
		answer["faultDomains"] = []any{map[string]any{"name": "FAULT-DOMAIN-1"}, map[string]any{"name": "FAULT-DOMAIN-2"}}
	case "oci:Identity/getRegionSubscriptions:getRegionSubscriptions":
		answer["regionSubscriptions"] = []any{
			map[string]any{"regionName": "ap-tokyo-1", "isHomeRegion": r.home == "ap-tokyo-1"},
			map[string]any{"regionName": r.home, "isHomeRegion": true},
		}
	case "oci:Kms/getVault:getVault":
		answer["compartmentId"] = "ocid1.compartment.oc1..aaaaaaaakeys"
		answer["cryptoEndpoint"] = "https://existing-crypto.example"
		answer["managementEndpoint"] = "https://existing-management.example"
	default:
		return nil, fmt.Errorf("unexpected function %s", args.Token)
	}
	return resource.NewPropertyMapFromMap(answer), nil
}

// --- the rest of the surroundings ---

func (r *rig) account(*pulumi.Context) (account, error) {
	return account{region: r.region, tenancy: testTenancy, client: testKey(), transport: handlerTransport{r}}, nil
}

func (r *rig) build(_ context.Context, spec image.Spec) (builtImage, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.builds = append(r.builds, spec)
	if r.buildError != nil {
		return nil, r.buildError
	}
	return fakeImage(spec.ImportPath + spec.Platform + r.source), nil
}

func (r *rig) registry(*stack) (pusher, error) { return r, nil }

func (r *rig) push(_ context.Context, repository string, img builtImage) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pushes = append(r.pushes, repository+":"+img.Tag())
	return true, r.pushError
}

// hook remembers the hook and registers none: Pulumi's mocks do not take any.
func (r *rig) hook(_ *stack, name string, call pulumi.ResourceHookFunction) (*pulumi.ResourceHook, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hooks = append(r.hooks, name)
	r.calls[name] = call
	return nil, nil
}

func (r *rig) now() time.Time { return r.clock }

func (r *rig) wait(_ context.Context, d time.Duration) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waits = append(r.waits, d)
	return nil
}

// fakeImage is an image whose digest comes from its own text.
type fakeImage string

func (f fakeImage) Digest() string {
	sum := sha256.Sum256([]byte(f))
	return "sha256:" + hex.EncodeToString(sum[:])
}
func (f fakeImage) Tag() string { return f.Digest()[7:23] }
func (f fakeImage) Size() int64 { return 1000 }

// testKey signs the hooks' requests, which the rig's own handler answers.
var testKey = sync.OnceValue(func() common.ConfigurationProvider {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return common.NewRawConfigurationProvider(testTenancy, "ocid1.user.oc1..test", "eu-frankfurt-1", "aa:bb", string(text), nil)
})

// handlerTransport hands requests to the rig's cloud, without any network.
type handlerTransport struct{ r *rig }

func (h handlerTransport) Do(request *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	h.r.cloud.ServeHTTP(answer, request)
	response := answer.Result()
	response.Request = request
	return response, nil
}
