package runtime

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// LogLimit is how much of a container's output can be read back, in bytes:
// the last 256 KB, as OCI's RetrieveLogs gives. The files behind it hold at
// most twice that.
const LogLimit = 256 << 10

// Log keeps the newest output of one container in two files: when the current
// one is full it becomes the previous one. Safe for concurrent use.
type Log struct {
	dir string

	mu        sync.Mutex
	file      *os.File // nil until the first write
	size      int
	closed    bool
	followers map[*follower]struct{}
}

type follower struct {
	pending []byte
	dropped int
	wake    chan struct{}
}

func openLog(dir string) (*Log, error) {
	l := &Log{dir: dir, followers: map[*follower]struct{}{}}
	info, err := os.Stat(l.current())
	switch {
	case err == nil:
		l.size = int(info.Size())
	case !errors.Is(err, os.ErrNotExist):
		return nil, err
	}
	return l, nil
}

func (l *Log) current() string  { return filepath.Join(l.dir, "output.log") }
func (l *Log) previous() string { return filepath.Join(l.dir, "output.log.1") }

// Write appends output. It never makes the writer wait for a reader.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, os.ErrClosed
	}
	for f := range l.followers {
		f.add(p)
	}
	keep := p
	if len(keep) > LogLimit {
		keep = keep[len(keep)-LogLimit:]
	}
	if l.size+len(keep) > LogLimit && l.size > 0 {
		if err := l.rotate(); err != nil {
			return 0, err
		}
	}
	if l.file == nil {
		if err := os.MkdirAll(l.dir, 0o700); err != nil {
			return 0, err
		}
		f, err := os.OpenFile(l.current(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return 0, err
		}
		l.file = f
	}
	n, err := l.file.Write(keep)
	l.size += n
	if err != nil {
		return n, err
	}
	return len(p), nil
}

func (l *Log) rotate() error {
	if l.file != nil {
		if err := l.file.Close(); err != nil {
			return err
		}
		l.file = nil
	}
	l.size = 0
	return os.Rename(l.current(), l.previous())
}

// Tail returns the last max bytes of output, at most [LogLimit], starting with
// a whole line where output had to be cut. A container that wrote nothing has
// an empty log.
func (l *Log) Tail(max int) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tail(max)
}

func (l *Log) tail(max int) ([]byte, error) {
	max = min(max, LogLimit)
	var all []byte
	for _, name := range []string{l.previous(), l.current()} {
		content, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("runtime: read log: %w", err)
		}
		all = append(all, content...)
	}
	if len(all) <= max {
		return all, nil
	}
	cut := len(all) - max
	if cut > 0 && all[cut-1] != '\n' {
		if next := bytes.IndexByte(all[cut:], '\n'); next >= 0 {
			cut += next + 1
		}
	}
	return all[cut:], nil
}

// Follow writes the last max bytes to w, then everything that comes, until ctx
// ends (nil), the log is closed or removed (nil), or w fails. A reader that
// falls behind by more than [LogLimit] loses the oldest part and is told so.
func (l *Log) Follow(ctx context.Context, max int, w io.Writer) error {
	f := &follower{wake: make(chan struct{}, 1)}
	l.mu.Lock()
	past, err := l.tail(max)
	if err != nil {
		l.mu.Unlock()
		return err
	}
	f.add(past)
	l.followers[f] = struct{}{}
	closed := l.closed
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.followers, f)
		l.mu.Unlock()
	}()
	for {
		l.mu.Lock()
		news, dropped := f.pending, f.dropped
		f.pending, f.dropped = nil, 0
		closed = closed || l.closed
		l.mu.Unlock()
		if dropped > 0 {
			if _, err := fmt.Fprintf(w, "[%d bytes of output left out]\n", dropped); err != nil {
				return err
			}
		}
		if len(news) > 0 {
			if _, err := w.Write(news); err != nil {
				return err
			}
			continue
		}
		if closed {
			return nil
		}
		select {
		case <-f.wake:
		case <-ctx.Done():
			return nil
		}
	}
}

func (f *follower) add(p []byte) {
	f.pending = append(f.pending, p...)
	if over := len(f.pending) - LogLimit; over > 0 {
		f.dropped += over
		f.pending = append([]byte(nil), f.pending[over:]...)
	}
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

func (l *Log) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.file != nil {
		l.file.Close() // only readers are left, and they open it anew
		l.file = nil
	}
	for f := range l.followers {
		f.add(nil)
	}
}
