package main

import (
	"context"
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
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/internal/transcoding"
)

// cloud is Object Storage with one bucket, Container Instances, and ORDS with one collection, as far as the function
// uses them, over HTTP.
type cloud struct {
	mu      sync.Mutex
	objects map[string]object
	// refusals are Container Instances' answers to creations, one for each, before it makes any again. A nil is none.
	refusals []*refusal
	// full are availability domains without room.
	full      map[string]bool
	instances []*instance
	asked     []asked
	tokens    map[string]string // retry token -> OCID
	documents map[string]document
	changes   int
}

type object struct {
	etag string
	body []byte
}

type refusal struct {
	status        int
	code, message string
}

var (
	throttled = &refusal{429, "TooManyRequests", "Too many requests for the user."}
	noRoom    = &refusal{500, "InternalError", "Out of host capacity."}
	limited   = &refusal{400, "LimitExceeded", "The following service limits were exceeded: standard-e4-core-count"}
)

// asked is a request for a container instance.
type asked struct {
	token   string
	details containerinstances.CreateContainerInstanceDetails
}

type instance struct {
	ID, State, Details string
	Created            time.Time
	Exit               *int
	Tags               map[string]string
}

type document struct {
	etag string
	text json.RawMessage
}

const collectionPath = "/ords/admin/soda/latest/" + transcoding.Collection

func newCloud() *cloud {
	return &cloud{objects: map[string]object{}, full: map[string]bool{}, tokens: map[string]string{}, documents: map[string]document{}}
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/n/ns/b/videos/o/"):
		c.object(w, r, strings.TrimPrefix(path, "/n/ns/b/videos/o/"))
	case strings.HasPrefix(path, "/20210415/containerInstances"):
		c.instance(w, r, strings.Trim(strings.TrimPrefix(path, "/20210415/containerInstances"), "/"))
	case strings.HasPrefix(path, "/20210415/containers/"):
		c.container(w, strings.TrimPrefix(path, "/20210415/containers/of-"))
	case strings.HasPrefix(path, collectionPath):
		c.document(w, r, strings.Trim(strings.TrimPrefix(path, collectionPath), "/"))
	default:
		respond(w, 400, map[string]string{"code": "InvalidParameter", "message": r.Method + " " + r.URL.String()})
	}
}

func respond(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, r *refusal) {
	respond(w, r.status, map[string]string{"code": r.code, "message": r.message})
}

func (c *cloud) object(w http.ResponseWriter, r *http.Request, name string) {
	o, ok := c.objects[name]
	var last int
	switch _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=0-%d", &last); {
	case !ok:
		refuse(w, &refusal{404, "ObjectNotFound", "no such object"})
	case r.Header.Get("If-Match") != o.etag:
		refuse(w, &refusal{412, "IfMatchFailed", "changed"})
	case err != nil:
		refuse(w, &refusal{400, "InvalidParameter", "the whole object is asked for"})
	case len(o.body) == 0:
		refuse(w, &refusal{416, "InvalidRange", "empty"})
	default:
		w.Header().Set("ETag", o.etag)
		w.WriteHeader(http.StatusPartialContent)
		w.Write(o.body[:min(len(o.body), last+1)])
	}
}

func (c *cloud) instance(w http.ResponseWriter, r *http.Request, id string) {
	at := slices.IndexFunc(c.instances, func(i *instance) bool { return i.ID == id })
	switch {
	case r.Method == http.MethodPost:
		c.create(w, r)
	case id == "" && r.URL.Query().Get("compartmentId") == "ocid1.compartment.oc1..jobs":
		// In two pages, so that the second is not forgotten.
		half, from, to := (len(c.instances)+1)/2, 0, len(c.instances)
		if r.URL.Query().Get("page") == "" {
			to = half
			w.Header().Set("opc-next-page", "2")
		} else {
			from = half
		}
		items := []any{}
		for _, i := range c.instances[from:to] {
			items = append(items, i.summary())
		}
		respond(w, 200, map[string]any{"items": items})
	case at < 0:
		refuse(w, &refusal{404, "NotAuthorizedOrNotFound", "no such container instance"})
	case r.Method == http.MethodGet:
		shown := c.instances[at].summary()
		shown["containers"] = []any{map[string]any{"containerId": "of-" + id}}
		respond(w, 200, shown)
	case r.Method == http.MethodDelete && (c.instances[at].State == "CREATING" || c.instances[at].State == "DELETING"):
		refuse(w, &refusal{409, "IncorrectState", "not now"})
	case r.Method == http.MethodDelete:
		c.instances[at].State = "DELETED"
		w.WriteHeader(http.StatusAccepted)
	}
}

func (c *cloud) create(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var details containerinstances.CreateContainerInstanceDetails
	if err := json.Unmarshal(body, &details); err != nil {
		refuse(w, &refusal{400, "InvalidParameter", err.Error()})
		return
	}
	token := r.Header.Get("opc-retry-token")
	c.asked = append(c.asked, asked{token, details})
	if len(c.refusals) > 0 {
		first := c.refusals[0]
		c.refusals = c.refusals[1:]
		if first != nil {
			refuse(w, first)
			return
		}
	}
	if id := c.tokens[token]; id != "" {
		for _, i := range c.instances {
			if i.ID == id && i.State != "DELETED" {
				respond(w, 200, i.summary())
				return
			}
		}
		refuse(w, &refusal{409, invalidated, "The resource that opc-retry-token made was deleted."})
		return
	}
	if c.full[*details.AvailabilityDomain] {
		refuse(w, noRoom)
		return
	}
	made := &instance{ID: fmt.Sprintf("ocid1.computecontainerinstance.oc1.iad.%d", len(c.instances)+1), State: "CREATING", Created: time.Now(), Tags: details.FreeformTags}
	c.instances = append(c.instances, made)
	c.tokens[token] = made.ID
	respond(w, 200, made.summary())
}

