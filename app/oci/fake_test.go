package oci

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
)

// objectStorage speaks as much of Object Storage's API as the app uses.
type objectStorage struct {
	t  *testing.T
	mu sync.Mutex

	objects  map[string]object
	parts    map[string][]byte // of the one multipart upload, by number
	mark     string            // and its upload-id
	aborted  bool
	requests []string
	// createOnly stands for the permissions OBJECT_CREATE without OBJECT_OVERWRITE.
	createOnly bool
	// faults are used up one by one by the requests whose method they name.
	faults []fault
}

type object struct {
	content              []byte
	etag, kind, uploadID string
}

type fault struct {
	method string
	status int
	// done lets the request take effect before it is answered with status.
	done bool
}

const objectsPath = "/n/ns/b/photos/o"

func (s *objectStorage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("read request: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.Method+" "+r.URL.EscapedPath())
	if !strings.Contains(r.Header.Get("Authorization"), "Signature") {
		s.t.Errorf("%s %s is not signed", r.Method, r.URL)
	}
	if at := slices.IndexFunc(s.faults, func(f fault) bool { return f.method == r.Method }); at >= 0 {
		f := s.faults[at]
		s.faults = slices.Delete(s.faults, at, at+1)
		if f.done {
			s.serve(httptest.NewRecorder(), r, body)
		}
		refuse(w, f.status, "Fault")
		return
	}
	s.serve(w, r, body)
}

func (s *objectStorage) serve(w http.ResponseWriter, r *http.Request, body []byte) {
	name, isObject := strings.CutPrefix(r.URL.Path, objectsPath+"/")
	switch {
	case r.URL.Path == objectsPath:
		s.list(w, r)
	case strings.HasPrefix(r.URL.Path, "/n/ns/b/photos/u"):
		s.multipart(w, r, body)
	case !isObject:
		refuse(w, 404, "BucketNotFound")
	case r.Method == "PUT":
		s.put(w, name, r.Header.Get("If-None-Match"), object{
			content: body, kind: r.Header.Get("Content-Type"), uploadID: r.Header.Get("opc-meta-upload-id"),
		})
	default:
		s.read(w, r, name)
	}
}

func (s *objectStorage) put(w http.ResponseWriter, name, ifNoneMatch string, o object) {
	_, exists := s.objects[name]
	if exists && s.createOnly {
		refuse(w, 404, "BucketNotFound")
		return
	}
	if exists && ifNoneMatch == "*" {
		refuse(w, 412, "IfNoneMatchFailed")
		return
	}
	o.etag = fmt.Sprintf("etag-%d", len(s.requests))
	s.objects[name] = o
	w.Header().Set("ETag", o.etag)
	w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
}

func (s *objectStorage) read(w http.ResponseWriter, r *http.Request, name string) {
	o, ok := s.objects[name]
	if !ok {
		refuse(w, 404, "ObjectNotFound")
		return
	}
	if r.Method == "DELETE" {
		delete(s.objects, name)
		w.WriteHeader(204)
		return
	}
	w.Header().Set("ETag", o.etag)
	w.Header().Set("Content-Type", o.kind)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("opc-meta-upload-id", o.uploadID)
	if r.Header.Get("If-None-Match") == o.etag {
		w.WriteHeader(304)
		return
	}
	var first, last int
	if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &first, &last); err == nil {
		if first >= len(o.content) {
			refuse(w, 416, "InvalidRange")
			return
		}
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, len(o.content)))
		w.WriteHeader(206)
		w.Write(o.content[first : last+1])
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(o.content)))
	if r.Method == "GET" {
		w.Write(o.content)
	}
}

// list answers two objects a page.
func (s *objectStorage) list(w http.ResponseWriter, r *http.Request) {
	var names []string
	for name := range s.objects {
		if name >= r.FormValue("start") && strings.HasPrefix(name, r.FormValue("prefix")) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	page := map[string]any{"objects": []any{}}
	if len(names) > 2 {
		page["nextStartWith"] = names[2]
		names = names[:2]
	}
	var summaries []any
	for _, name := range names {
		summaries = append(summaries, map[string]any{
			"name": name, "etag": s.objects[name].etag, "size": len(s.objects[name].content),
			"timeCreated": "2026-03-01T12:00:00.123Z", "timeModified": "2026-03-01T12:00:05Z",
		})
	}
	page["objects"] = summaries
	writeJSON(w, 200, page)
}

func (s *objectStorage) multipart(w http.ResponseWriter, r *http.Request, body []byte) {
	name := strings.TrimPrefix(r.URL.Path, "/n/ns/b/photos/u/")
	switch {
	case r.URL.Path == "/n/ns/b/photos/u":
		var details struct {
			Object   string
			Metadata map[string]string
		}
		if err := json.Unmarshal(body, &details); err != nil {
			s.t.Errorf("create: %v", err)
		}
		if _, exists := s.objects[details.Object]; exists {
			refuse(w, 412, "IfNoneMatchFailed")
			return
		}
		s.parts, s.mark = make(map[string][]byte), details.Metadata["opc-meta-upload-id"]
		writeJSON(w, 200, map[string]any{"uploadId": "u1", "object": details.Object, "bucket": "photos", "namespace": "ns", "timeCreated": "2026-03-01T12:00:00Z"})
	case r.Method == "PUT":
		number := r.FormValue("uploadPartNum")
		s.parts[number] = body
		w.Header().Set("ETag", "part-"+number)
	case r.Method == "DELETE":
		s.aborted, s.parts = true, nil
		w.WriteHeader(204)
	default:
		var details struct {
			PartsToCommit []struct {
				PartNum int    `json:"partNum"`
				Etag    string `json:"etag"`
			} `json:"partsToCommit"`
		}
		if err := json.Unmarshal(body, &details); err != nil {
			s.t.Errorf("commit: %v", err)
		}
		var whole []byte
		for i, part := range details.PartsToCommit {
			if part.PartNum != i+1 || part.Etag != fmt.Sprintf("part-%d", i+1) {
				s.t.Errorf("part %d is %+v", i+1, part)
			}
			whole = append(whole, s.parts[strconv.Itoa(part.PartNum)]...)
		}
		s.put(w, name, r.Header.Get("If-None-Match"), object{content: whole, uploadID: s.mark})
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	writeJSON(w, status, map[string]string{"code": code, "message": "words about " + code})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// principal signs with a key made for this test run.
var principal = sync.OnceValue(func() common.ConfigurationProvider {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return common.NewRawConfigurationProvider("ocid1.tenancy.oc1..t", "ocid1.user.oc1..u", "us-ashburn-1", "aa:bb", string(text), nil)
})

// newBucket returns a Bucket that talks to a fake service.
func newBucket(t *testing.T) (*Bucket, *objectStorage) {
	t.Helper()
	service := &objectStorage{t: t, objects: make(map[string]object)}
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	bucket, err := NewBucket(principal(), "ns", "photos")
	if err != nil {
		t.Fatal(err)
	}
	bucket.client.Host = server.URL
	return bucket, service
}
