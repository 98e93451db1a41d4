package conformance_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/database"
	"github.com/oracle/oci-go-sdk/v65/workrequests"
)

func testDatabase(t *testing.T, compartment *string) {
	const password = "Corr3ctHorseBattery"
	client := connect(t, database.NewDatabaseClientWithConfigurationProvider)
	if versions := pages(t, client.ListAutonomousDbVersions, database.ListAutonomousDbVersionsRequest{CompartmentId: compartment}); len(versions) < 2 {
		t.Errorf("versions %v", versions)
	}
	make := func(name string) *resource {
		return create(t, client, "AutonomousDatabase", database.CreateAutonomousDatabaseDetails{
			CompartmentId: compartment, DbName: &name, DisplayName: &name, AdminPassword: str(password), DbWorkload: database.CreateAutonomousDatabaseBaseDbWorkloadAjd,
			LicenseModel: database.CreateAutonomousDatabaseBaseLicenseModelLicenseIncluded, ComputeModel: database.CreateAutonomousDatabaseBaseComputeModelEcpu, ComputeCount: float(2), DataStorageSizeInGBs: num(20)})
	}
	b, a := make("confb"), make("confa")
	exactly(t, client.ListAutonomousDatabases, database.ListAutonomousDatabasesRequest{CompartmentId: compartment, SortBy: database.ListAutonomousDatabasesSortByDisplayname}, a, b)
	exactly(t, client.ListAutonomousDatabases, database.ListAutonomousDatabasesRequest{CompartmentId: compartment, SortBy: database.ListAutonomousDatabasesSortByTimecreated, SortOrder: database.ListAutonomousDatabasesSortOrderAsc}, b, a)
	exactly(t, client.ListAutonomousDatabases, database.ListAutonomousDatabasesRequest{CompartmentId: compartment, DisplayName: str("confb"),
		DbWorkload: database.AutonomousDatabaseSummaryDbWorkloadAjd, LifecycleState: database.AutonomousDatabaseSummaryLifecycleStateAvailable, IsFreeTier: no}, b)
	b.update(database.UpdateAutonomousDatabaseDetails{FreeformTags: map[string]string{"a": "b"}})
	state := func(want database.AutonomousDatabaseLifecycleStateEnum) {
		t.Helper()
		until(t, client.GetAutonomousDatabase, database.GetAutonomousDatabaseRequest{AutonomousDatabaseId: &b.id}, func(a database.GetAutonomousDatabaseResponse) bool {
			return a.LifecycleState == want
		})
	}
	stop := do(t, client.StopAutonomousDatabase, database.StopAutonomousDatabaseRequest{AutonomousDatabaseId: &b.id}).OpcWorkRequestId
	state(database.AutonomousDatabaseLifecycleStateStopped)
	do(t, client.StartAutonomousDatabase, database.StartAutonomousDatabaseRequest{AutonomousDatabaseId: &b.id})
	state(database.AutonomousDatabaseLifecycleStateAvailable)
	do(t, client.RestartAutonomousDatabase, database.RestartAutonomousDatabaseRequest{AutonomousDatabaseId: &b.id})
	state(database.AutonomousDatabaseLifecycleStateAvailable)

	testWorkRequests(t, compartment, b.id, *stop)
	testORDS(t, *b.answer.Interface().(database.GetAutonomousDatabaseResponse).ConnectionUrls.OrdsUrl+"admin/", password)
	b.delete()
	a.delete()
}

// testWorkRequests reads a database's work requests, for which OCI has an API of
// their own.
func testWorkRequests(t *testing.T, compartment *string, databaseID, id string) {
	client := connect(t, workrequests.NewWorkRequestClientWithConfigurationProvider)
	got := until(t, client.GetWorkRequest, workrequests.GetWorkRequestRequest{WorkRequestId: &id}, func(a workrequests.GetWorkRequestResponse) bool {
		return a.Status == workrequests.WorkRequestStatusSucceeded
	})
	if len(got.Resources) != 1 || *got.Resources[0].Identifier != databaseID || got.TimeFinished == nil {
		t.Errorf("work request %v", got)
	}
	all := pages(t, client.ListWorkRequests, workrequests.ListWorkRequestsRequest{CompartmentId: compartment, ResourceId: &databaseID})
	// Its create, which was repeated, its update, stop, start and restart.
	if len(all) != 5 {
		t.Errorf("work requests of %s: %v", databaseID, all)
	}
	if errors := pages(t, client.ListWorkRequestErrors, workrequests.ListWorkRequestErrorsRequest{WorkRequestId: &id}); len(errors) > 0 {
		t.Errorf("errors %v", errors)
	}
	pages(t, client.ListWorkRequestLogs, workrequests.ListWorkRequestLogsRequest{WorkRequestId: &id})
}

// testORDS uses SODA for REST, and SQL, as any HTTP client does.
func testORDS(t *testing.T, base, password string) {
	for _, step := range []struct {
		method, path, body string
		want               int
		holds              string
	}{
		{"GET", "soda/latest/C", "", 404, ""},
		{"PUT", "soda/latest/C", `{"keyColumn":{"assignmentMethod":"CLIENT"}}`, 201, ""},
		{"GET", "soda/latest", "", 200, `"C"`},
		{"PUT", "soda/latest/C/one", `{"n":1}`, 201, ""},
		{"PUT", "soda/latest/C/two", `{"n":2}`, 201, ""},
		{"GET", "soda/latest/C/one", "", 200, `{"n":1}`},
		{"PATCH", "soda/latest/C/one", `[{"op":"replace","path":"/n","value":3}]`, 200, ""},
		{"GET", "soda/latest/C?limit=1", "", 200, `"hasMore":true`},
		{"GET", "soda/latest/C?limit=1&offset=1", "", 200, `"hasMore":false`},
		{"POST", "soda/latest/C?action=query", `{"n":{"$gte":3}}`, 200, `"one"`},
		{"POST", "soda/latest/custom-actions/query/C", `{"n":2}`, 200, `"two"`},
		{"DELETE", "soda/latest/C/one", "", 200, ""},
		{"GET", "soda/latest/C/one", "", 404, ""},
		{"POST", "_/sql", "COMMIT;", 200, "COMMIT"},
		{"DELETE", "soda/latest/C", "", 200, ""},
		{"GET", "soda/latest/C", "", 404, ""},
	} {
		code, body := fetch(t, step.method, base+step.path, step.body, func(r *http.Request) {
			r.SetBasicAuth("ADMIN", password)
			r.Header.Set("Content-Type", "application/json")
			switch {
			case step.path == "_/sql":
				r.Header.Set("Content-Type", "application/sql")
			case step.method == http.MethodPatch:
				r.Header.Set("Content-Type", "application/json-patch+json")
			}
		})
		if code != step.want || !strings.Contains(body, step.holds) {
			t.Fatalf("%s %s: %d %s, want %d with %s", step.method, step.path, code, body, step.want, step.holds)
		}
	}
}
