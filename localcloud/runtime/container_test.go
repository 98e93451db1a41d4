package runtime_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"oci-media-pipelines/localcloud/runtime"
	"oci-media-pipelines/localcloud/runtime/imagetest"
)

func TestEnvironmentIsWhatAContainerWouldHave(t *testing.T) {
	t.Setenv("HOST_SECRET", "must not be seen")
	r := newRuntime(t, func(c *runtime.Config) { c.ProxyURL, c.CAFile = "http://127.0.0.1:1", "/ca.pem" })
	img := probeImage(t, "FROM_IMAGE=1", "BOTH=image", "PATH=/bin", "PROGRAM=/app", "NOT_IN_IMAGE=/nowhere")
	root, err := r.Unpack(t.Context(), img)
	if err != nil {
		t.Fatal(err)
	}
	out := output(t, r, runtime.Spec{Image: img, Arguments: []string{"env"}, HostPrograms: []string{"ls", "no-such-program", "probe"},
		Env: map[string]string{"BOTH": "given", "HTTPS_PROXY": "http://elsewhere", "GIVEN": "/app"}})
	got := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		name, value, _ := strings.Cut(line, "=")
		got[name] = value
	}
	if tmp := got["TMPDIR"]; !filepath.IsAbs(tmp) {
		t.Errorf("TMPDIR = %q", tmp)
	} else if info, err := os.Stat(tmp); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("TMPDIR is not private: %v %v", info, err)
	}
	images, borrowed, _ := strings.Cut(got["PATH"], ":")
	if programs, err := os.ReadDir(borrowed); err != nil || len(programs) != 1 || programs[0].Name() != "ls" {
		t.Errorf("%s has %v, %v", borrowed, programs, err)
	}
	delete(got, "TMPDIR")
	got["PATH"] = images
	want := map[string]string{
		"FROM_IMAGE": "1", "BOTH": "given", "GIVEN": "/app", "NOT_IN_IMAGE": "/nowhere",
		"PATH":        root.Path + "/bin",
		"PROGRAM":     root.Path + "/app",
		"HTTPS_PROXY": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1", "SSL_CERT_FILE": "/ca.pem",
	}
	if !maps.Equal(got, want) {
		t.Errorf("environment\n got %v\nwant %v", got, want)
	}
}

func TestCommandResolution(t *testing.T) {
	probeImage(t)
	base := imagetest.Layer(t,
		imagetest.Entry{Name: "usr/bin/probe", Content: probe},
		imagetest.Entry{Name: "bin", Typeflag: '2', Linkname: "/usr/bin"},
		imagetest.Entry{Name: "run.sh", Content: []byte("#!/bin/probe args\n")},
		imagetest.Entry{Name: "data", Content: []byte("text"), Mode: 0o644},
		imagetest.Entry{Name: "own/ls", Content: probe},
		imagetest.Entry{Name: "work/", Typeflag: '5'},
	)
	tests := []struct {
		name   string
		config v1.Config
		spec   runtime.Spec
		want   string // in the output, or in the error when it starts with "error: "
	}{
		{"entry point and cmd", v1.Config{Entrypoint: []string{"/usr/bin/probe"}, Cmd: []string{"args"}}, runtime.Spec{}, "/usr/bin/probe|args\n"},
		{"arguments replace cmd", v1.Config{Entrypoint: []string{"/usr/bin/probe"}, Cmd: []string{"out=no"}}, runtime.Spec{Arguments: []string{"args", "x"}}, "/usr/bin/probe|args|x\n"},
		{"command replaces both", v1.Config{Entrypoint: []string{"/none"}, Cmd: []string{"none"}}, runtime.Spec{Command: []string{"probe", "args"}}, "probe|args\n"},
		{"searched in PATH through a link", v1.Config{Entrypoint: []string{"probe"}, Cmd: []string{"args"}, Env: []string{"PATH=/bin"}}, runtime.Spec{}, "probe|args\n"},
		{"relative to the working directory", v1.Config{Entrypoint: []string{"./probe", "cwd"}, WorkingDir: "/bin"}, runtime.Spec{}, "/usr/bin <nil>\n"},
		{"given working directory, made when missing", v1.Config{Entrypoint: []string{"/bin/probe", "cwd"}}, runtime.Spec{WorkingDir: "/new/place"}, "/new/place <nil>\n"},
		{"script runs by the image's interpreter", v1.Config{Entrypoint: []string{"/run.sh"}}, runtime.Spec{}, "/bin/probe|args|"},
		{"nothing to run", v1.Config{}, runtime.Spec{}, "error: nothing to run"},
		{"no such program", v1.Config{Entrypoint: []string{"ls"}}, runtime.Spec{}, `error: "ls" not found in the image's PATH`},
		{"host's program by path", v1.Config{Entrypoint: []string{"/bin/ls"}}, runtime.Spec{}, "error: /bin/ls is not in the image"},
		{"not executable", v1.Config{Entrypoint: []string{"/data"}}, runtime.Spec{}, "error: permission denied"},
		{"host's program when asked for", v1.Config{Entrypoint: []string{"echo", "borrowed"}}, runtime.Spec{HostPrograms: []string{"echo"}}, "borrowed\n"},
		{"host has no such program", v1.Config{Entrypoint: []string{"no-such-program"}}, runtime.Spec{HostPrograms: []string{"no-such-program"}}, `error: "no-such-program" not found`},
		{"image's program before the host's", v1.Config{Entrypoint: []string{"ls", "args"}, Env: []string{"PATH=/own"}}, runtime.Spec{HostPrograms: []string{"ls"}}, "ls|args\n"},
	}
	r := newRuntime(t, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.spec.ID, tt.spec.Image = t.Name(), imagetest.Image(t, tt.config, base)
			if want, ok := strings.CutPrefix(tt.want, "error: "); ok {
				_, err := r.Start(t.Context(), tt.spec)
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want %q", err, want)
				}
				return
			}
			if out := output(t, r, tt.spec); !strings.Contains(out, tt.want) {
				t.Errorf("output %q, want %q", out, tt.want)
			}
		})
	}
}

