package pipeline

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// backend is what the engine tells a hook about a backend.
func backend() *pulumi.ResourceHookArgs {
	properties := resource.NewPropertyMapFromMap(map[string]any{
		"loadBalancerId": "ocid1.loadbalancer.oc1..lb", "backendsetName": "app", "ipAddress": "10.0.64.7", "port": 8080,
	})
	return &pulumi.ResourceHookArgs{Name: "backend-0", NewInputs: properties, NewOutputs: properties, OldInputs: properties, OldOutputs: properties}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if body != nil {
		_ = json.NewEncoder(w).Encode(body)
	}
}

func TestAnUpdateWaitsUntilItsBackendIsHealthy(t *testing.T) {
	states := []string{"404", "UNKNOWN", "CRITICAL", "OK"}
	asked := 0
	r := deployed(t, newRig())
	r.cloud = http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if want := "/20170115/loadBalancers/ocid1.loadbalancer.oc1..lb/backendSets/app/backends/10.0.64.7:8080/health"; q.URL.Path != want {
			t.Errorf("asked %s, want %s", q.URL.Path, want)
		}
		state := states[min(asked, len(states)-1)]
		asked++
		if state == "404" {
			answer(w, 404, map[string]any{"code": "NotAuthorizedOrNotFound", "message": "not yet"})
			return
		}
		answer(w, 200, map[string]any{"status": state, "healthCheckResults": []any{}})
	})
	if err := r.calls["backend-healthy"](backend()); err != nil {
		t.Fatal(err)
	}
	if asked != len(states) {
		t.Errorf("asked %d times, want until the state was OK: %d", asked, len(states))
	}
}

func TestAnUpdateFailsWhenHealthCannotBeAsked(t *testing.T) {
	r := deployed(t, newRig())
	r.cloud = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 401, map[string]any{"code": "NotAuthenticated", "message": "who are you"})
	})
	if err := r.calls["backend-healthy"](backend()); err == nil || !strings.Contains(err.Error(), "who are you") {
		t.Errorf("error %v", err)
	}
}

func TestABackendIsDrainedBeforeItGoes(t *testing.T) {
	r := deployed(t, newRig("drainSeconds", "7"))
	r.waits = nil
	var body string
	r.cloud = http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		text, _ := io.ReadAll(q.Body)
		body = q.Method + " " + string(text)
		w.Header().Set("opc-work-request-id", "wr")
		answer(w, 204, nil)
	})
	if err := r.calls["drain-backend"](backend()); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(body, "PUT ") || !strings.Contains(body, `"drain":true`) || !strings.Contains(body, `"offline":false`) {
		t.Errorf("sent %s", body)
	}
	if !slices.Equal(r.waits, []time.Duration{7 * time.Second}) {
		t.Errorf("waited %v, want 7 s", r.waits)
	}
}

func TestDrainingWaitsForOtherChanges(t *testing.T) {
	r := deployed(t, newRig("drainSeconds", "7"))
	r.waits = nil
	asked := 0
	r.cloud = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked < 4 {
			answer(w, 409, map[string]any{"code": "Conflict", "message": "being changed"})
			return
		}
		answer(w, 204, nil)
	})
	if err := r.calls["drain-backend"](backend()); err != nil {
		t.Fatal(err)
	}
	if want := []time.Duration{time.Second, time.Second, time.Second, 7 * time.Second}; !slices.Equal(r.waits, want) {
		t.Errorf("waited %v, want %v", r.waits, want)
	}
}

func TestABackendThatIsGoneNeedsNoDraining(t *testing.T) {
	r := deployed(t, newRig())
	r.waits = nil
	r.cloud = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 404, map[string]any{"code": "NotAuthorizedOrNotFound", "message": "gone"})
	})
	if err := r.calls["drain-backend"](backend()); err != nil || len(r.waits) != 0 {
		t.Errorf("error %v, waits %v", err, r.waits)
	}
}

