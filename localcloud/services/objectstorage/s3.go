package objectstorage

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
)

// The Amazon S3 Compatibility API serves the same buckets and objects to S3's
// clients: what they write is read by OCI's own API, with the same ETag, and emits the
// same events (documentation: Object Storage Amazon S3 Compatibility API). Its
// callers are users, by their customer secret keys. Only path-style addresses are
// served, and of the operations that OCI documents neither tags, bulk deletes, copies
// of parts, pre-signed addresses nor customers' own encryption keys.

// s3Scope is what an S3 operation acts on.
type s3Scope int

const (
	s3Service s3Scope = iota
	s3Bucket
	s3Object
)

// paths are the patterns of operations, after their names.
var s3Paths = map[s3Scope]string{s3Service: "", s3Bucket: "/{bucket}", s3Object: "/{bucket}/{object}"}

// s3Operation is one of the S3 API's, which has one path for many.
type s3Operation struct {
	name, method string
	scope        s3Scope
	// parameter and header tell the operation from others with the same method and
	// scope; empty: none does.
	parameter, header string
	// parameters are further ones that it takes.
	parameters  []string
	handler     api.Handler
	permissions []string
}

func (s *Service) s3Operations() []s3Operation {
	onBucket := func(h api.Handler) api.Handler { return api.On(s.target, h) }
	written := []string{objectCreate, objectOverwrite}
	return []s3Operation{
		{name: "ListBuckets", method: http.MethodGet, scope: s3Service, handler: api.On(inDesignated, s.s3ListBuckets), permissions: []string{bucketInspect}},
		{name: "CreateBucket", method: http.MethodPut, scope: s3Bucket, handler: s.s3CreateBucket, permissions: []string{bucketCreate}},
		{name: "HeadBucket", method: http.MethodHead, scope: s3Bucket, handler: onBucket(s.s3HeadBucket), permissions: []string{bucketInspect}},
		{name: "DeleteBucket", method: http.MethodDelete, scope: s3Bucket, handler: onBucket(s.deleteBucket), permissions: []string{bucketDelete}},
		{name: "GetBucketLocation", method: http.MethodGet, scope: s3Bucket, parameter: "location", handler: onBucket(s.s3Location), permissions: []string{bucketInspect}},
		{name: "ListMultipartUploads", method: http.MethodGet, scope: s3Bucket, parameter: "uploads", parameters: []string{"prefix"}, handler: onBucket(s.s3ListUploads), permissions: []string{bucketRead}},
		{name: "ListObjectsV2", method: http.MethodGet, scope: s3Bucket, parameter: "list-type",
			parameters: []string{"prefix", "delimiter", "max-keys", "encoding-type", "continuation-token", "start-after", "fetch-owner"},
			handler:    onBucket(s.s3ListObjectsV2), permissions: []string{objectInspect}},
		{name: "ListObjects", method: http.MethodGet, scope: s3Bucket, parameters: []string{"prefix", "delimiter", "max-keys", "encoding-type", "marker"},
			handler: onBucket(s.s3ListObjects), permissions: []string{objectInspect}},

		{name: "UploadPart", method: http.MethodPut, scope: s3Object, parameter: "uploadId", parameters: []string{"partNumber"}, handler: onBucket(s.s3UploadPart), permissions: written},
		{name: "CopyObject", method: http.MethodPut, scope: s3Object, header: "X-Amz-Copy-Source", handler: s.s3CopyObject, permissions: append(written, objectRead)},
		{name: "PutObject", method: http.MethodPut, scope: s3Object, handler: s.s3PutObject, permissions: written},
		{name: "ListParts", method: http.MethodGet, scope: s3Object, parameter: "uploadId", handler: onBucket(s.s3ListParts), permissions: []string{objectInspect}},
		{name: "GetObject", method: http.MethodGet, scope: s3Object, parameters: []string{"versionId"}, handler: onBucket(s.s3GetObject), permissions: []string{objectRead}},
		{name: "HeadObject", method: http.MethodHead, scope: s3Object, parameters: []string{"versionId"}, handler: onBucket(s.s3GetObject), permissions: []string{objectRead}},
		{name: "AbortMultipartUpload", method: http.MethodDelete, scope: s3Object, parameter: "uploadId", handler: onBucket(s.s3AbortUpload), permissions: []string{objectDelete}},
		{name: "DeleteObject", method: http.MethodDelete, scope: s3Object, parameters: []string{"versionId"}, handler: s.s3DeleteObject, permissions: []string{objectDelete, versionDelete}},
		{name: "CreateMultipartUpload", method: http.MethodPost, scope: s3Object, parameter: "uploads", handler: onBucket(s.s3CreateUpload), permissions: written},
		{name: "CompleteMultipartUpload", method: http.MethodPost, scope: s3Object, parameter: "uploadId", handler: onBucket(s.s3CompleteUpload), permissions: written},
	}
}

