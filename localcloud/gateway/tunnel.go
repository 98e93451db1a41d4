package gateway

import (
	"bufio"
	"net"
	"sync"

	"oci-media-pipelines/localcloud/api"
)

// tunnelListener hands the proxy's tunnels to an http.Server as connections.
type tunnelListener struct {
	conns chan net.Conn
	done  chan struct{}
	close sync.Once
}

func newTunnelListener() *tunnelListener {
	return &tunnelListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *tunnelListener) add(conn net.Conn) {
	select {
	case l.conns <- conn:
	case <-l.done:
		conn.Close()
	}
}

// Accept returns the next tunnel.
func (l *tunnelListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (l *tunnelListener) Close() error {
	l.close.Do(func() { close(l.done) })
	return nil
}

// Addr names the tunnels' side.
func (l *tunnelListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// bufferedConn reads first what the proxy's server had read ahead.
type bufferedConn struct {
	net.Conn
	buffer *bufio.Reader
	source api.Source
}

func (c *bufferedConn) Read(p []byte) (int, error) { return c.buffer.Read(p) }
