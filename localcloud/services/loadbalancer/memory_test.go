package loadbalancer_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/loadbalancer"

	"oci-media-pipelines/localcloud/kind"
)

// Work requests and retry tokens are forgotten after a day, so that a cloud that
// lives for months does not grow with each change.
func TestWorkRequestsAndRetryTokensAreForgottenAfterADay(t *testing.T) {
	f := start(t)
	lb := f.balancer()
	yesterday := time.Now().Add(-25 * time.Hour)
	for table, record := range map[string]any{
		"loadbalancer-work-requests": map[string]any{"id": "old", "loadBalancerId": *lb.Id, "timeFinished": kind.Timestamp(yesterday)},
		"loadbalancer-retry-tokens":  map[string]any{"workRequestId": "old", "time": yesterday},
	} {
		f.ok(f.cloud.Store.Put(table, "old", record))
	}
	made, err := f.client.UpdateLoadBalancer(f.ctx, sdk.UpdateLoadBalancerRequest{LoadBalancerId: lb.Id, OpcRetryToken: common.String("once"),
		UpdateLoadBalancerDetails: sdk.UpdateLoadBalancerDetails{DisplayName: str("other")}})
	f.succeeded(made.OpcWorkRequestId, err)
	for _, table := range []string{"loadbalancer-work-requests", "loadbalancer-retry-tokens"} {
		kept := 0
		f.ok(f.cloud.Store.Scan(table, "", func(key string, _ json.RawMessage) error {
			kept++
			if key == "old" {
				t.Errorf("%s still holds a record of yesterday", table)
			}
			return nil
		}))
		if kept == 0 {
			t.Errorf("%s holds nothing", table)
		}
	}
}
