package e2e

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/cloud"
)

// browser asks no proxy, as a person's browser: the load balancer is here.
var browser = &http.Client{Transport: &http.Transport{}, Timeout: time.Minute}

// journal returns the requests that the cloud answered since a time.
func journal(t testing.TB, since time.Time) []api.Entry {
	t.Helper()
	var entries []api.Entry
	query := url.Values{"since": {since.Format(time.RFC3339Nano)}}
	must(t, world.cloud.Control(context.Background(), http.MethodGet, "/journal?"+query.Encode(), &entries))
	return entries
}

// inventory counts what is in the cloud, by OCID type and state.
func inventory(t testing.TB) map[string]map[string]int {
	t.Helper()
	var status cloud.Status
	must(t, world.cloud.Control(context.Background(), http.MethodGet, "/status", &status))
	return status.Resources
}

func wantStatus(t testing.TB, target string, status int) {
	t.Helper()
	response, err := browser.Get(target)
	must(t, err)
	defer response.Body.Close()
	if response.StatusCode != status {
		t.Fatalf("%s answers %s, want %d", target, response.Status, status)
	}
}
