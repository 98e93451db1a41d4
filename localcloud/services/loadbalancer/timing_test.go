package loadbalancer_test

import (
	"testing"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/loadbalancer"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/profile"
)

func TestALoadBalancerTakesOneChangeAfterTheOther(t *testing.T) {
	f := start(t)
	lb := f.balancer()
	p := f.cloud.Realistic(0.03)
	set := func(name string) error {
		_, err := f.client.CreateBackendSet(f.ctx, sdk.CreateBackendSetRequest{LoadBalancerId: lb.Id, CreateBackendSetDetails: sdk.CreateBackendSetDetails{
			Name: &name, Policy: str("ROUND_ROBIN"), HealthChecker: &sdk.HealthCheckerDetails{Protocol: str("TCP")}}})
		return err
	}
	free := time.Now().Add(p.Takes("loadbalancerpart", profile.Update))
	f.ok(set("one"))
	gatewaytest.NotBefore(t, free, "another change is taken", func() bool {
		err := set("two")
		if err != nil {
			f.refused(err, 409, "is being changed by another work request")
		}
		return err == nil
	})
}
