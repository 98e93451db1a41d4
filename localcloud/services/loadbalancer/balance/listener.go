package balance

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Front configures a Listener.
type Front struct {
	// Name of the listener, for its access lines.
	Name string
	Pool *Pool
	// IdleTimeout is how long a request may be quiet.
	IdleTimeout time.Duration
	// Certificate makes it a TLS listener, unless nil.
	Certificate *tls.Certificate
	// HTTP2 offers HTTP/2 to TLS clients.
	HTTP2 bool
	Rules []Rule
	// Admit waits until the network lets a client's connection through, as long as ctx
	// lasts; nil lets all through.
	Admit func(ctx context.Context, client net.Addr) error
	// RequestIDHeader carries an id to the backend, unless empty.
	RequestIDHeader string
	// Access takes a line for each request, and Failure a line for each that the
	// listener answered by itself because of an error; either may be nil.
	Access, Failure func(line string)
}

// clientIdle is how long OCI keeps a client's idle connection (documentation:
// Load Balancer Timeout Connection Settings).
const clientIdle = 65 * time.Second

// Listener takes requests on an address and proxies them to its front's pool.
type Listener struct {
	front  atomic.Pointer[Front]
	server *http.Server
	socket net.Listener
	port   string
	done   chan struct{}
}

// Listen opens a listener on an address, host:port.
func Listen(address string, front Front) (*Listener, error) {
	socket, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	l := &Listener{done: make(chan struct{})}
	if _, l.port, err = net.SplitHostPort(socket.Addr().String()); err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	l.Update(front)
	l.socket = newDoor(socket, l.admit)
	l.server = &http.Server{
		Handler:           l,
		IdleTimeout:       clientIdle,
		ReadHeaderTimeout: clientIdle,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
	if front.Certificate != nil {
		l.socket = tls.NewListener(l.socket, &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: l.tlsConfig})
		l.server.Protocols = new(http.Protocols)
		l.server.Protocols.SetHTTP1(true)
		l.server.Protocols.SetHTTP2(true)
	}
	go func() {
		defer close(l.done)
		if err := l.server.Serve(l.socket); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			slog.Error("load balancer's listener stopped", "address", address, "error", err)
		}
	}()
	return l, nil
}

// tlsConfig takes the certificate at each handshake, so that it can be changed.
func (l *Listener) tlsConfig(*tls.ClientHelloInfo) (*tls.Config, error) {
	front := l.front.Load()
	if front.Certificate == nil {
		return nil, errors.New("the listener has no certificate")
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*front.Certificate}, NextProtos: []string{"http/1.1"}}
	if front.HTTP2 {
		c.NextProtos = []string{"h2", "http/1.1"}
	}
	return c, nil
}

func (l *Listener) admit(ctx context.Context, client net.Addr) error {
	if admit := l.front.Load().Admit; admit != nil {
		return admit(ctx, client)
	}
	return nil
}

// Update changes the listener for the requests that come. It cannot turn TLS on
// or off.
func (l *Listener) Update(front Front) { l.front.Store(&front) }

// Address is the host:port that the listener is open on.
func (l *Listener) Address() string { return l.socket.Addr().String() }

// Stop frees the port: it takes no more connections. Those that are open go on.
func (l *Listener) Stop() {
	if err := l.socket.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		slog.Error("load balancer's listener cannot be closed", "address", l.Address(), "error", err)
	}
}

// Close takes no more connections and lets requests end until ctx does.
func (l *Listener) Close(ctx context.Context) error {
	err := l.server.Shutdown(ctx)
	if err != nil {
		err = fmt.Errorf("requests were cut off: %w", errors.Join(err, l.server.Close()))
	}
	<-l.done
	return err
}
