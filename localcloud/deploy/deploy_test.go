package deploy_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"gopkg.in/yaml.v3"

	"oci-media-pipelines/localcloud/deploy"
	"oci-media-pipelines/localcloud/endpoint"
)

const settings = `encryptionsalt: v1:real-salt
config:
  oci:region: eu-frankfurt-1
  oci:tenancyOcid: ocid1.tenancy.oc1..real
  oci:privateKey:
    secure: v1:real
  oci-media-pipelines:compartmentId: ocid1.compartment.oc1..real
  oci-media-pipelines:replicas: 2
  oci-media-pipelines:token:
    secure: v1:real
  oci-media-pipelines:list:
    - name: plain
      value:
        secure: v1:real
  oci-media-pipelines:object:
    secure: not
    plain: value
`

// options are those of a stack of a program that does nothing but give an output.
func options(t *testing.T, dir, stack string) deploy.Options {
	t.Helper()
	project := filepath.Join(dir, "project")
	write(t, filepath.Join(project, "Pulumi.yaml"), "name: oci-media-pipelines\nruntime: go\nmain: infra\n")
	write(t, filepath.Join(project, "Pulumi."+stack+".yaml"), settings)
	return deploy.Options{
		Project: project, State: filepath.Join(dir, "state"), Stack: stack, Progress: io.Discard, Colour: "never", Endpoint: endpoint.Endpoint{},
		Program: func(ctx *pulumi.Context) error {
			region, _ := ctx.GetConfig("oci:region")
			ctx.Export("region", pulumi.String(region))
			ctx.Export("secret", pulumi.ToSecret(pulumi.String("hidden")))
			return nil
		},
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, o deploy.Options) *deploy.Deployment {
	t.Helper()
	// Open points the environment at the cloud: the test's own comes back.
	for name := range o.Endpoint.Environment() {
		t.Setenv(name, "")
	}
	d, err := deploy.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// workspace is a stack's configuration as the engine has it.
func workspace(t *testing.T, o deploy.Options) (salt string, config map[string]any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(o.State, "workspaces", o.Stack, "Pulumi."+o.Stack+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Salt   string         `yaml:"encryptionsalt"`
		Config map[string]any `yaml:"config"`
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return file.Salt, file.Config
}

func TestDeployment(t *testing.T) {
	o := options(t, t.TempDir(), "dev")
	o.Overrides = map[string]string{"oci-media-pipelines:replicas": "1", "oci-media-pipelines:platform": "host"}
	d := open(t, o)
	salt, config := workspace(t, o)
	if salt == "" || salt == "v1:real-salt" {
		t.Errorf("the salt is %q", salt)
	}
	want := map[string]string{
		"oci:region": "eu-frankfurt-1", "oci-media-pipelines:compartmentId": "ocid1.compartment.oc1..real",
		"oci-media-pipelines:replicas": "1", "oci-media-pipelines:platform": "host", "oci-media-pipelines:object": "*",
	}
	for key, value := range config {
		if _, ok := want[key]; !ok {
			t.Errorf("%s reached the engine", key)
		} else if want[key] != "*" && want[key] != value {
			t.Errorf("%s is %v, want %s", key, value, want[key])
		}
	}
	if len(config) != len(want) {
		t.Errorf("the engine has %v", config)
	}
	if _, err := deploy.Open(t.Context(), o); !errors.Is(err, deploy.ErrBusy) {
		t.Errorf("a second run on the stack says %v", err)
	}
	result, err := d.Up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if result.Outputs["region"].Value != "eu-frankfurt-1" || result.Outputs["secret"].Value != "hidden" {
		t.Errorf("outputs are %v", result.Outputs)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}

	// A run that was killed leaves the engine's lock; the project stays as it was.
	stale := filepath.Join(o.State, "pulumi", ".pulumi", "locks", "organization", "oci-media-pipelines", "dev", "stale.json")
	write(t, stale, `{"pid":1,"username":"somebody","hostname":"elsewhere","timestamp":"2026-01-01T00:00:00Z"}`)
	d = open(t, o)
	if _, err := os.Stat(stale); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the engine's lock is still there: %v", err)
	}
	if again, _ := workspace(t, o); again != salt {
		t.Errorf("the salt was %s and is %s", salt, again)
	}
	outputs, err := d.Outputs(t.Context())
	if err != nil || outputs["secret"].Value != "hidden" || !outputs["secret"].Secret {
		t.Errorf("outputs are %v, %v", outputs, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(filepath.Join(o.Project, "Pulumi.dev.yaml")); err != nil || string(raw) != settings {
		t.Errorf("the project's configuration is now %s, %v", raw, err)
	}
	noSecret(t, o.State, "hidden")
}

// noSecret looks for a secret in the engine's state.
func noSecret(t *testing.T, state, secret string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(state, "pulumi"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if strings.Contains(string(raw), secret) {
			t.Errorf("%s holds a secret in clear", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"", ".", "..", "../../x", "a/b", "-x y", strings.Repeat("x", 101)} {
		o := options(t, dir, "dev")
		o.Stack = name
		if _, err := deploy.Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "a name has 1 to 100") {
			t.Errorf("stack %q: %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "state")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was made: %v", err)
	}
	o := options(t, dir, "dev")
	o.Stack = "unknown"
	for name := range o.Endpoint.Environment() {
		t.Setenv(name, "")
	}
	if _, err := deploy.Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "configuration of stack unknown") {
		t.Errorf("a stack without configuration: %v", err)
	}
}
