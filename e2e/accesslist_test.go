package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/database"

	"oci-media-pipelines/localcloud/api"
)

// accessListCompartment is a compartment of its own, where the stack's database is the
// only one.
const accessListCompartment = "ocid1.compartment.oc1..aaaaaaaaaccesslist"

// TestPublicDatabase deploys with a public database. Its access list lets the stack's
// network in, which the app and the function need, and not this machine.
func TestPublicDatabase(t *testing.T) {
	s := openStack(t, "accesslist", map[string]string{"compartmentId": accessListCompartment, "databasePrivateEndpoint": "false"})
	outputs, _ := s.up()
	t.Cleanup(s.destroy)
	url := strings.TrimRight(output(t, outputs, "applicationUrl"), "/")
	tryOut(t, url)
	refused, err := through(t, world.cloud.ProxyURL).Get(output(t, outputs, "ordsUrl") + "admin/soda/latest")
	must(t, err)
	must(t, refused.Body.Close())
	if refused.StatusCode != http.StatusForbidden {
		t.Errorf("this machine gets %s of the database", refused.Status)
	}

	databases := administrator(t, database.NewDatabaseClientWithConfigurationProvider)
	compartment := accessListCompartment
	listed, err := databases.ListAutonomousDatabases(t.Context(), database.ListAutonomousDatabasesRequest{CompartmentId: &compartment})
	must(t, err)
	if len(listed.Items) != 1 {
		t.Fatalf("there are %d databases", len(listed.Items))
	}
	list := listed.Items[0].WhitelistedIps
	write := func(list []string) {
		_, err := databases.UpdateAutonomousDatabase(t.Context(), database.UpdateAutonomousDatabaseRequest{AutonomousDatabaseId: listed.Items[0].Id,
			UpdateAutonomousDatabaseDetails: database.UpdateAutonomousDatabaseDetails{WhitelistedIps: list}})
		must(t, err)
	}
	vcn, began := output(t, outputs, "vcnId"), time.Now()
	write(slices.DeleteFunc(slices.Clone(list), func(entry string) bool { return entry == vcn }))
	someone := user{t, url}
	if status, body := someone.call(http.MethodGet, url+"/api/results"); status == http.StatusOK {
		t.Errorf("without the network on the list there are results: %s", body)
	}
	if !slices.ContainsFunc(journal(t, began), func(e api.Entry) bool {
		return slices.ContainsFunc(e.Decisions, func(d api.Decision) bool { return strings.HasSuffix(d.Missing, ": "+vcn) })
	}) {
		t.Error("the journal does not name the missing entry")
	}
	write(list)
	until(t, patience, fmt.Sprint("results with ", list), func() bool {
		status, _ := someone.call(http.MethodGet, url+"/api/results")
		return status == http.StatusOK
	})
}
