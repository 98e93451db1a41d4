package core_test

import (
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/core"
)

func (f fixture) routes(vcn sdk.Vcn, rules ...sdk.RouteRule) (sdk.RouteTable, error) {
	created, err := f.client.CreateRouteTable(f.ctx, sdk.CreateRouteTableRequest{CreateRouteTableDetails: sdk.CreateRouteTableDetails{
		CompartmentId: compartment, VcnId: vcn.Id, RouteRules: rules}})
	return created.RouteTable, err
}

func TestGatewaysAndRoutes(t *testing.T) {
	f := start(t)
	vcn, other := f.vcn("one", "10.0.0.0/16"), f.vcn("two", "10.1.0.0/16")
	internetDetails := sdk.CreateInternetGatewayRequest{CreateInternetGatewayDetails: sdk.CreateInternetGatewayDetails{
		CompartmentId: compartment, VcnId: vcn.Id, IsEnabled: common.Bool(true)}}
	internet, err := f.client.CreateInternetGateway(f.ctx, internetDetails)
	f.ok(err)
	_, err = f.client.CreateInternetGateway(f.ctx, internetDetails)
	f.refused(err, 400, "Internet gateway limit per VCN reached")

	nat, err := f.client.CreateNatGateway(f.ctx, sdk.CreateNatGatewayRequest{CreateNatGatewayDetails: sdk.CreateNatGatewayDetails{CompartmentId: compartment, VcnId: vcn.Id}})
	f.ok(err)
	if nat.NatIp == nil || *nat.BlockTraffic {
		t.Fatalf("NAT gateway %v", nat)
	}
	services, err := f.client.ListServices(f.ctx, sdk.ListServicesRequest{})
	f.ok(err)
	all := services.Items[1]
	if *all.Name != "All IAD Services In Oracle Services Network" || *all.CidrBlock != "all-iad-services-in-oracle-services-network" {
		t.Fatalf("services %v", services.Items)
	}
	_, err = f.client.CreateServiceGateway(f.ctx, sdk.CreateServiceGatewayRequest{CreateServiceGatewayDetails: sdk.CreateServiceGatewayDetails{
		CompartmentId: compartment, VcnId: vcn.Id, Services: []sdk.ServiceIdRequestDetails{{ServiceId: str("ocid1.service.oc1.iad.none")}}}})
	f.refused(err, 404, "ListServices")
	gateway, err := f.client.CreateServiceGateway(f.ctx, sdk.CreateServiceGatewayRequest{CreateServiceGatewayDetails: sdk.CreateServiceGatewayDetails{
		CompartmentId: compartment, VcnId: vcn.Id, Services: []sdk.ServiceIdRequestDetails{{ServiceId: all.Id}}}})
	f.ok(err)
	if *gateway.Services[0].ServiceName != *all.Name {
		t.Fatalf("service gateway %v", gateway)
	}

	toAll := sdk.RouteRule{Destination: all.CidrBlock, DestinationType: sdk.RouteRuleDestinationTypeServiceCidrBlock, NetworkEntityId: gateway.Id}
	table, err := f.routes(vcn, sdk.RouteRule{Destination: str("0.0.0.0/0"), NetworkEntityId: nat.Id}, toAll)
	f.ok(err)
	if table.RouteRules[0].DestinationType != sdk.RouteRuleDestinationTypeCidrBlock {
		t.Fatalf("routes %v", table.RouteRules)
	}
	_, err = f.client.DeleteNatGateway(f.ctx, sdk.DeleteNatGatewayRequest{NatGatewayId: nat.Id})
	f.refused(err, 409, *table.Id)
	for name, c := range map[string]struct {
		vcn    sdk.Vcn
		rules  []sdk.RouteRule
		status int
		words  string
	}{
		"two defaults":        {vcn, []sdk.RouteRule{{Destination: str("0.0.0.0/0"), NetworkEntityId: nat.Id}, {CidrBlock: str("0.0.0.0/0"), NetworkEntityId: internet.Id}}, 400, "two rules"},
		"internet and all":    {vcn, []sdk.RouteRule{{Destination: str("0.0.0.0/0"), NetworkEntityId: internet.Id}, toAll}, 400, "both"},
		"foreign gateway":     {other, []sdk.RouteRule{{Destination: str("0.0.0.0/0"), NetworkEntityId: nat.Id}}, 400, "another VCN"},
		"label not opened":    {vcn, []sdk.RouteRule{{Destination: services.Items[0].CidrBlock, DestinationType: "SERVICE_CIDR_BLOCK", NetworkEntityId: gateway.Id}}, 400, "does not open"},
		"block to services":   {vcn, []sdk.RouteRule{{Destination: str("0.0.0.0/0"), NetworkEntityId: gateway.Id}}, 400, "SERVICE_CIDR_BLOCK"},
		"no such gateway":     {vcn, []sdk.RouteRule{{Destination: str("0.0.0.0/0"), NetworkEntityId: str("ocid1.natgateway.oc1..gone")}}, 404, "was not found"},
		"without destination": {vcn, []sdk.RouteRule{{NetworkEntityId: nat.Id}}, 400, "destination"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.routes(c.vcn, c.rules...)
			f.refused(err, c.status, c.words)
		})
	}
}

