package balance

import (
	"context"
	"errors"
	"net"
	"sync"
)

// door is a listener that hands out only the connections that it may. This machine's
// kernel has accepted the others, too; they are held without an answer, which to their
// clients is what a packet that nobody delivers is.
type door struct {
	net.Listener
	admit func(ctx context.Context, client net.Addr) error

	open   chan net.Conn
	failed chan error
	ctx    context.Context // ends with Close
	stop   context.CancelFunc
	ended  chan struct{} // closed when the socket is
	guests sync.WaitGroup
}

func newDoor(socket net.Listener, admit func(context.Context, net.Addr) error) *door {
	d := &door{Listener: socket, admit: admit, open: make(chan net.Conn), failed: make(chan error), ended: make(chan struct{})}
	d.ctx, d.stop = context.WithCancel(context.Background())
	go d.serve()
	return d
}

// serve accepts until the socket is closed.
func (d *door) serve() {
	defer close(d.ended)
	for {
		conn, err := d.Listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			select {
			case d.failed <- err:
			case <-d.ctx.Done():
			}
		default:
			d.guests.Go(func() { d.meet(conn) })
		}
	}
}

// meet hands a connection out as soon as it may come in.
func (d *door) meet(conn net.Conn) {
	if d.admit(d.ctx, conn.RemoteAddr()) == nil {
		select {
		case d.open <- conn:
			return
		case <-d.ctx.Done():
		}
	}
	conn.Close()
}

// Accept returns the next connection that may come in.
func (d *door) Accept() (net.Conn, error) {
	select {
	case conn := <-d.open:
		return conn, nil
	case err := <-d.failed:
		return nil, err
	case <-d.ended:
		return nil, net.ErrClosed
	}
}

// Close frees the port and drops the connections that wait.
func (d *door) Close() error {
	err := d.Listener.Close()
	d.stop()
	d.guests.Wait()
	return err
}
