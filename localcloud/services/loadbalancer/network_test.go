package loadbalancer_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	networking "github.com/oracle/oci-go-sdk/v65/core"
	sdk "github.com/oracle/oci-go-sdk/v65/loadbalancer"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
)

var (
	anywhere  = str("0.0.0.0/0")
	fromAll   = []networking.IngressSecurityRule{{Protocol: str("all"), Source: anywhere}}
	toAll     = []networking.EgressSecurityRule{{Protocol: str("all"), Destination: anywhere}}
	noEgress  = []networking.EgressSecurityRule{}
	noIngress = []networking.IngressSecurityRule{}
)

// impatient is a client that makes a connection for each request and waits for half a
// second.
var impatient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 500 * time.Millisecond}

// refusals returns what the journal says about connections.
func (f *fixture) refusals(missing string) []api.Entry {
	f.Helper()
	entries, err := f.cloud.Journal.Read(func(e api.Entry) bool {
		return e.Service == "network" && len(e.Decisions) == 1 && strings.Contains(e.Decisions[0].Missing, missing)
	})
	f.ok(err)
	return entries
}

func TestBackendOutOfReachTimesOut(t *testing.T) {
	f := start(t)
	lb, s, url := f.one(func(http.ResponseWriter, *http.Request) {})
	f.quick(lb)
	f.healthy(lb, s)
	f.rule(fromAll, noEgress)
	gatewaytest.Eventually(f, "the check times out", func() bool {
		h, err := f.client.GetBackendHealth(f.ctx, sdk.GetBackendHealthRequest{LoadBalancerId: lb.Id, BackendSetName: str("web"), BackendName: str(s.ip + ":8080")})
		f.ok(err)
		return h.Status == sdk.BackendHealthStatusCritical && h.HealthCheckResults[0].HealthCheckStatus == sdk.HealthCheckResultHealthCheckStatusTimedOut
	})
	if status, _ := f.get(url); status != http.StatusBadGateway {
		t.Errorf("without a backend it answers %d", status)
	}
	told := f.refusals("egress rule in security list Default Security List")
	if len(told) != 1 || told[0].Operation != "Connect" || !strings.Contains(told[0].Decisions[0].Asked, "to "+s.ip+" ") || told[0].Status < 400 {
		t.Errorf("the journal says %+v", told)
	}
	f.rule(fromAll, toAll)
	f.healthy(lb, s)
	if status, _ := f.get(url); status != http.StatusOK {
		t.Errorf("with the rule again it answers %d", status)
	}
}

func TestClientOutsideOfTheRulesHearsNothing(t *testing.T) {
	f := start(t)
	_, _, url := f.one(func(http.ResponseWriter, *http.Request) {})
	for _, c := range []struct {
		name, from, missing string
	}{
		{"a block with the client", "127.0.0.0/8", ""},
		{"another block", "127.0.0.2/32", "ingress rule in security list Default Security List"},
		{"the client's address", "127.0.0.1/32", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.rule([]networking.IngressSecurityRule{{Protocol: str("6"), Source: &c.from}, {Protocol: str("6"), Source: str("10.0.0.0/16")}}, toAll)
			f.asks(url, c.missing)
		})
	}
	f.rule(noIngress, toAll)
	f.asks(url, "from CIDR_BLOCK 127.0.0.1/32")
	f.rule(fromAll, toAll)
	f.asks(url, "")
	f.route()
	f.asks(url, "route for 0.0.0.0/0 to an internet gateway")
}

// asks gets a page, or a time-out whose reason the journal has.
func (f *fixture) asks(url, missing string) {
	f.Helper()
	response, err := impatient.Get(url)
	switch {
	case err == nil:
		response.Body.Close()
		if missing != "" {
			f.Errorf("the answer is %s, want none", response.Status)
		}
	case missing == "":
		f.Error(err)
	case !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, os.ErrDeadlineExceeded):
		f.Errorf("it is not a time-out: %v", err)
	case len(f.refusals(missing)) == 0:
		f.Errorf("the journal does not say %q", missing)
	}
}

// A client goes on trying for a while, as its machine sends its first packet again.
func TestClientGetsInWhenTheRuleComes(t *testing.T) {
	f := start(t)
	_, _, url := f.one(func(http.ResponseWriter, *http.Request) {})
	f.rule(noIngress, toAll)
	answered := make(chan error, 1)
	go func() {
		response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}).Get(url)
		if err == nil {
			response.Body.Close()
		}
		answered <- err
	}()
	gatewaytest.Eventually(f, "the connection is refused", func() bool { return len(f.refusals("from CIDR_BLOCK 127.0.0.1/32")) > 0 })
	f.rule(fromAll, toAll)
	f.ok(<-answered)
}

// quick makes the health check of the backend set one that fails soon.
func (f *fixture) quick(lb sdk.LoadBalancer) {
	f.Helper()
	made, err := f.client.UpdateHealthChecker(f.ctx, sdk.UpdateHealthCheckerRequest{LoadBalancerId: lb.Id, BackendSetName: str("web"),
		UpdateHealthCheckerDetails: sdk.UpdateHealthCheckerDetails{Protocol: str("HTTP"), Port: num(8080), UrlPath: str("/health"), ReturnCode: num(200),
			IntervalInMillis: num(1000), TimeoutInMillis: num(200), Retries: num(1), ResponseBodyRegex: common.String("")}})
	f.succeeded(made.OpcWorkRequestId, err)
}
