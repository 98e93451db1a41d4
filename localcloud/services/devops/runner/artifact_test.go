package runner_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"oci-media-pipelines/localcloud/services/devops/buildspec"
	"oci-media-pipelines/localcloud/services/devops/runner"
)

func TestOutputArtifacts(t *testing.T) {
	tr := prepare(t, `
failImmediatelyOnError: true
env: {exportedVariables: [imageVersion]}
steps:
- type: Command
  command: |
    imageVersion=0123456789ab
    mkdir out; echo report >out/report.txt
    for i in 1 2 3 4; do docker load -i image.tar & done
    wait
    docker tag function:latest "localhost/function:$imageVersion"
    podman images
outputArtifacts:
- {name: report, type: BINARY, location: out/report.txt}
- {name: absolute, type: BINARY, location: "${OCI_PRIMARY_SOURCE_DIR}/out/report.txt"}
- {name: function-image, type: DOCKER_IMAGE, location: "function:${imageVersion}"}
`)
	image, err := random.Image(1024, 3)
	if err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag("function")
	if err != nil {
		t.Fatal(err)
	}
	if err := tarball.WriteToFile(filepath.Join(tr.Primary, "image.tar"), tag, image); err != nil {
		t.Fatal(err)
	}
	result := tr.mustRun(t)

	report := filepath.Join(tr.Primary, "out", "report.txt")
	for name, want := range map[string]runner.Artifact{
		"report":   {Type: "BINARY", Location: "out/report.txt", File: report},
		"absolute": {Type: "BINARY", Location: report, File: report},
	} {
		if got := result.Artifacts[name]; got != want {
			t.Errorf("artifact %s: %+v, want %+v", name, got, want)
		}
	}
	if content, err := os.ReadFile(result.Artifacts["report"].File); err != nil || string(content) != "report\n" {
		t.Errorf("the report is %q, %v", content, err)
	}
	got := result.Artifacts["function-image"]
	if got.Type != "DOCKER_IMAGE" || got.Location != "function:0123456789ab" || got.File != "" || got.Image == nil {
		t.Fatalf("image artifact: %+v", got)
	}
	want, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	if digest, err := got.Image.Digest(); err != nil || digest != want {
		t.Errorf("the image has digest %s, %v; want %s", digest, err, want)
	}
}

// A build finds no image of an earlier one: what a run leaves behind is its own.
func TestImagesAreOfOneRun(t *testing.T) {
	tr := prepare(t, "steps:\n- {type: Command, command: 'test \"$(docker images -q | wc -l)\" -eq 0'}\n")
	tr.mustRun(t)
}

// The steps' docker is a command that a build may bring along.
func TestAnotherDockerCanBeGiven(t *testing.T) {
	tr := prepare(t, "steps:\n- {type: Command, command: docker images -q}\n")
	tr.Docker = []string{"/bin/echo", "it's called with"}
	tr.mustRun(t)
	tr.has(t, "it's called with "+filepath.Join(tr.Workspace, ".runner", "images")+" images -q")
}

func TestInputArtifacts(t *testing.T) {
	tr := prepare(t, `
inputArtifacts:
- {name: page, type: URL, url: "https://example.com/${version}", location: "${OCI_WORKSPACE_DIR}/in/page"}
- {name: tool, type: GENERIC_ARTIFACT, registryId: r, path: tool, version: "${version}", location: tool}
steps:
- {type: Command, command: 'cat "$OCI_WORKSPACE_DIR/in/page" tool'}
`)
	tr.Variables = map[string]string{"version": "2"}
	tr.Input = func(_ context.Context, a buildspec.InputArtifact, path string) error {
		return os.WriteFile(path, []byte(a.Name+" is "+a.URL+a.Version+"\n"), 0o600)
	}
	tr.mustRun(t)
	tr.has(t, "page is https://example.com/2", "tool is 2")

	tr = prepare(t, "inputArtifacts:\n- {name: page, type: URL, url: x, location: y}\nsteps:\n- {type: Command, command: ls}\n")
	tr.Input = func(context.Context, buildspec.InputArtifact, string) error { return errors.New("not there") }
	tr.mustFail(t, "input artifact page: not there")
	if len(tr.states) > 0 {
		t.Errorf("steps have begun: %q", tr.states)
	}
}
