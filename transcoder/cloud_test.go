package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"
	"github.com/oracle/oci-go-sdk/v65/secrets"

	"oci-media-pipelines/internal/autonomous"
	"oci-media-pipelines/internal/settings"
	"oci-media-pipelines/internal/transcoding"
	"oci-media-pipelines/transcoder/media"
	"oci-media-pipelines/transcoder/storage"
)

// cloud is Object Storage, Vault and ORDS as far as the job uses them, behind the SDK's own HTTP.
type cloud struct {
	t testing.TB
	*httptest.Server

	mu      sync.Mutex
	objects map[string]stored // by bucket/name
	// written lists what was stored and deleted in order, "PUT name" or "DELETE name".
	written []string
	// failing is the share of Object Storage's requests that are answered with 503, before or after they took effect.
	failing float64
	dice    *mathrand.Rand
	// forbidden ends the names of objects that may not be written.
	forbidden string
	// before is called with each request to Object Storage, unlocked.
	before func(r *http.Request)

	document []byte
	version  int
	// states are those that were written to the document.
	states []transcoding.Job
	// meddle is called, once, before a document is replaced, locked.
	meddle func(*transcoding.Job)
}

type stored struct {
	body                []byte
	etag, kind, caching string
	at                  time.Time
}

const (
	sourceBucket, resultBucket = "videos", "streams"
	video                      = "clips/trip one.mp4"
	videoETag                  = "e1"
)

func newCloud(t testing.TB, content []byte) *cloud {
	c := &cloud{t: t, objects: map[string]stored{}, dice: mathrand.New(mathrand.NewPCG(1, 2))}
	c.objects[sourceBucket+"/"+video] = stored{body: content, etag: videoETag}
	c.replace(transcoding.Job{
		ObjectName: video, BucketName: sourceBucket, Namespace: "ns", ETag: videoETag, State: transcoding.Starting, Attempt: 1,
	})
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client gave up
	}
	if strings.HasPrefix(r.URL.Path, "/ords/") {
		c.ords(w, r, body)
		return
	}
	if !strings.Contains(r.Header.Get("Authorization"), "Signature") {
		c.t.Errorf("%s %s is not signed", r.Method, r.URL)
	}
	if strings.Contains(r.URL.Path, "/secretbundles/") {
		answer(w, 200, map[string]any{"secretId": "s", "versionNumber": 1, "secretBundleContent": map[string]string{
			"contentType": "BASE64", "content": base64.StdEncoding.EncodeToString([]byte("s3cret")),
		}})
		return
	}
	if c.before != nil {
		c.before(r)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if dice := c.dice.Float64(); dice < c.failing {
		if dice < c.failing/2 {
			c.storage(httptest.NewRecorder(), r, body)
		}
		refuse(w, 503, "ServiceUnavailable")
		return
	}
	c.storage(w, r, body)
}

func (c *cloud) storage(w http.ResponseWriter, r *http.Request, body []byte) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/n/ns/b/")
	bucket, name, isObject := strings.Cut(rest, "/o/")
	key := bucket + "/" + name
	switch {
	case !ok:
		refuse(w, 404, "BucketNotFound")
	case !isObject:
		c.list(w, r, strings.TrimSuffix(bucket, "/o"))
	case r.Method == http.MethodPut && c.forbidden != "" && strings.HasSuffix(name, c.forbidden):
		refuse(w, 403, "Forbidden")
	case r.Method == http.MethodPut:
		c.objects[key] = stored{body, fmt.Sprintf("r%d", len(c.written)), r.Header.Get("Content-Type"), r.Header.Get("Cache-Control"), time.Now()}
		c.written = append(c.written, "PUT "+name)
	case c.objects[key].etag == "":
		refuse(w, 404, "ObjectNotFound")
	case r.Method == http.MethodDelete:
		delete(c.objects, key)
		c.written = append(c.written, "DELETE "+name)
		w.WriteHeader(http.StatusNoContent)
	default:
		c.get(w, r, c.objects[key])
	}
}

// get answers ranges by hand, for an ETag stands without quotes, as Object Storage has it.
func (c *cloud) get(w http.ResponseWriter, r *http.Request, o stored) {
	if match := r.Header.Get("If-Match"); match != o.etag {
		refuse(w, 412, "IfMatchFailed")
		return
	}
	var first, last int
	if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &first, &last); err != nil {
		c.t.Errorf("a whole object was asked for: %v", err)
	}
	if first >= len(o.body) {
		refuse(w, 416, "InvalidRange")
		return
	}
	last = min(last, len(o.body)-1)
	w.Header().Set("ETag", o.etag)
	w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, len(o.body)))
	w.WriteHeader(http.StatusPartialContent)
	w.Write(o.body[first : last+1])
}

