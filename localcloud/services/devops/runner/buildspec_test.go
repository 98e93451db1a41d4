package runner_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"oci-media-pipelines/infra/image"
	"oci-media-pipelines/localcloud/services/devops/buildspec"
)

// repository is this project's.
const repository = "../../../.."

// project is a build of the project's own specification on a checkout of what
// triggers that build.
func project(t *testing.T) *trial {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(repository, "build_spec.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	spec, err := buildspec.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	tr := prepare(t, "steps:\n- {type: Command, command: replaced}\n")
	tr.Spec = spec
	for _, name := range []string{"function", "internal", "infra/image", "go.mod", "go.sum"} {
		from, to := filepath.Join(repository, name), filepath.Join(tr.Primary, name)
		if info, err := os.Stat(from); err != nil {
			t.Fatal(err)
		} else if info.IsDir() {
			err = os.CopyFS(to, os.DirFS(from))
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		content, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return tr
}

func git(t *testing.T, dir string, arguments ...string) string {
	t.Helper()
	command := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=Test", "-c", "user.email=test@example.com"}, arguments...)...)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("git %q: %v\n%s", arguments, err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestTheProjectsOwnSpecificationBuildsWhatADeploymentBuilds(t *testing.T) {
	const platform = "linux/arm64"
	tr := project(t)
	git(t, tr.Primary, "init", "-q")
	git(t, tr.Primary, "add", ".")
	git(t, tr.Primary, "commit", "-q", "-m", "Check out")
	tr.Variables = map[string]string{"function": "analyze", "platform": platform, "imageVersion": "manual", "OCI_TRIGGER_COMMIT_HASH": ""}
	result := tr.mustRun(t)

	version := git(t, tr.Primary, "rev-parse", "HEAD")[:12]
	if len(result.Exported) != 1 || result.Exported["imageVersion"] != version {
		t.Errorf("exported %q, want imageVersion %s", result.Exported, version)
	}
	want, err := image.Build(t.Context(), image.Spec{ImportPath: "./function/analyze", Dir: repository, Platform: platform})
	if err != nil {
		t.Fatal(err)
	}
	got := result.Artifacts["function-image"]
	if got.Image == nil || got.Location != "localhost/function:built" {
		t.Fatalf("artifact %+v\n%s", got, tr.log())
	}
	if digest, err := got.Image.Digest(); err != nil || digest.String() != want.Digest() {
		t.Errorf("the image has digest %s, %v; a deployment's has %s", digest, err, want.Digest())
	}
	if !strings.Contains(tr.log(), "oci-media-pipelines/function/analyze\t") {
		t.Errorf("the function was not tested:\n%s", tr.log())
	}
}

func TestTheCommitOfABuildIsItsVersion(t *testing.T) {
	const pushed, primary = "0123456789abcdef0123456789abcdef01234567", "fedcba9876543210fedcba9876543210fedcba98"
	for name, c := range map[string]struct {
		variables map[string]string
		want      string
	}{
		"of a push":         {map[string]string{"OCI_TRIGGER_COMMIT_HASH": pushed, "OCI_PRIMARY_SOURCE_COMMIT_HASH": primary}, "0123456789ab"},
		"of a run by hand":  {map[string]string{"OCI_PRIMARY_SOURCE_COMMIT_HASH": primary}, "fedcba987654"},
		"given beforehand":  {map[string]string{"OCI_TRIGGER_COMMIT_HASH": pushed, "imageVersion": "manual"}, "0123456789ab"},
		"without a trigger": {map[string]string{"OCI_TRIGGER_COMMIT_HASH": "", "OCI_PRIMARY_SOURCE_COMMIT_HASH": primary}, "fedcba987654"},
	} {
		t.Run(name, func(t *testing.T) {
			tr := project(t)
			tr.only("Version")
			tr.Variables = c.variables
			if result := tr.mustRun(t); result.Exported["imageVersion"] != c.want {
				t.Errorf("exported %q, want %s", result.Exported, c.want)
			}
		})
	}
}

func TestAFailingTestEndsABuildBeforeItsImage(t *testing.T) {
	tr := project(t)
	tr.only("Version", "Test", "Build")
	failing := "package analyze_test\n\nimport \"testing\"\n\nfunc TestPushed(t *testing.T) { t.Fatal(\"the pushed mistake\") }\n"
	failing = strings.Replace(failing, "analyze_test", "main", 1)
	if err := os.WriteFile(filepath.Join(tr.Primary, "function", "analyze", "pushed_test.go"), []byte(failing), 0o600); err != nil {
		t.Fatal(err)
	}
	tr.Variables = map[string]string{"function": "analyze", "platform": "linux/arm64", "OCI_TRIGGER_COMMIT_HASH": "0123456789ab"}
	tr.mustFail(t, `step "Test": exit code 1`)
	if !strings.Contains(tr.log(), "the pushed mistake") || strings.Contains(tr.log(), "SPEC_STEP : Build") {
		t.Errorf("the log does not say why, or the build went on:\n%s", tr.log())
	}
}

// only leaves out all steps but these, and the artifacts without Build.
func (tr *trial) only(names ...string) {
	spec := *tr.Spec
	spec.Steps = nil
	built := false
	for _, step := range tr.Spec.Steps {
		for _, name := range names {
			if step.Name == name {
				spec.Steps = append(spec.Steps, step)
			}
			built = built || name == "Build"
		}
	}
	if !built {
		spec.OutputArtifacts = nil
	}
	tr.Spec = &spec
}
