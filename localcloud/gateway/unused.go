package gateway

import (
	"net"
	"net/http"
	"sync"
)

// unused are connections that have carried no request yet: clients open more than
// they turn out to need. An http.Server that shuts down waits some seconds for their
// first requests.
type unused struct {
	mu    sync.Mutex
	conns map[net.Conn]bool
}

// watch follows the connections of a server, and closes the unused ones when it
// shuts down.
func (u *unused) watch(server *http.Server) {
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		u.mu.Lock()
		defer u.mu.Unlock()
		if state == http.StateNew {
			u.conns[conn] = true
		} else {
			delete(u.conns, conn)
		}
	}
	server.RegisterOnShutdown(u.close)
}

func (u *unused) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for conn := range u.conns {
		conn.Close() // nobody is at the other end who waits for anything
	}
}
