package loadbalancer_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/loadbalancer"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/services/loadbalancer"
)

func TestRollingReplacementLosesNoRequest(t *testing.T) {
	f := start(t)
	lb := f.balancer()
	f.set(lb, "ROUND_ROBIN")
	url := f.listen(lb)
	current := f.serve(nil)
	f.add(lb, current)
	f.healthy(lb, current)

	var stop atomic.Bool
	var requests atomic.Int64
	var clients sync.WaitGroup
	for i := range 8 {
		clients.Go(func() {
			for n := 0; !stop.Load(); n++ {
				method, body := http.MethodGet, io.Reader(nil)
				if n%2 == i%2 {
					method, body = http.MethodPost, strings.NewReader(strings.Repeat("x", 10_000))
				}
				request, err := http.NewRequest(method, url, body)
				if err != nil {
					t.Error(err)
					return
				}
				response, err := f.web.Do(request)
				if err != nil {
					t.Error(err)
					return
				}
				answer, err := io.ReadAll(response.Body)
				response.Body.Close()
				if err != nil || response.StatusCode != http.StatusOK {
					t.Errorf("%s: %d %s %v", method, response.StatusCode, answer, err)
					return
				}
				requests.Add(1)
			}
		})
	}
	for range 5 {
		next := f.serve(nil)
		f.add(lb, next)
		f.healthy(lb, next)
		f.remove(lb, current)
		current.Close()
		f.ok(f.core.Network().DeleteVnic(current.vnic))
		current = next
		seen := requests.Load()
		gatewaytest.Eventually(f, "requests go on", func() bool { return requests.Load() > seen+100 || t.Failed() })
	}
	stop.Store(true)
	clients.Wait()
}

func TestDeadBackendIsPassedOver(t *testing.T) {
	f := start(t)
	lb := f.balancer()
	dead, alive := f.serve(nil), f.serve(nil)
	f.set(lb, "ROUND_ROBIN", dead.backend(), alive.backend())
	url := f.listen(lb)
	f.healthy(lb, dead, alive)
	dead.Close()
	for range 20 {
		if status, body := f.get(url); status != http.StatusOK || body != alive.ip {
			t.Fatalf("%d %s", status, body)
		}
	}
	if got := f.health(lb, dead); got != sdk.BackendHealthStatusCritical {
		t.Fatalf("health of the dead backend is %s", got)
	}
	set, err := f.client.GetBackendSetHealth(f.ctx, sdk.GetBackendSetHealthRequest{LoadBalancerId: lb.Id, BackendSetName: str("web")})
	f.ok(err)
	if *set.TotalBackendCount != 2 || set.CriticalStateBackendNames[0] != dead.name() {
		t.Fatalf("set %v", set.BackendSetHealth)
	}
	f.ok(f.core.Network().Publish(dead.vnic, 8080, alive.Listener.Addr().String()))
	f.healthy(lb, dead)
}

func TestNoBackend(t *testing.T) {
	f := start(t)
	lb := f.balancer()
	f.set(lb, "ROUND_ROBIN")
	url := f.listen(lb)
	status, body := f.get(url)
	if status != http.StatusBadGateway || !strings.Contains(body, "502 Bad Gateway") || !strings.Contains(body, "healthy") {
		t.Fatalf("%d %s", status, body)
	}
	if line := f.logs.of("error"); !strings.Contains(line, "healthy") {
		t.Fatalf("error log %q", line)
	}
	sick := f.serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	f.add(lb, sick)
	gatewaytest.Eventually(f, "the backend is critical", func() bool { return f.health(lb, sick) == sdk.BackendHealthStatusCritical })
	got, err := f.client.GetBackendHealth(f.ctx, sdk.GetBackendHealthRequest{LoadBalancerId: lb.Id, BackendSetName: str("web"), BackendName: str(sick.name())})
	f.ok(err)
	if got.HealthCheckResults[0].HealthCheckStatus != sdk.HealthCheckResultHealthCheckStatusInvalidStatusCode {
		t.Fatalf("results %v", got.HealthCheckResults)
	}
	if status, _ := f.get(url); status != http.StatusBadGateway {
		t.Fatalf("an unhealthy backend answered: %d", status)
	}
}

