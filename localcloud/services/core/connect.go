package core

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// retransmissions are the waits after which a client sends a connection's first
// packet again: Linux's, whose last is given up on after 127 s (tcp_syn_retries 6).
// Until then a connection stands as soon as the network allows it.
var retransmissions = []time.Duration{1, 2, 4, 8, 16, 32, 64}

// repetition is how often the same refused connection is told.
const repetition = 5 * time.Second

// Connect waits until a connection can be opened from a place in a subnet (a vnicId,
// or members of CreateVnicDetails) to a port of an address of its network, as long as
// ctx lasts and a client would try. Who is not let through hears nothing, so the error
// is that of a dial that timed out.
func (n *Network) Connect(ctx context.Context, from kind.Object, ip string, port int) error {
	return n.await(ctx, func() api.Decision {
		return n.decide(from, func(source party) (party, error) { return n.at(source, ip) }, TCP(port))
	})
}

// Admit waits like Connect until a client on the internet can open a connection to a
// port of a place in a subnet.
func (n *Network) Admit(ctx context.Context, client netip.Addr, to kind.Object, port int) error {
	return n.await(ctx, func() api.Decision {
		target, err := placed(n.engine, to)
		if err != nil {
			return nowhere(client.String(), err)
		}
		return reach(n.engine, outside(client.Unmap()), target, TCP(port))
	})
}

// Reaches reports at once, as an error that says what is missing, whether a place in
// a subnet can reach a host's HTTPS port. A place with the member privately goes
// through no NAT gateway.
func (n *Network) Reaches(from kind.Object, host string) error {
	d := n.decide(from, func(party) (party, error) { return n.host(host) }, TCP(443))
	if d.Allowed {
		return nil
	}
	n.tell(d)
	return fmt.Errorf("%s is not let through; missing: %s", d.Asked, d.Missing)
}

// Decide tells whether a flow gets from a place to a place: each is a vnicId, members
// of CreateVnicDetails, or the member address with an address of the internet or the
// member host with the name of a service.
func (n *Network) Decide(from, to kind.Object, flow Flow) api.Decision {
	return n.decide(from, func(party) (party, error) { return n.party(to) }, flow)
}

func (n *Network) party(place kind.Object) (party, error) {
	if name := place.Str("host"); name != "" {
		return n.host(name)
	}
	if value := place.Str("address"); value != "" {
		address, err := netip.ParseAddr(value)
		if err != nil {
			return party{}, fmt.Errorf("address: %w", err)
		}
		return outside(address.Unmap()), nil
	}
	p, err := placed(n.engine, place)
	p.privately = place.Bool("privately")
	return p, err
}

func (n *Network) decide(from kind.Object, to func(source party) (party, error), flow Flow) api.Decision {
	d, _, _ := n.decideBetween(from, to, flow)
	return d
}

// decideBetween is decide that tells the two ends, too.
func (n *Network) decideBetween(from kind.Object, to func(source party) (party, error), flow Flow) (d api.Decision, source, target party) {
	source, err := n.party(from)
	if err != nil {
		return nowhere("the source", err), source, target
	}
	if target, err = to(source); err != nil {
		return nowhere(source.name, err), source, target
	}
	return reach(n.engine, source, target, flow), source, target
}

// nowhere is the decision about an end that is not there.
func nowhere(what string, err error) api.Decision {
	return api.Decision{Asked: what, Missing: err.Error()}
}

// at finds what has a private address of a party's network.
func (n *Network) at(source party, ip string) (party, error) {
	for _, vnic := range n.engine.List(typeVnic, func(o kind.Object) bool { return o.Str("privateIp") == ip }) {
		if n.VcnOf(vnic.Str("subnetId")) == source.subnet.Str("vcnId") {
			return placed(n.engine, kind.Object{"vnicId": vnic.Str("id")})
		}
	}
	return party{}, fmt.Errorf("a network interface with the address %s in VCN %s", ip, source.subnet.Str("vcnId"))
}

// host finds what a name stands for: a private endpoint, an OCI service, or anything
// on the internet.
func (n *Network) host(name string) (party, error) {
	if n.PrivateEndpoint != nil {
		if vnic, ok := n.PrivateEndpoint(name); ok {
			p, err := placed(n.engine, kind.Object{"vnicId": vnic})
			p.name = name + ", " + p.name
			return p, err
		}
	}
	if h, ok := oracleHostOf(name); ok {
		return service(name, h), nil
	}
	return party{name: name, address: uncoveredAddress, public: true}, nil
}

// await asks until it is allowed, when a client's network stack would.
func (n *Network) await(ctx context.Context, ask func() api.Decision) error {
	d := ask()
	for _, seconds := range retransmissions {
		if d.Allowed {
			return nil
		}
		n.tell(d)
		timer := time.NewTimer(seconds * time.Second)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return refusal(d)
		}
		d = ask()
	}
	if d.Allowed {
		return nil
	}
	return refusal(d)
}

// notConnected is the end of a dial that nobody answered.
type notConnected struct{ api.Decision }

func (e notConnected) Error() string {
	return fmt.Sprintf("no answer (%s; missing: %s)", e.Asked, e.Missing)
}

// Timeout tells net.Error's readers what it is.
func (e notConnected) Timeout() bool { return true }

// Unwrap makes it the error of a deadline.
func (e notConnected) Unwrap() error { return os.ErrDeadlineExceeded }

func refusal(d api.Decision) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: notConnected{d}}
}

// told remembers which refusals the journal has.
type told struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// again reports whether a refusal has been told a moment ago.
func (t *told) again(key string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil {
		t.last = map[string]time.Time{}
	}
	if now.Sub(t.last[key]) < repetition {
		return true
	}
	for k, when := range t.last {
		if now.Sub(when) >= repetition {
			delete(t.last, k)
		}
	}
	t.last[key] = now
	return false
}

// tell puts a refused connection into the journal, unless the same was there a moment
// ago: health checks try again and again.
func (n *Network) tell(d api.Decision) {
	if !n.told.again(d.Asked+"\x00"+d.Missing, time.Now()) {
		n.Journal.AddConnection(d)
	}
}
