package objectstorage

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	sdk "github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

const uploadsTable = "object-uploads"

// upload is a multipart upload that is not yet committed.
type upload struct {
	ID      string            `json:"uploadId"`
	Object  string            `json:"object"`
	Created time.Time         `json:"timeCreated"`
	Headers map[string]string `json:"headers"`
	Parts   map[int]part      `json:"parts"`
}

type part struct {
	Blob blob   `json:"blob"`
	ETag string `json:"etag"`
}

func (s *Service) routeUploads() {
	s.route("CreateMultipartUpload", "POST /n/{ns}/b/{bucket}/u", s.createUpload, objectCreate, objectOverwrite)
	s.route("ListMultipartUploads", "GET /n/{ns}/b/{bucket}/u", s.listUploads, bucketRead)
	s.api.RouteStream("UploadPart", "PUT /n/{ns}/b/{bucket}/u/{object}", api.On(s.target, s.uploadPart), objectCreate, objectOverwrite)
	s.route("ListMultipartUploadParts", "GET /n/{ns}/b/{bucket}/u/{object}", s.listParts, objectInspect)
	s.route("CommitMultipartUpload", "POST /n/{ns}/b/{bucket}/u/{object}", s.commitUpload, objectCreate, objectOverwrite)
	s.route("AbortMultipartUpload", "DELETE /n/{ns}/b/{bucket}/u/{object}", s.abortUpload, objectDelete)
}

func uploadKey(b kind.Object, id string) string { return b.Str("id") + "/" + id }

func (s *Service) createUpload(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	var d sdk.CreateMultipartUploadDetails
	if err := c.Decode(&d); err != nil {
		return nil, err
	}
	if d.Object == nil {
		return nil, api.MissingParameter("object is required in CreateMultipartUploadDetails.")
	}
	if err := checkName(*d.Object); err != nil {
		return nil, err
	}
	u := newUpload(*d.Object)
	for name, value := range map[string]*string{"Content-Type": d.ContentType, "Content-Language": d.ContentLanguage, "Content-Encoding": d.ContentEncoding,
		"Content-Disposition": d.ContentDisposition, "Cache-Control": d.CacheControl} {
		if value != nil {
			u.Headers[name] = *value
		}
	}
	for name, value := range d.Metadata {
		// The keys come with their prefix (API: CreateMultipartUploadDetails.metadata).
		if !strings.HasPrefix(strings.ToLower(name), "opc-meta-") {
			return nil, api.InvalidParameter("metadata: the key %q does not begin with opc-meta-.", name)
		}
		u.Headers[name] = value
	}
	if err := s.addUpload(b, u); err != nil {
		return nil, err
	}
	return api.OK(showUpload(b, u)), nil
}

// newUpload begins an upload of an object.
func newUpload(object string) upload {
	return upload{ID: uuid.NewString(), Object: object, Created: time.Now().UTC(), Headers: map[string]string{"Content-Type": "application/octet-stream"}, Parts: map[int]part{}}
}

func (s *Service) addUpload(b kind.Object, u upload) error {
	return s.inBucket(b, func(tx *store.Tx, b kind.Object) error { return tx.Put(uploadsTable, uploadKey(b, u.ID), u) })
}

func showUpload(b kind.Object, u upload) kind.Object {
	return kind.Object{"namespace": b["namespace"], "bucket": b["name"], "object": u.Object, "uploadId": u.ID,
		"timeCreated": kind.Timestamp(u.Created), "storageTier": "Standard"}
}

func (s *Service) listUploads(c *api.Call) (*api.Response, error) {
	b, all, err := s.uploads(c)
	if err != nil {
		return nil, err
	}
	rows := make([]kind.Object, len(all))
	for i, u := range all {
		rows[i] = showUpload(b, u)
	}
	return api.Page(c, rows, false)
}

// uploads returns the bucket that a request names, and its uploads.
func (s *Service) uploads(c *api.Call) (kind.Object, []upload, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, nil, err
	}
	all, err := store.All[upload](s.store, uploadsTable, b.Str("id")+"/")
	return b, all, err
}

// upload returns the bucket and the upload that a request names.
func (s *Service) upload(c *api.Call) (kind.Object, upload, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, upload{}, err
	}
	var u upload
	found, err := s.store.Get(uploadsTable, uploadKey(b, c.Query("uploadId")), &u)
	if err == nil && (!found || u.Object != c.Param("object")) {
		err = noSuchUpload(c.Query("uploadId"))
	}
	return b, u, err
}

func noSuchUpload(id string) error {
	return api.NotFound("NoSuchUpload", "The upload %q does not exist, or no longer, or is of another object.", id)
}

func (s *Service) uploadPart(c *api.Call) (*api.Response, error) {
	b, u, err := s.upload(c)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(c.Query("uploadPartNum"))
	if err != nil || number < 1 || number > 10000 {
		return nil, api.InvalidParameter("uploadPartNum must be 1 to 10000, it is %q.", c.Query("uploadPartNum"))
	}
	written, err := s.receive(c)
	if err != nil {
		return nil, err
	}
	one := part{Blob: written, ETag: uuid.NewString()}
	replaced, err := s.addPart(b, u.ID, number, one)
	if err != nil {
		return nil, errors.Join(err, s.blobs.remove(written.ID))
	}
	if err := s.blobs.remove(replaced); err != nil {
		return nil, err
	}
	return (&api.Response{Status: http.StatusOK}).With("etag", one.ETag).With("opc-content-md5", written.MD5), nil
}

func (s *Service) listParts(c *api.Call) (*api.Response, error) {
	_, u, err := s.upload(c)
	if err != nil {
		return nil, err
	}
	rows := []kind.Object{}
	for _, n := range sortedParts(u) {
		p := u.Parts[n]
		rows = append(rows, kind.Object{"partNumber": n, "etag": p.ETag, "md5": p.Blob.MD5, "size": p.Blob.Size})
	}
	return api.Page(c, rows, false)
}

func (s *Service) abortUpload(c *api.Call) (*api.Response, error) {
	b, u, err := s.upload(c)
	if err != nil {
		return nil, err
	}
	err = s.store.Update(func(tx *store.Tx) (err error) { u, err = takeUpload(tx, b, u.ID); return err })
	if err != nil {
		return nil, err
	}
	return api.NoContent(), s.dropParts(u)
}
