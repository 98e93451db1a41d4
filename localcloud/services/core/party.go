package core

import (
	"fmt"
	"net/netip"
	"slices"

	"oci-media-pipelines/localcloud/kind"
)

// party is one end of a connection: something in a subnet, an OCI service, or an
// address of the internet.
type party struct {
	// name is for people.
	name    string
	address netip.Addr
	// subnet is nil outside of networks.
	subnet kind.Object
	groups []string
	// public tells whether it has a public IP, and publicAddress which, 0.0.0.0 for one
	// that is not known yet.
	public        bool
	publicAddress netip.Addr
	// labels are the service CIDR labels of a service.
	labels []string
	// privately keeps it from going through a NAT gateway.
	privately bool
}

func (p party) inside() bool { return p.subnet != nil }

func (p party) in(block string) bool {
	prefix, err := netip.ParsePrefix(block)
	return err == nil && prefix.Contains(p.address)
}

// resources finds resources by their OCIDs.
type resources interface {
	Get(id string) (kind.Object, bool)
}

// placed makes a party of a place in a subnet: either of a network interface, by
// vnicId, or in the words of CreateVnicDetails.
func placed(all resources, place kind.Object) (party, error) {
	if id := place.Str("vnicId"); id != "" {
		vnic, ok := all.Get(id)
		if !ok {
			return party{}, fmt.Errorf("there is no network interface %s", id)
		}
		place = vnic.Clone()
		place["assignPublicIp"] = vnic.Str("publicIp") != ""
	}
	subnet, ok := all.Get(place.Str("subnetId"))
	if !ok {
		return party{}, fmt.Errorf("there is no subnet %s", place.Str("subnetId"))
	}
	p := party{subnet: subnet, groups: place.Strings("nsgIds"), public: wantsPublicIP(subnet, place), publicAddress: netip.IPv4Unspecified()}
	if address, err := netip.ParseAddr(place.Str("publicIp")); err == nil {
		p.publicAddress = address
	}
	name := place.Str("privateIp")
	if name == "" {
		// Any address of the subnet; which one, OCI does not promise.
		block := netip.MustParsePrefix(subnet.Str("cidrBlock"))
		p.address, name = block.Addr().Next().Next(), block.String()
	} else {
		var err error
		if p.address, err = netip.ParseAddr(name); err != nil {
			return party{}, fmt.Errorf("address %q in subnet %s: %w", name, subnet.Str("id"), err)
		}
	}
	p.name = fmt.Sprintf("%s (subnet %s)", name, subnet.Str("displayName"))
	return p, nil
}

func outside(address netip.Addr) party {
	return party{name: address.String() + " (internet)", address: address, public: true}
}

func service(name string, h oracleHost) party {
	return party{name: name, address: h.address, labels: h.labels, public: true}
}

// matches reports whether a rule's source or destination means this party. A group
// means the interfaces in it by their private addresses.
func (p party) matches(kindOf, value string) bool {
	switch kindOf {
	case "SERVICE_CIDR_BLOCK":
		return slices.Contains(p.labels, value)
	case "NETWORK_SECURITY_GROUP":
		return p.inside() && slices.Contains(p.groups, value)
	default:
		return p.in(value)
	}
}
