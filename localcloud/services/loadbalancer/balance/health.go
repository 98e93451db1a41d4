package balance

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"time"
)

// Verdict is what is known about a backend.
type Verdict string

// The verdicts, in OCI's words (API reference: BackendHealth, status).
const (
	OK       Verdict = "OK"
	Warning  Verdict = "WARNING"
	Critical Verdict = "CRITICAL"
	Unknown  Verdict = "UNKNOWN"
)

// Health is a backend's health.
type Health struct {
	Verdict Verdict
	// Last is the last check's outcome in OCI's words (API reference:
	// HealthCheckResult, healthCheckStatus), and Time when it was.
	Last string
	Time time.Time
}

// Health returns the health of each backend by its name.
func (p *Pool) Health() map[string]Health {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make(map[string]Health, len(p.members))
	for _, m := range p.members {
		h := m.health
		if m.Offline {
			h = Health{Verdict: Critical, Last: "OFFLINE", Time: time.Now()}
		} else if h.Verdict == "" {
			h = Health{Verdict: Unknown, Last: "UNKNOWN", Time: time.Now()}
		}
		all[m.Name()] = h
	}
	return all
}

// watch checks a member until it is stopped; the pool's lock is held.
func (p *Pool) watch(m *member) {
	ctx, stop := context.WithCancel(context.Background())
	m.stop = stop
	if m.Offline {
		return
	}
	backend, checker := m.Backend, p.checker
	body, err := regexp.Compile(checker.Body)
	if err != nil {
		m.health = Health{Verdict: Critical, Last: "REGEX_MISMATCH", Time: time.Now()}
		return
	}
	p.background.Go(func() {
		for {
			outcome := p.check(ctx, backend, checker, body)
			if ctx.Err() != nil {
				return
			}
			timer := time.NewTimer(p.record(m, outcome))
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-m.recheck:
				timer.Stop()
			case <-timer.C:
			}
		}
	})
}

// record notes a check's outcome and returns when the next is due.
func (p *Pool) record(m *member, outcome string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	m.health.Last, m.health.Time = outcome, time.Now()
	if outcome == "OK" {
		m.failures, m.health.Verdict = 0, OK
		return p.checker.Interval
	}
	m.failures++
	switch {
	case m.failures >= p.checker.Retries || m.health.Verdict == Critical:
		m.health.Verdict = Critical
	case m.health.Verdict == OK:
		m.health.Verdict = Warning
	}
	return Recheck
}

// refused notes that a backend did not take a connection: it gets no more
// requests until a check succeeds, and that is tried at once.
func (p *Pool) refused(m *member) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m.health = Health{Verdict: Critical, Last: "CONNECT_FAILED", Time: time.Now()}
	m.failures = p.checker.Retries
	select {
	case m.recheck <- struct{}{}:
	default:
	}
}

// check performs one check and returns its outcome in OCI's words.
func (p *Pool) check(ctx context.Context, b Backend, c Checker, body *regexp.Regexp) string {
	port := b.Port
	if c.Port != 0 {
		port = c.Port
	}
	address := net.JoinHostPort(b.IP, strconv.Itoa(port))
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	if c.TCP {
		conn, err := p.dial(ctx, "tcp", address)
		if err != nil {
			return failure(err)
		}
		conn.Close()
		return "OK"
	}
	return p.get(ctx, address, c, body)
}

func (p *Pool) get(ctx context.Context, address string, c Checker, want *regexp.Regexp) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+c.Path, nil)
	if err != nil {
		return "IO_ERROR"
	}
	// Each check makes a connection, which does not outlive it, and takes a redirect for
	// the answer that it is.
	prober := &http.Client{
		Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(_ context.Context, network, address string) (net.Conn, error) {
			return p.dial(ctx, network, address)
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := prober.Do(request)
	if err != nil {
		return failure(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	switch {
	case err != nil:
		return failure(err)
	case c.ReturnCode != 0 && response.StatusCode != c.ReturnCode:
		return "INVALID_STATUS_CODE"
	case !want.Match(body):
		return "REGEX_MISMATCH"
	}
	return "OK"
}

func failure(err error) string {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return "TIMED_OUT"
	}
	if notConnected(err) {
		return "CONNECT_FAILED"
	}
	return "IO_ERROR"
}

// notConnected reports whether a request failed before a connection stood, so
// that nothing of it was sent.
func notConnected(err error) bool {
	operation, ok := errors.AsType[*net.OpError](err)
	return ok && operation.Op == "dial"
}
