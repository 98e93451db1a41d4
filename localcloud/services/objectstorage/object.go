package objectstorage

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

const (
	// currentTable holds each object's current version, by bucket and name.
	currentTable = "objects"
	// versionsTable holds all versions and delete markers, by bucket, name and age.
	versionsTable = "object-versions"
)

// object is one version of an object, or a delete marker.
type object struct {
	Name     string            `json:"name"`
	Version  string            `json:"versionId"`
	ETag     string            `json:"etag"`
	Blob     blob              `json:"blob"`
	Created  time.Time         `json:"timeCreated"`
	Modified time.Time         `json:"timeModified"`
	Headers  map[string]string `json:"headers"`
	// PartsMD5 is set for objects made by a multipart upload.
	PartsMD5     string `json:"partsMd5,omitempty"`
	DeleteMarker bool   `json:"isDeleteMarker,omitempty"`
	// Order is the version's key in versionsTable.
	Order string `json:"order"`
}

func (s *Service) routeObjects() {
	s.api.Route("PutObject", "PUT /n/{ns}/b/{bucket}/o/{object}", s.putObject)
	s.api.Route("GetObject", "GET /n/{ns}/b/{bucket}/o/{object}", s.getObject)
	s.api.Route("HeadObject", "HEAD /n/{ns}/b/{bucket}/o/{object}", s.getObject)
	s.api.Route("DeleteObject", "DELETE /n/{ns}/b/{bucket}/o/{object}", s.deleteObject)
	s.api.Route("ListObjects", "GET /n/{ns}/b/{bucket}/o", s.listObjects)
	s.api.Route("ListObjectVersions", "GET /n/{ns}/b/{bucket}/objectversions", s.listVersions)
}

func currentKey(b kind.Object, name string) string { return b.Str("id") + "/" + name }

func (s *Service) current(b kind.Object, name string) (object, bool, error) {
	var o object
	found, err := s.store.Get(currentTable, currentKey(b, name), &o)
	return o, found, err
}

// kept are the request headers that an object answers with.
var kept = []string{"Content-Type", "Content-Language", "Content-Encoding", "Content-Disposition", "Cache-Control"}

func keptHeaders(h http.Header) map[string]string {
	headers := map[string]string{"Content-Type": "application/octet-stream"}
	for _, name := range kept {
		if v := h.Get(name); v != "" {
			headers[name] = v
		}
	}
	for name, values := range h {
		if strings.HasPrefix(strings.ToLower(name), "opc-meta-") {
			headers[name] = values[0]
		}
	}
	return headers
}

func (s *Service) putObject(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	return s.put(c, b, c.Param("object"))
}

func (s *Service) put(c *api.Call, b kind.Object, name string) (*api.Response, error) {
	if name == "" || len(name) > 1024 {
		return nil, api.NewError(http.StatusBadRequest, "InvalidObjectName", "An object's name has 1 to 1024 bytes.")
	}
	old, exists, err := s.current(b, name)
	if err != nil {
		return nil, err
	}
	if !exists {
		old.ETag = ""
	}
	if err := preconditions(c, old.ETag); err != nil {
		return nil, err
	}
	written, err := s.blobs.write(c.Body)
	if err != nil {
		return nil, api.NewError(http.StatusBadRequest, "RequestBodyIncomplete", "The object's bytes could not be read: %v.", err)
	}
	if digest := c.Header.Get("content-md5"); digest != "" && digest != written.MD5 {
		if err := s.blobs.remove(written.ID); err != nil {
			return nil, err
		}
		return nil, api.NewError(http.StatusBadRequest, "UnmatchedContentMD5", "The Content-MD5 you specified (%s) is not that of the body (%s).", digest, written.MD5)
	}
	o, err := s.commit(b, object{Name: name, Blob: written, Headers: keptHeaders(c.Header)})
	if err != nil {
		return nil, err
	}
	return (&api.Response{Status: http.StatusOK}).With("etag", o.ETag).With("opc-content-md5", written.MD5).
		With("last-modified", o.Modified.Format(http.TimeFormat)).With("version-id", o.Version), nil
}

// commit makes a version the current one, drops what versioning does not keep,
// and emits the event.
func (s *Service) commit(b kind.Object, o object) (object, error) {
	now := time.Now().UTC()
	o.Version, o.ETag, o.Created, o.Modified = uuid.NewString(), uuid.NewString(), now, now
	o.Order = order(b, o.Name, now)
	var dropped blob
	event := "createobject"
	err := s.store.Update(func(tx *store.Tx) error {
		var old object
		exists, err := tx.Get(currentTable, currentKey(b, o.Name), &old)
		if err != nil {
			return err
		}
		if exists {
			event = "updateobject"
			o.Created = old.Created
			if b.Str("versioning") != "Enabled" {
				dropped = old.Blob
				if err := tx.Delete(versionsTable, old.Order); err != nil {
					return err
				}
			}
		}
		if err := tx.Put(versionsTable, o.Order, o); err != nil {
			return err
		}
		return tx.Put(currentTable, currentKey(b, o.Name), o)
	})
	if err != nil {
		return o, fmt.Errorf("store object: %w", err)
	}
	if err := s.blobs.remove(dropped.ID); err != nil {
		return o, err
	}
	return o, s.emit(b, event, o)
}

