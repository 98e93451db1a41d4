// Package loadbalancer is OCI's Load Balancing service: load balancers with their
// backend sets, listeners, certificates and rule sets, and the proxies that they
// stand for.
//
// A public load balancer's address is a loopback address of this machine:
// 127.0.0.1 for the first, and on Linux 127.0.0.2 for the next, and so on. Its
// listeners are open on that address and their own port. A backend's address is
// one of the virtual network; Network knows what listens there, and whether the
// load balancer and its clients get through to where they want.
package loadbalancer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

// ocidType is the resource type in a load balancer's OCID.
const ocidType = "loadbalancer"

// Network is what a load balancer needs of the virtual network.
type Network interface {
	// CheckVnic, CreateVnic and DeleteVnic give the load balancer its address in
	// its subnet, in the words of OCI's CreateVnicDetails and Vnic.
	CheckVnic(details kind.Object) error
	CreateVnic(region string, details kind.Object) (kind.Object, error)
	DeleteVnic(vnicID string) error
	// Publish says where on this machine a port of an interface is reached, and
	// Unpublish ends that for all its ports.
	Publish(vnicID string, port int, address string) error
	Unpublish(vnicID string)
	// Resolve returns what listens on a port of an address of a network.
	Resolve(vcnID, ip string, port int) (address string, ok bool)
	// Connect waits until a place, in the words of CreateVnicDetails, can open a
	// connection to an address of its network, and Admit until a client on the
	// internet can open one to a place; both as long as ctx lasts.
	Connect(ctx context.Context, from kind.Object, ip string, port int) error
	Admit(ctx context.Context, client netip.Addr, to kind.Object, port int) error
}

// Logs takes a line of a resource's log of a category, access or error.
type Logs interface {
	Write(resource, category, message string) error
}

// Service serves the Load Balancing API and runs its load balancers.
type Service struct {
	engine  *kind.Engine
	store   *store.Store
	network Network
	logs    Logs
	keys    *keyring

	// change serialises all changes, as OCI does for each load balancer.
	change sync.Mutex
	// busy says until when the last change of a load balancer takes; it belongs to
	// change.
	busy map[string]time.Time
	// background counts what waits for requests, or time, to end.
	background sync.WaitGroup
	closing    chan struct{}
	closed     sync.Once

	mu       sync.RWMutex
	balances map[string]*balancer
}

// New adds the API's operations to that of Networking, whose host name it shares.
// A nil logs keeps no access and error lines.
func New(engine *kind.Engine, s *store.Store, shared *api.Service, network Network, logs Logs) (*Service, error) {
	keys, err := openKeyring(s)
	if err != nil {
		return nil, err
	}
	service := &Service{
		engine: engine, store: s, network: network, logs: logs, keys: keys,
		closing: make(chan struct{}), balances: map[string]*balancer{}, busy: map[string]time.Time{},
	}
	engine.Register(shared, kind.Kind{
		Name: "LoadBalancer", Type: ocidType, Path: "/loadBalancers", Only: []string{},
		References: []string{"subnetIds", "networkSecurityGroupIds"},
	})
	operations := operations{service, shared}
	service.routeLoadBalancers(operations)
	service.routeBackendSets(operations)
	service.routeBackends(operations)
	service.routeListeners(operations)
	service.routeCertificates(operations)
	service.routeRuleSets(operations)
	service.routeHealth(operations)
	service.routeWorkRequests(operations)
	return service, nil
}

// Start opens the listeners of all load balancers again. A listener whose port is
// taken by another program is an error that names it; the others are open.
func (s *Service) Start(context.Context) error {
	s.change.Lock()
	defer s.change.Unlock()
	if err := s.endWorkRequests(""); err != nil {
		return err
	}
	var failed []error
	for _, lb := range s.engine.List(ocidType, nil) {
		if state := lb.Str("lifecycleState"); state == creating || state == deleting {
			s.become(lb)
			if state == deleting {
				continue
			}
		}
		for _, err := range s.balancer(lb.Str("id")).reopen(lb) {
			failed = append(failed, fmt.Errorf("load balancer %s: %w", lb.Str("displayName"), err))
		}
	}
	return errors.Join(failed...)
}

// Close closes all listeners and ends all health checks. More calls do nothing.
func (s *Service) Close() {
	s.closed.Do(func() { close(s.closing) })
	s.change.Lock()
	s.mu.Lock()
	all := slices.Collect(maps.Values(s.balances))
	clear(s.balances)
	s.mu.Unlock()
	for _, b := range all {
		b.close()
	}
	s.change.Unlock()
	s.background.Wait() // Which may be about to change something.
}

// balancer returns the running side of a load balancer, making it if needed.
func (s *Service) balancer(id string) *balancer {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.balances[id]
	if b == nil {
		b = newBalancer(s, id)
		s.balances[id] = b
	}
	return b
}

// running returns the running side of a load balancer, nil if there is none.
func (s *Service) running(id string) *balancer {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.balances[id]
}

func (s *Service) log(id, category string) func(string) {
	if s.logs == nil {
		return nil
	}
	return func(line string) {
		if err := s.logs.Write(id, category, line); err != nil {
			slog.Error("load balancer's log cannot be written", "id", id, "category", category, "error", err)
		}
	}
}
