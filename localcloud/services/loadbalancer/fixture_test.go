package loadbalancer_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	networking "github.com/oracle/oci-go-sdk/v65/core"
	sdk "github.com/oracle/oci-go-sdk/v65/loadbalancer"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/core"
	"oci-media-pipelines/localcloud/services/loadbalancer"
)

var (
	str         = common.String
	num         = common.Int
	compartment = str(iam.CompartmentID)
)

// lines keeps log lines by category.
type lines struct {
	mu  sync.Mutex
	all map[string][]string
}

func (l *lines) Write(_, category, message string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all[category] = append(l.all[category], message)
	return nil
}

func (l *lines) of(category string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.all[category], "\n")
}

// fixture is Networking and Load Balancing with one network, and clients.
type fixture struct {
	*testing.T
	ctx             context.Context
	cloud           *gatewaytest.Cloud
	core            *core.Service
	service         *loadbalancer.Service
	client          sdk.LoadBalancerClient
	network         networking.VirtualNetworkClient
	routes, rules   *string
	vcn             *string
	public, private *string
	logs            *lines
	web             *http.Client
}

func start(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{T: t, ctx: t.Context(), cloud: gatewaytest.New(t), logs: &lines{all: map[string][]string{}}}
	f.core = core.New(f.cloud.Engine)
	f.core.Network().Journal = f.cloud.Journal
	var err error
	f.service, err = loadbalancer.New(f.cloud.Engine, f.cloud.Store, f.core.API(), f.core.Network(), f.logs)
	f.ok(err)
	t.Cleanup(f.service.Close)
	f.cloud.Add(f.core.APIs()...)
	f.client, err = sdk.NewLoadBalancerClientWithConfigurationProvider(f.cloud.Credentials())
	f.ok(err)
	f.cloud.Use(&f.client.BaseClient)
	network, err := networking.NewVirtualNetworkClientWithConfigurationProvider(f.cloud.Credentials())
	f.ok(err)
	f.cloud.Use(&network.BaseClient)
	vcn, err := network.CreateVcn(f.ctx, networking.CreateVcnRequest{CreateVcnDetails: networking.CreateVcnDetails{CompartmentId: compartment, CidrBlocks: []string{"10.0.0.0/16"}}})
	f.ok(err)
	f.vcn = vcn.Id
	f.opened(network, vcn.Vcn)
	for block, subnet := range map[string]**string{"10.0.0.0/24": &f.public, "10.0.1.0/24": &f.private} {
		made, err := network.CreateSubnet(f.ctx, networking.CreateSubnetRequest{CreateSubnetDetails: networking.CreateSubnetDetails{
			CompartmentId: compartment, VcnId: vcn.Id, CidrBlock: str(block), ProhibitPublicIpOnVnic: common.Bool(subnet == &f.private)}})
		f.ok(err)
		*subnet = made.Id
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	f.web = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return f
}

// opened lets everything through: the default rules allow SSH alone.
func (f *fixture) opened(network networking.VirtualNetworkClient, vcn networking.Vcn) {
	f.Helper()
	f.network = network
	internet, err := network.CreateInternetGateway(f.ctx, networking.CreateInternetGatewayRequest{CreateInternetGatewayDetails: networking.CreateInternetGatewayDetails{
		CompartmentId: compartment, VcnId: vcn.Id, IsEnabled: common.Bool(true)}})
	f.ok(err)
	f.routes, f.rules = vcn.DefaultRouteTableId, vcn.DefaultSecurityListId
	f.route(networking.RouteRule{Destination: str("0.0.0.0/0"), NetworkEntityId: internet.Id})
	f.rule(
		[]networking.IngressSecurityRule{{Protocol: str("all"), Source: str("0.0.0.0/0")}},
		[]networking.EgressSecurityRule{{Protocol: str("all"), Destination: str("0.0.0.0/0")}})
}

func (f *fixture) route(rules ...networking.RouteRule) {
	f.Helper()
	_, err := f.network.UpdateRouteTable(f.ctx, networking.UpdateRouteTableRequest{RtId: f.routes, UpdateRouteTableDetails: networking.UpdateRouteTableDetails{RouteRules: append([]networking.RouteRule{}, rules...)}})
	f.ok(err)
}

func (f *fixture) rule(in []networking.IngressSecurityRule, out []networking.EgressSecurityRule) {
	f.Helper()
	_, err := f.network.UpdateSecurityList(f.ctx, networking.UpdateSecurityListRequest{SecurityListId: f.rules,
		UpdateSecurityListDetails: networking.UpdateSecurityListDetails{IngressSecurityRules: in, EgressSecurityRules: out}})
	f.ok(err)
}

func (f *fixture) ok(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) refused(err error, status int, words string) {
	f.Helper()
	var failure common.ServiceError
	if !errors.As(err, &failure) || failure.GetHTTPStatusCode() != status || !strings.Contains(failure.GetMessage(), words) {
		f.Fatalf("error is %v, want %d with %q", err, status, words)
	}
}

// done waits for a work request and returns it.
func (f *fixture) done(id *string, err error) sdk.WorkRequest {
	f.Helper()
	f.ok(err)
	var wr sdk.WorkRequest
	gatewaytest.Eventually(f, "work request ended", func() bool {
		got, err := f.client.GetWorkRequest(f.ctx, sdk.GetWorkRequestRequest{WorkRequestId: id})
		f.ok(err)
		wr = got.WorkRequest
		return wr.TimeFinished != nil
	})
	return wr
}

func (f *fixture) succeeded(id *string, err error) {
	f.Helper()
	if wr := f.done(id, err); wr.LifecycleState != sdk.WorkRequestLifecycleStateSucceeded {
		f.Fatalf("work request %v", wr)
	}
}

func (f *fixture) balancer(change ...func(*sdk.CreateLoadBalancerDetails)) sdk.LoadBalancer {
	f.Helper()
	details := sdk.CreateLoadBalancerDetails{
		CompartmentId: compartment, DisplayName: str("front"), ShapeName: str("flexible"), SubnetIds: []string{*f.public},
		ShapeDetails: &sdk.ShapeDetails{MinimumBandwidthInMbps: num(10), MaximumBandwidthInMbps: num(10)},
	}
	for _, c := range change {
		c(&details)
	}
	made, err := f.client.CreateLoadBalancer(f.ctx, sdk.CreateLoadBalancerRequest{CreateLoadBalancerDetails: details})
	wr := f.done(made.OpcWorkRequestId, err)
	got, err := f.client.GetLoadBalancer(f.ctx, sdk.GetLoadBalancerRequest{LoadBalancerId: wr.LoadBalancerId})
	f.ok(err)
	return got.LoadBalancer
}

func (f *fixture) set(lb sdk.LoadBalancer, policy string, backends ...sdk.BackendDetails) {
	f.Helper()
	made, err := f.client.CreateBackendSet(f.ctx, sdk.CreateBackendSetRequest{LoadBalancerId: lb.Id, CreateBackendSetDetails: sdk.CreateBackendSetDetails{
		Name: str("web"), Policy: str(policy), Backends: backends, HealthChecker: &sdk.HealthCheckerDetails{Protocol: str("HTTP"), UrlPath: str("/health")}}})
	f.succeeded(made.OpcWorkRequestId, err)
}

// listen opens a listener on a free port and returns its URL.
func (f *fixture) listen(lb sdk.LoadBalancer, change ...func(*sdk.CreateListenerDetails)) string {
	f.Helper()
	socket, err := net.Listen("tcp", *lb.IpAddresses[0].IpAddress+":0")
	f.ok(err)
	port := socket.Addr().(*net.TCPAddr).Port
	f.ok(socket.Close())
	details := sdk.CreateListenerDetails{Name: str(fmt.Sprintf("web%d", port)), Port: num(port), Protocol: str("HTTP"), DefaultBackendSetName: str("web")}
	for _, c := range change {
		c(&details)
	}
	made, err := f.client.CreateListener(f.ctx, sdk.CreateListenerRequest{LoadBalancerId: lb.Id, CreateListenerDetails: details})
	f.succeeded(made.OpcWorkRequestId, err)
	return fmt.Sprintf("http://%s:%d", *lb.IpAddresses[0].IpAddress, port)
}

// server is a workload with an interface in the private subnet.
type server struct {
	*httptest.Server
	ip   string
	vnic string
}

func (s server) name() string { return s.ip + ":8080" }
func (s server) backend() sdk.BackendDetails {
	return sdk.BackendDetails{IpAddress: str(s.ip), Port: num(8080)}
}

// serve runs a workload; handler nil answers its address.
func (f *fixture) serve(handler http.Handler) server {
	f.Helper()
	vnic, err := f.core.Network().CreateVnic(iam.HomeRegion, kind.Object{"subnetId": *f.private})
	f.ok(err)
	s := server{ip: vnic.Str("privateIp"), vnic: vnic.Str("id")}
	if handler == nil {
		handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, s.ip) })
	}
	s.Server = httptest.NewServer(handler)
	f.Cleanup(s.Server.Close)
	f.ok(f.core.Network().Publish(s.vnic, 8080, s.Listener.Addr().String()))
	return s
}

