package oci

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"oci-media-pipelines/app/gallery"
)

func upload(content []byte, names ...string) gallery.Upload {
	return gallery.Upload{Names: slices.Values(names), ContentType: "image/png", Body: bytes.NewReader(content)}
}

func TestPutGetHeadDelete(t *testing.T) {
	bucket, service := newBucket(t)
	const name = "trips/Größe 100% & more?#x.png"
	stored, err := bucket.Put(t.Context(), upload([]byte("picture"), name))
	if err != nil {
		t.Fatal(err)
	}
	if o := service.objects[name]; string(o.content) != "picture" || o.kind != "image/png" || stored.Name != name || stored.ETag != o.etag || stored.Size != 7 {
		t.Errorf("stored %+v as %+v", stored, o)
	}
	head, err := bucket.Head(t.Context(), name)
	if err != nil || head.ETag != stored.ETag || head.Size != 7 {
		t.Errorf("head: %+v, %v", head, err)
	}
	blob, err := bucket.Get(t.Context(), name, gallery.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer blob.Body.Close()
	if content, err := io.ReadAll(blob.Body); err != nil || string(content) != "picture" || blob.ContentType != "image/png" || blob.CacheControl != "no-cache" || blob.Length != 7 {
		t.Errorf("got %q as %+v, %v", content, blob, err)
	}
	if _, err := bucket.Get(t.Context(), name, gallery.GetOptions{IfNoneMatch: stored.ETag}); !errors.Is(err, gallery.ErrNotModified) {
		t.Errorf("unchanged: %v", err)
	}
	part, err := bucket.Get(t.Context(), name, gallery.GetOptions{Range: "bytes=1-3"})
	if err != nil || part.ContentRange != "bytes 1-3/7" || part.Length != 3 {
		t.Fatalf("range: %+v, %v", part, err)
	}
	part.Body.Close()
	if _, err := bucket.Get(t.Context(), name, gallery.GetOptions{Range: "bytes=99-100"}); !errors.Is(err, gallery.ErrRange) {
		t.Errorf("range outside: %v", err)
	}
	if err := bucket.Delete(t.Context(), name); err != nil {
		t.Error(err)
	}
	_, headErr := bucket.Head(t.Context(), name)
	_, getErr := bucket.Get(t.Context(), name, gallery.GetOptions{})
	for _, err := range []error{headErr, getErr, bucket.Delete(t.Context(), name)} {
		if !errors.Is(err, gallery.ErrNotFound) {
			t.Errorf("of a deleted object: %v", err)
		}
	}
}

func TestListFollowsThePages(t *testing.T) {
	bucket, service := newBucket(t)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		service.objects[name] = object{content: []byte(name), etag: "of-" + name}
	}
	objects, err := bucket.List(t.Context())
	if err != nil || len(objects) != 5 {
		t.Fatalf("%d objects, %v", len(objects), err)
	}
	want := gallery.Object{Name: "e", ETag: "of-e", Size: 1, Created: time.Date(2026, 3, 1, 12, 0, 5, 0, time.UTC)}
	if got := objects[4]; !got.Created.Equal(want.Created) || got.Name != want.Name || got.ETag != want.ETag || got.Size != want.Size {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestUnderListsWhatBeginsWithThePrefix(t *testing.T) {
	bucket, service := newBucket(t)
	for _, name := range []string{"trip.mp4/a", "trip.mp4/b", "trip.mp4/v1/c", "trip.mp4", "trip.mp42/a", "thumbnails/trip.mp4_thumb.png"} {
		service.objects[name] = object{content: []byte(name)}
	}
	names, err := bucket.Under(t.Context(), "trip.mp4/")
	if err != nil || !slices.Equal(names, []string{"trip.mp4/a", "trip.mp4/b", "trip.mp4/v1/c"}) {
		t.Errorf("got %q, %v", names, err)
	}
}

func TestPutTakesTheFirstFreeName(t *testing.T) {
	for name, createOnly := range map[string]bool{"with the right to overwrite": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			bucket, service := newBucket(t)
			service.createOnly = createOnly
			service.objects["dog.png"] = object{content: []byte("another"), uploadID: "another"}
			stored, err := bucket.Put(t.Context(), upload([]byte("picture"), "dog.png", "dog-2.png"))
			if err != nil || stored.Name != "dog-2.png" || string(service.objects["dog.png"].content) != "another" {
				t.Errorf("stored %+v, %v", stored, err)
			}
			if _, err := bucket.Put(t.Context(), upload([]byte("picture"), "dog.png", "dog-2.png")); !errors.Is(err, gallery.ErrNameTaken) {
				t.Errorf("no name left: %v", err)
			}
		})
	}
}

func TestAWriteThatIsRefusedIsNoTakenName(t *testing.T) {
	bucket, service := newBucket(t)
	bucket.name = "other"
	_, err := bucket.Put(t.Context(), upload([]byte("picture"), "dog.png", "dog-2.png"))
	if err == nil || errors.Is(err, gallery.ErrNameTaken) || !strings.Contains(err.Error(), "BucketNotFound") {
		t.Errorf("got %v", err)
	}
	if len(service.requests) != 2 { // the write, and the look for what stands in its way
		t.Errorf("requests %q", service.requests)
	}
}

func TestPutSurvivesFaults(t *testing.T) {
	for name, faults := range map[string][]fault{
		"throttled":            {{"PUT", 429, false}, {"PUT", 429, false}},
		"server error":         {{"PUT", 500, false}},
		"the answer gets lost": {{"PUT", 503, true}},
	} {
		t.Run(name, func(t *testing.T) {
			bucket, service := newBucket(t)
			service.faults = faults
			stored, err := bucket.Put(t.Context(), upload([]byte("picture"), "dog.png", "dog-2.png"))
			if err != nil || stored.Name != "dog.png" || stored.ETag != service.objects["dog.png"].etag {
				t.Errorf("stored %+v, %v", stored, err)
			}
			if len(service.objects) != 1 || string(service.objects["dog.png"].content) != "picture" {
				t.Errorf("the bucket holds %v", service.objects)
			}
		})
	}
}