func TestChoice(t *testing.T) {
	f := start(t)
	lb := f.balancer()
	heavy, light, backup := f.serve(nil), f.serve(nil), f.serve(nil)
	three := heavy.backend()
	three.Weight = num(3)
	spare := backup.backend()
	spare.Backup = common.Bool(true)
	f.set(lb, "ROUND_ROBIN", three, light.backend(), spare)
	url := f.listen(lb)
	f.healthy(lb, heavy, light, backup)
	count := func(n int) map[string]int {
		seen := map[string]int{}
		for range n {
			_, body := f.get(url)
			seen[body]++
		}
		return seen
	}
	if seen := count(40); seen[heavy.ip] != 30 || seen[light.ip] != 10 {
		t.Fatalf("weights 3 and 1 were served %v", seen)
	}
	change := func(s server, d sdk.UpdateBackendDetails) {
		d.Weight, d.Backup = num(1), common.Bool(false)
		done, err := f.client.UpdateBackend(f.ctx, sdk.UpdateBackendRequest{LoadBalancerId: lb.Id, BackendSetName: str("web"), BackendName: str(s.name()), UpdateBackendDetails: d})
		f.succeeded(done.OpcWorkRequestId, err)
	}
	change(heavy, sdk.UpdateBackendDetails{Drain: common.Bool(true), Offline: common.Bool(false)})
	if seen := count(10); seen[light.ip] != 10 {
		t.Fatalf("with one draining: %v", seen)
	}
	change(light, sdk.UpdateBackendDetails{Drain: common.Bool(false), Offline: common.Bool(true)})
	if seen := count(10); seen[backup.ip] != 10 {
		t.Fatalf("with only the backup left: %v", seen)
	}
	change(heavy, sdk.UpdateBackendDetails{Drain: common.Bool(false), Offline: common.Bool(false)})
	change(light, sdk.UpdateBackendDetails{Drain: common.Bool(false), Offline: common.Bool(false)})
	f.healthy(lb, light)
	updated, err := f.client.UpdateBackendSet(f.ctx, sdk.UpdateBackendSetRequest{LoadBalancerId: lb.Id, BackendSetName: str("web"), UpdateBackendSetDetails: sdk.UpdateBackendSetDetails{
		Policy: str("IP_HASH"), Backends: []sdk.BackendDetails{heavy.backend(), light.backend()}, HealthChecker: &sdk.HealthCheckerDetails{Protocol: str("TCP")}}})
	f.succeeded(updated.OpcWorkRequestId, err)
	f.healthy(lb, heavy, light)
	if seen := count(10); len(seen) != 1 {
		t.Fatalf("one client was spread over %v", seen)
	}
}