func (f *fixture) add(lb sdk.LoadBalancer, s server) {
	f.Helper()
	made, err := f.client.CreateBackend(f.ctx, sdk.CreateBackendRequest{LoadBalancerId: lb.Id, BackendSetName: str("web"),
		CreateBackendDetails: sdk.CreateBackendDetails{IpAddress: str(s.ip), Port: num(8080)}})
	f.succeeded(made.OpcWorkRequestId, err)
}

func (f *fixture) remove(lb sdk.LoadBalancer, s server) {
	f.Helper()
	gone, err := f.client.DeleteBackend(f.ctx, sdk.DeleteBackendRequest{LoadBalancerId: lb.Id, BackendSetName: str("web"), BackendName: str(s.name())})
	f.succeeded(gone.OpcWorkRequestId, err)
}

func (f *fixture) health(lb sdk.LoadBalancer, s server) sdk.BackendHealthStatusEnum {
	f.Helper()
	got, err := f.client.GetBackendHealth(f.ctx, sdk.GetBackendHealthRequest{LoadBalancerId: lb.Id, BackendSetName: str("web"), BackendName: str(s.name())})
	f.ok(err)
	return got.Status
}

func (f *fixture) healthy(lb sdk.LoadBalancer, servers ...server) {
	f.Helper()
	for _, s := range servers {
		gatewaytest.Eventually(f, s.name()+" is healthy", func() bool { return f.health(lb, s) == sdk.BackendHealthStatusOk })
	}
}

// get returns the status and body of a page.
func (f *fixture) get(url string) (int, string) {
	f.Helper()
	response, err := f.web.Get(url)
	f.ok(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	f.ok(err)
	return response.StatusCode, string(body)
}
