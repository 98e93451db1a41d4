package loadbalancer

import (
	"slices"

	"oci-media-pipelines/localcloud/kind"
)

// Front is a public load balancer as this machine sees it.
type Front struct {
	ID string `json:"id"`
	// Tags are its free-form tags.
	Tags map[string]string `json:"tags,omitempty"`
	// Address is its loopback address.
	Address string `json:"address"`
	// Ports are those that it listens at, in ascending order. A listener whose port
	// another program took while the cloud did not run is not among them.
	Ports []int `json:"ports"`
}

// Fronts returns all public load balancers, oldest first, and the address that the
// next one will get.
func (s *Service) Fronts() (all []Front, next string) {
	for _, lb := range s.engine.List(ocidType, func(lb kind.Object) bool { return !lb.Bool("isPrivate") }) {
		f := Front{ID: lb.Str("id"), Address: addressOf(lb), Tags: map[string]string{}, Ports: []int{}}
		for key, value := range lb.Object("freeformTags") {
			f.Tags[key], _ = value.(string)
		}
		if b := s.running(f.ID); b != nil {
			f.Ports = b.ports()
		}
		all = append(all, f)
	}
	return all, s.freeAddress()
}

// ports returns the ports of the open listeners, in ascending order.
func (b *balancer) ports() []int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	open := []int{}
	for _, l := range b.listeners {
		open = append(open, l.port)
	}
	slices.Sort(open)
	return open
}
