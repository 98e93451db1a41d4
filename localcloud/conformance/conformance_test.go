// Package conformance holds no code: its test uses every operation that the local
// cloud serves, through the public clients of Oracle's Go SDK with the SDK's
// default retries, or through the natural client of what has no SDK. It fails for
// each operation that was not used with success.
package conformance_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/docs"
	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/cloud"
	"oci-media-pipelines/localcloud/cloud/cloudtest"
	"oci-media-pipelines/localcloud/endpoint"
)

var (
	str   = common.String
	num   = common.Int
	float = common.Float32
	yes   = common.Bool(true)
	no    = common.Bool(false)
)

// local is the cloud under test.
var local endpoint.Endpoint

func TestMain(m *testing.M) {
	os.Exit(cloudtest.Run(m, func(started endpoint.Endpoint) {
		local = started
		retries := common.DefaultRetryPolicy()
		common.GlobalRetry = &retries
	}))
}

func TestConformance(t *testing.T) {
	began := time.Now()
	session = strings.ReplaceAll(uuid.NewString(), "-", "")[:8]
	grant(t)
	t.Run("services", func(t *testing.T) {
		for name, test := range map[string]func(t *testing.T, compartment *string){
			"core": testCore, "loadbalancer": testLoadBalancer, "objectstorage": testObjectStorage, "vault": testVault, "logging": testLogging,
			"ons": testNotifications, "monitoring": testMonitoring, "events": testEvents, "registry": testRegistry, "containerinstances": testContainerInstances,
			"functions": testFunctions, "database": testDatabase, "aivision": testVision, "devops": testDevOps, "code": testCode,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				// One for each, so that lists hold what the test made.
				test(t, compartmentOf(name))
			})
		}
	})
	// The last, because its writes make the SDK patient with all services.
	t.Run("identity", testIdentity)
	t.Run("every operation", func(t *testing.T) { testEveryOperation(t, began) })
}

// session tells apart the names of the runs of the test.
var session string

// unique makes a name that no other run of the test has given.
func unique(name string) string { return "conformance" + session + name }

// testEveryOperation compares what the cloud serves with what its journal says was
// done since a time.
func testEveryOperation(t *testing.T, began time.Time) {
	var served []cloud.Operation
	var journal []api.Entry
	for path, answer := range map[string]any{"/operations": &served, "/journal?since=" + url.QueryEscape(began.Format(time.RFC3339Nano)): &journal} {
		if err := local.Control(t.Context(), http.MethodGet, path, answer); err != nil {
			t.Fatal(err)
		}
	}
	type operation struct{ service, name string }
	used := map[operation]bool{}
	for _, entry := range journal {
		if entry.Status >= 200 && entry.Status < 300 {
			used[operation{entry.Service, entry.Operation}] = true
		}
		// Of the network it tells what is not let through, which is no answer.
		if entry.Status >= 500 && entry.Service != "network" {
			t.Errorf("%s %s %s answered %d %s", entry.Service, entry.Operation, entry.Path, entry.Status, entry.Error)
		}
	}
	under := 0
	for _, o := range served {
		if used[operation{o.Service, o.Operation}] {
			under++
		} else {
			t.Errorf("no test used %s %s with success", o.Service, o.Operation)
		}
	}
	docs.WantFigure(t, "operations served", len(served))
	t.Logf("%d operations served, %d under this suite, %d requests", len(served), under, len(journal))
}
