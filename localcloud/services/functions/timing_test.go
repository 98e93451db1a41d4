package functions_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/functions"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/profile"
)

func TestAnInvokeEndpointIsFoundAfterAWhile(t *testing.T) {
	c := newCloud(t, nil)
	p := c.Realistic(0.05)
	created, err := c.client.CreateApplication(t.Context(), sdk.CreateApplicationRequest{CreateApplicationDetails: sdk.CreateApplicationDetails{
		CompartmentId: c.application.CompartmentId, DisplayName: common.String("late"), SubnetIds: c.application.SubnetIds,
		Shape: sdk.CreateApplicationDetailsShapeEnum(c.application.Shape),
	}})
	must(t, err)
	c.application = created.Application
	function := c.create(t, nil)
	named := created.TimeCreated.Add(p.Takes("fnapp", profile.Create) + p.Takes("fnapp", profile.Resolve))
	gatewaytest.NotBefore(t, named, "the endpoint is found", func() bool { return c.finds(t, *function.InvokeEndpoint) })
}

// finds reports whether a name resolves, whatever is answered there.
func (c *cloud) finds(t *testing.T, url string) bool {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	must(t, err)
	response, err := c.Client.Do(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	return true
}

func TestTheFirstCallWaitsForItsInfrastructure(t *testing.T) {
	c := newCloud(t, nil)
	function := c.create(t, nil)
	start := c.Realistic(0.05).Takes("fnfunc", profile.Start)
	gatewaytest.Eventually(t, "the endpoint is found", func() bool { return c.finds(t, *function.InvokeEndpoint) })
	asked := time.Now()
	c.ask(t, function, "pid")
	if took := time.Since(asked); took < start {
		t.Errorf("the first call took %v, its infrastructure takes %v", took, start)
	}
	asked = time.Now()
	c.ask(t, function, "pid")
	if took := time.Since(asked); took >= start {
		t.Errorf("the second call took %v, it needs no new infrastructure for %v", took, start)
	}
}
