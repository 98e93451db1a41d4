package core

import (
	"fmt"
	"maps"
)

// endpoint is a port of an address in a network.
type endpoint struct {
	vcn, ip string
	port    int
}

// publication is what listens on an endpoint.
type publication struct{ vnic, address string }

// Publish says that what listens on a port of a network interface is reached at
// address, a host:port of this machine. It replaces what was published on that
// port and lasts until Unpublish, DeleteVnic or the end of the process.
func (n *Network) Publish(vnicID string, port int, address string) error {
	vnic, ok := n.engine.Get(vnicID)
	if !ok {
		return fmt.Errorf("publish port %d: there is no network interface %s", port, vnicID)
	}
	subnet, ok := n.engine.Get(vnic.Str("subnetId"))
	if !ok {
		return fmt.Errorf("publish port %d of %s: there is no subnet %s", port, vnicID, vnic.Str("subnetId"))
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.published[endpoint{subnet.Str("vcnId"), vnic.Str("privateIp"), port}] = publication{vnicID, address}
	return nil
}

// Unpublish ends all that was published on a network interface.
func (n *Network) Unpublish(vnicID string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	maps.DeleteFunc(n.published, func(_ endpoint, p publication) bool { return p.vnic == vnicID })
}

// Resolve returns the host:port of this machine behind a port of an address in a
// network; ok is false while nothing listens there.
func (n *Network) Resolve(vcnID, ip string, port int) (address string, ok bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	p, ok := n.published[endpoint{vcnID, ip, port}]
	return p.address, ok
}

// VcnOf returns the network of a subnet, empty when there is no such subnet.
func (n *Network) VcnOf(subnetID string) string {
	subnet, _ := n.engine.Get(subnetID)
	return subnet.Str("vcnId")
}
