package conformance_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/loadbalancer"
)

// balancer is a load balancer that a test made.
type balancer struct {
	t      *testing.T
	client *loadbalancer.LoadBalancerClient
	id     *string
}

// done waits until a change has succeeded.
func (b balancer) done(workRequest *string) *string {
	b.t.Helper()
	done := until(b.t, b.client.GetWorkRequest, loadbalancer.GetWorkRequestRequest{WorkRequestId: workRequest}, func(a loadbalancer.GetWorkRequestResponse) bool {
		return a.TimeFinished != nil
	})
	if done.LifecycleState != loadbalancer.WorkRequestLifecycleStateSucceeded {
		b.t.Fatalf("work request %v", done.WorkRequest)
	}
	return done.LoadBalancerId
}

func testLoadBalancer(t *testing.T, compartment *string) {
	n := newNetwork(t, compartment)
	b := balancer{t: t, client: connect(t, loadbalancer.NewLoadBalancerClientWithConfigurationProvider)}
	make := func(name string) *string {
		request := loadbalancer.CreateLoadBalancerRequest{OpcRetryToken: str(unique(name)), CreateLoadBalancerDetails: loadbalancer.CreateLoadBalancerDetails{
			CompartmentId: compartment, DisplayName: &name, ShapeName: str("flexible"), SubnetIds: []string{n.subnet},
			ShapeDetails: &loadbalancer.ShapeDetails{MinimumBandwidthInMbps: num(10), MaximumBandwidthInMbps: num(10)}}}
		id := b.done(do(t, b.client.CreateLoadBalancer, request).OpcWorkRequestId)
		if again := b.done(do(t, b.client.CreateLoadBalancer, request).OpcWorkRequestId); *again != *id {
			t.Errorf("one opc-retry-token made %s and %s", *id, *again)
		}
		return id
	}
	b.id = make("b")
	other := balancer{t, b.client, make("a")}
	list := loadbalancer.ListLoadBalancersRequest{CompartmentId: compartment, SortBy: loadbalancer.ListLoadBalancersSortByDisplayname}
	exactlyIDs(t, pages(t, b.client.ListLoadBalancers, list), *other.id, *b.id)
	list.DisplayName, list.LifecycleState = str("b"), loadbalancer.LoadBalancerLifecycleStateActive
	exactlyIDs(t, pages(t, b.client.ListLoadBalancers, list), *b.id)
	b.done(do(t, b.client.UpdateLoadBalancer, loadbalancer.UpdateLoadBalancerRequest{LoadBalancerId: b.id,
		UpdateLoadBalancerDetails: loadbalancer.UpdateLoadBalancerDetails{DisplayName: str("c")}}).OpcWorkRequestId)
	b.done(do(t, b.client.UpdateLoadBalancerShape, loadbalancer.UpdateLoadBalancerShapeRequest{LoadBalancerId: b.id, UpdateLoadBalancerShapeDetails: loadbalancer.UpdateLoadBalancerShapeDetails{
		ShapeName: str("flexible"), ShapeDetails: &loadbalancer.ShapeDetails{MinimumBandwidthInMbps: num(10), MaximumBandwidthInMbps: num(20)}}}).OpcWorkRequestId)
	b.done(do(t, b.client.UpdateNetworkSecurityGroups, loadbalancer.UpdateNetworkSecurityGroupsRequest{LoadBalancerId: b.id,
		UpdateNetworkSecurityGroupsDetails: loadbalancer.UpdateNetworkSecurityGroupsDetails{NetworkSecurityGroupIds: []string{n.group}}}).OpcWorkRequestId)
	got := do(t, b.client.GetLoadBalancer, loadbalancer.GetLoadBalancerRequest{LoadBalancerId: b.id})
	if *got.DisplayName != "c" || *got.ShapeDetails.MaximumBandwidthInMbps != 20 || len(got.NetworkSecurityGroupIds) != 1 || got.NetworkSecurityGroupIds[0] != n.group {
		t.Errorf("load balancer %v", got)
	}
	for _, names := range [][]any{
		pages(t, b.client.ListShapes, loadbalancer.ListShapesRequest{CompartmentId: compartment}),
		pages(t, b.client.ListPolicies, loadbalancer.ListPoliciesRequest{CompartmentId: compartment}),
		pages(t, b.client.ListProtocols, loadbalancer.ListProtocolsRequest{CompartmentId: compartment}),
	} {
		if len(names) < 2 {
			t.Errorf("listed %v", names)
		}
	}
	b.testBackends()
	b.testListeners(*got.IpAddresses[0].IpAddress)
	if all := pages(t, b.client.ListWorkRequests, loadbalancer.ListWorkRequestsRequest{LoadBalancerId: b.id}); len(all) < 10 {
		t.Errorf("%d work requests", len(all))
	}
	health := do(t, b.client.GetLoadBalancerHealth, loadbalancer.GetLoadBalancerHealthRequest{LoadBalancerId: b.id})
	healths := pages(t, b.client.ListLoadBalancerHealths, loadbalancer.ListLoadBalancerHealthsRequest{CompartmentId: compartment})
	if health.Status == "" || len(healths) != 2 {
		t.Errorf("health %v, all %v", health, healths)
	}
	for _, one := range []balancer{b, other} {
		one.done(do(t, b.client.DeleteLoadBalancer, loadbalancer.DeleteLoadBalancerRequest{LoadBalancerId: one.id}).OpcWorkRequestId)
		refused(t, 404, "NotAuthorizedOrNotFound", b.client.GetLoadBalancer, loadbalancer.GetLoadBalancerRequest{LoadBalancerId: one.id})
	}
}

