package pipeline

import (
	"fmt"
	"net/netip"
	"regexp"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/core"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Network is a VCN with a public subnet for the load balancer, a private one for
// everything else, and a security group for each tier.
type Network struct {
	pulumi.ResourceState

	VcnID           pulumi.StringOutput
	PublicSubnetID  pulumi.StringOutput
	PrivateSubnetID pulumi.StringOutput
	// NatIP is the address that the private subnet shows to the internet.
	NatIP pulumi.StringOutput
	// Groups holds the OCID of each tier's network security group. Whatever uses one
	// depends on the group's rules, too: an instance that starts before its traffic
	// is allowed fails to pull its image, for good.
	Groups map[tier]pulumi.StringOutput
}

// allServices finds, among a region's service labels, the one that stands for every
// service in the Oracle Services Network; the other one is Object Storage alone.
var allServices = regexp.MustCompile(`^All .* Services In Oracle Services Network$`)

func newNetwork(s *stack) (*Network, error) {
	n := &Network{Groups: map[tier]pulumi.StringOutput{}}
	child, err := s.component("Network", "network", n)
	if err != nil {
		return nil, err
	}
	services, err := servicesLabel(s.ctx)
	if err != nil {
		return nil, err
	}
	vcn, err := core.NewVcn(s.ctx, "vcn", &core.VcnArgs{
		CompartmentId: s.compartment(),
		CidrBlocks:    pulumi.StringArray{pulumi.String(s.settings.VcnCidr)},
		DisplayName:   pulumi.String(s.names.display("vcn", 255)),
		DnsLabel:      pulumi.String(s.names.compact(15)),
		FreeformTags:  s.tags,
	}, child)
	if err != nil {
		return nil, err
	}
	n.VcnID = vcn.ID().ToStringOutput()

	// What may talk is said by the security groups, but for the way to Oracle's
	// services: the default list, which would let SSH in from anywhere, is emptied.
	defaults, err := core.NewDefaultSecurityList(s.ctx, "default-security-list", &core.DefaultSecurityListArgs{
		CompartmentId:           s.compartment(),
		ManageDefaultResourceId: vcn.DefaultSecurityListId,
		DisplayName:             pulumi.String(s.names.display("nothing-allowed", 255)),
		EgressSecurityRules:     core.DefaultSecurityListEgressSecurityRuleArray{},
		IngressSecurityRules:    core.DefaultSecurityListIngressSecurityRuleArray{},
		FreeformTags:            s.tags,
	}, child)
	if err != nil {
		return nil, err
	}
	toServices, err := servicesList(s, vcn, services.CidrBlock, child)
	if err != nil {
		return nil, err
	}
	public, private, err := n.routes(s, vcn, services, child)
	if err != nil {
		return nil, err
	}
	publicBlock, privateBlock := subnetBlocks(s.settings.VcnCidr)
	subnet := func(name, block string, hidden bool, table *core.RouteTable, list pulumi.StringInput) (pulumi.StringOutput, error) {
		created, err := core.NewSubnet(s.ctx, name+"-subnet", &core.SubnetArgs{
			CompartmentId:          s.compartment(),
			VcnId:                  vcn.ID(),
			CidrBlock:              pulumi.String(block),
			DisplayName:            pulumi.String(s.names.display(name, 255)),
			DnsLabel:               pulumi.String(name),
			ProhibitPublicIpOnVnic: pulumi.Bool(hidden),
			RouteTableId:           table.ID(),
			SecurityListIds:        pulumi.StringArray{list},
			FreeformTags:           s.tags,
		}, child)
		if err != nil {
			return pulumi.StringOutput{}, err
		}
		return created.ID().ToStringOutput(), nil
	}
	if n.PublicSubnetID, err = subnet("public", publicBlock, false, public, defaults.ID()); err != nil {
		return nil, err
	}
	if n.PrivateSubnetID, err = subnet("private", privateBlock, true, private, toServices.ID()); err != nil {
		return nil, err
	}
	if err := n.securityGroups(s, vcn, child); err != nil {
		return nil, err
	}
	return n, s.ctx.RegisterResourceOutputs(n, pulumi.Map{
		"vcnId":           n.VcnID,
		"publicSubnetId":  n.PublicSubnetID,
		"privateSubnetId": n.PrivateSubnetID,
	})
}

// routes makes the three gateways and the two subnets' route tables. The private
// subnet reaches Oracle's services without leaving Oracle's network, and the rest of
// the internet, outgoing only, through NAT.
func (n *Network) routes(s *stack, vcn *core.Vcn, services core.GetServicesService, child pulumi.ResourceOption) (public, private *core.RouteTable, err error) {
	internet, err := core.NewInternetGateway(s.ctx, "internet-gateway", &core.InternetGatewayArgs{
		CompartmentId: s.compartment(),
		VcnId:         vcn.ID(),
		DisplayName:   pulumi.String(s.names.display("internet", 255)),
		FreeformTags:  s.tags,
	}, child)
	if err != nil {
		return nil, nil, err
	}
	nat, err := core.NewNatGateway(s.ctx, "nat-gateway", &core.NatGatewayArgs{
		CompartmentId: s.compartment(),
		VcnId:         vcn.ID(),
		DisplayName:   pulumi.String(s.names.display("nat", 255)),
		FreeformTags:  s.tags,
	}, child)
	if err != nil {
		return nil, nil, err
	}
	n.NatIP = nat.NatIp
	service, err := core.NewServiceGateway(s.ctx, "service-gateway", &core.ServiceGatewayArgs{
		CompartmentId: s.compartment(),
		VcnId:         vcn.ID(),
		DisplayName:   pulumi.String(s.names.display("services", 255)),
		Services:      core.ServiceGatewayServiceArray{core.ServiceGatewayServiceArgs{ServiceId: pulumi.String(services.Id)}},
		FreeformTags:  s.tags,
	}, child)
	if err != nil {
		return nil, nil, err
	}
	table := func(name string, rules ...core.RouteTableRouteRuleInput) (*core.RouteTable, error) {
		return core.NewRouteTable(s.ctx, name+"-routes", &core.RouteTableArgs{
			CompartmentId: s.compartment(),
			VcnId:         vcn.ID(),
			DisplayName:   pulumi.String(s.names.display(name, 255)),
			RouteRules:    core.RouteTableRouteRuleArray(rules),
			FreeformTags:  s.tags,
		}, child)
	}
	route := func(destination, kind string, gateway pulumi.StringInput, why string) core.RouteTableRouteRuleInput {
		return core.RouteTableRouteRuleArgs{
			Destination:     pulumi.String(destination),
			DestinationType: pulumi.String(kind),
			NetworkEntityId: gateway,
			Description:     pulumi.String(why),
		}
	}
	if public, err = table("public", route("0.0.0.0/0", "CIDR_BLOCK", internet.ID(), "the load balancer's clients")); err != nil {
		return nil, nil, err
	}
	private, err = table("private",
		route(services.CidrBlock, "SERVICE_CIDR_BLOCK", service.ID(), "Oracle's services"),
		route("0.0.0.0/0", "CIDR_BLOCK", nat.ID(), "services outside the Oracle Services Network"))
	return public, private, err
}

// servicesList is the private subnet's security list: Oracle's services over HTTPS. It
// is no group's rule because OCI Functions pulls images through the subnet before there
// is anything in a group, and asks for a stateful rule in a security list
// (documentation: Issues invoking functions, FunctionInvokeImageNotAvailable).
func servicesList(s *stack, vcn *core.Vcn, services string, child pulumi.ResourceOption) (*core.SecurityList, error) {
	return core.NewSecurityList(s.ctx, "private-security-list", &core.SecurityListArgs{
		CompartmentId: s.compartment(),
		VcnId:         vcn.ID(),
		DisplayName:   pulumi.String(s.names.display("oracle-services", 255)),
		EgressSecurityRules: core.SecurityListEgressSecurityRuleArray{core.SecurityListEgressSecurityRuleArgs{
			Destination:     pulumi.String(services),
			DestinationType: pulumi.String("SERVICE_CIDR_BLOCK"),
			Protocol:        pulumi.String("6"), // TCP, by IANA's number
			Description:     pulumi.String("image pulls, Object Storage, secrets, Functions"),
			TcpOptions:      core.SecurityListEgressSecurityRuleTcpOptionsArgs{Min: pulumi.Int(443), Max: pulumi.Int(443)},
		}},
		IngressSecurityRules: core.SecurityListIngressSecurityRuleArray{},
		FreeformTags:         s.tags,
	}, child)
}

func servicesLabel(ctx *pulumi.Context) (core.GetServicesService, error) {
	answer, err := core.GetServices(ctx, &core.GetServicesArgs{})
	if err != nil {
		return core.GetServicesService{}, fmt.Errorf("listing the services that a service gateway reaches: %w", err)
	}
	for _, service := range answer.Services {
		if allServices.MatchString(service.Name) {
			return service, nil
		}
	}
	return core.GetServicesService{}, fmt.Errorf("the region lists no label for all services in the Oracle Services Network (it lists %d)", len(answer.Services))
}

// subnetBlocks gives the first quarter of the VCN to the public subnet and the second
// to the private one; half stays free.
func subnetBlocks(vcn string) (public, private string) {
	block := netip.MustParsePrefix(vcn)
	bits := block.Bits() + 2
	first := block.Addr().As4()
	number := uint32(first[0])<<24 | uint32(first[1])<<16 | uint32(first[2])<<8 | uint32(first[3])
	number += 1 << (32 - bits)
	second := netip.AddrFrom4([4]byte{byte(number >> 24), byte(number >> 16), byte(number >> 8), byte(number)})
	return netip.PrefixFrom(block.Addr(), bits).String(), netip.PrefixFrom(second, bits).String()
}
