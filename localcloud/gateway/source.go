package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"

	"oci-media-pipelines/localcloud/api"
)

// letThrough waits until the network lets a tunnel through. A client that it does not
// let through gets no answer, as if its packets were lost, until both give up.
func (g *Gateway) letThrough(conn net.Conn, r *http.Request, host string) (source api.Source, ok bool) {
	if g.Network == nil {
		return source, true
	}
	var address netip.Addr
	if from, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		address = from.AddrPort().Addr().Unmap()
	}
	source, err := g.Network.Tunnel(g.ctx, proxyCredentials(r), address, host)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		fmt.Fprintf(conn, "HTTP/1.1 407 %s\r\nProxy-Authenticate: Basic realm=\"localcloud\"\r\nContent-Length: 0\r\n\r\n", err)
	}
	return source, err == nil
}

// withSource notes where the tunnel that a request comes through was opened.
func withSource(ctx context.Context, conn net.Conn) context.Context {
	encrypted, ok := conn.(*tls.Conn)
	if !ok {
		return ctx
	}
	tunnel, ok := encrypted.NetConn().(*bufferedConn)
	if !ok {
		return ctx
	}
	return api.WithSource(ctx, tunnel.source)
}

// proxyCredentials are those that a client got as a part of HTTPS_PROXY, nil for one
// that has none.
func proxyCredentials(r *http.Request) *url.Userinfo {
	value := r.Header.Get("Proxy-Authorization")
	if value == "" {
		return nil
	}
	// The standard library reads the header of the other authorization only.
	name, password, _ := (&http.Request{Header: http.Header{"Authorization": {value}}}).BasicAuth()
	return url.UserPassword(name, password)
}
