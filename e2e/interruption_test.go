package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
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

// way is how a deployment is interrupted.
type way struct {
	// after is false for the moment before a request has an effect, and true for the
	// moment before its answer.
	after bool
	// cloud is false if the engine is killed, and true if the local cloud is.
	cloud bool
}

// ways come in pairs, so that a request can be interrupted before its effect and,
// when it is made again, after.
var ways = []way{{false, false}, {true, false}, {false, true}, {true, true}}

func (w way) String() string {
	text := "engine killed "
	if w.cloud {
		text = "cloud killed "
	}
	if w.after {
		return text + "after"
	}
	return text + "before"
}

// interrupt runs a command on the stack and interrupts it at its request number skip
// that changes something. It returns the request, or "" if the command ended without
// having made so many, which it must have done well.
func (f *fragile) interrupt(command string, w way, skip int) (request string) {
	f.Helper()
	path := fmt.Sprintf("/interruption?after=%t&kill=%t&skip=%d", w.after, w.cloud, skip)
	must(f, f.control(http.MethodPost, path, nil))
	reached := make(chan string, 1)
	go func() {
		var at string
		if f.control(http.MethodGet, "/interruption", &at) == nil { // There may be none after all.
			reached <- at
		}
	}()

	run := exec.Command(world.binary, append(f.arguments(command), "--state", f.command.state)...)
	said := &bytes.Buffer{}
	run.Stdout, run.Stderr = said, said
	must(f, run.Start())
	ended := make(chan error, 1)
	go func() { ended <- run.Wait() }()
	select {
	case request = <-reached:
		killTree(f, run.Process.Pid)
		<-ended
		must(f, f.control(http.MethodDelete, "/interruption", nil))
		return request
	case err := <-ended:
		return f.afterwards(err, w, fmt.Sprintf("%s (%s, %d):\n%s", command, w, skip, said))
	case <-time.After(operationTimeout):
		f.Fatalf("%s (%s, %d) does not end:\n%s", command, w, skip, said)
		return ""
	}
}

// afterwards is called when a command has ended by itself. It returns the request that
// the cloud was killed at; if it was not, the command must have succeeded.
func (f *fragile) afterwards(failed error, w way, what string) (request string) {
	f.Helper()
	if f.control(http.MethodDelete, "/interruption", nil) == nil {
		if failed != nil {
			f.Fatalf("not interrupted, but failed: %v, %s", failed, what)
		}
		return ""
	}
	_ = f.serve.Wait() // Its state tells.
	end := f.serve.ProcessState
	f.start()
	if status, ok := end.Sys().(syscall.WaitStatus); w.cloud && ok && status.Signal() == syscall.SIGKILL {
		if failed == nil {
			f.Fatalf("the cloud was killed, but it says that it succeeded, %s", what)
		}
		return f.killedAt()
	}
	if failed != nil || !end.Success() {
		f.Fatalf("failed: %v; the cloud: %v, %s", failed, end, what)
	}
	return ""
}

// killedAt returns the request that the cloud was killed at the last time.
func (f *fragile) killedAt() string {
	f.Helper()
	log, err := os.ReadFile(filepath.Join(f.command.state, "serve.log"))
	must(f, err)
	found := killedAt.FindAllSubmatch(log, -1)
	if found == nil {
		f.Fatalf("the cloud was not killed as asked for:\n%s", log)
	}
	return string(found[len(found)-1][1])
}

var killedAt = regexp.MustCompile(`msg="killed as asked for" request="(.*)"`)

// killTree kills a process and all its descendants, as an operating system does that
// ends a session for want of memory: none has a chance to do anything.
func killTree(t testing.TB, root int) {
	t.Helper()
	must(t, syscall.Kill(root, syscall.SIGSTOP))
	out, err := exec.Command("ps", "-axo", "pid=,ppid=").Output()
	must(t, err)
	tree := []int{root}
	for changed := true; changed; {
		changed = false
		for line := range strings.Lines(string(out)) {
			fields := strings.Fields(line)
			pid, _ := strconv.Atoi(fields[0])
			parent, _ := strconv.Atoi(fields[1])
			if slices.Contains(tree, parent) && !slices.Contains(tree, pid) {
				tree, changed = append(tree, pid), true
			}
		}
	}
	// The engine first: it must not see its provider go.
	for _, pid := range slices.Backward(tree) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Error(err)
		}
	}
}

// TestInterrupted interrupts one deployment again and again, each run of up at its
// next request that changes something, until a run gets through. So every request of
// a whole deployment is once under way when engine or cloud are killed.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	f := newFragile(t, "interrupted")
	empty := f.inventory()
	f.up()
	deployed := f.inventory()
	f.destroy(empty, 1)
	before := f.inventory()

	began := time.Now()
	calls := map[string]bool{}
	runs, skip := 0, 0
	for size := f.size(); ; runs++ {
		w := ways[runs%len(ways)]
		request := f.interrupt("up", w, skip)
		if request == "" {
			break
		}
		calls[request] = true
		t.Logf("%3.0f s: %s %s", time.Since(began).Seconds(), w, request)
		if runs > 400 {
			t.Fatalf("400 runs did not deploy the stack, but for %v", f.inventory())
		}
		if now := f.size(); now != size {
			size, skip = now, 0
		} else if w.after {
			skip++ // What leaves nothing behind is done again and again.
		}
	}
	t.Logf("%d interruptions at %d requests in %.0f s", runs, len(calls), time.Since(began).Seconds())
	if len(calls) < manyRequests {
		t.Errorf("a whole deployment was interrupted at %d requests only", len(calls))
	}
	f.whole(f.up(), withScheduled(deployed, 1))
	f.destroy(before, 1)
}

// manyRequests is less than the requests of a deployment that change something.
const manyRequests = 20

// TestInterruptedOnce interrupts deployments and their removals once each, at one
// request in fifteen, in all ways in turn. With E2E_INTERRUPTIONS=all it is every
// request in every way, which takes hours.
func TestInterruptedOnce(t *testing.T) {
	t.Parallel()
	f := newFragile(t, "once")
	every, some := 15, ways
	if os.Getenv("E2E_INTERRUPTIONS") == "all" {
		every = 1
	}
	f.up()
	deployed := f.inventory()
	f.destroy(map[string]map[string]int{}, 1)

	began := time.Now()
	n := 0
	for skip := every / 2; ; skip += every {
		if every > 1 {
			some = ways[skip/every%len(ways):][:1]
		}
		before, last := n, false
		for _, w := range some {
			start := f.inventory()
			request := f.interrupt("up", w, skip)
			url := f.up()
			f.whole(url, plus(start, deployed))
			back := f.interrupt("down", w, skip)
			if back != "" {
				f.destroy(start, 1)
			} else {
				f.gone(start, 1)
			}
			t.Logf("%3.0f s: %s number %d, %s, then %s", time.Since(began).Seconds(), w, skip, request, back)
			for _, one := range []string{request, back} {
				if one != "" {
					n++
				}
			}
			last = last || request == ""
			if t.Failed() {
				t.Fatalf("%s number %d, %s, then %s", w, skip, request, back)
			}
		}
		if last || n == before {
			break
		}
	}
	t.Logf("%d single interruptions in %.0f s", n, time.Since(began).Seconds())
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