// order makes a key under which an object's versions sort newest first.
func order(b kind.Object, name string, t time.Time) string {
	return fmt.Sprintf("%s/%s\x00%020d", b.Str("id"), name, int64(1<<62)-t.UnixNano())
}

func (s *Service) getObject(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	return s.get(c, b, c.Param("object"))
}

func (s *Service) get(c *api.Call, b kind.Object, name string) (*api.Response, error) {
	o, err := s.find(b, name, c.Query("versionId"))
	if err != nil {
		return nil, err
	}
	if err := preconditions(c, o.ETag); err != nil {
		return nil, err
	}
	header := http.Header{}
	for name, value := range o.Headers {
		header.Set(name, value)
	}
	header.Set("ETag", o.ETag)
	header.Set("Last-Modified", o.Modified.Format(http.TimeFormat))
	header.Set("version-id", o.Version)
	header.Set("storage-tier", "Standard")
	digest := "Content-Md5"
	value := o.Blob.MD5
	if o.PartsMD5 != "" {
		digest, value = "opc-multipart-md5", o.PartsMD5
	}
	header.Set(digest, value)
	if c.Method == http.MethodHead {
		header.Set("Content-Length", strconv.FormatInt(o.Blob.Size, 10))
		return &api.Response{Status: http.StatusOK, Header: header}, nil
	}
	file, err := s.blobs.open(o.Blob.ID)
	if err != nil {
		return nil, fmt.Errorf("open object: %w", err)
	}
	return &api.Response{Header: header, File: file}, nil
}

func notFound(b kind.Object, name string) error {
	return api.NotFound("ObjectNotFound", "The object '%s' was not found in the bucket '%s'", name, b.Str("name"))
}

// find returns the current version of an object, or the one named.
func (s *Service) find(b kind.Object, name, version string) (object, error) {
	if version == "" {
		o, found, err := s.current(b, name)
		if err == nil && !found {
			err = notFound(b, name)
		}
		return o, err
	}
	versions, err := s.versions(b, name)
	if err != nil {
		return object{}, err
	}
	for _, o := range versions {
		if o.Version == version {
			return o, nil
		}
	}
	return object{}, notFound(b, name)
}

// versions returns all versions of an object, newest first.
func (s *Service) versions(b kind.Object, name string) ([]object, error) {
	return scan[object](s, versionsTable, b.Str("id")+"/"+name+"\x00")
}

func (s *Service) deleteObject(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	o, err := s.find(b, c.Param("object"), c.Query("versionId"))
	if err != nil {
		return nil, err
	}
	if err := preconditions(c, o.ETag); err != nil {
		return nil, err
	}
	if c.Query("versionId") == "" && b.Str("versioning") == "Enabled" {
		return s.markDeleted(b, o)
	}
	return s.dropVersion(b, o)
}

func (s *Service) markDeleted(b kind.Object, o object) (*api.Response, error) {
	now := time.Now().UTC()
	marker := object{Name: o.Name, Version: uuid.NewString(), ETag: uuid.NewString(), Created: now, Modified: now, DeleteMarker: true, Order: order(b, o.Name, now)}
	err := s.store.Update(func(tx *store.Tx) error {
		if err := tx.Delete(currentTable, currentKey(b, o.Name)); err != nil {
			return err
		}
		return tx.Put(versionsTable, marker.Order, marker)
	})
	if err != nil {
		return nil, fmt.Errorf("delete object: %w", err)
	}
	response := api.NoContent().With("version-id", marker.Version).With("is-delete-marker", "true")
	return response, s.emit(b, "deleteobject", o)
}

// dropVersion removes one version for good; the next older one, unless it is a
// delete marker, becomes current.
func (s *Service) dropVersion(b kind.Object, o object) (*api.Response, error) {
	err := s.store.Update(func(tx *store.Tx) error { return tx.Delete(versionsTable, o.Order) })
	if err != nil {
		return nil, fmt.Errorf("delete object version: %w", err)
	}
	rest, err := s.versions(b, o.Name)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 && !rest[0].DeleteMarker {
		err = s.store.Put(currentTable, currentKey(b, o.Name), rest[0])
	} else {
		err = s.store.Delete(currentTable, currentKey(b, o.Name))
	}
	if err != nil {
		return nil, fmt.Errorf("delete object version: %w", err)
	}
	if err := s.blobs.remove(o.Blob.ID); err != nil {
		return nil, err
	}
	response := api.NoContent().With("version-id", o.Version)
	if o.DeleteMarker {
		return response.With("is-delete-marker", "true"), nil
	}
	return response, s.emit(b, "deleteobject", o)
}

// Get opens the current version of an object for another service, on behalf of
// a caller.
func (s *Service) Get(_ context.Context, _ iam.Principal, namespace, bucket, name string) (io.ReadCloser, int64, error) {
	b, err := s.findBucket(namespace, bucket)
	if err != nil {
		return nil, 0, err
	}
	o, err := s.find(b, name, "")
	if err != nil {
		return nil, 0, err
	}
	file, err := s.blobs.open(o.Blob.ID)
	return file, o.Blob.Size, err
}