func TestALargePictureGoesInParts(t *testing.T) {
	for name, size := range map[string]int{"a whole part": partSize, "parts and a rest": 2*partSize + 5} {
		t.Run(name, func(t *testing.T) {
			bucket, service := newBucket(t)
			service.objects["dog.png"] = object{content: []byte("another"), uploadID: "another"}
			service.faults = []fault{{"PUT", 503, false}, {"POST", 500, false}, {"POST", 500, false}}
			content := bytes.Repeat([]byte("0123456789abcdef"), size/16+1)[:size]
			stored, err := bucket.Put(t.Context(), upload(content, "dog.png", "dog-2.png"))
			if err != nil || stored.Name != "dog-2.png" || stored.Size != int64(size) {
				t.Fatalf("stored %+v, %v", stored, err)
			}
			if !bytes.Equal(service.objects["dog-2.png"].content, content) {
				t.Error("the content differs")
			}
		})
	}
}

func TestALostAnswerToTheCommitIsNoFailure(t *testing.T) {
	bucket, service := newBucket(t)
	body := io.MultiReader(bytes.NewReader(make([]byte, partSize)), iotest.OneByteReader(strings.NewReader("rest")))
	u := upload(nil, "dog.png")
	// The fault is set when the parts are read, after the upload was created.
	u.Body = io.MultiReader(body, readFunc(func() { service.faults = []fault{{"POST", 503, true}} }))
	stored, err := bucket.Put(t.Context(), u)
	if err != nil || stored.Size != partSize+4 || stored.ETag != service.objects["dog.png"].etag {
		t.Errorf("stored %+v, %v", stored, err)
	}
	if service.aborted {
		t.Error("a committed upload was aborted")
	}
}

func TestAnUploadInPartsThatComesSecondReplacesNothing(t *testing.T) {
	bucket, service := newBucket(t)
	u := upload(nil, "trip.mp4", "trip-2.mp4")
	u.Body = io.MultiReader(bytes.NewReader(make([]byte, partSize+5)), readFunc(func() {
		service.mu.Lock()
		defer service.mu.Unlock()
		service.objects["trip.mp4"] = object{content: []byte("another"), uploadID: "another"}
	}))
	if _, err := bucket.Put(t.Context(), u); !errors.Is(err, gallery.ErrOvertaken) {
		t.Errorf("got %v", err)
	}
	if got := string(service.objects["trip.mp4"].content); got != "another" || !service.aborted {
		t.Errorf("the object is now %d bytes, aborted %v", len(got), service.aborted)
	}
}

// readFunc is an empty reader that calls a function.
type readFunc func()

func (f readFunc) Read([]byte) (int, error) {
	f()
	return 0, io.EOF
}

func TestAnUploadThatBreaksOffLeavesNothing(t *testing.T) {
	broken := errors.New("broken off")
	for name, size := range map[string]int{"in the first part": 100, "in the second part": partSize + 100} {
		t.Run(name, func(t *testing.T) {
			bucket, service := newBucket(t)
			u := upload(nil, "dog.png")
			u.Body = io.MultiReader(bytes.NewReader(make([]byte, size)), iotest.ErrReader(broken))
			if _, err := bucket.Put(t.Context(), u); !errors.Is(err, broken) {
				t.Errorf("got %v", err)
			}
			if len(service.objects) != 0 || len(service.parts) != 0 || service.aborted != (size > partSize) {
				t.Errorf("left objects %d, parts %d, aborted %v", len(service.objects), len(service.parts), service.aborted)
			}
		})
	}
}

func TestAMissingBucketIsNoMissingObject(t *testing.T) {
	bucket, _ := newBucket(t)
	bucket.name = "other"
	_, err := bucket.Get(t.Context(), "dog.png", gallery.GetOptions{})
	if err == nil || errors.Is(err, gallery.ErrNotFound) || !strings.Contains(err.Error(), "BucketNotFound") {
		t.Errorf("got %v", err)
	}
}

// zeros is an endless file.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestALargeVideoIsNeverHeldWhole(t *testing.T) {
	const size = 30*partSize + 1
	var received, most atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			t.Errorf("%s: %v", r.URL, err)
		}
		switch {
		case r.Method == http.MethodPut:
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			most.Store(max(most.Load(), int64(memory.HeapAlloc)))
			received.Add(n)
			w.Header().Set("ETag", r.FormValue("uploadPartNum"))
		case strings.HasSuffix(r.URL.Path, "/u"):
			writeJSON(w, 200, map[string]any{"uploadId": "u1", "object": "film.mp4", "bucket": "photos", "namespace": "ns", "timeCreated": "2026-03-01T12:00:00Z"})
		default:
			w.Header().Set("ETag", "whole")
		}
	}))
	defer server.Close()
	bucket, _ := newBucket(t)
	bucket.client.Host = server.URL
	u := upload(nil, "film.mp4")
	u.Body = io.LimitReader(zeros{}, size)
	stored, err := bucket.Put(t.Context(), u)
	if err != nil || stored.Size != size || stored.ETag != "whole" || received.Load() != size {
		t.Errorf("stored %+v of %d bytes received, %v", stored, received.Load(), err)
	}
	// The part being sent, the one being received, and what the collector has not come to.
	if most.Load() > 8*partSize {
		t.Errorf("%d MiB were held", most.Load()>>20)
	}
}
