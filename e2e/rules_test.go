package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/containerinstances"
	"github.com/oracle/oci-go-sdk/v65/core"
	"github.com/oracle/oci-go-sdk/v65/functions"
	"github.com/oracle/oci-go-sdk/v65/loadbalancer"

	"oci-media-pipelines/docs"
	"oci-media-pipelines/localcloud/api"
)

// These make what is cut off fail soon: requests of clients, and health checks
// of the load balancer.
const (
	impatience  = 1500 * time.Millisecond
	checkEvery  = 1000 // ms, the least that OCI takes
	checkWithin = 400  // ms
)

// traffic is a deployed stack whose network is changed behind Pulumi's back.
type traffic struct {
	*rights
	balancers loadbalancer.LoadBalancerClient
	balancer  string
}

// allowance is one security rule or route of a VCN.
type allowance struct {
	name       string
	take, give func() error
}

// TestEveryRuleAndRouteIsNecessary takes each security rule and each route of the
// stack's network away, as it finds them in the VCN, and shows what somebody who uses
// the pipeline cannot do any more; given back, it works again.
func TestEveryRuleAndRouteIsNecessary(t *testing.T) {
	s := openStack(t, "rules", map[string]string{"functionTimeoutSeconds": "5"})
	outputs, _ := s.up()
	t.Cleanup(s.destroy)
	n := &traffic{
		rights: &rights{
			user: user{t, strings.TrimRight(output(t, outputs, "applicationUrl"), "/")}, outputs: outputs,
			functions: administrator(t, functions.NewFunctionsManagementClientWithConfigurationProvider),
			instances: administrator(t, containerinstances.NewContainerInstanceClientWithConfigurationProvider),
			network:   administrator(t, core.NewVirtualNetworkClientWithConfigurationProvider),
		},
		balancers: administrator(t, loadbalancer.NewLoadBalancerClientWithConfigurationProvider),
		balancer:  output(t, outputs, "loadBalancerId"),
	}
	n.checkOften()
	steps := []struct {
		name string
		do   func() error
	}{
		{"the page loads", n.loads},
		{"another instance of the app starts", n.startsInstance},
		{"a restarted app lists results", n.restarts},
		{"a function that starts anew analyses an upload", n.analysesCold},
		{"a video is transcoded", n.transcodes},
		{"routers on the way tell the load balancer of smaller packets", n.hearsRouters},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Fatalf("%s: not even with all rules: %v", step.name, err)
		}
	}
	all := n.allowances()
	docs.WantFigure(t, "security rules and routes of the local stack, each shown necessary", len(all))
	for _, one := range all {
		t.Run(one.name, func(t *testing.T) {
			n.TB = t
			must(t, one.take())
			n.since = time.Now()
			taken := n.since
			failed := -1
			for i, step := range steps {
				if err := step.do(); err != nil {
					t.Logf("without it, not: %s: %v", step.name, err)
					failed = i
					break
				}
			}
			n.since = taken
			if missing := n.refusals(); failed >= 0 && steps[failed].name != steps[len(steps)-1].name && len(missing) == 0 {
				t.Error("the journal does not say that the network refused anything")
			} else if len(missing) > 0 {
				t.Logf("the journal says: missing: %s", missing[0])
			}
			must(t, one.give())
			if failed < 0 {
				t.Fatal("without it, all works: it is to be removed from the program")
			}
			until(t, patience, steps[failed].name+" again", func() bool {
				n.since = time.Now()
				return steps[failed].do() == nil
			})
		})
	}
}

// allowances are all rules and routes that the stack's VCN has.
func (n *traffic) allowances() []allowance {
	n.Helper()
	vcn, ctx := output(n.TB, n.outputs, "vcnId"), context.Background()
	var all []allowance
	groups, err := n.network.ListNetworkSecurityGroups(ctx, core.ListNetworkSecurityGroupsRequest{CompartmentId: new(compartment), VcnId: &vcn})
	must(n.TB, err)
	for _, group := range groups.Items {
		rules, err := n.network.ListNetworkSecurityGroupSecurityRules(ctx, core.ListNetworkSecurityGroupSecurityRulesRequest{NetworkSecurityGroupId: group.Id})
		must(n.TB, err)
		for _, rule := range rules.Items {
			all = append(all, n.groupRule(group, rule))
		}
	}
	lists, err := n.network.ListSecurityLists(ctx, core.ListSecurityListsRequest{CompartmentId: new(compartment), VcnId: &vcn})
	must(n.TB, err)
	for _, list := range lists.Items {
		for i, rule := range list.EgressSecurityRules {
			all = append(all, n.listRule(list, *list.DisplayName+" to "+*rule.Destination, list.IngressSecurityRules, slices.Delete(slices.Clone(list.EgressSecurityRules), i, i+1)))
		}
		for i, rule := range list.IngressSecurityRules {
			all = append(all, n.listRule(list, *list.DisplayName+" from "+*rule.Source, slices.Delete(slices.Clone(list.IngressSecurityRules), i, i+1), list.EgressSecurityRules))
		}
	}
	tables, err := n.network.ListRouteTables(ctx, core.ListRouteTablesRequest{CompartmentId: new(compartment), VcnId: &vcn})
	must(n.TB, err)
	for _, table := range tables.Items {
		for i, rule := range table.RouteRules {
			all = append(all, n.route(table, rule, slices.Delete(slices.Clone(table.RouteRules), i, i+1)))
		}
	}
	if len(groups.Items) == 0 || len(lists.Items) == 0 || len(tables.Items) == 0 {
		n.Fatalf("the VCN has %d groups, %d security lists, %d route tables", len(groups.Items), len(lists.Items), len(tables.Items))
	}
	return all
}

