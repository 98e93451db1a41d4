package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"oci-media-pipelines/app/gallery"
	"oci-media-pipelines/internal/analysis"
)

// bucket is a gallery.Storage in memory.
type bucket struct {
	mu      sync.Mutex
	objects map[string]stored
	changes int
	lists   int
	err     error  // answers everything, if set
	stuck   string // the object of this name cannot be deleted
}

type stored struct {
	gallery.Object
	contentType  string
	content      []byte
	cacheControl string
}

func (b *bucket) Put(ctx context.Context, upload gallery.Upload) (gallery.Object, error) {
	content, err := io.ReadAll(upload.Body)
	if err != nil {
		return gallery.Object{}, fmt.Errorf("receive: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return gallery.Object{}, b.err
	}
	for name := range upload.Names {
		if _, taken := b.objects[name]; !taken {
			return b.store(name, upload.ContentType, content, time.Now()), nil
		}
	}
	return gallery.Object{}, gallery.ErrNameTaken
}

func (b *bucket) store(name, contentType string, content []byte, created time.Time) gallery.Object {
	b.changes++
	object := gallery.Object{Name: name, ETag: fmt.Sprintf("etag-%d", b.changes), Size: int64(len(content)), Created: created}
	b.objects[name] = stored{Object: object, contentType: contentType, content: content}
	return object
}

func (b *bucket) List(context.Context) ([]gallery.Object, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lists++
	var all []gallery.Object
	for _, object := range b.objects {
		all = append(all, object.Object)
	}
	return all, b.err
}

func (b *bucket) find(name string) (stored, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	object, ok := b.objects[name]
	if !ok && b.err == nil {
		return stored{}, gallery.ErrNotFound
	}
	return object, b.err
}

func (b *bucket) Head(_ context.Context, name string) (gallery.Object, error) {
	object, err := b.find(name)
	return object.Object, err
}

func (b *bucket) Get(_ context.Context, name string, options gallery.GetOptions) (*gallery.Blob, error) {
	object, err := b.find(name)
	if err != nil {
		return nil, err
	}
	if options.IfNoneMatch == object.ETag {
		return nil, gallery.ErrNotModified
	}
	blob := &gallery.Blob{Object: object.Object, ContentType: object.contentType, CacheControl: object.cacheControl}
	content := object.content
	if options.Range != "" {
		var first, last int
		if _, err := fmt.Sscanf(options.Range, "bytes=%d-%d", &first, &last); err != nil || first >= len(content) {
			return nil, gallery.ErrRange
		}
		last = min(last, len(content)-1)
		blob.ContentRange = fmt.Sprintf("bytes %d-%d/%d", first, last, len(content))
		content = content[first : last+1]
	}
	blob.Length, blob.Body = int64(len(content)), io.NopCloser(bytes.NewReader(content))
	return blob, nil
}

func (b *bucket) Delete(_ context.Context, name string) error {
	if _, err := b.find(name); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if name == b.stuck {
		return errors.New("503 ServiceUnavailable")
	}
	delete(b.objects, name)
	return nil
}

// Under makes a bucket a gallery.Streams.
func (b *bucket) Under(_ context.Context, prefix string) ([]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var names []string
	for name := range b.objects {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	return names, b.err
}

// names lists the bucket, sorted.
func (b *bucket) names() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(maps.Keys(b.objects))
}

// document is an analysis or a job.
type document interface{ Key() string }

// collection is a gallery.Collection in memory.
type collection[T document] struct {
	mu      sync.Mutex
	bucket  string
	nameOf  func(T) string
	records map[string]gallery.Stored[T]
	err     error
}

func (c *collection[T]) Key(object gallery.Object) string {
	return analysis.Key(c.bucket, object.Name, object.ETag)
}

func (c *collection[T]) Ready() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !errors.Is(c.err, gallery.ErrNotReady)
}

func (c *collection[T]) Get(_ context.Context, key string) (gallery.Stored[T], error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return gallery.Stored[T]{}, c.err
	}
	record, ok := c.records[key]
	if !ok {
		return gallery.Stored[T]{}, gallery.ErrNotFound
	}
	return record, nil
}

func (c *collection[T]) List(context.Context) ([]gallery.Stored[T], error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []gallery.Stored[T]
	for _, record := range c.records {
		all = append(all, record)
	}
	return all, c.err
}

func (c *collection[T]) DeleteFor(_ context.Context, name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, record := range c.records {
		if c.nameOf(record.Document) == name {
			delete(c.records, key)
		}
	}
	return c.err
}

func (c *collection[T]) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
}

func (c *collection[T]) write(document T) {
	raw, err := json.Marshal(document)
	if err != nil {
		panic(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.records[document.Key()] = gallery.Stored[T]{Key: document.Key(), Document: document, Raw: raw}
}

// analyzer is a gallery.Analyzer that writes what results says.
type analyzer struct {
	documents *collection[analysis.Document]
	err       error
	calls     []gallery.Object
}

func (a *analyzer) Analyze(_ context.Context, object gallery.Object) error {
	a.calls = append(a.calls, object)
	if a.err == nil {
		a.documents.write(succeeded(object))
	}
	return a.err
}

func succeeded(object gallery.Object) analysis.Document {
	return analysis.Document{
		ImageName: object.Name, BucketName: "photos", Namespace: "ns", ETag: object.ETag,
		Timestamp: time.Date(2026, 3, 1, 12, 0, 3, 0, time.UTC), Status: analysis.Succeeded,
		Results: analysis.Results{
			Objects: []analysis.Object{
				{Name: "Dog", Confidence: 0.97, Box: analysis.BoundingBox{Left: 0.1, Top: 0.2, Width: 0.3, Height: 0.4}},
				{Name: "Chair", Confidence: 0.31, Box: analysis.BoundingBox{Left: 0.6, Top: 0.6, Width: 0.2, Height: 0.2}},
			},
			Faces:         []analysis.Face{{Confidence: 0.88, Box: analysis.BoundingBox{Left: 0.5, Top: 0.1, Width: 0.1, Height: 0.15}}},
			Labels:        []analysis.Label{{Name: "Outdoors", Confidence: 0.8}},
			ModelVersions: map[string]string{"OBJECT_DETECTION": "1.5.97"},
		},
	}
}

func failed(object gallery.Object, words string) analysis.Document {
	return analysis.Document{
		ImageName: object.Name, BucketName: "photos", Namespace: "ns", ETag: object.ETag,
		Timestamp: time.Date(2026, 3, 1, 12, 0, 4, 0, time.UTC), Status: analysis.Failed, Error: words,
	}
}

// world is everything a test needs beside the server.
type world struct {
	bucket    *bucket
	documents *collection[analysis.Document]
	analyzer  *analyzer
	gallery   *gallery.Gallery
}

func newWorld() *world {
	documents := &collection[analysis.Document]{
		bucket: "photos", nameOf: func(d analysis.Document) string { return d.ImageName }, records: make(map[string]gallery.Record),
	}
	w := &world{
		bucket:    &bucket{objects: make(map[string]stored)},
		documents: documents,
		analyzer:  &analyzer{documents: documents},
	}
	w.gallery = &gallery.Gallery{Storage: w.bucket, Documents: documents, Analyzer: w.analyzer, MaxUploadBytes: 64 << 10}
	return w
}

// put stores a picture of the given age behind the app's back.
func (w *world) put(t testing.TB, name string, age time.Duration) gallery.Object {
	t.Helper()
	w.bucket.mu.Lock()
	defer w.bucket.mu.Unlock()
	return w.bucket.store(name, "image/png", png(t, 40, 30), time.Now().Add(-age))
}
