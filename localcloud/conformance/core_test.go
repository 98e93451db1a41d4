package conformance_test

import (
	"testing"

	"github.com/oracle/oci-go-sdk/v65/core"
)

func testCore(t *testing.T, compartment *string) {
	client := connect(t, core.NewVirtualNetworkClientWithConfigurationProvider)
	named := func(name string) core.CreateVcnDetails {
		return core.CreateVcnDetails{CompartmentId: compartment, DisplayName: str(name), CidrBlocks: []string{"10.0.0.0/16"}, DnsLabel: str("net")}
	}
	vcn := create(t, client, "Vcn", named("core b"))
	other := create(t, client, "Vcn", named("core a"))
	last := create(t, client, "Vcn", named("core c"))
	listed(t, client.ListVcns, core.ListVcnsRequest{CompartmentId: compartment}, vcn, other, last)
	exactly(t, client.ListVcns, core.ListVcnsRequest{CompartmentId: compartment, DisplayName: str("core a"), LifecycleState: core.VcnLifecycleStateAvailable}, other)
	exactly(t, client.ListVcns, core.ListVcnsRequest{CompartmentId: compartment, DisplayName: str("core a"), LifecycleState: core.VcnLifecycleStateTerminated})
	vcn.update(core.UpdateVcnDetails{DisplayName: str("core d"), FreeformTags: map[string]string{"a": "b"}})

	subnets := []*resource{}
	for _, row := range []struct{ name, block string }{{"b", "10.0.1.0/24"}, {"c", "10.0.2.0/24"}, {"a", "10.0.3.0/24"}} {
		subnets = append(subnets, create(t, client, "Subnet", core.CreateSubnetDetails{
			CompartmentId: compartment, VcnId: &vcn.id, DisplayName: str(row.name), CidrBlock: str(row.block), DnsLabel: str("sub" + row.name)}))
	}
	of := func(sort core.ListSubnetsSortByEnum, order core.ListSubnetsSortOrderEnum) core.ListSubnetsRequest {
		return core.ListSubnetsRequest{CompartmentId: compartment, VcnId: &vcn.id, SortBy: sort, SortOrder: order}
	}
	b, c, a := subnets[0], subnets[1], subnets[2]
	exactly(t, client.ListSubnets, of(core.ListSubnetsSortByDisplayname, ""), a, b, c)
	exactly(t, client.ListSubnets, of(core.ListSubnetsSortByDisplayname, core.ListSubnetsSortOrderDesc), c, b, a)
	exactly(t, client.ListSubnets, of(core.ListSubnetsSortByTimecreated, core.ListSubnetsSortOrderAsc), b, c, a)
	exactly(t, client.ListSubnets, of(core.ListSubnetsSortByTimecreated, ""), a, c, b)
	b.update(core.UpdateSubnetDetails{DisplayName: str("d")})
	refused(t, 409, "Conflict", client.DeleteVcn, core.DeleteVcnRequest{VcnId: &vcn.id})

	t.Run("gateways", func(t *testing.T) { testGateways(t, client, compartment, vcn.id) })
	t.Run("rules", func(t *testing.T) { testRules(t, client, compartment, vcn.id) })

	for _, r := range append(subnets, vcn, other, last) {
		r.delete()
	}
}

func testGateways(t *testing.T, client *core.VirtualNetworkClient, compartment *string, vcn string) {
	internet := create(t, client, "InternetGateway", core.CreateInternetGatewayDetails{CompartmentId: compartment, VcnId: &vcn, IsEnabled: yes, DisplayName: str("out")})
	exactly(t, client.ListInternetGateways, core.ListInternetGatewaysRequest{CompartmentId: compartment, VcnId: &vcn, DisplayName: str("out")}, internet)
	internet.update(core.UpdateInternetGatewayDetails{IsEnabled: no})

	nat := create(t, client, "NatGateway", core.CreateNatGatewayDetails{CompartmentId: compartment, VcnId: &vcn})
	exactly(t, client.ListNatGateways, core.ListNatGatewaysRequest{CompartmentId: compartment, VcnId: &vcn}, nat)
	nat.update(core.UpdateNatGatewayDetails{BlockTraffic: yes})

	services := do(t, client.ListServices, core.ListServicesRequest{}).Items
	if found := pages(t, client.ListServices, core.ListServicesRequest{}); len(found) != len(services) || len(found) < 2 {
		t.Errorf("services page by page: %v", found)
	}
	one := do(t, client.GetService, core.GetServiceRequest{ServiceId: services[0].Id})
	if *one.CidrBlock != *services[0].CidrBlock {
		t.Errorf("service %v", one)
	}
	service := create(t, client, "ServiceGateway", core.CreateServiceGatewayDetails{CompartmentId: compartment, VcnId: &vcn,
		Services: []core.ServiceIdRequestDetails{{ServiceId: services[0].Id}}})
	exactly(t, client.ListServiceGateways, core.ListServiceGatewaysRequest{CompartmentId: compartment, VcnId: &vcn}, service)
	service.update(core.UpdateServiceGatewayDetails{DisplayName: str("services")})

	table := create(t, client, "RouteTable", core.CreateRouteTableDetails{CompartmentId: compartment, VcnId: &vcn, DisplayName: str("routes"), RouteRules: []core.RouteRule{
		{NetworkEntityId: &service.id, Destination: services[0].CidrBlock, DestinationType: core.RouteRuleDestinationTypeServiceCidrBlock}}})
	listed(t, client.ListRouteTables, core.ListRouteTablesRequest{CompartmentId: compartment, VcnId: &vcn}, table)
	exactly(t, client.ListRouteTables, core.ListRouteTablesRequest{CompartmentId: compartment, VcnId: &vcn, DisplayName: str("routes")}, table)
	refused(t, 409, "Conflict", client.DeleteServiceGateway, core.DeleteServiceGatewayRequest{ServiceGatewayId: &service.id})
	table.update(core.UpdateRouteTableDetails{RouteRules: []core.RouteRule{
		{NetworkEntityId: &internet.id, Destination: str("0.0.0.0/0"), DestinationType: core.RouteRuleDestinationTypeCidrBlock}}})

	for _, r := range []*resource{table, internet, nat, service} {
		r.delete()
	}
}

