package e2e

import (
	"net/url"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/devops"
)

// TestDeliveryFailures is about pushes that lead nowhere: each is a failed run that says
// why, in its own words, in the log and to the topic, and the function serves what it
// served.
func TestDeliveryFailures(t *testing.T) {
	d := openDelivery(t, "failing", nil)
	d.hold("analyze", "good")
	good := d.push("Release")
	d.delivered("analyze", good)

	for name, c := range map[string]struct {
		old, with string // in the build specification
		says      []string
	}{
		"bad YAML":          {"steps:\n", "steps: [\n", []string{"build_spec.yaml", "line"}},
		"an unknown member": {"component: build\n", "component: build\nsteeps: []\n", []string{"build_spec.yaml", "steeps"}},
		"a step over its time": {
			"    timeoutInSeconds: 30\n    command: |\n", "    timeoutInSeconds: 1\n    command: |\n      sleep 3600\n", []string{"Load the image", "time"},
		},
		"a step that fails":           {`-i "$function.tar"`, `-i nothing.tar`, []string{"Load the image"}},
		"a missing output artifact":   {"location: loaded:1", "location: forgotten:1", []string{"function-image", "forgotten:1"}},
		"an artifact of another name": {"name: function-image", "name: another-image", []string{"function-image"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := d.as(t)
			d.specify(c.old, c.with)
			d.wantFailure(d.push(name), c.says...)
			d.wantServing("analyze", version(good))
		})
	}
	t.Run("a placeholder that nothing fills", func(t *testing.T) {
		d := d.as(t)
		d.specify("    - imageVersion", "    - somethingElse")
		d.renameArtifact("${nowhere}")
		d.wantFailure(d.push("No version"), "nowhere")
		d.wantServing("analyze", version(good))
		d.renameArtifact("${imageVersion}")
	})
	t.Run("a wrong token", func(t *testing.T) {
		d := d.as(t)
		name := d.remote.User.Username()
		d.remote.User = url.UserPassword(name, "not-the-token")
		out, err := d.tryGit("push", d.remote.String(), "HEAD:refs/heads/main")
		if err == nil || !strings.Contains(out, "Authentication failed") {
			t.Errorf("the push: %v\n%s", err, out)
		}
	})
	t.Run("all is well again", func(t *testing.T) {
		d := d.as(t)
		d.hold("analyze", "better")
		better := d.push("A better release")
		d.delivered("analyze", better)
		d.wantServing("analyze", version(better))
	})
}

// wantFailure waits for the failed build run of a commit.
func (d *delivery) wantFailure(commit string, says ...string) {
	d.Helper()
	run := d.built("analyze", commit)
	if run.LifecycleState != devops.BuildRunLifecycleStateFailed {
		d.Errorf("the run: %s", run.LifecycleState)
	}
	log := strings.Join(d.log(), "\n")
	for _, word := range says {
		if !strings.Contains(text(run.LifecycleDetails), word) {
			d.Errorf("the run says %q, nothing of %q", text(run.LifecycleDetails), word)
		}
		if !strings.Contains(log, word) {
			d.Errorf("the log says nothing of %q:\n%s", word, tail(d.log(), 10))
		}
	}
	d.announced(*run.Id, string(devops.BuildRunLifecycleStateFailed))
}

// renameArtifact changes what the image is delivered as, behind Pulumi's back.
func (d *delivery) renameArtifact(tag string) {
	d.Helper()
	project := output(d, d.outputs, "deliveryProjectId")
	artifacts, err := d.devops.ListDeployArtifacts(d.Context(), devops.ListDeployArtifactsRequest{ProjectId: &project})
	must(d, err)
	if len(artifacts.Items) != 1 {
		d.Fatalf("the project has %d artifacts", len(artifacts.Items))
	}
	source, ok := artifacts.Items[0].DeployArtifactSource.(devops.OcirDeployArtifactSource)
	if !ok {
		d.Fatalf("the artifact is at %+v", artifacts.Items[0].DeployArtifactSource)
	}
	uri := (*source.ImageUri)[:strings.LastIndex(*source.ImageUri, ":")+1] + tag
	_, err = d.devops.UpdateDeployArtifact(d.Context(), devops.UpdateDeployArtifactRequest{
		DeployArtifactId:            artifacts.Items[0].Id,
		UpdateDeployArtifactDetails: devops.UpdateDeployArtifactDetails{DeployArtifactSource: devops.OcirDeployArtifactSource{ImageUri: &uri}},
	})
	must(d, err)
}
