package runtime_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"oci-media-pipelines/localcloud/runtime"
	"oci-media-pipelines/localcloud/runtime/imagetest"
)

var (
	probeOnce sync.Once
	probe     []byte
)

// probeImage is an image whose program does what its arguments say.
func probeImage(tb testing.TB, env ...string) v1.Image {
	tb.Helper()
	probeOnce.Do(func() { probe = imagetest.Program(tb, "./testdata/probe") })
	return imagetest.ProgramImage(tb, probe, env...)
}

func newRuntime(tb testing.TB, change func(*runtime.Config)) *runtime.Runtime {
	tb.Helper()
	cfg := runtime.Config{Dir: tb.TempDir(), BackOff: func(int) time.Duration { return time.Millisecond }}
	if change != nil {
		change(&cfg)
	}
	r, err := runtime.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := r.Close(ctx); err != nil {
			tb.Error(err)
		}
	})
	return r
}

func start(tb testing.TB, r *runtime.Runtime, spec runtime.Spec) *runtime.Container {
	tb.Helper()
	if spec.ID == "" {
		spec.ID = "ocid1.computecontainer.oc1.iad.test"
	}
	if spec.Image == nil {
		spec.Image = probeImage(tb)
	}
	c, err := r.Start(tb.Context(), spec)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func await(tb testing.TB, c *runtime.Container) runtime.Exit {
	tb.Helper()
	select {
	case <-c.Done():
	case <-time.After(20 * time.Second):
		tb.Fatalf("%s did not end: %+v", c.ID(), c.Status())
	}
	return *c.Status().LastExit
}

// output runs the probe to its end and returns what it wrote.
func output(tb testing.TB, r *runtime.Runtime, spec runtime.Spec) string {
	tb.Helper()
	c := start(tb, r, spec)
	await(tb, c)
	return logOf(tb, r, c.ID())
}

func logOf(tb testing.TB, r *runtime.Runtime, id string) string {
	tb.Helper()
	log, err := r.Log(id)
	if err != nil {
		tb.Fatal(err)
	}
	content, err := log.Tail(runtime.LogLimit)
	if err != nil {
		tb.Fatal(err)
	}
	return string(content)
}

// watcher collects lines and waits for one.
type watcher struct {
	mu    sync.Mutex
	lines []runtime.Line
	news  chan struct{}
}

func newWatcher() *watcher { return &watcher{news: make(chan struct{}, 1)} }

func (w *watcher) add(l runtime.Line) {
	w.mu.Lock()
	w.lines = append(w.lines, l)
	w.mu.Unlock()
	select {
	case w.news <- struct{}{}:
	default:
	}
}

func (w *watcher) waitFor(tb testing.TB, prefix string) string {
	tb.Helper()
	timeout := time.After(20 * time.Second)
	for {
		w.mu.Lock()
		for _, l := range w.lines {
			if strings.HasPrefix(l.Text, prefix) {
				w.mu.Unlock()
				return l.Text
			}
		}
		w.mu.Unlock()
		select {
		case <-w.news:
		case <-timeout:
			tb.Fatalf("no line starts with %q", prefix)
		}
	}
}
