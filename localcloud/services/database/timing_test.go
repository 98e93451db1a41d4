package database_test

import (
	"net/http"
	"testing"

	sdk "github.com/oracle/oci-go-sdk/v65/database"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/profile"
)

func TestANewDatabaseIsFoundByItsNameAfterAWhile(t *testing.T) {
	r := newRig(t)
	p := r.Realistic(0.002)
	created, err := r.client.CreateAutonomousDatabase(t.Context(), sdk.CreateAutonomousDatabaseRequest{CreateAutonomousDatabaseDetails: details()})
	if err != nil {
		t.Fatal(err)
	}
	available := created.TimeCreated.Add(p.Takes("autonomousdatabase", profile.Create))
	gatewaytest.NotBefore(t, available, "the database is available", func() bool {
		return r.get(t, created.Id).LifecycleState == sdk.AutonomousDatabaseLifecycleStateAvailable
	})
	url := r.admin(t, r.get(t, created.Id)).base
	named := available.Add(p.Takes("autonomousdatabase", profile.Resolve))
	gatewaytest.NotBefore(t, named, "its REST front is found", func() bool {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := r.Client.Do(request)
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode != http.StatusServiceUnavailable
	})
}