func (b balancer) testBackends() {
	t, set := b.t, str("web")
	checker := &loadbalancer.HealthCheckerDetails{Protocol: str("HTTP"), UrlPath: str("/health"), Port: num(8080)}
	b.done(do(t, b.client.CreateBackendSet, loadbalancer.CreateBackendSetRequest{LoadBalancerId: b.id, CreateBackendSetDetails: loadbalancer.CreateBackendSetDetails{
		Name: set, Policy: str("ROUND_ROBIN"), HealthChecker: checker}}).OpcWorkRequestId)
	b.done(do(t, b.client.UpdateBackendSet, loadbalancer.UpdateBackendSetRequest{LoadBalancerId: b.id, BackendSetName: set, UpdateBackendSetDetails: loadbalancer.UpdateBackendSetDetails{
		Policy: str("IP_HASH"), Backends: []loadbalancer.BackendDetails{}, HealthChecker: checker}}).OpcWorkRequestId)
	one := do(t, b.client.GetBackendSet, loadbalancer.GetBackendSetRequest{LoadBalancerId: b.id, BackendSetName: set})
	all := pages(t, b.client.ListBackendSets, loadbalancer.ListBackendSetsRequest{LoadBalancerId: b.id})
	if *one.Policy != "IP_HASH" || len(all) != 1 {
		t.Errorf("backend set %v, all %v", one, all)
	}
	b.done(do(t, b.client.UpdateHealthChecker, loadbalancer.UpdateHealthCheckerRequest{LoadBalancerId: b.id, BackendSetName: set, UpdateHealthCheckerDetails: loadbalancer.UpdateHealthCheckerDetails{
		Protocol: str("HTTP"), Port: num(8081), ReturnCode: num(200), Retries: num(3), TimeoutInMillis: num(3000), IntervalInMillis: num(10000), ResponseBodyRegex: str(""), UrlPath: str("/")}}).OpcWorkRequestId)
	if got := do(t, b.client.GetHealthChecker, loadbalancer.GetHealthCheckerRequest{LoadBalancerId: b.id, BackendSetName: set}); *got.Port != 8081 {
		t.Errorf("health checker %v", got)
	}

	name := str("10.0.1.9:8080")
	b.done(do(t, b.client.CreateBackend, loadbalancer.CreateBackendRequest{LoadBalancerId: b.id, BackendSetName: set,
		CreateBackendDetails: loadbalancer.CreateBackendDetails{IpAddress: str("10.0.1.9"), Port: num(8080)}}).OpcWorkRequestId)
	b.done(do(t, b.client.UpdateBackend, loadbalancer.UpdateBackendRequest{LoadBalancerId: b.id, BackendSetName: set, BackendName: name,
		UpdateBackendDetails: loadbalancer.UpdateBackendDetails{Weight: num(2), Backup: no, Drain: yes, Offline: no}}).OpcWorkRequestId)
	backend := do(t, b.client.GetBackend, loadbalancer.GetBackendRequest{LoadBalancerId: b.id, BackendSetName: set, BackendName: name})
	backends := pages(t, b.client.ListBackends, loadbalancer.ListBackendsRequest{LoadBalancerId: b.id, BackendSetName: set})
	if *backend.Weight != 2 || !*backend.Drain || len(backends) != 1 {
		t.Errorf("backend %v, all %v", backend, backends)
	}
	of := do(t, b.client.GetBackendHealth, loadbalancer.GetBackendHealthRequest{LoadBalancerId: b.id, BackendSetName: set, BackendName: name})
	all2 := do(t, b.client.GetBackendSetHealth, loadbalancer.GetBackendSetHealthRequest{LoadBalancerId: b.id, BackendSetName: set})
	if of.Status == "" || *all2.TotalBackendCount != 1 {
		t.Errorf("health %v, of the set %v", of, all2)
	}
	b.done(do(t, b.client.DeleteBackend, loadbalancer.DeleteBackendRequest{LoadBalancerId: b.id, BackendSetName: set, BackendName: name}).OpcWorkRequestId)
	refused(t, 404, "NotAuthorizedOrNotFound", b.client.GetBackend, loadbalancer.GetBackendRequest{LoadBalancerId: b.id, BackendSetName: set, BackendName: name})
}

