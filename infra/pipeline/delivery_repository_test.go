package pipeline

import (
	"encoding/base64"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

func TestMirrors(t *testing.T) {
	for _, c := range []struct{ url, schedule, connection, base, repeats string }{
		{"https://github.com/name/repository", "", "GITHUB_ACCESS_TOKEN", "", "DEFAULT"},
		{"https://gitlab.com/name/repository.git", "FREQ=MINUTELY;INTERVAL=10", "GITLAB_ACCESS_TOKEN", "", "CUSTOM"},
		{"https://git.example.com:8443/name/repository", "", "GITLAB_SERVER_ACCESS_TOKEN", "https://git.example.com:8443", "DEFAULT"},
		{"http://127.0.0.1:3000/repository.git", "", "GITLAB_SERVER_ACCESS_TOKEN", "http://127.0.0.1:3000", "DEFAULT"},
	} {
		t.Run(c.url, func(t *testing.T) {
			r := withDelivery(newRig())
			r.config["delivery.repositoryUrl"], r.config["delivery.mirrorSchedule"] = c.url, c.schedule
			deployed(t, r)
			repository, connection := r.one(t, "Repository"), r.one(t, "Connection")
			for path, want := range map[string]string{
				"repositoryType": "MIRRORED", "mirrorRepositoryConfig.repositoryUrl": c.url,
				"mirrorRepositoryConfig.connectorId":                  "ocid1.connection.oc1..connection",
				"mirrorRepositoryConfig.triggerSchedule.scheduleType": c.repeats,
			} {
				if got := repository.text(t, path); got != want {
					t.Errorf("repository: %s is %s, want %s", path, got, want)
				}
			}
			if c.schedule != "" {
				if got := repository.text(t, "mirrorRepositoryConfig.triggerSchedule.customSchedule"); got != c.schedule {
					t.Errorf("the schedule is %s", got)
				}
			}
			if got := connection.text(t, "connectionType"); got != c.connection {
				t.Errorf("the connection is a %s, want %s", got, c.connection)
			}
			if got := connection.text(t, "accessToken"); got != "ocid1.secret.oc1..access-token" {
				t.Errorf("the connection's token is %s, want the secret's OCID", got)
			}
			if base, set := connection.inputs["baseUrl"]; set != (c.base != "") || set && base.StringValue() != c.base {
				t.Errorf("the connection's base is %v, want %q", base, c.base)
			}
		})
	}
}

func TestTheAccessTokenIsInTheVaultAlone(t *testing.T) {
	r := deployed(t, fullRig())
	encoded := base64.StdEncoding.EncodeToString([]byte(testToken))
	for _, d := range r.resources {
		for _, text := range []string{testToken, encoded} {
			if mentions(resource.NewProperty(d.inputs), text) {
				t.Errorf("%s has the token in the clear", d.name)
			}
			if knows := mentions(bare(resource.NewProperty(d.inputs)), text); knows != (d.name == "access-token" && text == encoded) {
				t.Errorf("%s knows the token: %v", d.name, knows)
			}
		}
	}
	want := "allow dynamic-group id ocid1.dynamicgroup.oc1..source-group to read secret-family in compartment id " + testCompartment + " where target.secret.id = 'ocid1.secret.oc1..access-token'"
	if got := statements(r.named(t, "source-policy")); !slices.Contains(got, want) {
		t.Errorf("nobody may read it: %q", got)
	}
}

func TestAHostedRepositoryHasNoConnection(t *testing.T) {
	r := deployed(t, deliveryRig())
	if got := r.one(t, "Repository").text(t, "repositoryType"); got != "HOSTED" {
		t.Errorf("the repository is %s", got)
	}
	if n := len(r.all("Connection")); n != 0 {
		t.Errorf("%d connections", n)
	}
	if got := await(t, r.outputs["deliveryRepositoryUrl"]); got != "https://devops.scmservice.example/repositories/oci-media-pipelines" {
		t.Errorf("deliveryRepositoryUrl is %s", got)
	}
	if n := len(r.all("DeployStage")); n != 1 {
		t.Errorf("%d stages of deployments, want none that waits for an approval", n)
	}
}
