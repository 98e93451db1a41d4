package conformance_test

import (
	"slices"
	"strings"
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
	labels, err := n.client.ListServices(t.Context(), core.ListServicesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	all := labels.Items[slices.IndexFunc(labels.Items, func(s core.Service) bool { return strings.HasPrefix(*s.CidrBlock, "all-") })]
	services := create(t, n.client, "ServiceGateway", core.CreateServiceGatewayDetails{CompartmentId: compartment, VcnId: &n.vcn,
		Services: []core.ServiceIdRequestDetails{{ServiceId: all.Id}}})
	table := func(gateway string, more ...core.RouteRule) *string {
		rules := append(more, core.RouteRule{NetworkEntityId: &gateway, Destination: str("0.0.0.0/0"), DestinationType: core.RouteRuleDestinationTypeCidrBlock})
		return &create(t, n.client, "RouteTable", core.CreateRouteTableDetails{CompartmentId: compartment, VcnId: &n.vcn, RouteRules: rules}).id
	}
	// Functions' images come by this way only.
	toServices := core.RouteRule{NetworkEntityId: &services.id, Destination: all.CidrBlock, DestinationType: core.RouteRuleDestinationTypeServiceCidrBlock}
	open := create(t, n.client, "SecurityList", core.CreateSecurityListDetails{CompartmentId: compartment, VcnId: &n.vcn,
		IngressSecurityRules: []core.IngressSecurityRule{{Source: str("0.0.0.0/0"), Protocol: str("all")}},
		EgressSecurityRules:  []core.EgressSecurityRule{{Destination: str("0.0.0.0/0"), Protocol: str("all")}}})
	n.subnet = create(t, n.client, "Subnet", core.CreateSubnetDetails{CompartmentId: compartment, VcnId: &n.vcn, CidrBlock: str("10.0.0.0/24"), DnsLabel: str("open"),
		RouteTableId: table(internet.id), SecurityListIds: []string{open.id}}).id
	n.private = create(t, n.client, "Subnet", core.CreateSubnetDetails{CompartmentId: compartment, VcnId: &n.vcn, CidrBlock: str("10.0.1.0/24"), DnsLabel: str("inner"),
		RouteTableId: table(nat.id, toServices), SecurityListIds: []string{open.id}, ProhibitPublicIpOnVnic: yes}).id
	n.group = create(t, n.client, "NetworkSecurityGroup", core.CreateNetworkSecurityGroupDetails{CompartmentId: compartment, VcnId: &n.vcn}).id
	return n
}