func (n *traffic) groupRule(group core.NetworkSecurityGroup, rule core.SecurityRule) allowance {
	id, ctx := rule.Id, context.Background()
	return allowance{
		name: fmt.Sprintf("%s %s %s", *group.DisplayName, rule.Direction, *rule.Description),
		take: func() error {
			_, err := n.network.RemoveNetworkSecurityGroupSecurityRules(ctx, core.RemoveNetworkSecurityGroupSecurityRulesRequest{NetworkSecurityGroupId: group.Id,
				RemoveNetworkSecurityGroupSecurityRulesDetails: core.RemoveNetworkSecurityGroupSecurityRulesDetails{SecurityRuleIds: []string{*id}}})
			return err
		},
		give: func() error {
			added, err := n.network.AddNetworkSecurityGroupSecurityRules(ctx, core.AddNetworkSecurityGroupSecurityRulesRequest{NetworkSecurityGroupId: group.Id,
				AddNetworkSecurityGroupSecurityRulesDetails: core.AddNetworkSecurityGroupSecurityRulesDetails{SecurityRules: []core.AddSecurityRuleDetails{{
					Direction: core.AddSecurityRuleDetailsDirectionEnum(rule.Direction), Protocol: rule.Protocol, Description: rule.Description,
					Destination: rule.Destination, DestinationType: core.AddSecurityRuleDetailsDestinationTypeEnum(rule.DestinationType),
					Source: rule.Source, SourceType: core.AddSecurityRuleDetailsSourceTypeEnum(rule.SourceType), IsStateless: rule.IsStateless,
					TcpOptions: rule.TcpOptions, UdpOptions: rule.UdpOptions, IcmpOptions: rule.IcmpOptions,
				}}}})
			if err == nil {
				id = added.SecurityRules[0].Id
			}
			return err
		},
	}
}

func (n *traffic) listRule(list core.SecurityList, name string, in []core.IngressSecurityRule, out []core.EgressSecurityRule) allowance {
	write := func(in []core.IngressSecurityRule, out []core.EgressSecurityRule) error {
		_, err := n.network.UpdateSecurityList(context.Background(), core.UpdateSecurityListRequest{SecurityListId: list.Id,
			UpdateSecurityListDetails: core.UpdateSecurityListDetails{IngressSecurityRules: in, EgressSecurityRules: out}})
		return err
	}
	return allowance{name: name, take: func() error { return write(in, out) }, give: func() error { return write(list.IngressSecurityRules, list.EgressSecurityRules) }}
}

func (n *traffic) route(table core.RouteTable, rule core.RouteRule, others []core.RouteRule) allowance {
	write := func(rules []core.RouteRule) error {
		_, err := n.network.UpdateRouteTable(context.Background(), core.UpdateRouteTableRequest{RtId: table.Id,
			UpdateRouteTableDetails: core.UpdateRouteTableDetails{RouteRules: rules}})
		return err
	}
	return allowance{name: fmt.Sprintf("%s route to %s", *table.DisplayName, *rule.Destination),
		take: func() error { return write(others) }, give: func() error { return write(table.RouteRules) }}
}

// checkOften makes the load balancer notice soon what it does not reach any more.
func (n *traffic) checkOften() {
	n.Helper()
	lb, err := n.balancers.GetLoadBalancer(n.Context(), loadbalancer.GetLoadBalancerRequest{LoadBalancerId: &n.balancer})
	must(n.TB, err)
	for name, set := range lb.BackendSets {
		c := set.HealthChecker
		_, err := n.balancers.UpdateHealthChecker(n.Context(), loadbalancer.UpdateHealthCheckerRequest{LoadBalancerId: &n.balancer, BackendSetName: &name,
			UpdateHealthCheckerDetails: loadbalancer.UpdateHealthCheckerDetails{Protocol: c.Protocol, Port: c.Port, UrlPath: c.UrlPath, ReturnCode: c.ReturnCode,
				ResponseBodyRegex: c.ResponseBodyRegex, Retries: new(1), IntervalInMillis: new(checkEvery), TimeoutInMillis: new(checkWithin)}})
		must(n.TB, err)
	}
}

// loads gets the page by a connection of its own, when the load balancer has looked at
// its backends.
func (n *traffic) loads() error {
	n.checked()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: impatience}
	response, err := client.Get(n.url + "/")
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}

// checked waits for a health check that began after the step at hand.
func (n *traffic) checked() {
	n.Helper()
	// A check that succeeds takes no time worth mentioning.
	const after = checkWithin / 2 * time.Millisecond
	lb, err := n.balancers.GetLoadBalancer(n.Context(), loadbalancer.GetLoadBalancerRequest{LoadBalancerId: &n.balancer})
	must(n.TB, err)
	for set, details := range lb.BackendSets {
		for _, backend := range details.Backends {
			until(n.TB, patience, "a health check", func() bool {
				h, err := n.balancers.GetBackendHealth(n.Context(), loadbalancer.GetBackendHealthRequest{LoadBalancerId: &n.balancer, BackendSetName: &set, BackendName: backend.Name})
				must(n.TB, err)
				return len(h.HealthCheckResults) > 0 && h.HealthCheckResults[0].Timestamp.After(n.since.Add(after))
			})
		}
	}
}

// hearsRouters asks the local cloud, which has no routers that forward too small
// packets, whether they could tell.
func (n *traffic) hearsRouters() error {
	var d api.Decision
	query := url.Values{"from": {"192.0.2.1"}, "to": {n.balancer}, "flow": {"3.4/icmp"}}
	must(n.TB, world.cloud.Control(n.Context(), http.MethodGet, "/reach?"+query.Encode(), &d))
	if !d.Allowed {
		return errors.New("missing: " + d.Missing)
	}
	return nil
}