// fullBucket is an Object Storage that holds one bucket's things.
type fullBucket struct {
	mu       sync.Mutex
	versions map[string]string // version id -> object name
	uploads  map[string]string // upload id -> object name
	requests map[string]bool   // pre-authenticated request ids
	missing  bool
}

func (b *fullBucket) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	const root = "/n/axnamespace/b/images"
	path, query := q.URL.Path, q.URL.Query()
	items := []any{}
	switch {
	case b.missing:
		answer(w, 404, map[string]any{"code": "BucketNotFound", "message": "gone"})
	case q.Method == "GET" && path == root+"/objectversions":
		for id, name := range b.versions {
			items = append(items, map[string]any{"name": name, "versionId": id, "isDeleteMarker": false, "timeModified": "2026-03-01T12:00:00Z"})
			if len(items) == 10 && len(b.versions) > 10 { // in pages
				w.Header().Set("opc-next-page", "more")
				break
			}
		}
		answer(w, 200, map[string]any{"items": items, "prefixes": []any{}})
	case q.Method == "GET" && path == root+"/u":
		for id, name := range b.uploads {
			items = append(items, map[string]any{"namespace": "axnamespace", "bucket": "images", "object": name, "uploadId": id, "timeCreated": "2026-03-01T12:00:00Z"})
		}
		answer(w, 200, items)
	case q.Method == "GET" && path == root+"/p":
		for id := range b.requests {
			items = append(items, map[string]any{"id": id, "name": "par", "accessType": "ObjectRead", "timeCreated": "2026-03-01T12:00:00Z", "timeExpires": "2026-04-01T12:00:00Z"})
		}
		answer(w, 200, items)
	case q.Method == "DELETE" && strings.HasPrefix(path, root+"/o/") && b.versions[query.Get("versionId")] == strings.TrimPrefix(path, root+"/o/"):
		delete(b.versions, query.Get("versionId"))
		answer(w, 204, nil)
	case q.Method == "DELETE" && strings.HasPrefix(path, root+"/u/") && b.uploads[query.Get("uploadId")] == strings.TrimPrefix(path, root+"/u/"):
		delete(b.uploads, query.Get("uploadId"))
		answer(w, 204, nil)
	case q.Method == "DELETE" && strings.HasPrefix(path, root+"/p/"):
		delete(b.requests, strings.TrimPrefix(path, root+"/p/"))
		answer(w, 204, nil)
	default:
		answer(w, 400, map[string]any{"code": "InvalidParameter", "message": q.Method + " " + q.URL.String()})
	}
}

func bucketArgs() *pulumi.ResourceHookArgs {
	return &pulumi.ResourceHookArgs{Name: "bucket", OldInputs: resource.NewPropertyMapFromMap(map[string]any{"namespace": "axnamespace", "name": "images"})}
}

func TestABucketIsEmptiedBeforeItIsDeleted(t *testing.T) {
	bucket := &fullBucket{versions: map[string]string{}, uploads: map[string]string{"u1": "half/way.png"}, requests: map[string]bool{"p1": true, "p2": true}}
	for i := range 35 {
		bucket.versions[fmt.Sprintf("v%d", i)] = fmt.Sprintf("folder %d/ü.jpg", i/2)
	}
	r := deployed(t, newRig())
	r.cloud = bucket
	if err := r.calls["empty-bucket"](bucketArgs()); err != nil {
		t.Fatal(err)
	}
	if left := len(bucket.versions) + len(bucket.uploads) + len(bucket.requests); left != 0 {
		t.Errorf("%d things are left: %+v", left, bucket)
	}
}

func TestABucketThatIsGoneNeedsNoEmptying(t *testing.T) {
	r := deployed(t, newRig())
	r.cloud = &fullBucket{missing: true}
	if err := r.calls["empty-bucket"](bucketArgs()); err != nil {
		t.Error(err)
	}
}
