package pipeline

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// engineRig runs the program in the real Pulumi engine. Its provider only remembers.
type engineRig struct {
	*rig
	provider *recorder
	dir      string
	sick     bool // new backends stay unhealthy
}

// hook registers hooks that remember their call, and check that they could work.
func (e *engineRig) hook(s *stack, name string, _ pulumi.ResourceHookFunction) (*pulumi.ResourceHook, error) {
	return s.ctx.RegisterResourceHook(name, func(args *pulumi.ResourceHookArgs) error {
		e.provider.note(name + " " + args.Name)
		switch name {
		case "delete-jobs":
			_, err := textOf("compartmentId", args.OldOutputs, args.OldInputs)
			return err
		case "empty-bucket":
			_, err := textOf("namespace", args.OldOutputs, args.OldInputs)
			return err
		case "drain-backend":
			_, err := backendOf(args.OldOutputs, args.OldInputs)
			return err
		}
		if e.sick {
			return errors.New("not healthy")
		}
		_, err := backendOf(args.NewOutputs, args.NewInputs)
		return err
	}, nil)
}

func newEngineRig(t *testing.T) (*engineRig, auto.Stack) {
	t.Helper()
	root, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Join(root, ".bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	if _, err := exec.LookPath("pulumi"); err != nil {
		t.Fatalf("the Pulumi engine is needed: %v; `make test` builds it into .bin", err)
	}
	dir := t.TempDir()
	for _, name := range []string{"Pulumi.yaml", "Pulumi.dev.yaml"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{"infra", "state"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	e := &engineRig{rig: newRig(), dir: dir}
	e.provider = startRecorder(t, e.rig)
	deploy := func(ctx *pulumi.Context) error { return program{room: e}.deploy(ctx) }
	stack, err := auto.UpsertStackInlineSource(t.Context(), "dev", testProject, deploy, auto.WorkDir(dir), auto.EnvVars(map[string]string{
		"PULUMI_BACKEND_URL":                          "file://" + filepath.Join(dir, "state"),
		"PULUMI_CONFIG_PASSPHRASE":                    "test",
		"PULUMI_SKIP_UPDATE_CHECK":                    "1",
		"PULUMI_DEBUG_PROVIDERS":                      fmt.Sprintf("oci:%d", e.provider.port),
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
	}))
	if err != nil {
		t.Fatal(err)
	}
	return e, stack
}

// searchState looks for secrets in what the engine has written to disk.
func (e *engineRig) searchState(t *testing.T) {
	t.Helper()
	password := databasePassword(testSeed)
	searched := false
	err := filepath.WalkDir(filepath.Join(e.dir, "state"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		searched = searched || strings.Contains(string(text), "AutonomousDatabase")
		for _, secret := range []string{testSeed, password, base64.StdEncoding.EncodeToString([]byte(password))} {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s has a secret in the clear", path)
			}
		}
		return nil
	})
	if err != nil || !searched {
		t.Fatalf("searched no state: %v", err)
	}
}

// up updates the stack and returns what reached the provider and the hooks, in order.
func (e *engineRig) up(t *testing.T, stack auto.Stack) ([]string, error) {
	t.Helper()
	e.provider.forget()
	_, err := stack.Up(t.Context())
	return e.provider.notes(), err
}

func TestLifeInTheRealEngine(t *testing.T) {
	e, stack := newEngineRig(t)

	if _, err := stack.Preview(t.Context()); err != nil {
		t.Fatal(err)
	}
	if wrote := e.provider.notes(); len(wrote) != 0 || len(e.pushes) != 0 {
		t.Fatalf("the preview of an empty stack wrote %q and pushed %q", wrote, e.pushes)
	}
	if _, err := e.up(t, stack); err != nil {
		t.Fatal(err)
	}
	e.searchState(t)
	if did, err := e.up(t, stack); err != nil || len(did) != 0 {
		t.Fatalf("an update without a change did %q, %v", did, err)
	}

	e.source = "a changed line"
	did, err := e.up(t, stack)
	if err != nil {
		t.Fatal(err)
	}
	inOrder(t, did, "create app-0", "create backend-0", "backend-healthy backend-0", "drain-backend backend-0", "delete backend-0", "delete app-0")
	inOrder(t, did, "backend-healthy backend-1", "drain-backend backend-0")
	// The functions' own images are not the program's any more, the jobs' is.
	if want := 1 + 2*6; len(did) != want || !slices.Contains(did, "update transcode") {
		t.Errorf("a change of all images did %q, want the jobs' image told and two instances replaced", did)
	}

	e.source, e.sick = "a line that breaks the app", true
	did, err = e.up(t, stack)
	if err == nil {
		t.Fatal("an update whose backend stays unhealthy succeeded")
	}
	for _, step := range did {
		if strings.HasPrefix(step, "delete ") || strings.HasPrefix(step, "drain-") {
			t.Errorf("the new backend is unhealthy, yet: %s", step)
		}
	}

	e.source, e.sick = "the line repaired", false
	if _, err := e.up(t, stack); err != nil {
		t.Fatal(err)
	}
	if _, err := stack.Destroy(t.Context(), optdestroy.RunProgram(true)); err != nil {
		t.Fatal(err)
	}
	inOrder(t, e.provider.notes(), "empty-bucket bucket", "delete bucket")
	inOrder(t, e.provider.notes(), "empty-bucket video-bucket", "delete video-bucket")
	inOrder(t, e.provider.notes(), "delete transcode", "delete-jobs transcode-functions", "delete transcode-functions", "delete private-subnet")
	inOrder(t, e.provider.notes(), "delete-jobs transcode-functions", "delete transcode-functions", "delete job-nsg")
	if left := e.provider.left(); len(left) != 0 {
		t.Errorf("destroy left %q", left)
	}

	// A destroy that goes on after an interruption finds some resources gone, or all.
	pushes, waits := len(e.pushes), len(e.waits)
	if _, err := stack.Destroy(t.Context(), optdestroy.RunProgram(true)); err != nil {
		t.Fatal(err)
	}
	if len(e.pushes) != pushes || len(e.waits) != waits {
		t.Errorf("a destroy of what is gone pushed %q and waited %v", e.pushes[pushes:], e.waits[waits:])
	}
}

// inOrder checks that the steps were done, one after the other.
func inOrder(t *testing.T, did []string, steps ...string) {
	t.Helper()
	at := 0
	for _, step := range steps {
		found := slices.Index(did[at:], step)
		if found < 0 {
			t.Fatalf("no %q after %q in %q", step, did[:at], did)
		}
		at += found + 1
	}
}
