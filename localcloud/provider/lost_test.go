package provider_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// TestLostAnswer: a connection that ends in place of an answer leaves open whether the
// call took effect. It is repeated where that does no harm, and nowhere else.
func TestLostAnswer(t *testing.T) {
	// lossy answers as handler does, but for the first time, when nobody hears of it.
	lossy := func(handler http.HandlerFunc) http.HandlerFunc {
		var calls atomic.Int32
		return func(w http.ResponseWriter, r *http.Request) {
			if calls.Add(1) == 1 {
				panic(http.ErrAbortHandler)
			}
			handler(w, r)
		}
	}

	server := vcns()
	routes := server.routes()
	for pattern, handler := range routes {
		routes[pattern] = lossy(handler)
	}
	theCloud.serve(t, routes)
	e := ready(t)
	if _, outputs := e.create(vcn, vcnInputs); outputs["displayName"] != "net" {
		t.Errorf("created %v", outputs)
	}
	creates := theCloud.seen("POST", "/vcns")
	if len(creates) != 2 || creates[0].header.Get("opc-retry-token") == "" || creates[0].header.Get("opc-retry-token") != creates[1].header.Get("opc-retry-token") {
		t.Errorf("created by %d requests with other tokens", len(creates))
	}

	const group = "/20160918/networkSecurityGroups/nsg"
	added := "POST " + group + "/actions/addSecurityRules"
	theCloud.serve(t, map[string]http.HandlerFunc{added: lossy(http.NotFound)})
	_, err := ready(t).Create(t.Context(), &pulumirpc.CreateRequest{
		Urn:        urnOf("oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"),
		Properties: wire(t, object{"networkSecurityGroupId": "nsg", "direction": "INGRESS", "protocol": "6", "source": "10.0.0.0/8"}),
	})
	if n := len(theCloud.seen("POST", "/actions/addSecurityRules")); err == nil || n != 1 {
		t.Errorf("a rule that may have been added was asked for %d times, %v", n, err)
	}
}
