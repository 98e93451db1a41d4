package balance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"time"

	"github.com/google/uuid"
)

// ServeHTTP proxies one request.
func (l *Listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	front, started := l.front.Load(), time.Now()
	client, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		client = r.RemoteAddr
	}
	tries := &attempts{pool: front.Pool, client: client}
	answer := &recorder{ResponseWriter: w}
	defer func() { front.access(r, answer, tries, client, started) }()
	if l.answered(answer, r, front) {
		return
	}
	r, timer, cancel := withIdleTimeout(r, front.IdleTimeout)
	defer cancel()
	proxy := &httputil.ReverseProxy{
		Transport: tries,
		Rewrite:   func(p *httputil.ProxyRequest) { l.forward(p, front, client) },
		ModifyResponse: func(response *http.Response) error {
			for _, rule := range front.Rules {
				if rule.Response != nil {
					rule.Response.apply(response.Header)
				}
			}
			timer.watch(response)
			return nil
		},
		// Every write of a backend reaches the client at once, as streams need it.
		FlushInterval: -1,
		ErrorHandler:  func(w http.ResponseWriter, r *http.Request, err error) { front.fail(w, r, tries, err) },
		ErrorLog:      slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
	proxy.ServeHTTP(answer, r)
}

// answered answers a request that a rule keeps from the backends.
func (l *Listener) answered(w http.ResponseWriter, r *http.Request, front *Front) bool {
	if status, allowed := refusedMethod(front.Rules, r.Method); status != 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		page(w, status, "")
		return true
	}
	redirect := redirectFor(front.Rules, r.URL.Path)
	if redirect == nil {
		return false
	}
	w.Header().Set("Location", redirect.location(r, protocolOf(r), l.port))
	page(w, redirect.Code, "")
	return true
}

func protocolOf(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

// forward adds what OCI's load balancers tell a backend about the client
// (documentation: HTTP "X-" Headers).
func (l *Listener) forward(p *httputil.ProxyRequest, front *Front, client string) {
	header := p.Out.Header
	if earlier := p.In.Header.Values("X-Forwarded-For"); len(earlier) > 0 {
		client = strings.Join(earlier, ", ") + ", " + client
	}
	header.Set("X-Forwarded-For", client)
	header.Set("X-Forwarded-Host", p.In.Host)
	header.Set("X-Forwarded-Proto", protocolOf(p.In))
	header.Set("X-Forwarded-Port", l.port)
	header.Set("X-Real-IP", client[strings.LastIndex(client, " ")+1:])
	if name := front.RequestIDHeader; name != "" && header.Get(name) == "" {
		header.Set(name, uuid.NewString())
	}
	for _, rule := range front.Rules {
		if rule.Request != nil {
			rule.Request.apply(header)
		}
	}
	// The transport chooses the host; it only has to be there.
	p.Out.URL.Scheme, p.Out.URL.Host = "http", "backend"
}

// fail answers a request that no backend answered.
func (f *Front) fail(w http.ResponseWriter, r *http.Request, tries *attempts, err error) {
	status, why := http.StatusBadGateway, err.Error()
	switch {
	case errors.Is(context.Cause(r.Context()), errIdle):
		status, why = http.StatusGatewayTimeout, fmt.Sprintf("The backend %s was quiet for %s.", tries.backend, f.IdleTimeout)
	case r.Context().Err() != nil:
		status, why = 499, "The client closed the connection." // As the access log of OCI, and nginx, calls it.
	case errors.Is(err, errNoBackend):
		why = "No backend of the backend set is healthy."
	case tries.backend != "":
		why = fmt.Sprintf("The backend %s failed: %v.", tries.backend, err)
	}
	if f.Failure != nil {
		line, _ := json.Marshal(map[string]any{ // A map of strings and numbers encodes.
			"listenerName": f.Name, "backendAddr": tries.backend, "errorDetails": why, "request": requestLine(r), "lbStatusCode": status,
		})
		f.Failure(string(line))
	}
	page(w, status, why)
}

// page writes the short HTML page that a load balancer answers by itself.
func page(w http.ResponseWriter, status int, why string) {
	title := strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<html>\n<head><title>%s</title></head>\n<body>\n<center><h1>%s</h1></center>\n<center>%s</center>\n</body>\n</html>\n",
		title, title, html.EscapeString(why))
}

func requestLine(r *http.Request) string { return r.Method + " " + r.URL.RequestURI() + " " + r.Proto }

// access writes the request's line in the words of OCI's access log
// (documentation: Details for Load Balancer Logs).
func (f *Front) access(r *http.Request, answer *recorder, tries *attempts, client string, started time.Time) {
	if f.Access == nil {
		return
	}
	line, _ := json.Marshal(map[string]any{ // A map of strings and numbers encodes.
		"clientAddr": client, "host": r.Host, "listenerName": f.Name, "backendAddr": tries.backend, "request": requestLine(r),
		"lbStatusCode": answer.status, "sentBytes": answer.sent, "receivedBytes": max(r.ContentLength, 0),
		"requestProcessingTime": fmt.Sprintf("%.3f", time.Since(started).Seconds()), "userAgent": r.UserAgent(),
		"timestamp": started.UTC().Format(time.RFC3339Nano),
	})
	f.Access(string(line))
}

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	sent   int64
}

// WriteHeader notes the status, not that of an interim answer.
func (r *recorder) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write counts what was sent.
func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.sent += int64(n)
	return n, err
}

// Unwrap lets the proxy flush and take over the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
