package loadbalancer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/loadbalancer/balance"
)

// balancer is the running side of a load balancer: a pool for each backend set
// and an open listener for each listener. Changes come one at a time.
type balancer struct {
	service *Service
	id      string
	place   atomic.Pointer[place]

	mu        sync.RWMutex
	pools     map[string]*balance.Pool
	listeners map[string]*open

	closing sync.WaitGroup
}

// open is a listener that is open on a port.
type open struct {
	*balance.Listener
	port   int
	secure bool
}

func newBalancer(s *Service, id string) *balancer {
	return &balancer{service: s, id: id, pools: map[string]*balance.Pool{}, listeners: map[string]*open{}}
}

// apply makes the running side what the load balancer's stored form says. The
// channels are closed when the last requests of removed backends have ended. After
// an error the caller applies the earlier form again.
func (b *balancer) apply(lb kind.Object) (leaving []<-chan struct{}, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	leaving = b.applyPools(lb)
	wanted := part(lb, "listeners")
	for name, l := range b.listeners {
		w := wanted.Object(name)
		if w == nil || int(w.Number("port")) != l.port || (w.Object("sslConfiguration") != nil) != l.secure {
			b.closeListener(l, drainTime)
			delete(b.listeners, name)
		}
	}
	for _, listener := range sorted(wanted) {
		if err := b.applyListener(lb, listener); err != nil {
			return nil, err
		}
	}
	b.dropPools(lb)
	return leaving, b.publish(lb)
}

// reopen applies what was stored before a restart; a listener that cannot be
// opened does not keep the others closed.
func (b *balancer) reopen(lb kind.Object) (failed []error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.applyPools(lb)
	for _, listener := range list(lb, "listeners") {
		if err := b.applyListener(lb, listener); err != nil {
			failed = append(failed, err)
		}
	}
	if err := b.publish(lb); err != nil {
		failed = append(failed, err)
	}
	return failed
}

func (b *balancer) applyPools(lb kind.Object) (leaving []<-chan struct{}) {
	b.place.Store(b.service.placeOf(lb))
	for _, set := range list(lb, "backendSets") {
		config := poolConfig(set)
		if pool := b.pools[set.Str("name")]; pool != nil {
			leaving = append(leaving, pool.Update(config)...)
		} else {
			b.pools[set.Str("name")] = balance.NewPool(b, config)
		}
	}
	return leaving
}

// dropPools closes the pools of backend sets that are gone.
func (b *balancer) dropPools(lb kind.Object) {
	for name, pool := range b.pools {
		if part(lb, "backendSets").Object(name) == nil {
			pool.Close()
			delete(b.pools, name)
		}
	}
}

func poolConfig(set kind.Object) balance.PoolConfig {
	c := set.Object("healthChecker")
	config := balance.PoolConfig{
		Policy: balance.Policy(set.Str("policy")),
		Checker: balance.Checker{
			TCP: c.Str("protocol") == "TCP", Port: int(c.Number("port")), Path: c.Str("urlPath"),
			ReturnCode: int(c.Number("returnCode")), Body: c.Str("responseBodyRegex"), Retries: int(c.Number("retries")),
			Timeout:  time.Duration(c.Number("timeoutInMillis")) * time.Millisecond,
			Interval: time.Duration(c.Number("intervalInMillis")) * time.Millisecond,
		},
	}
	backends, _ := set["backends"].([]any)
	for _, item := range backends {
		fields, _ := item.(map[string]any)
		o := kind.Object(fields)
		limit := o.Number("maxConnections")
		if limit == 0 {
			limit = set.Number("backendMaxConnections")
		}
		config.Backends = append(config.Backends, balance.Backend{
			IP: o.Str("ipAddress"), Port: int(o.Number("port")), Weight: int(o.Number("weight")), MaxConnections: int(limit),
			Backup: o.Bool("backup"), Drain: o.Bool("drain"), Offline: o.Bool("offline"),
		})
	}
	return config
}

