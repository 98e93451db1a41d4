package e2e

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"oci-media-pipelines/localcloud/cloud"
	"oci-media-pipelines/localcloud/endpoint"
)

// fragile is a local cloud of its own with one stack, of which one or the other is
// killed in the midst of a deployment.
type fragile struct {
	testing.TB
	name    string
	command localcloud
	serve   *exec.Cmd
	cloud   endpoint.Endpoint
}

func newFragile(t testing.TB, name string) *fragile {
	t.Helper()
	raw, err := os.ReadFile("Pulumi.local.yaml")
	must(t, err)
	settings := regexp.MustCompile(`listenerPort: \d+`).ReplaceAllString(string(raw), "listenerPort: "+freePort(t))
	must(t, os.WriteFile("Pulumi."+name+".yaml", []byte(settings), 0o600))
	f := &fragile{TB: t, name: name, command: localcloud{TB: t, state: t.TempDir()}}
	f.start()
	t.Cleanup(func() {
		if err := f.serve.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(err)
		}
		_ = f.serve.Wait() // It is killed, or has ended after the stack went.
	})
	return f
}

// start starts the cloud and waits until it answers.
func (f *fragile) start() {
	f.Helper()
	log, err := os.OpenFile(filepath.Join(f.command.state, "serve.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(f, err)
	defer log.Close()
	f.serve = exec.Command(world.binary, "serve", "--state", f.command.state, "--port", "0")
	f.serve.Stdout, f.serve.Stderr = log, log
	must(f, f.serve.Start())
	until(f, 20*time.Second, "the local cloud", func() bool {
		f.cloud, err = endpoint.Find(context.Background(), f.command.state)
		return err == nil
	})
}

func (f *fragile) control(method, path string, answer any) error {
	return f.cloud.Control(context.Background(), method, path, answer)
}

// inventory counts what is in the cloud, by OCID type and state.
func (f *fragile) inventory() map[string]map[string]int {
	f.Helper()
	var status cloud.Status
	must(f, f.control(http.MethodGet, "/status", &status))
	return status.Resources
}

// size is the number of resources in the cloud.
func (f *fragile) size() int {
	f.Helper()
	n := 0
	for _, states := range f.inventory() {
		for _, count := range states {
			n += count
		}
	}
	return n
}

// arguments are those of a command on the stack.
func (f *fragile) arguments(command string) []string {
	return []string{command, "--stack", f.name, "--project", world.project}
}

// up deploys without an interruption and returns the app's URL.
func (f *fragile) up() string {
	f.Helper()
	said := f.command.must(f.arguments("up")...)
	found := lastURL.FindStringSubmatch(said)
	if found == nil {
		f.Fatalf("the last line of up is not the URL:\n%s", said)
	}
	return found[1]
}

// whole fails the test unless the stack is deployed as it should be: the cloud holds
// want, nothing is left to do, and the app answers.
func (f *fragile) whole(url string, want map[string]map[string]int) {
	f.Helper()
	if got := f.inventory(); !equalInventory(got, want) {
		f.Errorf("there are %v, want %v", got, want)
	}
	if said := f.command.must(f.arguments("preview")...); !unchanged.MatchString(said) {
		f.Errorf("preview after up says:\n%s", said)
	}
	wantStatus(f, url+"/health", http.StatusOK)
}

// destroy removes the stack. Nothing may be left of it but what OCI only schedules
// for deletion, n of each such kind more than before.
func (f *fragile) destroy(before map[string]map[string]int, n int) {
	f.Helper()
	f.command.must(f.arguments("down")...)
	_ = f.serve.Wait() // The last stack's end is the cloud's, too.
	f.start()
	f.gone(before, n)
}

// gone fails the test unless nothing is left of the stack.
func (f *fragile) gone(before map[string]map[string]int, n int) {
	f.Helper()
	want := withScheduled(before, n)
	if got := f.inventory(); !equalInventory(got, want) {
		f.Errorf("after down there are %v, want %v", got, want)
	}
}

// withScheduled is an inventory with n more of what OCI only schedules for deletion.
func withScheduled(inventory map[string]map[string]int, n int) map[string]map[string]int {
	more := map[string]map[string]int{}
	for kind, states := range inventory {
		more[kind] = map[string]int{}
		for state, count := range states {
			more[kind][state] = count
		}
	}
	for _, kind := range []string{"vault", "key", "vaultsecret"} {
		if n == 0 {
			break
		}
		if more[kind] == nil {
			more[kind] = map[string]int{}
		}
		more[kind]["PENDING_DELETION"] += n
	}
	return more
}

// plus adds inventories up.
func plus(one, other map[string]map[string]int) map[string]map[string]int {
	sum := withScheduled(one, 0)
	for kind, states := range other {
		if sum[kind] == nil {
			sum[kind] = map[string]int{}
		}
		for state, count := range states {
			sum[kind][state] += count
		}
	}
	return sum
}
