package balance

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Pool is a set of backends: it checks their health and chooses among them.
type Pool struct {
	network   Network
	transport *http.Transport
	// closing ends with the pool.
	closing    context.Context
	close      context.CancelFunc
	background sync.WaitGroup

	mu       sync.Mutex
	policy   Policy
	checker  Checker
	members  []*member
	rotation int
}

// member is a backend in a pool. Its fields are guarded by the pool's lock.
type member struct {
	Backend
	stop context.CancelFunc
	// recheck asks for a check now.
	recheck chan struct{}

	health Health
	// failures counts failed checks in a row.
	failures int
	// active counts requests under way; current is the smooth weighted round
	// robin's account.
	active, current int
	// idle is closed when the member is removed and its last request has ended.
	removed bool
	idle    chan struct{}
}

// NewPool starts a pool.
func NewPool(network Network, config PoolConfig) *Pool {
	p := &Pool{network: network}
	p.closing, p.close = context.WithCancel(context.Background())
	p.transport = &http.Transport{
		DialContext:         p.dial,
		MaxIdleConnsPerHost: 256,
		// OCI keeps idle connections to backends for 300 s, whatever the backend
		// says (documentation: Load Balancer Timeout Connection Settings).
		IdleConnTimeout:    300 * time.Second,
		DisableCompression: true,
	}
	p.Update(config)
	return p
}

// Update changes the pool. Backends that stay keep their health and requests.
// The channels are closed when a removed backend's last request has ended.
func (p *Pool) Update(config PoolConfig) (removed []<-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sameChecker := p.checker == config.Checker
	p.policy, p.checker = config.Policy, config.Checker
	earlier := map[string]*member{}
	for _, m := range p.members {
		earlier[m.Name()] = m
	}
	p.members = nil
	for _, b := range config.Backends {
		m := earlier[b.Name()]
		delete(earlier, b.Name())
		switch {
		case m == nil:
			m = &member{Backend: b, recheck: make(chan struct{}, 1), idle: make(chan struct{})}
			p.watch(m)
		case !sameChecker || m.Offline != b.Offline:
			m.stop()
			m.Backend = b
			if m.Offline {
				m.health, m.failures = Health{}, 0
			}
			p.watch(m)
		default:
			m.Backend = b
		}
		p.members = append(p.members, m)
	}
	for _, m := range earlier {
		m.stop()
		m.removed = true
		if m.active == 0 {
			close(m.idle)
		}
		removed = append(removed, m.idle)
	}
	if len(removed) > 0 {
		p.transport.CloseIdleConnections()
	}
	return removed
}

// Close ends the health checks. Requests under way go on.
func (p *Pool) Close() {
	p.Update(PoolConfig{})
	p.background.Wait()
	p.close()
	p.transport.CloseIdleConnections()
}

// Size is how many backends the pool has.
func (p *Pool) Size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.members)
}