func (b balancer) testListeners(address string) {
	t, set := b.t, str("web")
	certificate, key := selfSigned(t)
	b.done(do(t, b.client.CreateCertificate, loadbalancer.CreateCertificateRequest{LoadBalancerId: b.id, CreateCertificateDetails: loadbalancer.CreateCertificateDetails{
		CertificateName: str("own"), PublicCertificate: &certificate, PrivateKey: &key}}).OpcWorkRequestId)
	if all := pages(t, b.client.ListCertificates, loadbalancer.ListCertificatesRequest{LoadBalancerId: b.id}); len(all) != 1 {
		t.Errorf("certificates %v", all)
	}
	rules := func(value string) []loadbalancer.Rule {
		return []loadbalancer.Rule{loadbalancer.AddHttpResponseHeaderRule{Header: str("X-Rule"), Value: &value}}
	}
	b.done(do(t, b.client.CreateRuleSet, loadbalancer.CreateRuleSetRequest{LoadBalancerId: b.id,
		CreateRuleSetDetails: loadbalancer.CreateRuleSetDetails{Name: str("rules"), Items: rules("a")}}).OpcWorkRequestId)
	b.done(do(t, b.client.UpdateRuleSet, loadbalancer.UpdateRuleSetRequest{LoadBalancerId: b.id, RuleSetName: str("rules"),
		UpdateRuleSetDetails: loadbalancer.UpdateRuleSetDetails{Items: rules("b")}}).OpcWorkRequestId)
	got := do(t, b.client.GetRuleSet, loadbalancer.GetRuleSetRequest{LoadBalancerId: b.id, RuleSetName: str("rules")})
	if all := pages(t, b.client.ListRuleSets, loadbalancer.ListRuleSetsRequest{LoadBalancerId: b.id}); len(all) != 1 || *got.Items[0].(loadbalancer.AddHttpResponseHeaderRule).Value != "b" {
		t.Errorf("rule set %v, all %v", got, all)
	}

	port := freePort(t, address)
	b.done(do(t, b.client.CreateListener, loadbalancer.CreateListenerRequest{LoadBalancerId: b.id, CreateListenerDetails: loadbalancer.CreateListenerDetails{
		Name: str("web"), DefaultBackendSetName: set, Port: &port, Protocol: str("HTTP")}}).OpcWorkRequestId)
	b.done(do(t, b.client.UpdateListener, loadbalancer.UpdateListenerRequest{LoadBalancerId: b.id, ListenerName: str("web"), UpdateListenerDetails: loadbalancer.UpdateListenerDetails{
		DefaultBackendSetName: set, Port: &port, Protocol: str("HTTP"), RuleSetNames: []string{"rules"}}}).OpcWorkRequestId)
	if applied := pages(t, b.client.ListListenerRules, loadbalancer.ListListenerRulesRequest{LoadBalancerId: b.id, ListenerName: str("web")}); len(applied) != 1 {
		t.Errorf("rules of the listener %v", applied)
	}
	if balanced := do(t, b.client.GetLoadBalancer, loadbalancer.GetLoadBalancerRequest{LoadBalancerId: b.id}); len(balanced.Listeners) != 1 || len(balanced.Certificates) != 1 || len(balanced.RuleSets) != 1 {
		t.Errorf("load balancer %v", balanced)
	}
	b.done(do(t, b.client.DeleteListener, loadbalancer.DeleteListenerRequest{LoadBalancerId: b.id, ListenerName: str("web")}).OpcWorkRequestId)
	b.done(do(t, b.client.DeleteRuleSet, loadbalancer.DeleteRuleSetRequest{LoadBalancerId: b.id, RuleSetName: str("rules")}).OpcWorkRequestId)
	refused(t, 404, "NotAuthorizedOrNotFound", b.client.GetRuleSet, loadbalancer.GetRuleSetRequest{LoadBalancerId: b.id, RuleSetName: str("rules")})
	b.done(do(t, b.client.DeleteCertificate, loadbalancer.DeleteCertificateRequest{LoadBalancerId: b.id, CertificateName: str("own")}).OpcWorkRequestId)
	b.done(do(t, b.client.DeleteBackendSet, loadbalancer.DeleteBackendSetRequest{LoadBalancerId: b.id, BackendSetName: set}).OpcWorkRequestId)
}

func freePort(t *testing.T, address string) int {
	t.Helper()
	socket, err := net.Listen("tcp", address+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	return socket.Addr().(*net.TCPAddr).Port
}

// selfSigned makes a certificate and its key, in PEM.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "conformance"}, NotAfter: time.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, &template, &template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}
