package cloud_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/cloud"
	"oci-media-pipelines/localcloud/endpoint"
	"oci-media-pipelines/localcloud/store"
)

// serve runs a cloud on dir until the test asks it to stop.
func serve(t *testing.T, dir string, port int, options ...cloud.Option) (e endpoint.Endpoint, ended <-chan error) {
	t.Helper()
	c, err := cloud.Open(dir, port, options...)
	if err != nil {
		t.Fatal(err)
	}
	done, gone := make(chan error, 1), make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() {
		cancel()
		<-gone
	})
	go func() {
		done <- c.Serve(ctx)
		close(gone)
	}()
	deadline := time.After(10 * time.Second)
	for {
		if e, err = endpoint.Find(t.Context(), dir); err == nil {
			return e, done
		}
		select {
		case err := <-done:
			t.Fatalf("the cloud ended: %v", err)
		case <-deadline:
			t.Fatal(err)
		case <-time.After(time.Millisecond):
		}
	}
}

func TestServe(t *testing.T) {
	dir := t.TempDir()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	e, ended := serve(t, dir, port)
	if e.ProxyURL == "http://"+taken.Addr().String() {
		t.Errorf("the cloud is at the port that is taken: %s", e.ProxyURL)
	}
	if _, err := cloud.Open(dir, 0); !errors.Is(err, store.ErrLocked) {
		t.Errorf("a second cloud on the folder says %v", err)
	}
	var status cloud.Status
	if err := e.Control(t.Context(), http.MethodGet, "/status", &status); err != nil {
		t.Fatal(err)
	}
	if status.Endpoint.ControlToken != "" || status.Endpoint.ProxyURL != e.ProxyURL {
		t.Errorf("status shows %v", status.Endpoint)
	}
	if len(status.Resources) != 0 {
		t.Errorf("a new cloud, where nobody has deployed anything, has %v", status.Resources)
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(e.ProxyURL + "/logs")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized {
		t.Errorf("without the token the control API answers %s", response.Status)
	}
	if err := e.Control(t.Context(), http.MethodPost, "/stop", nil); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the cloud ended with %v", err)
	}
	if _, err := endpoint.Read(dir); !errors.Is(err, endpoint.ErrNotRunning) {
		t.Errorf("the endpoint remains: %v", err)
	}
	again, ended := serve(t, dir, 0)
	if again.Fingerprint != e.Fingerprint || again.ControlToken == e.ControlToken {
		t.Errorf("after a restart the endpoint is %v", again)
	}
	if err := again.Control(t.Context(), http.MethodPost, "/stop", nil); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the cloud ended with %v", err)
	}
}

func TestJournalFilters(t *testing.T) {
	e, _ := serve(t, t.TempDir(), 0)
	// A request without a signature fails and is in the journal.
	client := proxied(t, e)
	response, err := client.Get("https://objectstorage.us-ashburn-1.oraclecloud.com/n")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	for query, want := range map[string]int{
		"": 1, "failed=true": 1, "service=objectstorage": 1, "service=core": 0,
		"since=" + future: 0, "ended=" + future: 0, "since=" + past + "&ended=" + past: 1,
	} {
		var entries []api.Entry
		if err := e.Control(t.Context(), http.MethodGet, "/journal?"+query, &entries); err != nil {
			t.Fatal(err)
		}
		if len(entries) != want {
			t.Errorf("%q finds %v, want %d", query, entries, want)
		}
	}
}

var future, past = moment(time.Hour), moment(-time.Hour)

func moment(ahead time.Duration) string {
	return strings.ReplaceAll(time.Now().Add(ahead).UTC().Format(time.RFC3339), "+", "%2B")
}