func TestRestartPolicies(t *testing.T) {
	tests := []struct {
		policy   runtime.RestartPolicy
		args     []string
		restarts int
		code     int
	}{
		{runtime.RestartNever, []string{"exit=7"}, 0, 7},
		{"", []string{"exit=7"}, 0, 7},
		{runtime.RestartOnFailure, []string{"fail-times=3", "out=done"}, 3, 0},
		{runtime.RestartOnFailure, []string{"exit=0"}, 0, 0},
	}
	r := newRuntime(t, nil)
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.policy, tt.args), func(t *testing.T) {
			var exits []runtime.Exit
			c := start(t, r, runtime.Spec{ID: t.Name(), Restart: tt.policy, Arguments: tt.args,
				OnExit: func(e runtime.Exit) { exits = append(exits, e) }})
			exit := await(t, c)
			if s := c.Status(); exit.Code != tt.code || s.Restarts != tt.restarts || !s.Ended || len(exits) != tt.restarts+1 {
				t.Errorf("exit %+v, status %+v, %d exits", exit, s, len(exits))
			}
		})
	}
	t.Run("ALWAYS goes on until stopped", func(t *testing.T) {
		third := make(chan struct{})
		var once sync.Once
		n := 0
		c := start(t, r, runtime.Spec{ID: t.Name(), Restart: runtime.RestartAlways, Arguments: []string{"exit=0"},
			OnExit: func(runtime.Exit) {
				if n++; n == 3 {
					once.Do(func() { close(third) })
				}
			}})
		<-third
		c.Stop(t.Context())
		if !c.Status().Ended {
			t.Errorf("%+v", c.Status())
		}
	})
}

func TestBackOffGrowsAndIsBounded(t *testing.T) {
	var got []time.Duration
	for n := range 12 {
		got = append(got, runtime.DefaultBackOff(n+1))
	}
	if got[0] != 100*time.Millisecond || got[3] != 800*time.Millisecond || got[11] != time.Minute || !slices.IsSorted(got) {
		t.Errorf("%v", got)
	}
}

