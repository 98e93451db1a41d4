package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/aivision"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/internal/analysis"
)

// bucket is Object Storage with one bucket, as far as the function uses it.
type bucket struct {
	mu      sync.Mutex
	objects map[string]object
	// refusals are returned first, one for each request.
	refusals []error
	requests int
}

type object struct {
	etag string
	body []byte
}

func (b *bucket) put(name, etag string, body []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.objects[name] = object{etag, body}
}

func (b *bucket) remove(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.objects, name)
}

func (b *bucket) find(name *string) (object, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests++
	if len(b.refusals) > 0 {
		err := b.refusals[0]
		b.refusals = b.refusals[1:]
		return object{}, false, err
	}
	o, ok := b.objects[*name]
	return o, ok, nil
}

func (b *bucket) HeadObject(_ context.Context, r objectstorage.HeadObjectRequest) (resp objectstorage.HeadObjectResponse, err error) {
	o, ok, err := b.find(r.ObjectName)
	switch {
	case err != nil:
		return resp, err
	case !ok:
		return resp, failure{404, "BadErrorResponse", ""} // a HEAD has no body, hence no code
	}
	return objectstorage.HeadObjectResponse{ETag: &o.etag, ContentLength: new(int64(len(o.body)))}, nil
}

func (b *bucket) GetObject(_ context.Context, r objectstorage.GetObjectRequest) (resp objectstorage.GetObjectResponse, err error) {
	o, ok, err := b.find(r.ObjectName)
	switch {
	case err != nil:
		return resp, err
	case !ok:
		return resp, failure{404, "ObjectNotFound", "no such object"}
	case r.IfMatch != nil && *r.IfMatch != o.etag:
		return resp, failure{412, "IfMatchFailed", "changed"}
	}
	var last int
	if _, err := fmt.Sscanf(*r.Range, "bytes=0-%d", &last); err != nil {
		return resp, err
	}
	part := o.body[:min(len(o.body), last+1)]
	return objectstorage.GetObjectResponse{Content: io.NopCloser(bytes.NewReader(part))}, nil
}

// vision is AI Vision as a function of its calls, counted from 1.
type vision struct {
	mu     sync.Mutex
	calls  int
	last   aivision.AnalyzeImageRequest
	answer func(call int) (aivision.AnalyzeImageResult, error)
}

func (v *vision) AnalyzeImage(_ context.Context, r aivision.AnalyzeImageRequest) (resp aivision.AnalyzeImageResponse, err error) {
	v.mu.Lock()
	v.calls++
	v.last = r
	call := v.calls
	v.mu.Unlock()
	resp.AnalyzeImageResult, err = v.answer(call)
	return resp, err
}

// failure is an error as the SDK returns it.
type failure struct {
	status        int
	code, message string
}

func (f failure) Error() string           { return f.code + ": " + f.message }
func (f failure) GetHTTPStatusCode() int  { return f.status }
func (f failure) GetMessage() string      { return f.message }
func (f failure) GetCode() string         { return f.code }
func (f failure) GetOpcRequestID() string { return "req-1" }

// database is ORDS with one collection, IMAGE_ANALYSIS, of user ADMIN.
type database struct {
	*httptest.Server
	mu        sync.Mutex
	documents map[string]json.RawMessage
	// puts counts the documents that were written.
	puts int
}

const collectionPath = "/ords/admin/soda/latest/IMAGE_ANALYSIS"

func newDatabase(t testing.TB) *database {
	d := &database{documents: map[string]json.RawMessage{}}
	d.Server = httptest.NewServer(d)
	t.Cleanup(d.Close)
	return d
}

func (d *database) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, collectionPath), "/")
	_, stored := d.documents[key]
	switch {
	case r.URL.Path == collectionPath && r.Method == http.MethodPut:
	case r.URL.Path == collectionPath && r.Method == http.MethodPost:
		d.query(w, r)
	case r.Method == http.MethodPut:
		d.documents[key], _ = io.ReadAll(r.Body)
		d.puts++
	case !stored:
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodGet:
		w.Write(d.documents[key])
	case r.Method == http.MethodDelete:
		delete(d.documents, key)
	}
}

// query answers a QBE filter of equalities.
func (d *database) query(w http.ResponseWriter, r *http.Request) {
	var example struct {
		Query map[string]any `json:"$query"`
	}
	if err := json.NewDecoder(r.Body).Decode(&example); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	type item struct {
		ID    string          `json:"id"`
		Value json.RawMessage `json:"value"`
	}
	page := struct {
		Items []item `json:"items"`
	}{}
	for key, text := range d.documents {
		var doc map[string]any
		matches := json.Unmarshal(text, &doc) == nil
		for field, want := range example.Query {
			matches = matches && doc[field] == want
		}
		if matches {
			page.Items = append(page.Items, item{key, text})
		}
	}
	json.NewEncoder(w).Encode(page)
}

// store keeps a document as an earlier run would have left it.
func (d *database) store(t testing.TB, doc analysis.Document) {
	t.Helper()
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.documents[doc.Key()] = text
}

// all returns what is stored, by key.
func (d *database) all(t testing.TB) map[string]analysis.Document {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	docs := map[string]analysis.Document{}
	for key, text := range d.documents {
		var doc analysis.Document
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		docs[key] = doc
	}
	return docs
}
