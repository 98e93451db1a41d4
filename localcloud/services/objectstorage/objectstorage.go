// Package objectstorage is the local cloud's Object Storage service: buckets,
// objects with versions, multipart uploads, pre-authenticated requests, the Amazon S3
// Compatibility API, and the events that objects emit. Objects' bytes are files; all
// else is in the store.
package objectstorage

import (
	"net/http"
	"regexp"
	"sync"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

// Events takes what happens to objects.
type Events interface {
	Emit(compartmentID string, event map[string]any) error
}

// Keys knows the vault keys that buckets name.
type Keys interface {
	CheckKey(keyID string) error
}

// Service is the Object Storage service.
type Service struct {
	api    *api.Service
	s3     *api.Service
	engine *kind.Engine
	store  *store.Store
	blobs  blobs
	events Events
	keys   Keys
	guard  *api.Guard
	// buckets is held for reading by what changes a bucket's content, for writing
	// by what changes buckets.
	buckets sync.RWMutex
}

// New makes the service.
func New(engine *kind.Engine, s *store.Store, events Events, keys Keys, secrets SecretKeys, guard *api.Guard) (*Service, error) {
	dir, err := s.Dir("objects")
	if err != nil {
		return nil, err
	}
	o := &Service{
		api: api.NewService("objectstorage", "objectstorage.{region}.oraclecloud.com",
			"objectstorage.{region}.oci.customer-oci.com", "{any}.objectstorage.{region}.oci.customer-oci.com"),
		engine: engine, store: s, blobs: blobs{dir}, events: events, keys: keys, guard: guard,
	}
	o.api.OpaqueTail = regexp.MustCompile(`^/(p/[^/]+/)?n/[^/]+/b/[^/]+/[ou]/`)
	o.api.Route("GetNamespace", "GET /n", func(*api.Call) (*api.Response, error) { return api.OK(iam.Namespace), nil }, api.NoPermission)
	o.api.Route("GetNamespaceMetadata", "GET /n/{ns}", func(*api.Call) (*api.Response, error) {
		return api.OK(map[string]string{"namespace": iam.Namespace, "defaultS3CompartmentId": iam.TenancyID, "defaultSwiftCompartmentId": iam.TenancyID}), nil
	}, api.NoPermission)
	o.routeBuckets()
	o.routeObjects()
	o.routeUploads()
	o.routePreauthenticated()
	o.s3 = o.newS3(secrets)
	if err := o.sweep(); err != nil {
		return nil, err
	}
	return o, nil
}

// APIs returns OCI's own API and the one for S3's clients.
func (s *Service) APIs() []*api.Service { return []*api.Service{s.api, s.s3} }

// emit tells an object's event to the rules, if its bucket emits events.
func (s *Service) emit(b kind.Object, what string, o object) error {
	if !b.Bool("objectEventsEnabled") {
		return nil
	}
	details := map[string]any{
		"bucketName": b["name"], "namespace": b["namespace"], "bucketId": b["id"], "eTag": o.ETag, "archivalState": "Available",
	}
	if b.Str("versioning") == "Enabled" {
		details["versionId"] = o.Version
	}
	return s.events.Emit(b.Str("compartmentId"), map[string]any{
		"eventType": "com.oraclecloud.objectstorage." + what, "source": "ObjectStorage",
		"data": map[string]any{
			"compartmentId": b["compartmentId"], "compartmentName": "local", "resourceName": o.Name,
			"resourceId":         "/n/" + b.Str("namespace") + "/b/" + b.Str("name") + "/o/" + o.Name,
			"availabilityDomain": "AD-1", "additionalDetails": details,
		},
	})
}

// preconditions checks if-match and if-none-match against what exists.
func preconditions(c *api.Call, etag string) error {
	if match := c.Header.Get("if-match"); match != "" && match != etag && (match != "*" || etag == "") {
		return api.NewError(http.StatusPreconditionFailed, "IfMatchFailed", "The If-Match header does not match the ETag.")
	}
	if none := c.Header.Get("if-none-match"); none != "" && etag != "" && (none == "*" || none == etag) {
		if c.Method == http.MethodGet || c.Method == http.MethodHead {
			return api.NewError(http.StatusNotModified, "NotModified", "Nothing has changed.")
		}
		return api.NewError(http.StatusPreconditionFailed, "IfNoneMatchFailed", "It exists already.")
	}
	return nil
}