func TestStop(t *testing.T) {
	tests := []struct {
		name  string
		arg   string
		grace time.Duration
		code  int
	}{
		{"drains in the grace time", "graceful", 20 * time.Second, 3},
		{"killed after the grace time", "stubborn", 50 * time.Millisecond, 128 + int(syscall.SIGKILL)},
		{"does not reach descendants", "graceful-with-child", 20 * time.Second, 3},
		{"no grace, killed at once", "graceful", 0, 128 + int(syscall.SIGKILL)},
	}
	r := newRuntime(t, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWatcher()
			c := start(t, r, runtime.Spec{ID: t.Name(), Arguments: []string{tt.arg}, Grace: tt.grace,
				Restart: runtime.RestartAlways, OnLine: w.add})
			w.waitFor(t, "ready")
			c.Stop(t.Context())
			if exit := await(t, c); exit.Code != tt.code || exit.Restarting {
				t.Errorf("%+v", exit)
			}
		})
	}
}

func TestKillAppliesThePolicyAndKeepsTheReason(t *testing.T) {
	r := newRuntime(t, nil)
	w, exits := newWatcher(), make(chan runtime.Exit, 4)
	c := start(t, r, runtime.Spec{Arguments: []string{"graceful"}, Restart: runtime.RestartAlways,
		OnLine: w.add, OnExit: func(e runtime.Exit) { exits <- e }})
	w.waitFor(t, "ready")
	c.Kill("health check /health failed 3 times")
	if e := <-exits; e.Code != 137 || e.Reason != "health check /health failed 3 times" || !e.Restarting {
		t.Errorf("%+v", e)
	}
	c.Stop(t.Context())
	if log := logOf(t, r, c.ID()); !strings.Contains(log, "killed: health check /health failed") {
		t.Errorf("log does not say why: %s", log)
	}
}

func TestDescendantsDieWithTheContainer(t *testing.T) {
	r := newRuntime(t, nil)
	w := newWatcher()
	c := start(t, r, runtime.Spec{Arguments: []string{"child", "exit=0"}, OnLine: w.add})
	started := time.Now()
	if exit := await(t, c); exit.Code != 0 {
		t.Errorf("%+v", exit)
	}
	if waited := time.Since(started); waited > 5*time.Second {
		t.Errorf("waited %s for a descendant's open output", waited)
	}
	pid, err := strconv.Atoi(strings.TrimPrefix(w.waitFor(t, "child "), "child "))
	if err != nil {
		t.Fatal(err)
	}
	awaitGone(t, pid)
}

// awaitGone waits until a process has ended; a zombie nobody reaps counts.
func awaitGone(tb testing.TB, pid int) {
	tb.Helper()
	tick := time.NewTicker(time.Millisecond) // There is nothing to be told by.
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); <-tick.C {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
	}
	tb.Fatalf("process %d lives on", pid)
}

func TestMemoryLimit(t *testing.T) {
	r := newRuntime(t, nil)
	c := start(t, r, runtime.Spec{Arguments: []string{"eat=200"}, MemoryBytes: 64 << 20})
	if exit := await(t, c); exit.Code != 137 || !strings.Contains(exit.Reason, "the limit is 64 MB") {
		t.Errorf("%+v", exit)
	}
}

func TestOneContainerPerID(t *testing.T) {
	r := newRuntime(t, nil)
	c := start(t, r, runtime.Spec{Arguments: []string{"sleep"}})
	if _, err := r.Start(t.Context(), runtime.Spec{ID: c.ID(), Image: probeImage(t)}); err == nil {
		t.Error("started twice")
	}
	if err := r.Remove(c.ID()); err == nil {
		t.Error("removed while running")
	}
	c.Stop(t.Context())
	c = start(t, r, runtime.Spec{Arguments: []string{"out=again"}})
	await(t, c)
	if err := r.Remove(c.ID()); err != nil || r.Container(c.ID()) != nil {
		t.Errorf("remove: %v", err)
	}
	if log := logOf(t, r, c.ID()); log != "" {
		t.Errorf("log is still there: %s", log)
	}
}

func TestCloseStopsAllAndRefusesMore(t *testing.T) {
	r := newRuntime(t, nil)
	a := start(t, r, runtime.Spec{ID: "a", Arguments: []string{"sleep"}})
	b := start(t, r, runtime.Spec{ID: "b", Arguments: []string{"sleep"}, Restart: runtime.RestartAlways})
	if err := r.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	await(t, a)
	await(t, b)
	if _, err := r.Start(t.Context(), runtime.Spec{ID: "c", Image: probeImage(t)}); err == nil {
		t.Error("started after Close")
	}
}
