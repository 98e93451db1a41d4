package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	networking "github.com/oracle/oci-go-sdk/v65/core"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"oci-media-pipelines/internal/ords"
	"oci-media-pipelines/localcloud/cloud"
)

// seat is a client beside the app, in its subnet and its security group: what the
// network has inside is not reached from the machine of the tenancy's administrator.
func seat(t testing.TB, outputs auto.OutputMap) *http.Client {
	t.Helper()
	credentials, err := common.ConfigurationProviderFromFile(world.cloud.ConfigFile, "")
	must(t, err)
	network, err := networking.NewVirtualNetworkClientWithConfigurationProvider(credentials)
	must(t, err)
	vcn := output(t, outputs, "vcnId")
	subnets, err := network.ListSubnets(t.Context(), networking.ListSubnetsRequest{CompartmentId: new(compartment), VcnId: &vcn})
	must(t, err)
	groups, err := network.ListNetworkSecurityGroups(t.Context(), networking.ListNetworkSecurityGroupsRequest{CompartmentId: new(compartment), VcnId: &vcn})
	must(t, err)
	where := url.Values{}
	for _, subnet := range subnets.Items {
		if *subnet.ProhibitPublicIpOnVnic {
			where.Add("subnetId", *subnet.Id)
		}
	}
	for _, group := range groups.Items {
		if strings.HasSuffix(*group.DisplayName, "-app") {
			where.Add("nsgId", *group.Id)
		}
	}
	if len(where["subnetId"]) != 1 || len(where["nsgId"]) != 1 {
		t.Fatalf("the app is not found in its network: %v", where)
	}
	var made cloud.Seat
	must(t, world.cloud.Control(t.Context(), http.MethodPost, "/seats?"+where.Encode(), &made))
	return through(t, made.ProxyURL)
}

// through is a client of the local cloud by one of its proxy's URLs.
func through(t testing.TB, proxyURL string) *http.Client {
	t.Helper()
	proxy, err := url.Parse(proxyURL)
	must(t, err)
	transport := &http.Transport{Proxy: http.ProxyURL(proxy)}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: ords.AttemptTimeout}
}
