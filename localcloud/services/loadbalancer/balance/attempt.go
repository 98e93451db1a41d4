package balance

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// errNoBackend means that no backend of the pool could take the request.
var errNoBackend = errors.New("no healthy backend")

// attempts sends one request to the pool's backends, to the next one while
// nothing of it can have been acted on.
type attempts struct {
	pool   *Pool
	client string
	// backend is the address in the network of the backend that answered or was
	// tried last, for the access log.
	backend string
}

// RoundTrip sends the request; the answer's body holds the backend until closed.
func (a *attempts) RoundTrip(r *http.Request) (*http.Response, error) {
	body := &onceBody{ReadCloser: r.Body}
	tried := map[*member]bool{}
	failed := errNoBackend
	for {
		l := a.pool.choose(a.client, tried)
		if l == nil {
			return nil, failed
		}
		a.backend = l.name
		response, err := a.pool.transport.RoundTrip(body.request(r, l.name))
		if err == nil {
			response.Body = hold(response.Body, l.end)
			return response, nil
		}
		refused := notConnected(err)
		if refused {
			a.pool.refused(l.member)
		}
		tried[l.member] = true
		l.end()
		if r.Context().Err() != nil || !refused && !repeatable(r) {
			return nil, err
		}
		failed = err
	}
}

// repeatable reports whether a request that may have reached a backend can be
// sent to another one.
func repeatable(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return r.Body == nil || r.Body == http.NoBody
	}
	return false
}

// onceBody is a request's body that survives an attempt that did not read it.
type onceBody struct {
	io.ReadCloser
	read atomic.Bool
}

func (b *onceBody) Read(p []byte) (int, error) {
	b.read.Store(true)
	return b.ReadCloser.Read(p)
}

// Close does nothing: the transport closes the body after each attempt, and the
// proxy closes it after the last.
func (b *onceBody) Close() error { return nil }

func (b *onceBody) request(r *http.Request, address string) *http.Request {
	out := r.WithContext(r.Context())
	url := *r.URL
	url.Scheme, url.Host = "http", address
	out.URL = &url
	if r.Body != nil && r.Body != http.NoBody {
		out.Body = b
		// It lets the transport repeat a request by itself on another connection
		// when the backend had closed an idle one.
		out.GetBody = func() (io.ReadCloser, error) {
			if b.read.Load() {
				return nil, errors.New("the request's body is partly sent")
			}
			return b, nil
		}
	}
	return out
}

// hold calls end once when the body is closed. An upgraded connection's body is
// also written to.
func hold(body io.ReadCloser, end func()) io.ReadCloser {
	held := &heldBody{ReadCloser: body, end: sync.OnceFunc(end)}
	if both, ok := body.(io.ReadWriteCloser); ok {
		return &heldConnection{heldBody: held, Writer: both}
	}
	return held
}

type heldBody struct {
	io.ReadCloser
	end func()
}

func (b *heldBody) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}

type heldConnection struct {
	*heldBody
	io.Writer
}
