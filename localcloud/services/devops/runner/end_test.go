package runner_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestTimeLimits(t *testing.T) {
	for name, c := range map[string]struct{ spec, want, handler string }{
		"of a step": {"steps:\n- {type: Command, name: slow, timeoutInSeconds: 1, command: 'sleep 60 & echo pid $!; wait', onFailure: [{type: Command, command: echo handled}]}\n",
			`step "slow": took longer than its timeoutInSeconds, 1`, "handled"},
		"of the build": {"timeoutInSeconds: 1\nsteps:\n- {type: Command, name: slow, timeoutInSeconds: 60, command: 'sleep 60 & echo pid $!; wait', onFailure: [{type: Command, command: echo handled}]}\n",
			"took longer than", ""},
		"of a handler": {"steps:\n- {type: Command, name: slow, command: exit 7, onFailure: [{type: Command, timeoutInSeconds: 1, command: 'sleep 60 & echo pid $!; wait; echo handled'}]}\n",
			`step "slow": exit code 7`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tr := prepare(t, c.spec)
			tr.Second = 300 * time.Millisecond
			tr.mustFail(t, c.want)
			pid, err := strconv.Atoi(tr.line(t, "pid "))
			if err != nil {
				t.Fatal(err)
			}
			gone(t, pid)
			if got := slices.Contains(tr.lines, "handled"); got != (c.handler != "") {
				t.Errorf("handled: %t in\n%s", got, tr.log())
			}
		})
	}
}

func TestNothingIsLeftRunning(t *testing.T) {
	setsid, err := exec.LookPath("setsid")
	if err != nil {
		t.Fatal(err)
	}
	tr := prepare(t, "steps:\n- {type: Command, command: 'sleep 61 & echo in $!; "+setsid+" sleep 62 & echo away $!'}\n- {type: Command, command: echo next}\n")
	tr.mustRun(t)
	tr.has(t, "next")
	for _, prefix := range []string{"in ", "away "} {
		for _, line := range tr.lines {
			if text, ok := strings.CutPrefix(line, prefix); ok {
				pid, err := strconv.Atoi(text)
				if err != nil {
					continue
				}
				gone(t, pid)
			}
		}
	}
}

func TestCancel(t *testing.T) {
	tr := prepare(t, "steps:\n- {type: Command, name: slow, command: 'trap \"\" TERM INT; sleep 60 & echo pid $!; wait; wait', onFailure: [{type: Command, command: echo handled}]}\n- {type: Command, command: echo next}\n")
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("somebody has canceled it")
	ended := make(chan error, 1)
	go func() {
		_, err := tr.Run(ctx)
		ended <- err
	}()
	pid, err := strconv.Atoi(tr.line(t, "pid "))
	if err != nil {
		t.Fatal(err)
	}
	cancel(reason)
	select {
	case err := <-ended:
		if !errors.Is(err, reason) {
			t.Errorf("got %v, want %v", err, reason)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it still runs")
	}
	gone(t, pid)
	if slices.Contains(tr.lines, "handled") || slices.Contains(tr.lines, "next") {
		t.Errorf("it went on:\n%s", tr.log())
	}
	if want := []string{"slow STARTED", `slow CANCELED: step "slow": somebody has canceled it`}; !slices.Equal(tr.states, want) {
		t.Errorf("states %q, want %q", tr.states, want)
	}
}

// gone waits for the end of a process.
func gone(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; {
		if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) || zombie(pid) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("process %d still runs", pid)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// zombie reports whether a process has ended and nobody has asked for its exit
// code: without an init process in a container, nobody does.
func zombie(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, state, _ := strings.Cut(string(status), ") ")
	return err == nil && strings.HasPrefix(state, "Z")
}
