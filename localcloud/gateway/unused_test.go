package gateway_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"oci-media-pipelines/localcloud/gateway"
)

// A client that opened more connections than it needed must not hold up the end.
func TestShutdownDoesNotWaitForUnusedConnections(t *testing.T) {
	authority, err := gateway.OpenAuthority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	g := gateway.New(authority, http.NotFoundHandler())
	if err := g.Handle(http.NotFoundHandler(), "iaas.{region}.oraclecloud.com"); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- g.Serve(listener) }()

	dial := func() net.Conn {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	tunnel := dial()
	fmt.Fprint(tunnel, "CONNECT iaas.us-ashburn-1.oraclecloud.com:443 HTTP/1.1\r\nHost: iaas.us-ashburn-1.oraclecloud.com:443\r\n\r\n")
	answer, err := http.ReadResponse(bufio.NewReader(tunnel), &http.Request{Method: http.MethodConnect})
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer, err)
	}
	inside := tls.Client(tunnel, &tls.Config{InsecureSkipVerify: true}) // #nosec: only the connection matters.
	if err := inside.Handshake(); err != nil {
		t.Fatal(err)
	}
	// The server has seen this one when it has answered the one after it.
	dial()
	control := dial()
	fmt.Fprint(control, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if _, err := http.ReadResponse(bufio.NewReader(control), nil); err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second) // http.Server alone would take 5
	defer cancel()
	if err := g.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}
