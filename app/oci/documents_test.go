package oci

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"oci-media-pipelines/app/gallery"
	"oci-media-pipelines/internal/analysis"
	"oci-media-pipelines/internal/ords"
	"oci-media-pipelines/internal/transcoding"
)

// database speaks as much of SODA for REST as the app uses.
type database struct {
	mu        sync.Mutex
	documents map[string]any
	refusals  int // requests still answered with 404, as while warming up
	down      bool
	requests  int
}

func (d *database) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.requests++
	key := strings.TrimPrefix(r.URL.Path, "/ords/admin/soda/latest/IMAGE_ANALYSIS/")
	document, found := d.documents[key]
	switch {
	case d.down:
		w.WriteHeader(503)
	case d.refusals > 0:
		d.refusals--
		w.WriteHeader(404)
	case r.Method == "PUT":
		w.WriteHeader(201)
	case r.Method == "POST" && r.FormValue("action") == "query":
		var example struct {
			Query map[string]any `json:"$query"`
		}
		_ = json.NewDecoder(r.Body).Decode(&example)
		d.page(w, example.Query)
	case strings.HasSuffix(key, "IMAGE_ANALYSIS"):
		d.page(w, nil)
	case !found:
		w.WriteHeader(404)
	case r.Method == "DELETE":
		delete(d.documents, key)
	default:
		writeJSON(w, 200, document)
	}
}

func (d *database) page(w io.Writer, filter map[string]any) {
	items := []any{}
	for key, value := range d.documents {
		text, _ := json.Marshal(value)
		var fields map[string]any
		_ = json.Unmarshal(text, &fields)
		if matches(filter, fields) {
			items = append(items, map[string]any{"id": key, "value": value})
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"items": items, "hasMore": false})
}

// matches knows equality only.
func matches(filter, fields map[string]any) bool {
	for name, want := range filter {
		if fields[name] != want {
			return false
		}
	}
	return true
}

func newDocuments(t *testing.T) (*Documents[analysis.Document], *database) {
	t.Helper()
	service := &database{documents: make(map[string]any)}
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	client, err := ords.New(ords.Config{
		URL: server.URL + "/ords/", User: "ADMIN", Log: slog.New(slog.DiscardHandler),
		Password:  func(context.Context, bool) (string, error) { return "secret", nil },
		FirstWait: time.Millisecond, MaxWait: 5 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return NewDocuments(client.Collection("IMAGE_ANALYSIS"), "photos", slog.New(slog.DiscardHandler)), service
}

func TestDocumentsAreNotReadyUntilConnected(t *testing.T) {
	documents, service := newDocuments(t)
	service.refusals = 3
	object := gallery.Object{Name: "dog.png", ETag: "e1"}
	_, getErr := documents.Get(t.Context(), documents.Key(object))
	_, listErr := documents.List(t.Context())
	for _, err := range []error{getErr, listErr, documents.DeleteFor(t.Context(), "dog.png")} {
		if !errors.Is(err, gallery.ErrNotReady) {
			t.Errorf("before Connect: %v", err)
		}
	}
	if documents.Ready() || service.requests != 0 {
		t.Errorf("%d requests before Connect", service.requests)
	}
	documents.Connect(t.Context())
	if _, err := documents.Get(t.Context(), documents.Key(object)); !errors.Is(err, gallery.ErrNotFound) {
		t.Errorf("after Connect: %v", err)
	}
}

func TestDocumentsReadAndDelete(t *testing.T) {
	documents, service := newDocuments(t)
	documents.Connect(t.Context())
	write := func(name, etag string) string {
		document := analysis.Document{ImageName: name, BucketName: "photos", ETag: etag, Status: analysis.Succeeded}
		service.documents[document.Key()] = document
		return document.Key()
	}
	first, second, other := write("dog.png", "e1"), write("dog.png", "e2"), write("cat.png", "e3")
	service.documents["stray"] = []string{"no analysis"}

	record, err := documents.Get(t.Context(), first)
	if err != nil || record.Key != first || record.Document.ETag != "e1" || !strings.Contains(string(record.Raw), `"image_name":"dog.png"`) {
		t.Errorf("got %+v, %v", record, err)
	}
	records, err := documents.List(t.Context())
	if err != nil || len(records) != 3 {
		t.Errorf("listed %d, %v", len(records), err)
	}
	if err := documents.DeleteFor(t.Context(), "dog.png"); err != nil {
		t.Error(err)
	}
	for key, want := range map[string]bool{first: false, second: false, other: true} {
		if _, still := service.documents[key]; still != want {
			t.Errorf("document %s is there: %v", key, still)
		}
	}
}

func TestJobsReadAndDelete(t *testing.T) {
	analyses, service := newDocuments(t)
	jobs := NewJobs(analyses.collection, "videos", slog.New(slog.DiscardHandler))
	jobs.Connect(t.Context())
	for _, job := range []transcoding.Job{
		{ObjectName: "trip.mp4", BucketName: "videos", ETag: "e1", State: transcoding.Failed},
		{ObjectName: "trip.mp4", BucketName: "videos", ETag: "e2", State: transcoding.Running, Percent: 40},
		{ObjectName: "trip.mp4", BucketName: "other", ETag: "e2"},
	} {
		service.documents[job.Key()] = job
	}
	record, err := jobs.Get(t.Context(), jobs.Key(gallery.Object{Name: "trip.mp4", ETag: "e2"}))
	if err != nil || record.Document.Percent != 40 || !strings.Contains(string(record.Raw), `"object_name":"trip.mp4"`) {
		t.Errorf("got %+v, %v", record, err)
	}
	if err := jobs.DeleteFor(t.Context(), "trip.mp4"); err != nil || len(service.documents) != 1 {
		t.Errorf("%d documents are left, %v", len(service.documents), err)
	}
}

func TestADatabaseThatIsDownIsLeftAloneForAMoment(t *testing.T) {
	documents, service := newDocuments(t)
	documents.Connect(t.Context())
	service.mu.Lock()
	service.down = true
	service.mu.Unlock()
	if _, err := documents.Get(t.Context(), "a"); err == nil || errors.Is(err, gallery.ErrNotFound) {
		t.Fatalf("got %v", err)
	}
	service.mu.Lock()
	before := service.requests
	service.mu.Unlock()
	began := time.Now()
	if _, err := documents.Get(t.Context(), "b"); err == nil || time.Since(began) > time.Second {
		t.Errorf("asked again after %s: %v", time.Since(began), err)
	}
	if service.requests != before {
		t.Error("the database was asked again at once")
	}
}