func TestSecurityGroupRules(t *testing.T) {
	f := start(t)
	vcn := f.vcn("one", "10.0.0.0/16")
	app, balancer := f.group(vcn), f.group(vcn)
	add := func(group *string, rule sdk.AddSecurityRuleDetails) ([]sdk.SecurityRule, error) {
		added, err := f.client.AddNetworkSecurityGroupSecurityRules(f.ctx, sdk.AddNetworkSecurityGroupSecurityRulesRequest{NetworkSecurityGroupId: group,
			AddNetworkSecurityGroupSecurityRulesDetails: sdk.AddNetworkSecurityGroupSecurityRulesDetails{SecurityRules: []sdk.AddSecurityRuleDetails{rule}}})
		return added.SecurityRules, err
	}
	fromBalancer := sdk.AddSecurityRuleDetails{Direction: "INGRESS", Protocol: str("6"), Source: balancer, SourceType: "NETWORK_SECURITY_GROUP",
		TcpOptions: &sdk.TcpOptions{DestinationPortRange: &sdk.PortRange{Min: common.Int(8080), Max: common.Int(8080)}}}
	added, err := add(app, fromBalancer)
	f.ok(err)
	if len(*added[0].Id) != 6 || !*added[0].IsValid {
		t.Fatalf("added %v", added)
	}
	_, err = f.client.UpdateNetworkSecurityGroup(f.ctx, sdk.UpdateNetworkSecurityGroupRequest{NetworkSecurityGroupId: app,
		UpdateNetworkSecurityGroupDetails: sdk.UpdateNetworkSecurityGroupDetails{DisplayName: str("app")}})
	f.ok(err)
	_, err = f.client.UpdateNetworkSecurityGroupSecurityRules(f.ctx, sdk.UpdateNetworkSecurityGroupSecurityRulesRequest{NetworkSecurityGroupId: app,
		UpdateNetworkSecurityGroupSecurityRulesDetails: sdk.UpdateNetworkSecurityGroupSecurityRulesDetails{SecurityRules: []sdk.UpdateSecurityRuleDetails{{
			Id: added[0].Id, Direction: "INGRESS", Protocol: str("6"), Source: balancer, SourceType: "NETWORK_SECURITY_GROUP", Description: str("web")}}}})
	f.ok(err)
	list := func() []sdk.SecurityRule {
		listed, err := f.client.ListNetworkSecurityGroupSecurityRules(f.ctx, sdk.ListNetworkSecurityGroupSecurityRulesRequest{NetworkSecurityGroupId: app, Direction: "INGRESS"})
		f.ok(err)
		return listed.Items
	}
	if rules := list(); len(rules) != 1 || *rules[0].Description != "web" || rules[0].TcpOptions != nil {
		t.Fatalf("listed %v", rules)
	}
	_, err = f.client.DeleteNetworkSecurityGroup(f.ctx, sdk.DeleteNetworkSecurityGroupRequest{NetworkSecurityGroupId: balancer})
	f.ok(err)
	if rules := list(); *rules[0].IsValid {
		t.Fatal("a rule that names a deleted group is still valid")
	}
	_, err = f.client.RemoveNetworkSecurityGroupSecurityRules(f.ctx, sdk.RemoveNetworkSecurityGroupSecurityRulesRequest{NetworkSecurityGroupId: app,
		RemoveNetworkSecurityGroupSecurityRulesDetails: sdk.RemoveNetworkSecurityGroupSecurityRulesDetails{SecurityRuleIds: []string{*added[0].Id}}})
	f.ok(err)
	if rules := list(); len(rules) != 0 {
		t.Fatalf("left %v", rules)
	}

	for name, c := range map[string]struct {
		rule  sdk.AddSecurityRuleDetails
		words string
	}{
		"gone group":     {fromBalancer, "not a network security group"},
		"wrong end":      {sdk.AddSecurityRuleDetails{Direction: "EGRESS", Protocol: str("6"), Source: str("0.0.0.0/0")}, "not a source"},
		"no end":         {sdk.AddSecurityRuleDetails{Direction: "EGRESS", Protocol: str("6")}, "destination"},
		"protocol":       {sdk.AddSecurityRuleDetails{Direction: "INGRESS", Protocol: str("tcp"), Source: str("0.0.0.0/0")}, "protocol"},
		"foreign option": {sdk.AddSecurityRuleDetails{Direction: "INGRESS", Protocol: str("17"), Source: str("0.0.0.0/0"), TcpOptions: &sdk.TcpOptions{}}, "tcpOptions"},
		"port range": {sdk.AddSecurityRuleDetails{Direction: "INGRESS", Protocol: str("6"), Source: str("0.0.0.0/0"),
			TcpOptions: &sdk.TcpOptions{DestinationPortRange: &sdk.PortRange{Min: common.Int(90), Max: common.Int(80)}}}, "min"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := add(app, c.rule)
			f.refused(err, 400, c.words)
		})
	}
}
