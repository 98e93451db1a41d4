package core_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/core"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/core"
)

// fixture is a Networking service and its client, with the shortcuts that every
// test of networks needs.
type fixture struct {
	testing.TB
	ctx    context.Context
	cloud  *gatewaytest.Cloud
	net    *core.Network
	client sdk.VirtualNetworkClient
}

func start(t testing.TB) fixture {
	t.Helper()
	cloud := gatewaytest.New(t)
	service := core.New(cloud.Engine)
	cloud.Add(service.APIs()...)
	client, err := sdk.NewVirtualNetworkClientWithConfigurationProvider(cloud.Credentials())
	if err != nil {
		t.Fatal(err)
	}
	cloud.Use(&client.BaseClient)
	return fixture{t, t.Context(), cloud, service.Network(), client}
}

var (
	str         = common.String
	compartment = str(iam.CompartmentID)
)

func (f fixture) ok(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// refused checks an error's status and that its message names what is wrong.
func (f fixture) refused(err error, status int, words string) {
	f.Helper()
	var failure common.ServiceError
	if !errors.As(err, &failure) {
		f.Fatalf("error is %v, want a service error %d", err, status)
	}
	if failure.GetHTTPStatusCode() != status || !strings.Contains(failure.GetMessage(), words) {
		f.Fatalf("error is %d %q, want %d with %q", failure.GetHTTPStatusCode(), failure.GetMessage(), status, words)
	}
}

func (f fixture) vcn(label string, blocks ...string) sdk.Vcn {
	f.Helper()
	created, err := f.client.CreateVcn(f.ctx, sdk.CreateVcnRequest{CreateVcnDetails: sdk.CreateVcnDetails{
		CompartmentId: compartment, DisplayName: str(label), DnsLabel: str(label), CidrBlocks: blocks}})
	f.ok(err)
	return created.Vcn
}

func (f fixture) trySubnet(vcn sdk.Vcn, block string, change ...func(*sdk.CreateSubnetDetails)) (sdk.Subnet, error) {
	details := sdk.CreateSubnetDetails{CompartmentId: compartment, VcnId: vcn.Id, CidrBlock: str(block)}
	for _, c := range change {
		c(&details)
	}
	created, err := f.client.CreateSubnet(f.ctx, sdk.CreateSubnetRequest{CreateSubnetDetails: details})
	return created.Subnet, err
}

func (f fixture) subnet(vcn sdk.Vcn, block string, change ...func(*sdk.CreateSubnetDetails)) sdk.Subnet {
	f.Helper()
	created, err := f.trySubnet(vcn, block, change...)
	f.ok(err)
	return created
}

func (f fixture) group(vcn sdk.Vcn) *string {
	f.Helper()
	created, err := f.client.CreateNetworkSecurityGroup(f.ctx, sdk.CreateNetworkSecurityGroupRequest{
		CreateNetworkSecurityGroupDetails: sdk.CreateNetworkSecurityGroupDetails{CompartmentId: compartment, VcnId: vcn.Id}})
	f.ok(err)
	return created.Id
}

func TestNetworkComesWithDefaultsAndTakesThemAlong(t *testing.T) {
	f := start(t)
	vcn := f.vcn("one", "10.0.0.0/16")
	if *vcn.VcnDomainName != "one.oraclevcn.com" || *vcn.CidrBlock != "10.0.0.0/16" || vcn.LifecycleState != sdk.VcnLifecycleStateAvailable {
		t.Fatalf("vcn %v", vcn)
	}
	list, err := f.client.GetSecurityList(f.ctx, sdk.GetSecurityListRequest{SecurityListId: vcn.DefaultSecurityListId})
	f.ok(err)
	if len(list.IngressSecurityRules) != 3 || *list.IngressSecurityRules[0].TcpOptions.DestinationPortRange.Max != 22 || *list.EgressSecurityRules[0].Protocol != "all" {
		t.Fatalf("default rules %v", list)
	}
	options, err := f.client.GetDhcpOptions(f.ctx, sdk.GetDhcpOptionsRequest{DhcpId: vcn.DefaultDhcpOptionsId})
	f.ok(err)
	if search, ok := options.Options[1].(sdk.DhcpSearchDomainOption); !ok || search.SearchDomainNames[0] != "one.oraclevcn.com" {
		t.Fatalf("default DHCP options %v", options.Options)
	}
	_, err = f.client.UpdateSecurityList(f.ctx, sdk.UpdateSecurityListRequest{SecurityListId: vcn.DefaultSecurityListId,
		UpdateSecurityListDetails: sdk.UpdateSecurityListDetails{IngressSecurityRules: []sdk.IngressSecurityRule{}, EgressSecurityRules: []sdk.EgressSecurityRule{}}})
	f.ok(err)
	list, err = f.client.GetSecurityList(f.ctx, sdk.GetSecurityListRequest{SecurityListId: vcn.DefaultSecurityListId})
	f.ok(err)
	if len(list.IngressSecurityRules)+len(list.EgressSecurityRules) != 0 {
		t.Fatalf("locked-down rules %v", list)
	}
	_, err = f.client.DeleteRouteTable(f.ctx, sdk.DeleteRouteTableRequest{RtId: vcn.DefaultRouteTableId})
	f.refused(err, 409, "default")

	subnet := f.subnet(vcn, "10.0.1.0/24")
	_, err = f.client.DeleteVcn(f.ctx, sdk.DeleteVcnRequest{VcnId: vcn.Id})
	f.refused(err, 409, *subnet.Id)
	_, err = f.client.GetRouteTable(f.ctx, sdk.GetRouteTableRequest{RtId: vcn.DefaultRouteTableId})
	f.ok(err)
	_, err = f.client.DeleteSubnet(f.ctx, sdk.DeleteSubnetRequest{SubnetId: subnet.Id})
	f.ok(err)
	_, err = f.client.DeleteVcn(f.ctx, sdk.DeleteVcnRequest{VcnId: vcn.Id})
	f.ok(err)
	if left, err := f.cloud.Engine.Inventory(nil); err != nil || len(left) != 0 {
		t.Fatalf("left after the delete: %v %v", left, err)
	}
}

func TestSubnet(t *testing.T) {
	f := start(t)
	vcn, other := f.vcn("one", "10.0.0.0/16"), f.vcn("two", "10.1.0.0/16")
	public := f.subnet(vcn, "10.0.0.0/24", func(d *sdk.CreateSubnetDetails) { d.DnsLabel = str("public") })
	if *public.VirtualRouterIp != "10.0.0.1" || *public.SubnetDomainName != "public.one.oraclevcn.com" ||
		*public.RouteTableId != *vcn.DefaultRouteTableId || public.SecurityListIds[0] != *vcn.DefaultSecurityListId || *public.ProhibitPublicIpOnVnic {
		t.Fatalf("subnet %v", public)
	}
	for name, c := range map[string]struct {
		block  string
		change func(*sdk.CreateSubnetDetails)
		words  string
	}{
		"outside":         {"10.9.0.0/24", nil, "not within"},
		"overlap":         {"10.0.0.128/25", nil, "overlaps"},
		"host bits":       {"10.0.2.1/24", nil, "10.0.2.0/24"},
		"too small":       {"10.0.2.0/31", nil, "/30"},
		"no address":      {"ten", nil, "CIDR"},
		"label taken":     {"10.0.2.0/24", func(d *sdk.CreateSubnetDetails) { d.DnsLabel = str("PUBLIC") }, "taken"},
		"label malformed": {"10.0.2.0/24", func(d *sdk.CreateSubnetDetails) { d.DnsLabel = str("a-b") }, "dnsLabel"},
		"foreign routes":  {"10.0.2.0/24", func(d *sdk.CreateSubnetDetails) { d.RouteTableId = other.DefaultRouteTableId }, "another VCN"},
		"contradiction": {"10.0.2.0/24", func(d *sdk.CreateSubnetDetails) {
			d.ProhibitInternetIngress, d.ProhibitPublicIpOnVnic = common.Bool(true), common.Bool(false)
		}, "contradict"},
	} {
		t.Run(name, func(t *testing.T) {
			changes := []func(*sdk.CreateSubnetDetails){}
			if c.change != nil {
				changes = append(changes, c.change)
			}
			_, err := f.trySubnet(vcn, c.block, changes...)
			f.refused(err, 400, c.words)
		})
	}
	_, err := f.client.CreateVcn(f.ctx, sdk.CreateVcnRequest{CreateVcnDetails: sdk.CreateVcnDetails{CompartmentId: compartment, CidrBlocks: []string{"10.0.0.0/16", "10.0.1.0/24"}}})
	f.refused(err, 400, "overlap")
}

func TestInterfaces(t *testing.T) {
	f := start(t)
	vcn, other := f.vcn("one", "10.0.0.0/16"), f.vcn("two", "10.0.0.0/16")
	private := f.subnet(vcn, "10.0.0.0/30", func(d *sdk.CreateSubnetDetails) { d.ProhibitPublicIpOnVnic = common.Bool(true) })
	public := f.subnet(vcn, "10.0.1.0/24")
	group, foreign := f.group(vcn), f.group(other)

	_, err := f.net.CreateVnic(iam.HomeRegion, kind.Object{"subnetId": *private.Id, "assignPublicIp": true})
	if err == nil || !strings.Contains(err.Error(), "prohibitPublicIpOnVnic") {
		t.Fatalf("public IP in a private subnet: %v", err)
	}
	_, err = f.net.CreateVnic(iam.HomeRegion, kind.Object{"subnetId": *public.Id, "nsgIds": []string{*foreign}})
	if err == nil || !strings.Contains(err.Error(), "another VCN") {
		t.Fatalf("group of another network: %v", err)
	}
	vnic, err := f.net.CreateVnic(iam.HomeRegion, kind.Object{"subnetId": *private.Id, "nsgIds": []string{*group}, "availabilityDomain": "AD-1"})
	f.ok(err)
	if vnic.Str("privateIp") != "10.0.0.2" || vnic["publicIp"] != nil {
		t.Fatalf("interface %v", vnic)
	}
	_, err = f.net.CreateVnic(iam.HomeRegion, kind.Object{"subnetId": *private.Id})
	if err == nil || !strings.Contains(err.Error(), "no free address") {
		t.Fatalf("full subnet: %v", err)
	}
	read, err := f.client.GetVnic(f.ctx, sdk.GetVnicRequest{VnicId: str(vnic.Str("id"))})
	f.ok(err)
	if *read.PrivateIp != "10.0.0.2" || read.NsgIds[0] != *group || read.LifecycleState != sdk.VnicLifecycleStateAvailable {
		t.Fatalf("read %v", read)
	}
	addresses, err := f.client.ListPrivateIps(f.ctx, sdk.ListPrivateIpsRequest{VnicId: read.Id})
	f.ok(err)
	if len(addresses.Items) != 1 || *addresses.Items[0].IpAddress != "10.0.0.2" {
		t.Fatalf("addresses %v", addresses.Items)
	}
	_, err = f.client.DeleteSubnet(f.ctx, sdk.DeleteSubnetRequest{SubnetId: private.Id})
	f.refused(err, 409, vnic.Str("id"))
	_, err = f.client.DeleteNetworkSecurityGroup(f.ctx, sdk.DeleteNetworkSecurityGroupRequest{NetworkSecurityGroupId: group})
	f.refused(err, 409, vnic.Str("id"))

	f.ok(f.net.Publish(vnic.Str("id"), 8080, "127.0.0.1:1234"))
	if address, ok := f.net.Resolve(*vcn.Id, "10.0.0.2", 8080); !ok || address != "127.0.0.1:1234" {
		t.Fatalf("resolved %q %v", address, ok)
	}
	for _, where := range []struct {
		vcn, ip string
		port    int
	}{{*other.Id, "10.0.0.2", 8080}, {*vcn.Id, "10.0.0.3", 8080}, {*vcn.Id, "10.0.0.2", 80}} {
		if address, ok := f.net.Resolve(where.vcn, where.ip, where.port); ok {
			t.Fatalf("%v resolved to %s", where, address)
		}
	}
	f.ok(f.net.DeleteVnic(vnic.Str("id")))
	if _, ok := f.net.Resolve(*vcn.Id, "10.0.0.2", 8080); ok {
		t.Fatal("a deleted interface still resolves")
	}
	_, err = f.client.DeleteSubnet(f.ctx, sdk.DeleteSubnetRequest{SubnetId: private.Id})
	f.ok(err)
}
