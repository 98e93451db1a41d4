package provider

import (
	"reflect"

	"github.com/oracle/oci-go-sdk/v65/core"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var network = regional(core.NewVirtualNetworkClientWithConfigurationProvider)

// securityRules: Pulumi says stateless for isStateless, and lists the
// destination ports of a rule among the protocol's own options.
var securityRules = naming{
	renames: map[string]string{"stateless": "isStateless"},
	inline:  []string{"destinationPortRange"},
}

var coreRows = []*kind{
	{
		token: "oci:Core/vcn:Vcn", client: network, noun: "Vcn",
		unmatched: map[string]string{"isIpv6enabled": "not in the API's model", "isOracleGuaAllocationEnabled": "not in the API's model",
			"byoipv6cidrDetails": "not in the API's model; see byoipv6cidrBlocks"},
	},
	{token: "oci:Core/subnet:Subnet", client: network, noun: "Subnet"},
	{token: "oci:Core/internetGateway:InternetGateway", client: network, noun: "InternetGateway",
		naming:   naming{renames: map[string]string{"enabled": "isEnabled"}},
		defaults: resource.PropertyMap{"enabled": resource.NewProperty(true)}},
	{token: "oci:Core/natGateway:NatGateway", client: network, noun: "NatGateway"},
	{token: "oci:Core/serviceGateway:ServiceGateway", client: network, noun: "ServiceGateway"},
	{token: "oci:Core/routeTable:RouteTable", client: network, noun: "RouteTable", clears: []string{"routeRules"},
		amend: func(_ *operation, r *request) error {
			if create, ok := r.v.Addr().Interface().(*core.CreateRouteTableRequest); ok && create.RouteRules == nil {
				create.RouteRules = []core.RouteRule{}
			}
			return nil
		}},
	{token: "oci:Core/securityList:SecurityList", client: network, noun: "SecurityList", naming: securityRules,
		clears: []string{"egressSecurityRules", "ingressSecurityRules"}, amend: noRulesAreNone},
	{token: "oci:Core/defaultSecurityList:DefaultSecurityList", client: network, noun: "SecurityList", naming: securityRules,
		createBy: "-", exists: "manageDefaultResourceId", clears: []string{"egressSecurityRules", "ingressSecurityRules"},
		local:  map[string]string{"manageDefaultResourceId": "the id"},
		create: adoptSecurityList, delete: emptySecurityList,
		finish: func(op *operation, _ reflect.Value, outputs resource.PropertyMap) error {
			outputs["manageDefaultResourceId"] = resource.NewProperty(op.id)
			return nil
		},
		unmatched: map[string]string{"manageDefaultResourceId": "the id"}},
	{token: "oci:Core/networkSecurityGroup:NetworkSecurityGroup", client: network, noun: "NetworkSecurityGroup"},
	{token: "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule", client: network,
		noun: "NetworkSecurityGroupSecurityRules", createBy: "-", getBy: "-", updateBy: "-", destroyBy: "-",
		lists: "ListNetworkSecurityGroupSecurityRules", naming: naming{renames: map[string]string{"stateless": "isStateless"}}, serial: true,
		create: addSecurityRule, read: readSecurityRule, update: changeSecurityRule, delete: dropSecurityRule,
		unmatched: map[string]string{"networkSecurityGroupId": "the group is in the path"}},
}

// noRulesAreNone: the API insists on both lists of rules, also when empty.
func noRulesAreNone(_ *operation, r *request) error {
	if create, ok := r.v.Addr().Interface().(*core.CreateSecurityListRequest); ok {
		if create.EgressSecurityRules == nil {
			create.EgressSecurityRules = []core.EgressSecurityRule{}
		}
		if create.IngressSecurityRules == nil {
			create.IngressSecurityRules = []core.IngressSecurityRule{}
		}
	}
	return nil
}

// adoptSecurityList takes a VCN's default security list over. It exists already;
// rules that the program does not list go.
func adoptSecurityList(op *operation) (reflect.Value, error) {
	fields := op.inputs.Copy()
	for _, rules := range []resource.PropertyKey{"egressSecurityRules", "ingressSecurityRules"} {
		if _, given := fields[rules]; !given {
			fields[rules] = resource.NewProperty([]resource.PropertyValue{})
		}
	}
	delete(fields, "compartmentId")
	op.id = op.stringOf("manageDefaultResourceId")
	answer, err := op.call("UpdateSecurityList", fields)
	if err != nil {
		op.id = ""
		return reflect.Value{}, err
	}
	return answer.body(), nil
}

// emptySecurityList takes the rules from a VCN's default security list, as the
// official provider does. The list cannot be deleted, and OCI's own rules for a new
// VCN, which let the world in by SSH, are nobody's wish.
func emptySecurityList(op *operation) error {
	r, _, err := op.request("UpdateSecurityList", nil)
	if err != nil {
		return err
	}
	update := r.v.Addr().Interface().(*core.UpdateSecurityListRequest)
	update.EgressSecurityRules = []core.EgressSecurityRule{}
	update.IngressSecurityRules = []core.IngressSecurityRule{}
	_, err = op.send(r)
	return err
}