func (b *balancer) applyListener(lb, listener kind.Object) error {
	front, err := b.front(lb, listener)
	if err != nil {
		return err
	}
	name, port := front.Name, int(listener.Number("port"))
	if l := b.listeners[name]; l != nil {
		l.Update(front)
		return nil
	}
	address := net.JoinHostPort(addressOf(lb), strconv.Itoa(port))
	if lb.Bool("isPrivate") {
		// Its address is one of the network, which publish leads to a free port here.
		address = "127.0.0.1:0"
	}
	l, err := balance.Listen(address, front)
	if err != nil {
		return portError(name, address, err)
	}
	b.listeners[name] = &open{Listener: l, port: port, secure: front.Certificate != nil}
	return nil
}

// portError says why a listener cannot be opened and what to do.
func portError(name, address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("listener %q cannot be opened: another program on this machine uses %s; choose another port for the listener (listenerPort) or stop that program", name, address)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("listener %q cannot be opened: this machine does not let programs without privileges use %s; choose a port of 1024 or above for the listener (listenerPort)", name, address)
	}
	return fmt.Errorf("listener %q cannot be opened: %w; choose another port for the listener (listenerPort)", name, err)
}

func (b *balancer) front(lb, listener kind.Object) (balance.Front, error) {
	front := balance.Front{
		Name: listener.Str("name"), Pool: b.pools[listener.Str("defaultBackendSetName")],
		IdleTimeout: time.Duration(listener.Object("connectionConfiguration").Number("idleTimeout")) * time.Second,
		HTTP2:       listener.Str("protocol") == "HTTP2",
		Access:      b.service.log(b.id, "access"), Failure: b.service.log(b.id, "error"),
	}
	if !lb.Bool("isPrivate") {
		front.Admit = b.admit(int(listener.Number("port")))
	}
	if lb.Bool("isRequestIdEnabled") {
		front.RequestIDHeader = "X-Request-Id"
		if name := lb.Str("requestIdHeader"); name != "" {
			front.RequestIDHeader = name
		}
	}
	for _, name := range listener.Strings("ruleSetNames") {
		items, _ := part(lb, "ruleSets").Object(name)["items"].([]any)
		for _, item := range items {
			fields, _ := item.(map[string]any)
			rules, err := rulesOf(fields)
			if err != nil {
				return front, err
			}
			front.Rules = append(front.Rules, rules...)
		}
	}
	if tls := listener.Object("sslConfiguration"); tls != nil {
		var err error
		if front.Certificate, err = b.service.certificate(lb, tls.Str("certificateName")); err != nil {
			return front, err
		}
	}
	return front, nil
}

// publish leads the ports of a private load balancer's address to its listeners.
func (b *balancer) publish(lb kind.Object) error {
	vnic := lb.Str("vnicId")
	if !lb.Bool("isPrivate") || vnic == "" {
		return nil
	}
	b.service.network.Unpublish(vnic)
	for _, l := range b.listeners {
		if err := b.service.network.Publish(vnic, l.port, l.Address()); err != nil {
			return err
		}
	}
	return nil
}

func (b *balancer) health(set string) map[string]balance.Health {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if pool := b.pools[set]; pool != nil {
		return pool.Health()
	}
	return nil
}

// closeListener takes no more connections and frees the port; requests under way
// have some time to end.
func (b *balancer) closeListener(l *open, grace time.Duration) {
	l.Stop()
	b.closing.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		if err := l.Close(ctx); err != nil {
			slog.Debug("load balancer's listener closed", "id", b.id, "error", err)
		}
	})
}

// closeTime is how long requests have to end when all listeners close.
const closeTime = time.Second

// close ends everything.
func (b *balancer) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, l := range b.listeners {
		b.closeListener(l, closeTime)
		delete(b.listeners, name)
	}
	b.closing.Wait()
	for name, pool := range b.pools {
		pool.Close()
		delete(b.pools, name)
	}
}
