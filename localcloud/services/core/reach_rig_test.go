package core_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/core"

	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/core"
)

// plan is a network of two subnets, app (10.0.1.0/24) and db (10.0.2.0/24), each with
// a route table, a security list and an interface of its own, and of two groups, A and
// B, for the interfaces in app and in db.
type plan struct {
	// routes are those of app and db: "0.0.0.0/0 > nat".
	routes, dbRoutes []string
	// Rules of the security lists and the groups, as rule reads them.
	app, db, a, b []string
	// public makes app a public subnet; noAddress keeps its interface without a public IP.
	public, noAddress bool
	// publicDB makes db one.
	publicDB bool
	// off names a gateway that blocks traffic: nat, services or internet.
	off string
	// objects has the service gateway open Object Storage alone.
	objects bool
}

// built is a plan that was made, by the names of its parts.
type built struct {
	fixture
	ids      map[string]*string
	app, db  kind.Object // places
	services []sdk.Service
}

func (f fixture) build(p plan) built {
	f.Helper()
	b := built{fixture: f, ids: map[string]*string{}}
	listed, err := f.client.ListServices(f.ctx, sdk.ListServicesRequest{})
	f.ok(err)
	b.services = listed.Items
	vcn := f.vcn("v", "10.0.0.0/16")
	b.gateways(vcn, p)
	b.ids["A"], b.ids["B"] = f.group(vcn), f.group(vcn)
	subnet := func(name, block string, hidden bool, routes, rules []string) *string {
		list := sdk.CreateSecurityListDetails{CompartmentId: compartment, VcnId: vcn.Id, DisplayName: str(name + "-list"),
			IngressSecurityRules: []sdk.IngressSecurityRule{}, EgressSecurityRules: []sdk.EgressSecurityRule{}}
		for _, words := range rules {
			b.listRule(&list, words)
		}
		security, err := f.client.CreateSecurityList(f.ctx, sdk.CreateSecurityListRequest{CreateSecurityListDetails: list})
		f.ok(err)
		table, err := f.client.CreateRouteTable(f.ctx, sdk.CreateRouteTableRequest{CreateRouteTableDetails: sdk.CreateRouteTableDetails{
			CompartmentId: compartment, VcnId: vcn.Id, DisplayName: str(name + "-routes"), RouteRules: b.routeRules(routes)}})
		f.ok(err)
		return f.subnet(vcn, block, func(d *sdk.CreateSubnetDetails) {
			d.DisplayName, d.RouteTableId, d.SecurityListIds, d.ProhibitPublicIpOnVnic = str(name), table.Id, []string{*security.Id}, &hidden
		}).Id
	}
	app := subnet("app", "10.0.1.0/24", !p.public, p.routes, p.app)
	db := subnet("db", "10.0.2.0/24", !p.publicDB, p.dbRoutes, p.db)
	b.groupRules("A", p.a)
	b.groupRules("B", p.b)
	b.app = b.vnic(kind.Object{"subnetId": *app, "nsgIds": members(p.a != nil, b.ids["A"]), "assignPublicIp": p.public && !p.noAddress})
	b.db = b.vnic(kind.Object{"subnetId": *db, "nsgIds": members(p.b != nil, b.ids["B"]), "assignPublicIp": p.publicDB})
	return b
}

func members(is bool, group *string) []string {
	if !is {
		return nil
	}
	return []string{*group}
}

func (b built) vnic(details kind.Object) kind.Object {
	b.Helper()
	vnic, err := b.net.CreateVnic(iam.HomeRegion, details)
	b.ok(err)
	return kind.Object{"vnicId": vnic.Str("id")}
}

func (b built) gateways(vcn sdk.Vcn, p plan) {
	b.Helper()
	internet, err := b.client.CreateInternetGateway(b.ctx, sdk.CreateInternetGatewayRequest{CreateInternetGatewayDetails: sdk.CreateInternetGatewayDetails{
		CompartmentId: compartment, VcnId: vcn.Id, IsEnabled: common.Bool(p.off != "internet"), DisplayName: str("door")}})
	b.ok(err)
	nat, err := b.client.CreateNatGateway(b.ctx, sdk.CreateNatGatewayRequest{CreateNatGatewayDetails: sdk.CreateNatGatewayDetails{
		CompartmentId: compartment, VcnId: vcn.Id, BlockTraffic: common.Bool(p.off == "nat"), DisplayName: str("hatch")}})
	b.ok(err)
	opened := b.services[1]
	if p.objects {
		opened = b.services[0]
	}
	services, err := b.client.CreateServiceGateway(b.ctx, sdk.CreateServiceGatewayRequest{CreateServiceGatewayDetails: sdk.CreateServiceGatewayDetails{
		CompartmentId: compartment, VcnId: vcn.Id, DisplayName: str("tunnel"), Services: []sdk.ServiceIdRequestDetails{{ServiceId: opened.Id}}}})
	b.ok(err)
	if p.off == "services" {
		_, err := b.client.UpdateServiceGateway(b.ctx, sdk.UpdateServiceGatewayRequest{ServiceGatewayId: services.Id,
			UpdateServiceGatewayDetails: sdk.UpdateServiceGatewayDetails{BlockTraffic: common.Bool(true)}})
		b.ok(err)
	}
	b.ids["internet"], b.ids["nat"], b.ids["services"] = internet.Id, nat.Id, services.Id
}

// end reads a block, "all" or "objects" for the service labels, or "A" or "B".
func (b built) end(words string) (value *string, kindOf string) {
	switch words {
	case "all":
		return b.services[1].CidrBlock, "SERVICE_CIDR_BLOCK"
	case "objects":
		return b.services[0].CidrBlock, "SERVICE_CIDR_BLOCK"
	case "A", "B":
		return b.ids[words], "NETWORK_SECURITY_GROUP"
	}
	return &words, "CIDR_BLOCK"
}