func testRules(t *testing.T, client *core.VirtualNetworkClient, compartment *string, vcn string) {
	egress := core.EgressSecurityRule{Destination: str("0.0.0.0/0"), Protocol: str("all")}
	list := create(t, client, "SecurityList", core.CreateSecurityListDetails{CompartmentId: compartment, VcnId: &vcn, DisplayName: str("list"),
		EgressSecurityRules: []core.EgressSecurityRule{egress}, IngressSecurityRules: []core.IngressSecurityRule{}})
	listed(t, client.ListSecurityLists, core.ListSecurityListsRequest{CompartmentId: compartment, VcnId: &vcn}, list)
	list.update(core.UpdateSecurityListDetails{EgressSecurityRules: []core.EgressSecurityRule{}})

	dhcp := create(t, client, "DhcpOptions", core.CreateDhcpDetails{CompartmentId: compartment, VcnId: &vcn, DisplayName: str("dhcp"),
		Options: []core.DhcpOption{core.DhcpDnsOption{ServerType: core.DhcpDnsOptionServerTypeVcnlocalplusinternet}}})
	listed(t, client.ListDhcpOptions, core.ListDhcpOptionsRequest{CompartmentId: compartment, VcnId: &vcn}, dhcp)
	dhcp.update(core.UpdateDhcpDetails{DisplayName: str("names")})

	group := create(t, client, "NetworkSecurityGroup", core.CreateNetworkSecurityGroupDetails{CompartmentId: compartment, VcnId: &vcn, DisplayName: str("group")})
	exactly(t, client.ListNetworkSecurityGroups, core.ListNetworkSecurityGroupsRequest{CompartmentId: compartment, VcnId: &vcn, DisplayName: str("group")}, group)
	group.update(core.UpdateNetworkSecurityGroupDetails{DisplayName: str("groups")})

	port := func(n int) *core.TcpOptions {
		return &core.TcpOptions{DestinationPortRange: &core.PortRange{Min: &n, Max: &n}}
	}
	added := do(t, client.AddNetworkSecurityGroupSecurityRules, core.AddNetworkSecurityGroupSecurityRulesRequest{NetworkSecurityGroupId: &group.id,
		AddNetworkSecurityGroupSecurityRulesDetails: core.AddNetworkSecurityGroupSecurityRulesDetails{SecurityRules: []core.AddSecurityRuleDetails{
			{Direction: core.AddSecurityRuleDetailsDirectionIngress, Protocol: str("6"), Source: str("10.0.0.0/8"), SourceType: core.AddSecurityRuleDetailsSourceTypeCidrBlock, TcpOptions: port(80)},
			{Direction: core.AddSecurityRuleDetailsDirectionEgress, Protocol: str("6"), Destination: &group.id, DestinationType: core.AddSecurityRuleDetailsDestinationTypeNetworkSecurityGroup, TcpOptions: port(81)},
		}}}).SecurityRules
	rules := func(direction core.ListNetworkSecurityGroupSecurityRulesDirectionEnum) []any {
		return pages(t, client.ListNetworkSecurityGroupSecurityRules, core.ListNetworkSecurityGroupSecurityRulesRequest{NetworkSecurityGroupId: &group.id, Direction: direction})
	}
	if all, in := rules(""), rules(core.ListNetworkSecurityGroupSecurityRulesDirectionIngress); len(all) != 2 || len(in) != 1 {
		t.Errorf("rules %v, ingress %v", all, in)
	}
	do(t, client.UpdateNetworkSecurityGroupSecurityRules, core.UpdateNetworkSecurityGroupSecurityRulesRequest{NetworkSecurityGroupId: &group.id,
		UpdateNetworkSecurityGroupSecurityRulesDetails: core.UpdateNetworkSecurityGroupSecurityRulesDetails{SecurityRules: []core.UpdateSecurityRuleDetails{
			{Id: added[0].Id, Direction: core.UpdateSecurityRuleDetailsDirectionIngress, Protocol: str("6"), Source: str("10.0.0.0/8"), SourceType: core.UpdateSecurityRuleDetailsSourceTypeCidrBlock, TcpOptions: port(82)},
		}}})
	do(t, client.RemoveNetworkSecurityGroupSecurityRules, core.RemoveNetworkSecurityGroupSecurityRulesRequest{NetworkSecurityGroupId: &group.id,
		RemoveNetworkSecurityGroupSecurityRulesDetails: core.RemoveNetworkSecurityGroupSecurityRulesDetails{SecurityRuleIds: []string{*added[1].Id}}})
	left := rules("")
	if len(left) != 1 || *left[0].(core.SecurityRule).TcpOptions.DestinationPortRange.Min != 82 {
		t.Errorf("rules left: %v", left)
	}
	if vnics := pages(t, client.ListNetworkSecurityGroupVnics, core.ListNetworkSecurityGroupVnicsRequest{NetworkSecurityGroupId: &group.id}); len(vnics) != 0 {
		t.Errorf("interfaces %v", vnics)
	}
	for _, r := range []*resource{list, dhcp, group} {
		r.delete()
	}
}
