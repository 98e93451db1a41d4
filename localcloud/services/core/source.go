package core

import (
	"net/netip"

	"oci-media-pipelines/localcloud/api"
)

// seen is how a connection that was let through appears to where it goes: from its
// network by a service gateway and within the network, from the gateway's address by NAT, from its
// own public one by an internet gateway (documentation: Access to Oracle Services:
// Service Gateway; NAT Gateway).
func seen(all resources, from, to party) api.Source {
	switch {
	case !from.inside():
		return api.Source{Address: from.address}
	case to.inside():
		return api.Source{VcnID: from.subnet.Str("vcnId"), Address: from.address}
	}
	table, _ := all.Get(from.subnet.Str("routeTableId"))
	rule := mostSpecific(table, to)
	switch id := rule.Str("networkEntityId"); {
	case isOf(id, typeServiceGateway):
		return api.Source{VcnID: from.subnet.Str("vcnId"), Address: from.address}
	case isOf(id, typeNat):
		gateway, _ := all.Get(id)
		// It parses, for this package made it.
		address, _ := netip.ParseAddr(gateway.Str("natIp"))
		return api.Source{Address: address}
	case isOf(id, typeInternet):
		return api.Source{Address: from.publicAddress}
	}
	return api.Source{}
}
