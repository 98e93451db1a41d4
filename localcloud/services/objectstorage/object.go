package objectstorage

import (
	"encoding/json"
	"fmt"
	"time"

	"oci-media-pipelines/localcloud/api"
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
	s.api.RouteStream("PutObject", "PUT /n/{ns}/b/{bucket}/o/{object}", s.putObject, objectCreate, objectOverwrite)
	s.route("GetObject", "GET /n/{ns}/b/{bucket}/o/{object}", s.getObject, objectRead)
	s.route("HeadObject", "HEAD /n/{ns}/b/{bucket}/o/{object}", s.getObject, objectRead)
	s.api.Route("DeleteObject", "DELETE /n/{ns}/b/{bucket}/o/{object}", s.deleteObject, objectDelete, versionDelete)
	s.route("ListObjects", "GET /n/{ns}/b/{bucket}/o", s.listObjects, objectInspect)
	s.route("ListObjectVersions", "GET /n/{ns}/b/{bucket}/objectversions", s.listVersions, objectInspect)
}

func currentKey(b kind.Object, name string) string { return b.Str("id") + "/" + name }

// order makes a key under which an object's versions sort newest first.
func order(b kind.Object, name string, t time.Time) string {
	return fmt.Sprintf("%s/%s\x00%020d", b.Str("id"), name, int64(1<<62)-t.UnixNano())
}

func notFound(b kind.Object, name string) error {
	return api.NotFound("ObjectNotFound", "The object '%s' was not found in the bucket '%s'", name, b.Str("name"))
}

// find returns the current version of an object, or the one named.
func find(tx *store.Tx, b kind.Object, name, version string) (object, error) {
	if version == "" {
		var o object
		found, err := tx.Get(currentTable, currentKey(b, name), &o)
		if err == nil && !found {
			err = notFound(b, name)
		}
		return o, err
	}
	all, err := versions(tx, b, name)
	if err != nil {
		return object{}, err
	}
	for _, o := range all {
		if o.Version == version {
			return o, nil
		}
	}
	return object{}, notFound(b, name)
}

// versions returns all versions of an object, newest first.
func versions(tx *store.Tx, b kind.Object, name string) ([]object, error) {
	var all []object
	err := tx.Scan(versionsTable, b.Str("id")+"/"+name+"\x00", func(_ string, raw json.RawMessage) error {
		var o object
		if err := json.Unmarshal(raw, &o); err != nil {
			return err
		}
		all = append(all, o)
		return nil
	})
	return all, err
}