func (i *instance) summary() map[string]any {
	return map[string]any{
		"id": i.ID, "displayName": "job", "compartmentId": "ocid1.compartment.oc1..jobs", "availabilityDomain": "AD-1", "lifecycleState": i.State,
		"lifecycleDetails": i.Details, "timeCreated": i.Created.UTC().Format(time.RFC3339Nano), "shape": "CI.Standard.E4.Flex",
		"shapeConfig":    map[string]any{"ocpus": 1, "memoryInGBs": 2, "processorDescription": "p", "networkingBandwidthInGbps": 1},
		"containerCount": 1, "containerRestartPolicy": "NEVER", "freeformTags": i.Tags, "vnics": []any{}, "containers": []any{},
	}
}

func (c *cloud) container(w http.ResponseWriter, of string) {
	for _, i := range c.instances {
		if i.ID == of {
			shown := map[string]any{
				"id": "c", "displayName": "c", "compartmentId": "c", "availabilityDomain": "AD-1", "lifecycleState": "INACTIVE",
				"timeCreated": i.Created.UTC().Format(time.RFC3339Nano), "containerInstanceId": of, "imageUrl": "i",
			}
			if i.Exit != nil {
				shown["exitCode"] = *i.Exit
			}
			respond(w, 200, shown)
			return
		}
	}
	refuse(w, &refusal{404, "NotAuthorizedOrNotFound", "no such container"})
}

func (c *cloud) document(w http.ResponseWriter, r *http.Request, key string) {
	d, stored := c.documents[key]
	condition := strings.Trim(r.Header.Get("If-Match"), `"`)
	switch {
	case key == "" && r.Method == http.MethodPut:
	case key == "":
		c.query(w, r)
	case r.Method == http.MethodPut && condition != "" && condition != d.etag:
		w.WriteHeader(http.StatusPreconditionFailed)
	case r.Method == http.MethodPut:
		text, _ := io.ReadAll(r.Body)
		c.changes++
		c.documents[key] = document{fmt.Sprintf("v%d", c.changes), text}
		w.Header().Set("ETag", `"`+c.documents[key].etag+`"`)
	case !stored:
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodGet:
		w.Header().Set("ETag", `"`+d.etag+`"`)
		w.Write(d.text)
	case r.Method == http.MethodDelete:
		delete(c.documents, key)
	}
}

// query answers a QBE filter of equalities and $in.
func (c *cloud) query(w http.ResponseWriter, r *http.Request) {
	var example struct {
		Query map[string]any `json:"$query"`
	}
	if err := json.NewDecoder(r.Body).Decode(&example); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	items := []any{}
	for key, d := range c.documents {
		var fields map[string]any
		matches := json.Unmarshal(d.text, &fields) == nil
		for field, want := range example.Query {
			if of, ok := want.(map[string]any); ok {
				list, _ := of["$in"].([]any)
				matches = matches && slices.Contains(list, fields[field])
			} else {
				matches = matches && fields[field] == want
			}
		}
		if matches {
			items = append(items, map[string]any{"id": key, "etag": d.etag, "value": d.text})
		}
	}
	respond(w, 200, map[string]any{"items": items})
}

// Do carries an SDK client's requests.
func (c *cloud) Do(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	c.ServeHTTP(recorder, r)
	response := recorder.Result()
	response.Request = r
	return response, r.Context().Err()
}

var testKey = sync.OnceValue(func() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
})

func credentials() common.ConfigurationProvider {
	return common.NewRawConfigurationProvider("ocid1.tenancy.oc1..t", "ocid1.user.oc1..u", "us-ashburn-1", "aa:bb", testKey(), nil)
}

// job returns the document about a version of a video.
func (c *cloud) job(t testing.TB, name, etag string) transcoding.Job {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	d, ok := c.documents[transcoding.Key("videos", name, etag)]
	if !ok {
		t.Fatalf("there is no document about %s of version %s", name, etag)
	}
	var job transcoding.Job
	if err := json.Unmarshal(d.text, &job); err != nil {
		t.Fatal(err)
	}
	return job
}

// store keeps a document as an earlier run, or a job, would have left it.
func (c *cloud) store(t testing.TB, job transcoding.Job) {
	t.Helper()
	text, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes++
	c.documents[job.Key()] = document{fmt.Sprintf("v%d", c.changes), text}
}

// edit changes the document about version e1 of a video.
func (c *cloud) edit(t testing.TB, name string, change func(*transcoding.Job)) {
	t.Helper()
	job := c.job(t, name, "e1")
	change(&job)
	c.store(t, job)
}

// living are the instances that are not deleted.
func (c *cloud) living() (ids []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, i := range c.instances {
		if i.State != "DELETED" {
			ids = append(ids, i.ID)
		}
	}
	return ids
}

// got is what was asked of Container Instances so far.
func (c *cloud) got() []asked {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.asked)
}

func contextWith(t testing.TB, left time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), left)
	t.Cleanup(cancel)
	return ctx
}
