// Package balance is the data plane of the local cloud's load balancers: pools of
// backends with their health checks, and listeners that proxy HTTP to them.
//
// It knows nothing of OCI's API; package loadbalancer translates.
package balance

import (
	"context"
	"net"
	"strconv"
	"time"
)

// Policy is how a pool chooses among its backends.
type Policy string

// The policies that OCI has (API reference: BackendSet, policy).
const (
	RoundRobin       Policy = "ROUND_ROBIN"
	LeastConnections Policy = "LEAST_CONNECTIONS"
	IPHash           Policy = "IP_HASH"
)

// Backend is a server of a pool, by its address in the virtual network.
type Backend struct {
	IP   string
	Port int
	// Weight is the backend's share, 1 or more.
	Weight int
	// MaxConnections bounds the requests at once; 0 is no bound.
	MaxConnections int
	// Backup backends serve only when no other can.
	Backup bool
	// Drain lets requests end and starts none.
	Drain bool
	// Offline backends get no requests and no checks.
	Offline bool
}

// Name is ip:port, as in OCI's API.
func (b Backend) Name() string { return net.JoinHostPort(b.IP, strconv.Itoa(b.Port)) }

// Checker says how the health of backends is found out.
type Checker struct {
	// TCP checks only connect; otherwise the check is an HTTP GET.
	TCP bool
	// Port is checked instead of the backend's own, unless 0.
	Port       int
	Path       string
	ReturnCode int
	// Body is a regular expression that the answer must match, unless empty.
	Body string
	// Retries is after how many failed checks in a row a backend is unhealthy.
	Retries           int
	Timeout, Interval time.Duration
}

// Recheck is how soon a backend is checked again that is new or whose last check
// failed. OCI waits its interval; here the wait is cut short, because it is only a
// wait, while a good backend is checked in the configured interval.
const Recheck = 100 * time.Millisecond

// PoolConfig configures a Pool.
type PoolConfig struct {
	Policy   Policy
	Checker  Checker
	Backends []Backend
}

// Network is the virtual network as a load balancer sees it.
type Network interface {
	// Resolve returns the host:port of this machine behind an address and port of the
	// network; ok is false while nothing listens there.
	Resolve(ip string, port int) (address string, ok bool)
	// Connect waits until the network lets a connection to an address and port
	// through, as long as ctx lasts.
	Connect(ctx context.Context, ip string, port int) error
}
