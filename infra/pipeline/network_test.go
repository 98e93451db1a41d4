package pipeline

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

func pathKey(path string) resource.PropertyKey { return resource.PropertyKey(path) }

func TestSubnetBlocks(t *testing.T) {
	for vcn, want := range map[string][2]string{
		"10.0.0.0/16":      {"10.0.0.0/18", "10.0.64.0/18"},
		"10.40.0.0/20":     {"10.40.0.0/22", "10.40.4.0/22"},
		"192.168.255.0/24": {"192.168.255.0/26", "192.168.255.64/26"},
	} {
		public, private := subnetBlocks(vcn)
		if [2]string{public, private} != want {
			t.Errorf("subnetBlocks(%s) = %s, %s; want %q", vcn, public, private, want)
		}
	}
}

func TestPrivateSubnetLeavesThroughGatewaysOnly(t *testing.T) {
	routes := deployed(t, newRig()).named(t, "private-routes")
	for path, want := range map[string]string{
		"routeRules[0].destination":     "all-fra-services-in-oracle-services-network",
		"routeRules[0].destinationType": "SERVICE_CIDR_BLOCK",
		"routeRules[0].networkEntityId": "ocid1.servicegateway.oc1..service-gateway",
		"routeRules[1].destination":     "0.0.0.0/0",
		"routeRules[1].networkEntityId": "ocid1.natgateway.oc1..nat-gateway",
	} {
		if got := routes.text(t, path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	if got := deployed(t, newRig()).one(t, "ServiceGateway").text(t, "services[0].serviceId"); got != "ocid1.service.oc1..all" {
		t.Errorf("the service gateway reaches %s", got)
	}
}

func TestTrafficIsAllowedBeforeAnybodyNeedsIt(t *testing.T) {
	r := deployed(t, newRig())
	for user, needed := range map[string][]string{
		"app-0":          {"app-to-database", "app-from-load-balancer", "app-nsg", "private-subnet"},
		"functions":      {"function-to-0.0.0.0/0", "function-nsg", "private-subnet"},
		"database":       {"database-from-app", "database-from-function", "private-subnet"},
		"private-subnet": {"private-security-list", "private-routes"},
		"load-balancer":  {"load-balancer-to-app", "load-balancer-from-0.0.0.0/0", "public-subnet"},
	} {
		for _, name := range needed {
			if got := r.named(t, user).dependencies; !slices.Contains(got, name) {
				t.Errorf("%s does not wait for %s: %q", user, name, got)
			}
		}
	}
}

func TestNobodyWaitsForWhatTheyDoNotNeed(t *testing.T) {
	r := deployed(t, newRig())
	for user, independent := range map[string][]string{
		"database":        {"app-repository", "analyze-repository", "bucket", "app-policy", "load-balancer"},
		"load-balancer":   {"database", "app-repository", "key", "app-0"},
		"app-policy":      {"database", "analyze", "bucket"},
		"platform-policy": {"key", "vault", "vcn"},
		"app-repository":  {"vcn", "vault"},
	} {
		for _, name := range independent {
			if slices.Contains(r.named(t, user).dependencies, name) {
				t.Errorf("%s waits for %s", user, name)
			}
		}
	}
}
