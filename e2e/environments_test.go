package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
)

// beside deploys the stack again, next to another one in the same compartment, while
// the names of its vault, key and secret are still taken. Both serve; then it goes,
// and the other stays as it was.
func (l *life) beside(t *testing.T) {
	l.watch(t)
	if changes := l.deploy(); changes["create"] < deployed || len(changes) != 1 {
		t.Errorf("up after destroy changed %v", changes)
	}
	other, outputs := sharedApp(t)
	for _, name := range []string{"applicationUrl", "bucketName", "ordsUrl", "functionId", "appImage", "functionImage", "vcnId", "vaultId"} {
		if theirs := output(t, outputs, name); l.output(name) == theirs {
			t.Errorf("both stacks have the %s %s", name, theirs)
		}
	}
	tryOut(t, other)
	tryOut(t, l.url())

	l.destroy()
	if response, err := browser.Get(l.url()); err == nil {
		response.Body.Close()
		t.Errorf("%s still answers (%s)", l.url(), response.Status)
	}
	tryOut(t, other)
	shared := openStack(t, "shared", nil)
	wantChanges(t, "refresh of the stack that stayed", shared.refresh(), nothing, shared.progress)
	wantChanges(t, "preview of the stack that stayed", shared.preview(), nothing, shared.progress)
}

// rehearse runs the command on the project, with a state folder of its own, and
// returns what it said and which requests reached its cloud.
func rehearse(t *testing.T, stack string) (said string, entries []api.Entry, err error) {
	t.Helper()
	state := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), operationTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, world.binary, "rehearse", "--stack", stack, "--state", state, "--project", world.project, "--port", freePort(t))
	command.Env = append(os.Environ(), "LOCALCLOUD_PORT=0")
	out, err := command.CombinedOutput()
	raw, readErr := os.ReadFile(filepath.Join(state, "rehearsal-"+stack, "journal.jsonl"))
	if readErr != nil && !errors.Is(readErr, fs.ErrNotExist) {
		t.Fatal(readErr)
	}
	for line := range strings.Lines(string(raw)) {
		var e api.Entry
		must(t, json.Unmarshal([]byte(line), &e))
		entries = append(entries, e)
	}
	return string(out), entries, err
}

func TestRehearsal(t *testing.T) {
	t.Parallel()
	said, entries, err := rehearse(t, "dev")
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if !strings.Contains(said, "The rehearsal of stack dev passed") {
		t.Errorf("it said:\n%s", said)
	}
	// What Pulumi.dev.yaml asks for and no other stack does.
	frankfurt := slices.ContainsFunc(entries, func(e api.Entry) bool {
		return e.Operation == "CreateLoadBalancer" && e.Host == "iaas.eu-frankfurt-1.oraclecloud.com"
	})
	instances := 0
	for _, e := range entries {
		if e.Operation == "CreateContainerInstance" && e.Status < 300 {
			instances++
		}
	}
	if !frankfurt || instances != 2 {
		t.Errorf("the load balancer was made in Frankfurt: %v; %d container instances were made, want 2", frankfurt, instances)
	}
}

func TestRehearsalOfAnError(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("Pulumi.dev.yaml")
	must(t, err)
	broken := strings.Replace(string(raw), "functionMemoryMb: 512", "functionMemoryMb: 500", 1)
	if broken == string(raw) {
		t.Fatal("Pulumi.dev.yaml does not set functionMemoryMb to 512")
	}
	must(t, os.WriteFile("Pulumi.broken.yaml", []byte(broken), 0o600))

	said, entries, err := rehearse(t, "broken")
	if err == nil {
		t.Fatalf("the rehearsal passed:\n%s", said)
	}
	if !strings.Contains(said, `oci-media-pipelines:functionMemoryMb = "500"`) || !strings.Contains(said, "128, 256, 512") {
		t.Errorf("it did not name key, value and what is allowed:\n%s", said)
	}
	for _, e := range entries {
		if e.Method != http.MethodGet && e.Principal.Type != iam.Resource {
			t.Errorf("it wrote: %s %s%s", e.Method, e.Host, e.Path)
		}
	}
}

// TestConfigurationErrors is about a stack with many errors, which are all told at
// once and before anything is made. (A value that is not of the type that
// Pulumi.yaml declares never gets that far; the engine refuses the first one.)
func TestConfigurationErrors(t *testing.T) {
	wrong := map[string]string{
		"replicas": "0", "functionMemoryMb": "300", "vcnCidr": "10.0.0.0/8", "platform": "windows/amd64",
		"logRetentionDays": "45", "databaseVersion": "11g", "compartmentId": "mine",
	}
	s := openStack(t, "wrong", wrong)
	before := inventory(t)
	ctx, cancel := s.context()
	defer cancel()
	_, err := s.Up(ctx)
	if err == nil {
		t.Fatalf("up succeeded:\n%s", s.progress)
	}
	said := err.Error()
	for key, value := range wrong {
		if !strings.Contains(said, "oci-media-pipelines:"+key+" = ") || !strings.Contains(said, value) {
			t.Errorf("up does not name %s and its value %s:\n%s", key, value, said)
		}
	}
	engine := s.Stack()
	state, err := engine.Export(ctx)
	must(t, err)
	var deployment struct {
		Resources []struct{ URN, Type string }
	}
	must(t, json.Unmarshal(state.Deployment, &deployment))
	for _, r := range deployment.Resources {
		if r.Type != "pulumi:pulumi:Stack" {
			t.Errorf("up registered %s", r.URN)
		}
	}
	if after := inventory(t); !equalInventory(before, after) {
		t.Errorf("there were %v and are %v", before, after)
	}
}