// newS3 makes the API over the service's buckets.
func (s *Service) newS3(secrets SecretKeys) *api.Service {
	a := api.NewService("s3", "{any}.compat.objectstorage.{region}.oraclecloud.com", "{any}.compat.objectstorage.{region}.oci.customer-oci.com")
	operations := s.s3Operations()
	a.Dispatch = func(r *http.Request) string { return s3Path(operations, r) }
	a.OpaqueTail = regexp.MustCompile(`^/[A-Za-z0-9]+/[^/]+/`)
	a.Refusal = s3Refusal
	auth := s3Signatures{keys: secrets}
	for _, o := range operations {
		a.RouteBy(auth, o.name, o.method+" /"+o.name+s3Paths[o.scope], inS3(o.handler), o.permissions...)
	}
	return a
}

// s3Unserved is the path of requests for what S3 or OCI has and this service does not
// serve.
const s3Unserved = "/-"

// s3Path names the operation in a request's path.
func s3Path(operations []s3Operation, r *http.Request) string {
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/")
	bucket, key, _ := strings.Cut(path, "/")
	scope := s3Service
	switch {
	case key != "":
		scope = s3Object
	case bucket != "":
		scope = s3Bucket
	}
	query := r.URL.Query()
	for _, o := range operations {
		if o.matches(r, scope, query) {
			return strings.TrimSuffix("/"+o.name+"/"+path, "/")
		}
	}
	return s3Unserved
}

// s3Unsupported begins the headers that change what a request means and that no
// operation here knows.
var s3Unsupported = []string{
	"X-Amz-Server-Side-Encryption-", "X-Amz-Copy-Source-Server-Side-Encryption-", "X-Amz-Copy-Source-If-", "X-Amz-Copy-Source-Range",
	"X-Amz-Tagging", "X-Amz-Object-Lock-", "X-Amz-Website-Redirect-Location", "X-Amz-Grant-",
}

// matches reports whether a request is for the operation, and has no parameter or
// header that the operation would ignore.
func (o s3Operation) matches(r *http.Request, scope s3Scope, query url.Values) bool {
	if r.Method != o.method || scope != o.scope || o.parameter != "" && !query.Has(o.parameter) || (o.header != "") != (r.Header.Get("X-Amz-Copy-Source") != "") {
		return false
	}
	for name := range query {
		// AWS's SDKs name the operation, for their own logs.
		if name != "x-id" && name != o.parameter && !slices.Contains(o.parameters, name) {
			return false
		}
	}
	if class := r.Header.Get("X-Amz-Storage-Class"); class != "" && class != "STANDARD" {
		return false
	}
	for name := range r.Header {
		if slices.ContainsFunc(s3Unsupported, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			return false
		}
	}
	return true
}

// inS3 gives handlers of OCI's own API what they find in its requests.
func inS3(handler api.Handler) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		namespace, _, _ := strings.Cut(c.Host, ".")
		c.SetPathValue("ns", namespace)
		for _, name := range []string{"If-Match", "If-None-Match"} {
			if tag := c.Header.Get(name); tag != "" {
				c.Header.Set(name, strings.Trim(tag, `"`))
			}
		}
		response, err := handler(c)
		if e, ok := errors.AsType[*api.Error](err); ok && e.Code == "NotAuthorizedOrNotFound" && c.Param("bucket") != "" {
			err = bucketNotFound(namespace, c.Param("bucket"))
		}
		if err != nil {
			return nil, err
		}
		return response.With("x-amz-request-id", c.ID), nil
	}
}

// inDesignated is the compartment that the tenancy designates for buckets made by the S3
// API, and of which it lists the buckets: the root compartment, as GetNamespaceMetadata
// says (documentation: Compartments for the Amazon S3 Compatibility and Swift APIs).
func inDesignated(*api.Call) (api.Target, error) {
	return api.Target{CompartmentID: iam.TenancyID}, nil
}
