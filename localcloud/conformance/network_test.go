package conformance_test

import (
	"testing"

	"github.com/oracle/oci-go-sdk/v65/core"
)

// network is a VCN in which everything reaches everything.
type network struct {
	client          *core.VirtualNetworkClient
	vcn             string
	subnet, private string
	group           string
}

// newNetwork makes a network with a public and a private subnet.
func newNetwork(t *testing.T, compartment *string) network {
	t.Helper()
	n := network{client: connect(t, core.NewVirtualNetworkClientWithConfigurationProvider)}
	n.vcn = create(t, n.client, "Vcn", core.CreateVcnDetails{CompartmentId: compartment, CidrBlocks: []string{"10.0.0.0/16"}, DnsLabel: str("net")}).id
	internet := create(t, n.client, "InternetGateway", core.CreateInternetGatewayDetails{CompartmentId: compartment, VcnId: &n.vcn, IsEnabled: yes})
	nat := create(t, n.client, "NatGateway", core.CreateNatGatewayDetails{CompartmentId: compartment, VcnId: &n.vcn})
	table := func(gateway string) *string {
		return &create(t, n.client, "RouteTable", core.CreateRouteTableDetails{CompartmentId: compartment, VcnId: &n.vcn, RouteRules: []core.RouteRule{
			{NetworkEntityId: &gateway, Destination: str("0.0.0.0/0"), DestinationType: core.RouteRuleDestinationTypeCidrBlock}}}).id
	}
	open := create(t, n.client, "SecurityList", core.CreateSecurityListDetails{CompartmentId: compartment, VcnId: &n.vcn,
		IngressSecurityRules: []core.IngressSecurityRule{{Source: str("0.0.0.0/0"), Protocol: str("all")}},
		EgressSecurityRules:  []core.EgressSecurityRule{{Destination: str("0.0.0.0/0"), Protocol: str("all")}}})
	n.subnet = create(t, n.client, "Subnet", core.CreateSubnetDetails{CompartmentId: compartment, VcnId: &n.vcn, CidrBlock: str("10.0.0.0/24"), DnsLabel: str("open"),
		RouteTableId: table(internet.id), SecurityListIds: []string{open.id}}).id
	n.private = create(t, n.client, "Subnet", core.CreateSubnetDetails{CompartmentId: compartment, VcnId: &n.vcn, CidrBlock: str("10.0.1.0/24"), DnsLabel: str("inner"),
		RouteTableId: table(nat.id), SecurityListIds: []string{open.id}, ProhibitPublicIpOnVnic: yes}).id
	n.group = create(t, n.client, "NetworkSecurityGroup", core.CreateNetworkSecurityGroupDetails{CompartmentId: compartment, VcnId: &n.vcn}).id
	return n
}
