package e2e

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
)

// administrator opens a client of OCI's SDK with the credentials of the tenancy's
// administrator, who changes things behind Pulumi's back. The environment that an
// opened stack leaves behind leads it to the local cloud.
func administrator[C any](t testing.TB, open func(common.ConfigurationProvider) (C, error)) C {
	t.Helper()
	credentials, err := common.ConfigurationProviderFromFile(world.cloud.ConfigFile, "")
	must(t, err)
	client, err := open(credentials)
	must(t, err)
	return client
}

// registryService is the container registry's name in the journal.
const registryService = "ocir"

// writes returns the requests since a time that were to change something and did
// not come from a workload, in the order in which they were answered.
func writes(t testing.TB, since time.Time) []api.Entry {
	t.Helper()
	return slices.DeleteFunc(journal(t, since), func(e api.Entry) bool {
		return e.Method == http.MethodGet || e.Method == http.MethodHead || e.Principal.Type == iam.Resource
	})
}

// pushes returns the repositories that got a manifest since a time.
func pushes(t testing.TB, since time.Time) []string {
	t.Helper()
	var repositories []string
	for _, e := range writes(t, since) {
		if path, _, found := strings.Cut(e.Path, "/manifests/"); found && e.Method == http.MethodPut && e.Status < 300 {
			repositories = append(repositories, strings.TrimPrefix(path, "/v2/localcloud/"))
		}
	}
	return repositories
}

// when returns the position of the first entry for which is holds, and fails the
// test if there is none.
func when(t testing.TB, entries []api.Entry, what string, is func(api.Entry) bool) int {
	t.Helper()
	i := slices.IndexFunc(entries, is)
	if i < 0 {
		t.Fatalf("nobody asked the cloud for %s; it was asked for:\n%s", what, requests(entries))
	}
	return i
}

// operation tells the requests for an operation.
func operation(name string) func(api.Entry) bool {
	return func(e api.Entry) bool { return e.Operation == name }
}

// requests are entries as lines of text.
func requests(entries []api.Entry) string {
	var b strings.Builder
	for _, e := range entries {
		b.WriteString("  " + e.Operation + ": " + e.Method + " " + e.Host + e.Path + " " + strconv.Itoa(e.Status) + "\n")
	}
	return b.String()
}
