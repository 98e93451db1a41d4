package balance

import (
	"context"
	"net"
	"strconv"
	"syscall"
	"time"
)

// dialTimeout is how long a backend may take to answer a connection.
const dialTimeout = 10 * time.Second

// dial opens a connection to an address in the virtual network, if that lets it
// through. Where nothing listens, the connection is refused.
func (p *Pool) dial(ctx context.Context, _, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	forget := context.AfterFunc(p.closing, cancel)
	defer forget()
	ip, digits, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(digits)
	if err != nil {
		return nil, err
	}
	if err := p.network.Connect(ctx, ip, port); err != nil {
		return nil, err
	}
	local, ok := p.network.Resolve(ip, port)
	if !ok {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", local)
}
