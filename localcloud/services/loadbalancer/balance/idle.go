package balance

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// errIdle is the cause of a request's end by the listener's idle timeout.
var errIdle = errors.New("idle timeout")

// idleTimer ends a request that has been quiet for too long. Bytes in either
// direction count; OCI has a timer for each (documentation: Load Balancer Timeout
// Connection Settings), which only differs when one side talks and the other never
// answers.
type idleTimer struct {
	timer *time.Timer
	after time.Duration
}

func withIdleTimeout(r *http.Request, after time.Duration) (*http.Request, *idleTimer, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(r.Context())
	t := &idleTimer{after: after, timer: time.AfterFunc(after, func() { cancel(errIdle) })}
	r = r.WithContext(ctx)
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &busyBody{ReadCloser: r.Body, timer: t}
	}
	return r, t, func() { t.timer.Stop(); cancel(nil) }
}

func (t *idleTimer) busy() { t.timer.Reset(t.after) }

// watch makes an answer's body keep the timer going.
func (t *idleTimer) watch(response *http.Response) {
	t.busy()
	body := &busyBody{ReadCloser: response.Body, timer: t}
	if both, ok := response.Body.(io.ReadWriteCloser); ok {
		response.Body = &busyConnection{busyBody: body, writer: both}
		return
	}
	response.Body = body
}

type busyBody struct {
	io.ReadCloser
	timer *idleTimer
}

func (b *busyBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.timer.busy()
	return n, err
}

type busyConnection struct {
	*busyBody
	writer io.Writer
}

func (c *busyConnection) Write(p []byte) (int, error) {
	n, err := c.writer.Write(p)
	c.timer.busy()
	return n, err
}
