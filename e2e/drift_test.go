package e2e

import (
	"testing"

	"github.com/oracle/oci-go-sdk/v65/core"
	"github.com/oracle/oci-go-sdk/v65/functions"
	"github.com/oracle/oci-go-sdk/v65/loadbalancer"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"
)

// drift changes four resources behind Pulumi's back.
func (l *life) drift(t *testing.T) {
	hand := l.hand(t)
	hand.shrinkFunction()
	hand.suspendBucket()
	hand.loosenHealthCheck()
	hand.removeRule()

	wantChanges(t, "refresh after changes behind Pulumi's back", l.refresh(), map[string]int{"update": 3, "delete": 1}, l.progress)
	wantChanges(t, "up after that", l.deploy(), map[string]int{"update": 3, "create": 1}, l.progress)
	hand.wantRepaired()
	wantChanges(t, "refresh after the repair", l.refresh(), nothing, l.progress)
	tryOut(t, l.url())
}

// hand is someone who changes the stack's resources in the console.
type hand struct {
	testing.TB
	functions functions.FunctionsManagementClient
	objects   objectstorage.ObjectStorageClient
	balancers loadbalancer.LoadBalancerClient
	network   core.VirtualNetworkClient

	functionID, namespace, bucket, balancerID, groupID string
	rules                                              int
}

func (l *life) hand(t testing.TB) *hand {
	t.Helper()
	h := &hand{
		TB: t, functions: administrator(t, functions.NewFunctionsManagementClientWithConfigurationProvider),
		objects:   administrator(t, objectstorage.NewObjectStorageClientWithConfigurationProvider),
		balancers: administrator(t, loadbalancer.NewLoadBalancerClientWithConfigurationProvider),
		network:   administrator(t, core.NewVirtualNetworkClientWithConfigurationProvider),

		functionID: l.output("functionId"), namespace: l.output("bucketNamespace"), bucket: l.output("bucketName"),
		balancerID: l.output("loadBalancerId"),
	}
	balancer, err := h.balancers.GetLoadBalancer(t.Context(), loadbalancer.GetLoadBalancerRequest{LoadBalancerId: &h.balancerID})
	must(t, err)
	h.groupID = balancer.NetworkSecurityGroupIds[0]
	h.rules = len(h.securityRules())
	return h
}

func (h *hand) shrinkFunction() {
	h.Helper()
	_, err := h.functions.UpdateFunction(h.Context(), functions.UpdateFunctionRequest{
		FunctionId: &h.functionID, UpdateFunctionDetails: functions.UpdateFunctionDetails{MemoryInMBs: new(int64(128))},
	})
	must(h, err)
}

func (h *hand) suspendBucket() {
	h.Helper()
	_, err := h.objects.UpdateBucket(h.Context(), objectstorage.UpdateBucketRequest{
		NamespaceName: &h.namespace, BucketName: &h.bucket,
		UpdateBucketDetails: objectstorage.UpdateBucketDetails{
			ObjectEventsEnabled: new(false), Versioning: objectstorage.UpdateBucketDetailsVersioningSuspended,
		},
	})
	must(h, err)
}

// loosenHealthCheck makes the load balancer take for healthy what merely answers.
func (h *hand) loosenHealthCheck() {
	h.Helper()
	_, err := h.balancers.UpdateHealthChecker(h.Context(), loadbalancer.UpdateHealthCheckerRequest{
		LoadBalancerId: &h.balancerID, BackendSetName: new("app"),
		UpdateHealthCheckerDetails: loadbalancer.UpdateHealthCheckerDetails{
			Protocol: new("TCP"), Port: new(8080), Retries: new(3), TimeoutInMillis: new(3000), IntervalInMillis: new(60000),
			ReturnCode: new(200), ResponseBodyRegex: new(".*"),
		},
	})
	must(h, err)
}

// removeRule removes a rule of the load balancer's network security group.
func (h *hand) removeRule() {
	h.Helper()
	_, err := h.network.RemoveNetworkSecurityGroupSecurityRules(h.Context(), core.RemoveNetworkSecurityGroupSecurityRulesRequest{
		NetworkSecurityGroupId: &h.groupID,
		RemoveNetworkSecurityGroupSecurityRulesDetails: core.RemoveNetworkSecurityGroupSecurityRulesDetails{
			SecurityRuleIds: []string{*h.securityRules()[0].Id},
		},
	})
	must(h, err)
}

func (h *hand) securityRules() []core.SecurityRule {
	h.Helper()
	answer, err := h.network.ListNetworkSecurityGroupSecurityRules(h.Context(), core.ListNetworkSecurityGroupSecurityRulesRequest{NetworkSecurityGroupId: &h.groupID})
	must(h, err)
	return answer.Items
}

// wantRepaired fails the test unless all four are again as the program says.
func (h *hand) wantRepaired() {
	h.Helper()
	function, err := h.functions.GetFunction(h.Context(), functions.GetFunctionRequest{FunctionId: &h.functionID})
	must(h, err)
	if *function.MemoryInMBs != 256 {
		h.Errorf("the function has %d MB", *function.MemoryInMBs)
	}
	bucket, err := h.objects.GetBucket(h.Context(), objectstorage.GetBucketRequest{NamespaceName: &h.namespace, BucketName: &h.bucket})
	must(h, err)
	if !*bucket.ObjectEventsEnabled || bucket.Versioning != objectstorage.BucketVersioningEnabled {
		h.Errorf("the bucket emits events: %v, versioning is %s", *bucket.ObjectEventsEnabled, bucket.Versioning)
	}
	set, err := h.balancers.GetBackendSet(h.Context(), loadbalancer.GetBackendSetRequest{LoadBalancerId: &h.balancerID, BackendSetName: new("app")})
	must(h, err)
	if c := set.HealthChecker; *c.Protocol != "HTTP" || *c.UrlPath != "/health" || *c.IntervalInMillis != 2000 {
		h.Errorf("the health checker is %v", c)
	}
	if len(set.Backends) != 1 {
		h.Errorf("the backend set has %d backends after the repair of its health checker", len(set.Backends))
	}
	if n := len(h.securityRules()); n != h.rules {
		h.Errorf("the load balancer's security group has %d rules, want %d", n, h.rules)
	}
}
