package objectstorage

import (
	"cmp"
	"crypto/md5" // #nosec: OCI's content digests are MD5.
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	sdk "github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
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
	s.api.Route("CreateMultipartUpload", "POST /n/{ns}/b/{bucket}/u", s.createUpload)
	s.api.Route("ListMultipartUploads", "GET /n/{ns}/b/{bucket}/u", s.listUploads)
	s.api.Route("UploadPart", "PUT /n/{ns}/b/{bucket}/u/{object}", s.uploadPart)
	s.api.Route("ListMultipartUploadParts", "GET /n/{ns}/b/{bucket}/u/{object}", s.listParts)
	s.api.Route("CommitMultipartUpload", "POST /n/{ns}/b/{bucket}/u/{object}", s.commitUpload)
	s.api.Route("AbortMultipartUpload", "DELETE /n/{ns}/b/{bucket}/u/{object}", s.abortUpload)
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
	if d.Object == nil || *d.Object == "" {
		return nil, api.MissingParameter("object is required in CreateMultipartUploadDetails.")
	}
	u := upload{ID: uuid.NewString(), Object: *d.Object, Created: time.Now().UTC(), Headers: map[string]string{"Content-Type": "application/octet-stream"}, Parts: map[int]part{}}
	for name, value := range map[string]*string{"Content-Type": d.ContentType, "Content-Language": d.ContentLanguage, "Content-Encoding": d.ContentEncoding,
		"Content-Disposition": d.ContentDisposition, "Cache-Control": d.CacheControl} {
		if value != nil {
			u.Headers[name] = *value
		}
	}
	for name, value := range d.Metadata {
		// The keys come with their prefix (API: CreateMultipartUploadDetails.metadata).
		u.Headers[name] = value
	}
	if err := s.store.Put(uploadsTable, uploadKey(b, u.ID), u); err != nil {
		return nil, err
	}
	return api.OK(showUpload(b, u)), nil
}

func showUpload(b kind.Object, u upload) kind.Object {
	return kind.Object{"namespace": b["namespace"], "bucket": b["name"], "object": u.Object, "uploadId": u.ID,
		"timeCreated": kind.Timestamp(u.Created), "storageTier": "Standard"}
}

func (s *Service) listUploads(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	all, err := scan[upload](s, uploadsTable, b.Str("id")+"/")
	if err != nil {
		return nil, err
	}
	rows := make([]kind.Object, len(all))
	for i, u := range all {
		rows[i] = showUpload(b, u)
	}
	return api.Page(c, rows, false)
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
		err = api.NotFound("NoSuchUpload", "The upload %q of object '%s' does not exist.", c.Query("uploadId"), c.Param("object"))
	}
	return b, u, err
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
	written, err := s.blobs.write(c.Body)
	if err != nil {
		return nil, api.NewError(http.StatusBadRequest, "RequestBodyIncomplete", "The part's bytes could not be read: %v.", err)
	}
	if digest := c.Header.Get("content-md5"); digest != "" && digest != written.MD5 {
		return nil, errors.Join(api.NewError(http.StatusBadRequest, "UnmatchedContentMD5", "The Content-MD5 you specified is not that of the body."), s.blobs.remove(written.ID))
	}
	// Parts arrive in parallel: the record is read again inside the change.
	one := part{Blob: written, ETag: uuid.NewString()}
	replaced, err := s.addPart(b, u.ID, number, one)
	if err != nil {
		return nil, err
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

func (s *Service) commitUpload(c *api.Call) (*api.Response, error) {
	b, u, err := s.upload(c)
	if err != nil {
		return nil, err
	}
	var d sdk.CommitMultipartUploadDetails
	if err := c.Decode(&d); err != nil {
		return nil, err
	}
	if len(d.PartsToCommit) == 0 {
		return nil, api.MissingParameter("partsToCommit must name at least one part.")
	}
	slices.SortFunc(d.PartsToCommit, func(a, b sdk.CommitMultipartUploadPartDetails) int { return cmp.Compare(number(a), number(b)) })
	readers, digests := make([]io.Reader, 0, len(d.PartsToCommit)), md5.New() // #nosec
	last := 0
	for _, want := range d.PartsToCommit {
		if number(want) <= last || want.Etag == nil {
			return nil, api.NewError(http.StatusBadRequest, "InvalidUploadPart", "partsToCommit must hold each part's number once, with its etag.")
		}
		last = number(want)
		have, known := u.Parts[last]
		if !known || have.ETag != *want.Etag {
			return nil, api.NewError(http.StatusBadRequest, "InvalidUploadPart", "Part %d with etag %s was not uploaded.", last, *want.Etag)
		}
		file, err := s.blobs.open(have.Blob.ID)
		if err != nil {
			return nil, fmt.Errorf("open part: %w", err)
		}
		defer file.Close()
		readers = append(readers, file)
		sum, err := base64.StdEncoding.DecodeString(have.Blob.MD5)
		if err != nil {
			return nil, fmt.Errorf("digest of part %d: %w", last, err)
		}
		digests.Write(sum)
	}
	written, err := s.blobs.write(io.MultiReader(readers...))
	if err != nil {
		return nil, err
	}
	digest := fmt.Sprintf("%s-%d", base64.StdEncoding.EncodeToString(digests.Sum(nil)), len(readers))
	o, err := s.commit(b, object{Name: u.Object, Blob: written, Headers: u.Headers, PartsMD5: digest})
	if err != nil {
		return nil, err
	}
	if err := s.dropUpload(b, u); err != nil {
		return nil, err
	}
	return (&api.Response{Status: http.StatusOK}).With("etag", o.ETag).With("opc-multipart-md5", digest).
		With("last-modified", o.Modified.Format(http.TimeFormat)).With("version-id", o.Version), nil
}

// number is the number of a part to commit, 0 when it has none.
func number(p sdk.CommitMultipartUploadPartDetails) int {
	if p.PartNum == nil {
		return 0
	}
	return *p.PartNum
}

func (s *Service) abortUpload(c *api.Call) (*api.Response, error) {
	b, u, err := s.upload(c)
	if err != nil {
		return nil, err
	}
	return api.NoContent(), s.dropUpload(b, u)
}
