package pipeline

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	testUser       = "ocid1.user.oc1..aaaadeployer"
	testPassphrase = "b25lIG9mIHRoZSBzdGFjaw=="
)

// infrastructureRig is a rig of a stack that DevOps deploys.
func infrastructureRig(config ...string) *rig {
	r := deliveryRig(append([]string{"delivery.infrastructure", "true", "delivery.stateUserId", testUser, "delivery.passphrase", testPassphrase}, config...)...)
	r.secrets = append(r.secrets, "delivery.passphrase")
	return r
}

func TestWithoutInfrastructureNothingOfItExists(t *testing.T) {
	r := deployed(t, deliveryRig("delivery.stateUserId", testUser))
	for _, d := range r.resources {
		if strings.HasPrefix(d.name, "infrastructure") || strings.HasPrefix(d.name, "state-") {
			t.Errorf("%s %s exists", d.kind, d.name)
		}
	}
	if _, ok := r.outputs["stateBucketName"]; ok {
		t.Error("there is an output stateBucketName")
	}
}

func TestTheStateIsInABucketOfItsOwn(t *testing.T) {
	r := deployed(t, infrastructureRig())
	bucket := r.named(t, "state-bucket")
	for path, want := range map[string]string{"accessType": "NoPublicAccess", "versioning": "Enabled", "compartmentId": testCompartment} {
		if got := bucket.text(t, path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	if bucket.text(t, "name") == r.named(t, "bucket").text(t, "name") {
		t.Error("state and images share a bucket")
	}
	url := "s3://" + bucket.text(t, "name") + "?endpoint=https://axnamespace.compat.objectstorage.eu-frankfurt-1.oraclecloud.com&region=eu-frankfurt-1&s3ForcePathStyle=true"
	if got := await(t, r.outputs["stateUrl"]); got != url {
		t.Errorf("stateUrl is %s, want %s", got, url)
	}
	key := r.one(t, "CustomerSecretKey")
	if got := key.text(t, "userId"); got != testUser || !slices.Contains(key.secretOutputs, "key") {
		t.Errorf("the key is of user %s, its secret outputs are %q", got, key.secretOutputs)
	}
	for name, content := range map[string]string{
		"state-access-key": "ocid1.customersecretkey.oc1..state-key", "state-secret-key": testSecretKey, "state-passphrase": testPassphrase,
	} {
		secret := r.named(t, name)
		encoded := base64.StdEncoding.EncodeToString([]byte(content))
		if got := secret.text(t, "secretContent.content"); got != encoded {
			t.Errorf("%s holds %s, want %s", name, got, encoded)
		}
		if mentions(resource.NewProperty(secret.inputs), encoded) {
			t.Errorf("%s is in the clear", name)
		}
	}
}

func TestPreviewAndUpHaveAPipelineEach(t *testing.T) {
	r := deployed(t, infrastructureRig("delivery.branch", "release/1"))
	for command, filter := range map[string]map[string]string{
		"preview": {"events": "[{PULL_REQUEST_CREATED} {PULL_REQUEST_UPDATED}]", "include.baseRef": "release/1"},
		"up":      {"events": "[{PUSH}]", "include.headRef": "release/1"},
	} {
		name := "infrastructure-" + command
		pipeline := "ocid1.buildpipeline.oc1.." + name
		trigger := r.named(t, name+"-trigger")
		if got := trigger.text(t, "actions[0].buildPipelineId"); got != pipeline {
			t.Errorf("%s runs %s", trigger.name, got)
		}
		for path, want := range filter {
			if got := trigger.text(t, "actions[0].filter."+path); got != want {
				t.Errorf("%s: %s is %s, want %s", trigger.name, path, got, want)
			}
		}
		if got, want := r.named(t, name+"-group").text(t, "matchingRule"), "ALL {resource.type = 'devopsbuildpipeline', resource.id = '"+pipeline+"'}"; got != want {
			t.Errorf("the group's rule is %s, want %s", got, want)
		}
		given := parametersOf(r.named(t, name))
		if given["command"] != command || given["stack"] != "dev" || given["secretKey"] != "ocid1.secret.oc1..state-secret-key" {
			t.Errorf("%s has the parameters %v", name, given)
		}
		var spec struct {
			Env struct {
				Variables      map[string]string
				VaultVariables map[string]string `yaml:"vaultVariables"`
			}
		}
		readYAML(t, r.named(t, name+"-run").text(t, "buildSpecFile"), &spec)
		for _, variables := range []map[string]string{spec.Env.Variables, spec.Env.VaultVariables} {
			for variable, value := range variables {
				for _, parameter := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(value, -1) {
					if _, ok := given[parameter[1]]; !ok {
						t.Errorf("%s is made of the parameter %s, which %s does not have", variable, parameter[1], name)
					}
					delete(given, parameter[1])
				}
			}
		}
		if len(given) > 0 {
			t.Errorf("the specification uses none of %v", given)
		}
	}
}

func parametersOf(pipeline declared) map[string]string {
	given := map[string]string{}
	for _, parameter := range bare(resource.NewProperty(pipeline.inputs)).ObjectValue()["buildPipelineParameters"].ObjectValue()["items"].ArrayValue() {
		given[parameter.ObjectValue()["name"].StringValue()] = parameter.ObjectValue()["defaultValue"].StringValue()
	}
	return given
}

func TestAMirrorsPullRequestsAreElsewhere(t *testing.T) {
	r := deployed(t, withDelivery(infrastructureRig()))
	for _, d := range r.all("BuildPipeline") {
		if d.name == "infrastructure-preview" {
			t.Error("there is a pipeline that nothing starts")
		}
	}
	r.named(t, "infrastructure-up")
}

// TestThePipelineMayDeploy compares the rights of the pipeline that deploys with those
// that docs/tenancy.md asks for.
func TestThePipelineMayDeploy(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(repository, "docs/tenancy.md"))
	if err != nil {
		t.Fatal(err)
	}
	r := deployed(t, infrastructureRig("transcoding.enabled", "true", "transcoding.baseImage", testBase, "transcoding.compartmentId", testJobCompartment))
	given := statements(r.named(t, "infrastructure-up-policy"))
	filled := strings.NewReplacer("group <g>", "dynamic-group id ocid1.dynamicgroup.oc1..infrastructure-up-group",
		"compartment <c>", "compartment id "+testCompartment, "compartment <j>", "compartment id "+testJobCompartment)
	asked := regexp.MustCompile(`(?m)^    (allow group <g> .*)$`).FindAllStringSubmatch(string(page), -1)
	if len(asked) < 20 {
		t.Fatalf("docs/tenancy.md has %d statements", len(asked))
	}
	for _, statement := range asked {
		if want := filled.Replace(statement[1]); !slices.Contains(given, want) {
			t.Errorf("the pipeline lacks %q", want)
		}
	}
	for _, statement := range statements(r.named(t, "infrastructure-preview-policy")) {
		if strings.Contains(statement, " manage ") || strings.Contains(statement, " use ") {
			t.Errorf("code of a pull request may %q", statement)
		}
	}
}

func TestWhatInfrastructureNeedsIsNamed(t *testing.T) {
	for _, c := range []struct{ key, value, allowed string }{
		{"delivery.stateUserId", "", "OCID of a user"},
		{"delivery.stateUserId", "ocid1.group.oc1..x", "OCID of a user"},
		{"delivery.passphrase", "", "at least 16"},
		{"delivery.passphrase", "with a space and $dollars", "letters, digits"},
		{"delivery.enabled", "false", "set it to true"},
	} {
		r := infrastructureRig(c.key, c.value)
		err := r.run()
		if err == nil || !strings.Contains(err.Error(), c.key) || !strings.Contains(err.Error(), c.allowed) {
			t.Errorf("%s %q: error is %v, want one with %q", c.key, c.value, err, c.allowed)
		}
		if c.key == "delivery.passphrase" && c.value != "" && strings.Contains(err.Error(), c.value) {
			t.Errorf("the error shows the passphrase: %v", err)
		}
	}
}