func TestRefusals(t *testing.T) {
	f := start(t)
	lb := f.balancer()
	s := f.serve(nil)
	f.set(lb, "ROUND_ROBIN", s.backend())
	f.listen(lb)
	create := func(change func(*sdk.CreateLoadBalancerDetails)) error {
		details := sdk.CreateLoadBalancerDetails{CompartmentId: compartment, DisplayName: str("x"), ShapeName: str("flexible"), SubnetIds: []string{*f.public},
			ShapeDetails: &sdk.ShapeDetails{MinimumBandwidthInMbps: num(10), MaximumBandwidthInMbps: num(10)}}
		change(&details)
		_, err := f.client.CreateLoadBalancer(f.ctx, sdk.CreateLoadBalancerRequest{CreateLoadBalancerDetails: details})
		return err
	}
	f.refused(create(func(d *sdk.CreateLoadBalancerDetails) { d.SubnetIds = []string{*f.private} }), 400, "prohibit")
	f.refused(create(func(d *sdk.CreateLoadBalancerDetails) { d.ShapeDetails = nil }), 400, "shapeDetails")
	f.refused(create(func(d *sdk.CreateLoadBalancerDetails) { d.ShapeDetails.MinimumBandwidthInMbps = num(100) }), 400, "above")
	f.refused(create(func(d *sdk.CreateLoadBalancerDetails) { d.SubnetIds = []string{"ocid1.subnet.oc1..none"} }), 404, "subnet")
	_, err := f.client.CreateBackend(f.ctx, sdk.CreateBackendRequest{LoadBalancerId: lb.Id, BackendSetName: str("web"),
		CreateBackendDetails: sdk.CreateBackendDetails{IpAddress: str(s.ip), Port: num(8080)}})
	f.refused(err, 409, s.name())
	_, err = f.client.DeleteBackendSet(f.ctx, sdk.DeleteBackendSetRequest{LoadBalancerId: lb.Id, BackendSetName: str("web")})
	f.refused(err, 409, "is attached to listener")
	_, err = f.client.CreateListener(f.ctx, sdk.CreateListenerRequest{LoadBalancerId: lb.Id, CreateListenerDetails: sdk.CreateListenerDetails{
		Name: str("other"), Port: num(9), Protocol: str("HTTP"), DefaultBackendSetName: str("none")}})
	f.refused(err, 404, "none")

	taken := f.serve(nil)
	port := 0
	if _, err := fmt.Sscanf(taken.URL, "http://127.0.0.1:%d", &port); err != nil {
		t.Fatal(err)
	}
	made, err := f.client.CreateListener(f.ctx, sdk.CreateListenerRequest{LoadBalancerId: lb.Id, CreateListenerDetails: sdk.CreateListenerDetails{
		Name: str("taken"), Port: num(port), Protocol: str("HTTP"), DefaultBackendSetName: str("web")}})
	wr := f.done(made.OpcWorkRequestId, err)
	if wr.LifecycleState != sdk.WorkRequestLifecycleStateFailed || !strings.Contains(*wr.ErrorDetails[0].Message, "listenerPort") {
		t.Fatalf("work request %v", wr)
	}
	got, err := f.client.GetLoadBalancer(f.ctx, sdk.GetLoadBalancerRequest{LoadBalancerId: lb.Id})
	f.ok(err)
	if _, ok := got.Listeners["taken"]; ok || len(got.Listeners) != 1 {
		t.Fatalf("listeners %v", got.Listeners)
	}
}

func TestRestartAndDelete(t *testing.T) {
	f := start(t)
	lb, second := f.balancer(), f.balancer()
	if *lb.IpAddresses[0].IpAddress == *second.IpAddresses[0].IpAddress {
		t.Fatalf("both have %v", lb.IpAddresses)
	}
	s := f.serve(nil)
	f.set(lb, "LEAST_CONNECTIONS", s.backend())
	url := f.listen(lb)
	f.healthy(lb, s)
	f.service.Close()
	if response, err := f.web.Get(url); err == nil {
		response.Body.Close()
		t.Fatal("a closed listener answered")
	}
	again, err := loadbalancer.New(f.cloud.Engine, f.cloud.Store, api.NewService("restarted"), f.core.Network(), f.logs)
	f.ok(err)
	t.Cleanup(again.Close)
	f.ok(again.Start(f.ctx))
	gatewaytest.Eventually(f, "the page is served again", func() bool { status, body := f.get(url); return status == http.StatusOK && body == s.ip })
	gone, err := f.client.DeleteLoadBalancer(f.ctx, sdk.DeleteLoadBalancerRequest{LoadBalancerId: second.Id})
	f.succeeded(gone.OpcWorkRequestId, err)
	_, err = f.client.GetLoadBalancer(f.ctx, sdk.GetLoadBalancerRequest{LoadBalancerId: second.Id})
	f.refused(err, 404, *second.Id)
	if !strings.Contains(f.logs.of("access"), `"lbStatusCode":200`) {
		t.Fatalf("access log %s", f.logs.of("access"))
	}
}
