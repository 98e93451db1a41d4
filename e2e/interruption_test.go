package e2e

import (
	"bytes"
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
)

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
