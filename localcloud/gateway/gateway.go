// Package gateway is the local cloud's front door: an HTTPS proxy on loopback
// that terminates TLS for OCI's host names and hands each request to the service
// that the host names. Nothing that it does not serve leaves the machine.
package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"oci-media-pipelines/localcloud/api"
)

type route struct {
	host    *regexp.Regexp
	handler http.Handler
}

// Network decides who may open a tunnel to which host.
type Network interface {
	// Tunnel waits until the network lets a connection through, as long as ctx lasts,
	// and returns where it comes from.
	// Credentials are those of a workload; without them it is the user's own client.
	// An error that is no time-out means that nobody has these credentials.
	Tunnel(ctx context.Context, credentials *url.Userinfo, client netip.Addr, host string) (api.Source, error)
}

// Gateway serves the proxy.
type Gateway struct {
	// Network is asked about every tunnel; nil lets everybody through.
	Network Network

	authority *Authority
	routes    []route
	control   http.Handler

	proxy  *http.Server
	inner  *http.Server
	tunnel *tunnelListener

	ctx  context.Context // ends with Shutdown
	stop context.CancelFunc
}

// New makes a gateway. Requests that are not proxied, sent to the gateway's own
// address, reach control.
func New(authority *Authority, control http.Handler) *Gateway {
	g := &Gateway{authority: authority, control: control, tunnel: newTunnelListener()}
	g.ctx, g.stop = context.WithCancel(context.Background())
	quiet := slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug)
	g.proxy = &http.Server{Handler: http.HandlerFunc(g.serveProxy), ReadHeaderTimeout: time.Minute, ErrorLog: quiet}
	g.inner = &http.Server{Handler: http.HandlerFunc(g.serveHost), ReadHeaderTimeout: time.Minute, ErrorLog: log.New(quiet.Writer(), "", 0)}
	g.inner.ConnContext = withSource
	idle := &unused{conns: map[net.Conn]bool{}}
	idle.watch(g.proxy)
	idle.watch(g.inner)
	return g
}

// Add routes a service's hosts to it.
func (g *Gateway) Add(s *api.Service) error {
	return g.Handle(s, s.Hosts...)
}

// Handle routes hosts (templates as in api.Service) to a handler.
func (g *Gateway) Handle(handler http.Handler, hosts ...string) error {
	for _, template := range hosts {
		pattern, err := api.HostPattern(template)
		if err != nil {
			return err
		}
		g.routes = append(g.routes, route{pattern, handler})
	}
	return nil
}

// Serve serves until Shutdown.
func (g *Gateway) Serve(listener net.Listener) error {
	go func() {
		if err := g.inner.Serve(g.tunnel); !errors.Is(err, http.ErrServerClosed) {
			slog.Error("gateway stopped", "error", err)
		}
	}()
	if err := g.proxy.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("gateway: %w", err)
	}
	return nil
}

// Shutdown lets requests end, until ctx. Connections without one are closed.
func (g *Gateway) Shutdown(ctx context.Context) error {
	g.stop()
	err := g.proxy.Shutdown(ctx)
	if errInner := g.inner.Shutdown(ctx); errInner != nil {
		return errors.Join(err, errInner, g.inner.Close())
	}
	return err
}

func (g *Gateway) find(host string) (http.Handler, string) {
	host = strings.ToLower(host)
	for _, r := range g.routes {
		if m := r.host.FindStringSubmatch(host); m != nil {
			region := ""
			if i := r.host.SubexpIndex("region"); i >= 0 {
				region = m[i]
			}
			return r.handler, region
		}
	}
	return nil, ""
}

func (g *Gateway) serveProxy(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		g.connect(w, r)
	case r.URL.Host != "":
		http.Error(w, "localcloud serves "+r.URL.Host+" over https only", http.StatusBadGateway)
	default:
		g.serveControl(w, r)
	}
}

// serveControl answers requests to the gateway itself. A page in a browser must
// not reach it by a host name that resolves to loopback.
func (g *Gateway) serveControl(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	if ip := net.ParseIP(host); (ip == nil || !ip.IsLoopback()) && host != "localhost" || r.Header.Get("Origin") != "" {
		http.Error(w, "only for programs on this machine", http.StatusForbidden)
		return
	}
	g.control.ServeHTTP(w, r)
}

// connect opens a tunnel to a host that a service answers for. The refusal's
// reason is in the status line because that is what proxy clients show.
func (g *Gateway) connect(w http.ResponseWriter, r *http.Request) {
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		http.Error(w, "CONNECT needs host:port", http.StatusBadRequest)
		return
	}
	handler, _ := g.find(host)
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "this connection cannot be tunnelled", http.StatusInternalServerError)
		return
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		conn.Close()
		return
	}
	if handler == nil || port != "443" {
		fmt.Fprintf(conn, "HTTP/1.1 502 localcloud does not serve %s:%s and lets nothing leave this machine\r\nContent-Length: 0\r\n\r\n", host, port)
		conn.Close()
		return
	}
	if late, ok := handler.(interface{ Resolves(host string) bool }); ok && !late.Resolves(strings.ToLower(host)) {
		fmt.Fprintf(conn, "HTTP/1.1 502 lookup %s: no such host\r\nContent-Length: 0\r\n\r\n", host)
		conn.Close()
		return
	}
	source, ok := g.letThrough(conn, r, host)
	if !ok {
		conn.Close()
		return
	}
	if _, err := fmt.Fprint(conn, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		conn.Close()
		return
	}
	g.tunnel.add(tls.Server(&bufferedConn{Conn: conn, buffer: buffered.Reader, source: source}, &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if hello.ServerName != "" && !strings.EqualFold(hello.ServerName, host) {
				return nil, fmt.Errorf("TLS name %s in a tunnel to %s", hello.ServerName, host)
			}
			return g.authority.leaf(strings.ToLower(host))
		},
	}))
}

func (g *Gateway) serveHost(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	handler, region := g.find(host)
	if handler == nil {
		http.Error(w, "localcloud does not serve "+r.Host, http.StatusMisdirectedRequest)
		return
	}
	handler.ServeHTTP(w, api.WithRegion(r, region))
}
