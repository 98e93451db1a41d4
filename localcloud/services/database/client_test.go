package database_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/database"

	"oci-media-pipelines/internal/ords"
)

// collection opens collection C with the client that the workloads use.
func (r *rig) collection(t *testing.T, db sdk.AutonomousDatabase, secret ords.Password) *ords.Collection {
	t.Helper()
	client, err := ords.New(ords.Config{
		URL: *db.ConnectionUrls.OrdsUrl, User: "ADMIN", Password: secret, HTTP: r.Client, Log: slog.New(slog.DiscardHandler),
		FirstWait: time.Millisecond, MaxWait: 10 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client.Collection("C")
}

func fixed(context.Context, bool) (string, error) { return password, nil }

type analysis struct {
	Image string `json:"image_name"`
	N     int    `json:"n"`
}

func TestClientKeepsDocuments(t *testing.T) {
	r := newRig(t)
	db := r.create(t, details())
	c := r.collection(t, db, fixed)
	if err := c.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	// A second client, cold, finds the collection there.
	if err := r.collection(t, db, fixed).Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 25 {
		if etag, err := c.Put(t.Context(), fmt.Sprintf("a/b %02d", i), analysis{"a.jpg", i}); err != nil || etag == "" {
			t.Fatalf("put: %q, %v", etag, err)
		}
	}
	doc, err := c.Get(t.Context(), "a/b 07")
	var value analysis
	if err != nil || doc.Decode(&value) != nil || value.N != 7 || doc.ETag == "" || doc.LastModified.IsZero() {
		t.Fatalf("got %+v, %v", doc, err)
	}
	replaced, err := c.Put(t.Context(), "a/b 07", analysis{"b.jpg", 7}, ords.IfMatch(doc.ETag))
	if err != nil || replaced == "" || replaced == doc.ETag {
		t.Fatalf("replaced: %q, %v", replaced, err)
	}
	if _, err = c.Put(t.Context(), "a/b 07", analysis{"c.jpg", 7}, ords.IfMatch(doc.ETag)); !errors.Is(err, ords.ErrPreconditionFailed) {
		t.Errorf("error %v", err)
	}
	if _, err = c.Put(t.Context(), "new", analysis{}, ords.IfMatch(doc.ETag)); err == nil {
		t.Error("a document that is not there has no version")
	}

	n := 0
	for doc, err := range c.List(t.Context()) {
		if err != nil || doc.Key != fmt.Sprintf("a/b %02d", n) || doc.Created.IsZero() {
			t.Fatalf("document %d: %+v, %v", n, doc, err)
		}
		n++
	}
	if n != 25 {
		t.Errorf("listed %d documents, want 25", n)
	}
	query := ords.Query{Filter: map[string]any{"image_name": "a.jpg", "n": map[string]any{"$gte": 5}}, OrderBy: []ords.Order{{Path: "n"}}, PageSize: 4}
	seen := map[string]bool{}
	for doc, err := range c.Query(t.Context(), query) {
		if err != nil || seen[doc.Key] {
			t.Fatalf("%+v, %v", doc, err)
		}
		seen[doc.Key] = true
	}
	if len(seen) != 19 || seen["a/b 07"] {
		t.Errorf("selected %d documents, want 19: %v", len(seen), seen)
	}
	if err = c.Delete(t.Context(), "a/b 07"); err != nil {
		t.Fatal(err)
	}
	if err = c.Delete(t.Context(), "a/b 07"); !errors.Is(err, ords.ErrNotFound) {
		t.Errorf("error %v", err)
	}
	if _, err = c.Get(t.Context(), "a/b 07"); !errors.Is(err, ords.ErrNotFound) {
		t.Errorf("error %v", err)
	}
}

// One of many that replace the same version wins.
func TestClientsThatRace(t *testing.T) {
	r := newRig(t)
	db := r.create(t, details())
	c := r.collection(t, db, fixed)
	etag, err := c.Put(t.Context(), "k", analysis{N: -1})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	won := 0
	for i := range 8 {
		group.Go(func() {
			_, err := c.Put(t.Context(), "k", analysis{N: i}, ords.IfMatch(etag))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case !errors.Is(err, ords.ErrPreconditionFailed):
				t.Error(err)
			}
		})
	}
	group.Wait()
	if won != 1 {
		t.Errorf("%d won, want 1", won)
	}
}

// The client waits for a database that is being started, and reads a rotated
// password anew.
func TestClientWaits(t *testing.T) {
	r := newRig(t)
	db := r.create(t, details())
	if _, err := r.client.StopAutonomousDatabase(t.Context(), sdk.StopAutonomousDatabaseRequest{AutonomousDatabaseId: db.Id}); err != nil {
		t.Fatal(err)
	}
	asked, ensured := make(chan struct{}, 100), make(chan error, 1)
	c := r.collection(t, db, func(_ context.Context, fresh bool) (string, error) {
		asked <- struct{}{}
		if fresh {
			return password, nil
		}
		return "0utdatedHorseBattery", nil
	})
	go func() { ensured <- c.Ensure(t.Context()) }()
	<-asked
	if _, err := r.client.StartAutonomousDatabase(t.Context(), sdk.StartAutonomousDatabaseRequest{AutonomousDatabaseId: db.Id}); err != nil {
		t.Fatal(err)
	}
	if err := <-ensured; err != nil {
		t.Fatal(err)
	}
}
