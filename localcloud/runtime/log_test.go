package runtime_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"oci-media-pipelines/localcloud/runtime"
)

func TestLogKeepsTheEnd(t *testing.T) {
	dir := t.TempDir()
	r := newRuntime(t, func(c *runtime.Config) { c.Dir = dir })
	out := output(t, r, runtime.Spec{Arguments: []string{"flood=20000", "out=last"}})
	if len(out) > runtime.LogLimit || len(out) < runtime.LogLimit-200 {
		t.Errorf("%d bytes", len(out))
	}
	if !strings.HasSuffix(out, "line 00019999 "+strings.Repeat("x", 100)+"\nlast\n") || !strings.HasPrefix(out, "line ") {
		t.Errorf("from %q to %q", out[:20], out[len(out)-20:])
	}
	var size int64
	files, _ := filepath.Glob(filepath.Join(dir, "run", "*", "output.log*"))
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if size > 2*runtime.LogLimit {
		t.Errorf("the files hold %d bytes", size)
	}
}

func TestLogOutlivesTheLocalCloud(t *testing.T) {
	dir := t.TempDir()
	first := newRuntime(t, func(c *runtime.Config) { c.Dir = dir })
	output(t, first, runtime.Spec{Arguments: []string{"out=first"}})
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := newRuntime(t, func(c *runtime.Config) { c.Dir = dir })
	if out := output(t, second, runtime.Spec{Arguments: []string{"out=second"}}); out != "first\nsecond\n" {
		t.Errorf("%q", out)
	}
}

func TestLinesCarryTheirStream(t *testing.T) {
	r := newRuntime(t, nil)
	w := newWatcher()
	await(t, start(t, r, runtime.Spec{Arguments: []string{"out=a", "err=b", "part=no end"}, OnLine: w.add}))
	got := map[string]string{}
	for _, l := range w.lines {
		got[l.Text] = l.Stream
		if time.Since(l.Time) > time.Minute {
			t.Errorf("time of %+v", l)
		}
	}
	if len(got) != 3 || got["a"] != "stdout" || got["b"] != "stderr" || got["no end"] != "stdout" {
		t.Errorf("%v", got)
	}
}

func TestFollow(t *testing.T) {
	r := newRuntime(t, nil)
	output(t, r, runtime.Spec{Arguments: []string{"out=old"}})
	log, err := r.Log("ocid1.computecontainer.oc1.iad.test")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	reader := &signalBuffer{want: "new\n", seen: make(chan struct{})}
	ended := make(chan error, 1)
	go func() { ended <- log.Follow(ctx, 1000, reader) }()
	output(t, r, runtime.Spec{Arguments: []string{"out=new"}})
	select {
	case <-reader.seen:
	case <-time.After(10 * time.Second):
		t.Fatalf("got %q", reader.buf.String())
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := reader.buf.String(); got != "old\nnew\n" {
		t.Errorf("got %q", got)
	}
}

type signalBuffer struct {
	buf  bytes.Buffer
	want string
	seen chan struct{}
	once sync.Once
}

func (b *signalBuffer) Write(p []byte) (int, error) {
	b.buf.Write(p)
	if strings.HasSuffix(b.buf.String(), b.want) {
		b.once.Do(func() { close(b.seen) })
	}
	return len(p), nil
}
