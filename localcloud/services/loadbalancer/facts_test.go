package loadbalancer_test

import (
	"fmt"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/loadbalancer"

	"oci-media-pipelines/localcloud/limits"
)

func (f *fixture) tryListener(lb sdk.LoadBalancer, change func(*sdk.CreateListenerDetails)) error {
	details := sdk.CreateListenerDetails{Name: str("new"), Port: num(9000), Protocol: str("HTTP"), DefaultBackendSetName: str("web")}
	change(&details)
	_, err := f.client.CreateListener(f.ctx, sdk.CreateListenerRequest{LoadBalancerId: lb.Id, CreateListenerDetails: details})
	return err
}

func TestWhatALoadBalancersPartsAreRefused(t *testing.T) {
	f := start(t)
	lb := f.balancer()
	f.set(lb, "ROUND_ROBIN", sdk.BackendDetails{IpAddress: str("10.0.1.9"), Port: num(8080)})
	backend := func(ip string, port int) error {
		_, err := f.client.CreateBackend(f.ctx, sdk.CreateBackendRequest{LoadBalancerId: lb.Id, BackendSetName: str("web"),
			CreateBackendDetails: sdk.CreateBackendDetails{IpAddress: &ip, Port: &port}})
		return err
	}
	set := func(change func(*sdk.CreateBackendSetDetails)) error {
		details := sdk.CreateBackendSetDetails{Name: str("other"), Policy: str("ROUND_ROBIN"), HealthChecker: &sdk.HealthCheckerDetails{Protocol: str("HTTP"), UrlPath: str("/")}}
		change(&details)
		_, err := f.client.CreateBackendSet(f.ctx, sdk.CreateBackendSetRequest{LoadBalancerId: lb.Id, CreateBackendSetDetails: details})
		return err
	}
	for _, tt := range []struct {
		name   string
		err    error
		status int
		words  string
	}{
		{"two backends have the same address and port", backend("10.0.1.9", 8080), 409, "10.0.1.9:8080"},
		{"a backend's address is a name", backend("app.example.com", 8080), 400, "ipAddress"},
		{"a backend's port is 0", backend("10.0.1.10", 0), 400, "port"},
		{"HTTP2 needs TLS", f.tryListener(lb, func(d *sdk.CreateListenerDetails) { d.Protocol = str("HTTP2") }), 400, "sslConfiguration"},
		{"a listener's backend set exists", f.tryListener(lb, func(d *sdk.CreateListenerDetails) { d.DefaultBackendSetName = str("none") }), 404, "none"},
		{"a listener's idle timeout is at most 7200", f.tryListener(lb, func(d *sdk.CreateListenerDetails) {
			d.ConnectionConfiguration = &sdk.ConnectionConfiguration{IdleTimeout: common.Int64(7201)}
		}), 400, "idleTimeout"},
		{"a health checker's path begins with a slash", set(func(d *sdk.CreateBackendSetDetails) { d.HealthChecker.UrlPath = str("health") }), 400, "urlPath"},
		{"a health checker needs a protocol", set(func(d *sdk.CreateBackendSetDetails) { d.HealthChecker.Protocol = nil }), 400, "healthChecker.protocol"},
		{"a policy is one of three", set(func(d *sdk.CreateBackendSetDetails) { d.Policy = str("RANDOM") }), 400, "policy"},
		{"a backend set's name has no spaces", set(func(d *sdk.CreateBackendSetDetails) { d.Name = str("a b") }), 400, "a b"},
	} {
		t.Run(tt.name, func(t *testing.T) { f.refused(tt.err, tt.status, tt.words) })
	}
}

func TestHealthCheckersHaveOCIsDefaults(t *testing.T) {
	f := start(t)
	lb := f.balancer()
	f.set(lb, "ROUND_ROBIN")
	got, err := f.client.GetHealthChecker(f.ctx, sdk.GetHealthCheckerRequest{LoadBalancerId: lb.Id, BackendSetName: str("web")})
	f.ok(err)
	if *got.ReturnCode != 200 || *got.IntervalInMillis != 10000 || *got.TimeoutInMillis != 3000 || *got.Retries != 3 {
		t.Errorf("health checker %v", got.HealthChecker)
	}
}

func TestALoadBalancerHasSoManyParts(t *testing.T) {
	f := start(t)
	lb := f.balancer()
	f.set(lb, "ROUND_ROBIN", sdk.BackendDetails{IpAddress: str("10.0.1.9"), Port: num(8080)})
	f.listen(lb)
	for _, limit := range []string{limits.ListenersPerBalancer, limits.BackendSetsPerBalancer, limits.BackendsPerBalancer} {
		f.cloud.Engine.Limits().Set(limit, 1)
	}
	f.refused(f.tryListener(lb, func(*sdk.CreateListenerDetails) {}), 400, limits.ListenersPerBalancer)
	_, err := f.client.CreateBackend(f.ctx, sdk.CreateBackendRequest{LoadBalancerId: lb.Id, BackendSetName: str("web"),
		CreateBackendDetails: sdk.CreateBackendDetails{IpAddress: str("10.0.1.10"), Port: num(8080)}})
	f.refused(err, 400, limits.BackendsPerBalancer)
	_, err = f.client.CreateBackendSet(f.ctx, sdk.CreateBackendSetRequest{LoadBalancerId: lb.Id, CreateBackendSetDetails: sdk.CreateBackendSetDetails{
		Name: str("other"), Policy: str("ROUND_ROBIN"), HealthChecker: &sdk.HealthCheckerDetails{Protocol: str("TCP")}}})
	f.refused(err, 400, limits.BackendSetsPerBalancer)
	var rules []sdk.Rule
	for i := range 21 {
		rules = append(rules, sdk.AddHttpResponseHeaderRule{Header: str(fmt.Sprint("X-", i)), Value: str("1")})
	}
	_, err = f.client.CreateRuleSet(f.ctx, sdk.CreateRuleSetRequest{LoadBalancerId: lb.Id, CreateRuleSetDetails: sdk.CreateRuleSetDetails{Name: str("many"), Items: rules}})
	f.refused(err, 400, "ruleSets.many.items would have 21 entries")
	f.cloud.Engine.Limits().Set(limits.LoadBalancers, 1)
	_, err = f.client.CreateLoadBalancer(f.ctx, sdk.CreateLoadBalancerRequest{CreateLoadBalancerDetails: sdk.CreateLoadBalancerDetails{
		CompartmentId: compartment, DisplayName: str("second"), ShapeName: str("flexible"), SubnetIds: []string{*f.public},
		ShapeDetails: &sdk.ShapeDetails{MinimumBandwidthInMbps: num(10), MaximumBandwidthInMbps: num(10)}}})
	f.refused(err, 400, limits.LoadBalancers)
}
