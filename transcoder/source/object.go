// Package source lets ffmpeg read an object without a copy of it: it serves the object over HTTP on loopback, where
// ffmpeg asks for ranges, and fetches what is asked for window by window. So an index at the end of the file is read
// where it is, a stall of ffmpeg holds no connection to Object Storage, and a broken one costs one window.
package source

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// Windows grow, because ffmpeg's first requests are for headers only.
const (
	firstWindow   = 256 << 10
	largestWindow = 8 << 20
)

// Object is a version of an object as a http.Handler that answers GET and HEAD, ranges included.
type Object struct {
	// Size is in bytes.
	Size int64
	// Read returns the bytes from first to last, both included.
	Read func(ctx context.Context, first, last int64) ([]byte, error)

	mu  sync.Mutex
	err error
}

// Err returns why a read failed that nobody gave up on. ffmpeg takes a failed read for the end of the file.
func (o *Object) Err() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// ServeHTTP implements http.Handler.
func (o *Object) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, &reader{object: o, ctx: r.Context()})
}

// reader is one request's view of the object.
type reader struct {
	object *Object
	// ctx is the request's; an io.Reader has no other way to it.
	ctx    context.Context
	at     int64
	window []byte
	size   int64
}

func (r *reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.object.Size
	}
	if offset < 0 {
		return 0, errors.New("seek before the start")
	}
	if offset != r.at {
		r.at, r.window = offset, nil
	}
	return offset, nil
}

func (r *reader) Read(p []byte) (int, error) {
	if r.at >= r.object.Size {
		return 0, io.EOF
	}
	if len(r.window) == 0 {
		r.size = min(max(2*r.size, firstWindow), largestWindow)
		window, err := r.object.Read(r.ctx, r.at, min(r.at+r.size, r.object.Size)-1)
		if err != nil {
			if r.ctx.Err() == nil {
				r.object.mu.Lock()
				r.object.err = errors.Join(r.object.err, err)
				r.object.mu.Unlock()
			}
			return 0, err
		}
		r.window = window
	}
	n := copy(p, r.window)
	r.window, r.at = r.window[n:], r.at+int64(n)
	return n, nil
}
