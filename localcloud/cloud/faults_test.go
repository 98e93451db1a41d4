package cloud_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/faults"
)

// TestFaults changes the plan of a running cloud and asks what anybody may.
func TestFaults(t *testing.T) {
	e, _ := serve(t, t.TempDir(), 0)
	client := proxied(t, e)
	ask := func() (status int, took time.Duration, err error) {
		began := time.Now()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://iaas.us-ashburn-1.oraclecloud.com/20160918/vcns", strings.NewReader(`{"displayName":"b"}`))
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			return 0, time.Since(began), err
		}
		return response.StatusCode, time.Since(began), response.Body.Close()
	}
	plan := func(rule string) {
		t.Helper()
		if err := e.Send(t.Context(), http.MethodPut, "/faults", []byte("rules: [{operations: [CreateVcn], "+rule+"}]"), nil); err != nil {
			t.Fatal(err)
		}
	}
	// Without a signature the answer is 401, unless something goes wrong before.
	for rule, want := range map[string]int{"fault: throttle, nth: [1]": 429, "fault: error, share: 1": 503, "fault: capacity, share: 1, where: {displayName: 'b*'}": 500, "fault: capacity, share: 1, where: {displayName: 'c*'}": 401, "fault: error, status: 500, nth: [1]": 500, "fault: lost, nth: [2]": 401} {
		plan(rule)
		if status, _, err := ask(); status != want || err != nil {
			t.Errorf("%s: %d, %v, want %d", rule, status, err, want)
		}
	}
	plan("fault: slow, delay: 50ms, nth: [1]")
	if status, took, err := ask(); status != 401 || took < 50*time.Millisecond || err != nil {
		t.Errorf("slow: %d after %v, %v", status, took, err)
	}
	plan("fault: lost, nth: [1]")
	if status, _, err := ask(); err == nil {
		t.Errorf("an answer was lost and is %d", status)
	}
	var report faults.Report
	if err := e.Control(t.Context(), http.MethodGet, "/faults", &report); err != nil || report.Struck["lost"] != 1 {
		t.Errorf("report %+v, %v", report, err)
	}
	var entries []api.Entry
	if err := e.Control(t.Context(), http.MethodGet, "/journal", &entries); err != nil {
		t.Fatal(err)
	}
	for _, fault := range []string{"throttle", "error", "slow", "lost"} {
		if !slices.ContainsFunc(entries, func(e api.Entry) bool { return e.Fault == fault }) {
			t.Errorf("the journal does not know of the fault %s", fault)
		}
	}
	if err := e.Send(t.Context(), http.MethodPut, "/faults", []byte("rules: [{fault: rain}]"), nil); err == nil || !strings.Contains(err.Error(), "rain") {
		t.Errorf("a wrong plan: %v", err)
	}
	plan("fault: throttle, share: 1")
	if err := e.Control(t.Context(), http.MethodDelete, "/faults", nil); err != nil {
		t.Fatal(err)
	}
	if status, _, err := ask(); status != 401 || err != nil {
		t.Errorf("after the plan's end: %d, %v", status, err)
	}
}