func (b built) routeRules(routes []string) []sdk.RouteRule {
	rules := []sdk.RouteRule{}
	for _, words := range routes {
		to, by, _ := strings.Cut(words, " > ")
		value, kindOf := b.end(to)
		rules = append(rules, sdk.RouteRule{Destination: value, DestinationType: sdk.RouteRuleDestinationTypeEnum(kindOf), NetworkEntityId: b.ids[by]})
	}
	return rules
}

// rule is one in words: "in|out <protocol> <ports|type.code|-> <far end> [sport <ports>] [stateless]".
type rule struct {
	out                bool
	protocol, far      string
	ports, sourcePorts *sdk.PortRange
	icmp               *sdk.IcmpOptions
	stateless          bool
	tcp                *sdk.TcpOptions
	udp                *sdk.UdpOptions
}

func (b built) rule(words string) rule {
	b.Helper()
	f := strings.Fields(words)
	r := rule{out: f[0] == "out", protocol: map[string]string{"tcp": "6", "udp": "17", "icmp": "1", "all": "all"}[f[1]], far: f[3]}
	if f[1] == "icmp" && f[2] != "-" {
		number, code, _ := strings.Cut(f[2], ".")
		r.icmp = &sdk.IcmpOptions{Type: common.Int(b.number(number)), Code: common.Int(b.number(code))}
	} else {
		r.ports = b.ports(f[2])
	}
	for i, word := range f[4:] {
		switch word {
		case "sport":
			r.sourcePorts = b.ports(f[4+i+1])
		case "stateless":
			r.stateless = true
		}
	}
	switch {
	case r.ports == nil && r.sourcePorts == nil:
	case f[1] == "tcp":
		r.tcp = &sdk.TcpOptions{DestinationPortRange: r.ports, SourcePortRange: r.sourcePorts}
	case f[1] == "udp":
		r.udp = &sdk.UdpOptions{DestinationPortRange: r.ports, SourcePortRange: r.sourcePorts}
	}
	return r
}

func (b built) number(word string) int {
	b.Helper()
	n, err := strconv.Atoi(word)
	b.ok(err)
	return n
}

func (b built) ports(words string) *sdk.PortRange {
	b.Helper()
	if words == "-" {
		return nil
	}
	low, high, isRange := strings.Cut(words, "-")
	if !isRange {
		high = low
	}
	return &sdk.PortRange{Min: common.Int(b.number(low)), Max: common.Int(b.number(high))}
}

func (b built) listRule(list *sdk.CreateSecurityListDetails, words string) {
	b.Helper()
	r := b.rule(words)
	far, kindOf := b.end(r.far)
	if r.out {
		list.EgressSecurityRules = append(list.EgressSecurityRules, sdk.EgressSecurityRule{Destination: far, DestinationType: sdk.EgressSecurityRuleDestinationTypeEnum(kindOf),
			Protocol: &r.protocol, TcpOptions: r.tcp, UdpOptions: r.udp, IcmpOptions: r.icmp, IsStateless: &r.stateless})
		return
	}
	list.IngressSecurityRules = append(list.IngressSecurityRules, sdk.IngressSecurityRule{Source: far, SourceType: sdk.IngressSecurityRuleSourceTypeEnum(kindOf),
		Protocol: &r.protocol, TcpOptions: r.tcp, UdpOptions: r.udp, IcmpOptions: r.icmp, IsStateless: &r.stateless})
}

func (b built) groupRules(group string, rules []string) {
	b.Helper()
	for _, words := range rules {
		r := b.rule(words)
		far, kindOf := b.end(r.far)
		details := sdk.AddSecurityRuleDetails{Direction: "INGRESS", Protocol: &r.protocol, TcpOptions: r.tcp, UdpOptions: r.udp, IcmpOptions: r.icmp, IsStateless: &r.stateless}
		if r.out {
			details.Direction, details.Destination, details.DestinationType = "EGRESS", far, sdk.AddSecurityRuleDetailsDestinationTypeEnum(kindOf)
		} else {
			details.Source, details.SourceType = far, sdk.AddSecurityRuleDetailsSourceTypeEnum(kindOf)
		}
		_, err := b.client.AddNetworkSecurityGroupSecurityRules(b.ctx, sdk.AddNetworkSecurityGroupSecurityRulesRequest{NetworkSecurityGroupId: b.ids[group],
			AddNetworkSecurityGroupSecurityRulesDetails: sdk.AddNetworkSecurityGroupSecurityRulesDetails{SecurityRules: []sdk.AddSecurityRuleDetails{details}}})
		b.ok(err)
	}
}

// place reads "app", "db", an address or a host name.
func (b built) place(words string) kind.Object {
	switch {
	case words == "app":
		return b.app
	case words == "app, privately":
		place := b.app.Clone()
		place["privately"] = true
		return place
	case words == "db":
		return b.db
	case strings.Trim(words, "0123456789.") == "":
		return kind.Object{"address": words}
	}
	return kind.Object{"host": words}
}

// flow reads "tcp 443" and "icmp 3.4".
func flow(t testing.TB, words string) core.Flow {
	t.Helper()
	var f core.Flow
	protocol, rest, _ := strings.Cut(words, " ")
	var err error
	switch protocol {
	case "tcp":
		f.Protocol = "6"
		_, err = fmt.Sscanf(rest, "%d", &f.Port)
	case "udp":
		f.Protocol = "17"
		_, err = fmt.Sscanf(rest, "%d", &f.Port)
	case "icmp":
		f.Protocol = "1"
		_, err = fmt.Sscanf(rest, "%d.%d", &f.Type, &f.Code)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}
