package core_test

import (
	"fmt"
	"strings"
	"testing"

	sdk "github.com/oracle/oci-go-sdk/v65/core"

	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

func (f fixture) tryVcn(blocks ...string) error {
	_, err := f.client.CreateVcn(f.ctx, sdk.CreateVcnRequest{CreateVcnDetails: sdk.CreateVcnDetails{CompartmentId: compartment, CidrBlocks: blocks}})
	return err
}

func TestReservedAddressesAreNotForNetworks(t *testing.T) {
	f := start(t)
	for block, reserved := range map[string]string{"169.254.0.0/16": "169.254.0.0/16", "224.0.0.0/24": "224.0.0.0/4", "250.1.0.0/16": "240.0.0.0/4"} {
		f.refused(f.tryVcn(block), 400, "lies in "+reserved)
	}
}

func TestANetworkHasAtMostFiveBlocks(t *testing.T) {
	f := start(t)
	var blocks []string
	for i := range 6 {
		blocks = append(blocks, fmt.Sprintf("10.%d.0.0/24", i))
	}
	f.refused(f.tryVcn(blocks...), 400, "cidrBlocks would have 6 entries")
	f.ok(f.tryVcn(blocks[:5]...))
}

func TestARegionHasSoManyNetworks(t *testing.T) {
	f := start(t)
	f.cloud.Engine.Limits().Set(limits.Vcns, 1)
	f.vcn("one", "10.0.0.0/16")
	f.refused(f.tryVcn("10.1.0.0/16"), 400, "The following service limits were exceeded: vcn-count.")
}

func TestOneGatewayOfEachKindPerNetwork(t *testing.T) {
	f := start(t)
	vcn := f.vcn("one", "10.0.0.0/16")
	for name, c := range map[string]struct {
		create func() error
		words  string
	}{
		"internet": {func() error {
			_, err := f.client.CreateInternetGateway(f.ctx, sdk.CreateInternetGatewayRequest{CreateInternetGatewayDetails: sdk.CreateInternetGatewayDetails{
				CompartmentId: compartment, VcnId: vcn.Id, IsEnabled: new(bool)}})
			return err
		}, "Internet gateway limit per VCN reached"},
		"NAT": {func() error {
			_, err := f.client.CreateNatGateway(f.ctx, sdk.CreateNatGatewayRequest{CreateNatGatewayDetails: sdk.CreateNatGatewayDetails{CompartmentId: compartment, VcnId: vcn.Id}})
			return err
		}, "NAT gateway limit per VCN reached"},
		"service": {func() error {
			_, err := f.client.CreateServiceGateway(f.ctx, sdk.CreateServiceGatewayRequest{CreateServiceGatewayDetails: sdk.CreateServiceGatewayDetails{
				CompartmentId: compartment, VcnId: vcn.Id, Services: []sdk.ServiceIdRequestDetails{}}})
			return err
		}, "The maximum limit of 1 for Service gateway per VCN"},
	} {
		t.Run(name, func(t *testing.T) {
			f.ok(c.create())
			f.refused(c.create(), 400, c.words)
		})
	}
}

func TestAHostNameNeedsADnsLabelAndIsTheOnlyOneOfItsSubnet(t *testing.T) {
	f := start(t)
	vcn := f.vcn("one", "10.0.0.0/16")
	named := f.subnet(vcn, "10.0.0.0/24", func(d *sdk.CreateSubnetDetails) { d.DnsLabel = str("apps") })
	nameless := f.subnet(vcn, "10.0.1.0/24")
	for _, tt := range []struct{ subnet, label, words string }{
		{*named.Id, "a_b", "hostnameLabel must be"},
		{*named.Id, "-a", "hostnameLabel must be"},
		{*named.Id, strings.Repeat("a", 64), "hostnameLabel must be"},
		{*nameless.Id, "app", "has no dnsLabel"},
		{*named.Id, "app-1", ""},
		{*named.Id, "APP-1", "is that of"},
	} {
		_, err := f.net.CreateVnic(iam.HomeRegion, kind.Object{"subnetId": tt.subnet, "hostnameLabel": tt.label})
		if tt.words == "" {
			f.ok(err)
		} else if err == nil || !strings.Contains(err.Error(), tt.words) {
			t.Errorf("%s: error %v does not say %q", tt.label, err, tt.words)
		}
	}
}
