package core

import "oci-media-pipelines/localcloud/kind"

// policyReference is where OCI documents the permissions of Networking.
const policyReference = "https://docs.oracle.com/iaas/Content/Identity/policyreference/corepolicyreference.htm"

// access is what the operations on each type of resource ask for.
func access() map[string]kind.Access {
	// inVcn: what is made in a network needs the right to use the network, too.
	inVcn := func(noun string, attached ...string) kind.Access {
		a := kind.CRUD(policyReference, noun)
		a.Create = append(append(a.Create, "VCN_ATTACH@vcnId"), attached...)
		a.Update = append(a.Update, attached...)
		a.Delete = append(a.Delete, "VCN_DETACH@vcnId")
		return a
	}
	vnic := kind.CRUD(policyReference, "VNIC")
	vnic.Update = append(vnic.Update, "VNIC_ASSOCIATE_NETWORK_SECURITY_GROUP", "NETWORK_SECURITY_GROUP_UPDATE_MEMBERS@nsgIds")
	return map[string]kind.Access{
		typeVcn:            kind.CRUD(policyReference, "VCN"),
		typeSubnet:         inVcn("SUBNET", "ROUTE_TABLE_ATTACH@routeTableId", "SECURITY_LIST_ATTACH@securityListIds", "DHCP_ATTACH@dhcpOptionsId"),
		typeInternet:       inVcn("INTERNET_GATEWAY"),
		typeNat:            inVcn("NAT_GATEWAY"),
		typeServiceGateway: inVcn("SERVICE_GATEWAY"),
		typeRouteTable:     inVcn("ROUTE_TABLE"),
		typeSecurityList:   inVcn("SECURITY_LIST"),
		typeDhcpOptions:    inVcn("DHCP"),
		typeSecurityGroup:  inVcn("NETWORK_SECURITY_GROUP"),
		typeVnic:           vnic,
		typePrivateIP:      kind.CRUD(policyReference, "PRIVATE_IP"),
	}
}