// list answers five objects a page.
func (c *cloud) list(w http.ResponseWriter, r *http.Request, bucket string) {
	page := map[string]any{}
	objects := []any{}
	for _, name := range c.names(bucket) {
		if !strings.HasPrefix(name, r.FormValue("prefix")) || name < r.FormValue("start") {
			continue
		}
		if len(objects) == 5 {
			page["nextStartWith"] = name
			break
		}
		objects = append(objects, map[string]string{"name": name})
	}
	page["objects"] = objects
	answer(w, 200, page)
}

// names lists a bucket. The mutex is held.
func (c *cloud) names(bucket string) []string {
	var names []string
	for key := range c.objects {
		if name, ok := strings.CutPrefix(key, bucket+"/"); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// results lists the result bucket.
func (c *cloud) results() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.names(resultBucket)
}

func (c *cloud) result(name string) stored {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.objects[resultBucket+"/"+name]
}

func (c *cloud) ords(w http.ResponseWriter, r *http.Request, body []byte) {
	const collection = "/ords/admin/soda/latest/" + transcoding.Collection
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, password, _ := r.BasicAuth(); password != "s3cret" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.URL.Path == collection {
		return
	}
	if key := transcoding.Key(sourceBucket, video, videoETag); r.URL.Path != collection+"/"+key || c.document == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if r.Method == http.MethodPut {
		if meddle := c.meddle; meddle != nil {
			c.meddle = nil
			job := c.job()
			meddle(&job)
			if job.ObjectName == "" {
				c.document = nil
				w.WriteHeader(http.StatusNotFound)
				return
			}
			c.replace(job)
		}
		if r.Header.Get("If-Match") != fmt.Sprintf(`"v%d"`, c.version) {
			w.WriteHeader(http.StatusPreconditionFailed)
			return
		}
		var job transcoding.Job
		if err := json.Unmarshal(body, &job); err != nil {
			c.t.Errorf("document: %v", err)
		}
		c.replace(job)
		c.states = append(c.states, job)
	}
	w.Header().Set("ETag", fmt.Sprintf(`"v%d"`, c.version))
	if r.Method == http.MethodGet {
		w.Write(c.document)
	}
}

// replace writes the document. The mutex is held.
func (c *cloud) replace(job transcoding.Job) {
	c.version++
	c.document, _ = json.Marshal(job)
}

// job reads the document. The mutex is held.
func (c *cloud) job() transcoding.Job {
	var job transcoding.Job
	if err := json.Unmarshal(c.document, &job); err != nil {
		c.t.Errorf("document: %v", err)
	}
	return job
}

func (c *cloud) doc() transcoding.Job {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.job()
}

// newJob makes the first attempt at the video, with a ladder of these rungs.
func (c *cloud) newJob(rungs string) *job {
	c.t.Helper()
	j, err := jobAt(c.URL, rungs, slog.New(slog.NewTextHandler(testWriter{c.t}, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		c.t.Fatal(err)
	}
	for _, bucket := range []*storage.Bucket{j.source, j.results} {
		bucket.FirstWait, bucket.MaxWait = time.Millisecond, 10*time.Millisecond
	}
	j.progressTime = 20 * time.Millisecond
	return j
}

// jobAt makes a job whose cloud is at the address.
func jobAt(address, rungs string, log *slog.Logger) (*job, error) {
	parsed, err := media.ParseRungs(rungs)
	if err != nil {
		return nil, err
	}
	cfg := config{
		Pipeline: settings.Pipeline{
			CompartmentID: "ocid1.compartment.oc1..c", Namespace: "ns", Bucket: sourceBucket, ORDSURL: address + "/ords/", DBUser: "ADMIN",
			PasswordSecretID: "ocid1.vaultsecret.oc1.iad.s", Collection: transcoding.Collection,
		},
		object: video, etag: videoETag, destination: resultBucket, attempt: 1, hls: true, dash: true, rungs: parsed,
	}
	objects, err := objectstorage.NewObjectStorageClientWithConfigurationProvider(principal())
	if err != nil {
		return nil, err
	}
	vault, err := secrets.NewSecretsClientWithConfigurationProvider(principal())
	if err != nil {
		return nil, err
	}
	vault.Host = address
	jobs, err := autonomous.Open(cfg.Pipeline, vault, log)
	if err != nil {
		return nil, err
	}
	j := newJob(cfg, objects, jobs, log)
	for _, bucket := range []*storage.Bucket{j.source, j.results} {
		bucket.Client.Host = address
	}
	return j, nil
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, status int, code string) {
	answer(w, status, map[string]string{"code": code, "message": "words about " + code})
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
