package runner_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"oci-media-pipelines/localcloud/services/devops/buildspec"
	"oci-media-pipelines/localcloud/services/devops/runner"
)

// trial is a build in a workspace of its own, and what becomes known of it.
type trial struct {
	runner.Build
	mu     sync.Mutex
	raw    []string // the log
	lines  []string // the log, without the mark of what steps write
	states []string
	seen   chan string // lines, for who waits for them
}

// prepare reads a specification, whose beginning is added.
func prepare(t *testing.T, spec string) *trial {
	t.Helper()
	parsed, err := buildspec.Parse([]byte("version: 0.1\ncomponent: build\n" + spec))
	if err != nil {
		t.Fatal(err)
	}
	workspace := t.TempDir()
	primary := filepath.Join(workspace, "source")
	if err := os.Mkdir(primary, 0o700); err != nil {
		t.Fatal(err)
	}
	tr := &trial{seen: make(chan string, 1000)}
	tr.Build = runner.Build{
		Spec: parsed, Workspace: workspace, Primary: primary,
		Log: func(line string) {
			tr.mu.Lock()
			defer tr.mu.Unlock()
			tr.raw = append(tr.raw, line)
			line = strings.TrimPrefix(line, "EXEC: ")
			tr.lines = append(tr.lines, line)
			tr.seen <- line
		},
		Step: func(e runner.StepEvent) {
			tr.mu.Lock()
			defer tr.mu.Unlock()
			state := e.Name + " " + string(e.State)
			if e.Err != nil {
				state += ": " + e.Err.Error()
			}
			tr.states = append(tr.states, state)
		},
	}
	return tr
}

func (tr *trial) log() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return strings.Join(tr.lines, "\n")
}

// line waits for a line of the log that begins with prefix and returns the rest.
func (tr *trial) line(t *testing.T, prefix string) string {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case line := <-tr.seen:
			if rest, ok := strings.CutPrefix(line, prefix); ok {
				return rest
			}
		case <-limit:
			t.Fatalf("no line %q in the log:\n%s", prefix, tr.log())
		}
	}
}

func (tr *trial) mustRun(t *testing.T) runner.Result {
	t.Helper()
	result, err := tr.Run(t.Context())
	if err != nil {
		t.Fatalf("%v\n%s", err, tr.log())
	}
	return result
}

func (tr *trial) mustFail(t *testing.T, want string) {
	t.Helper()
	result, err := tr.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %+v, %v; want an error with %q\n%s", result, err, want, tr.log())
	}
}

// has checks for whole lines of the log, in this order.
func (tr *trial) has(t *testing.T, want ...string) {
	t.Helper()
	tr.mu.Lock()
	defer tr.mu.Unlock()
	rest := tr.lines
	for _, line := range want {
		i := slices.Index(rest, line)
		if i < 0 {
			t.Errorf("no line %q, or not in this order, in\n%s", line, strings.Join(tr.lines, "\n"))
			return
		}
		rest = rest[i+1:]
	}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
