package pipeline

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

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
	preview        bool   // nothing exists yet, so the cloud knows no output
	source         string // what the images are built from
	buildError     error
	pushError      error
	clock          time.Time
	images         map[string][2]string // reference and digest, by the display name of functions that exist

	mu        sync.Mutex
	resources []declared
	invokes   []string
	outputs   map[string]pulumi.Input
	pushes    []string
	hooks     []string
	calls     map[string]pulumi.ResourceHookFunction
	cloud     http.Handler // answers what the hooks ask
	waits     []time.Duration
	impatient bool                   // no wait ends well
	reached   func(url string) error // what looking for an endpoint finds; nil: an answer
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
		images:   map[string][2]string{},
		calls:    map[string]pulumi.ResourceHookFunction{},
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
		err := program{room: r}.deploy(ctx)
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
