package objectstorage

import (
	"encoding/xml"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// Prefixes of the headers that hold an object's own metadata.
const (
	s3Meta  = "X-Amz-Meta-"
	ociMeta = "Opc-Meta-"
)

// s3Headers are the headers of an object as OCI's own API takes them.
func s3Headers(h http.Header) http.Header {
	translated := h.Clone()
	for name, values := range h {
		if key, ok := strings.CutPrefix(name, s3Meta); ok {
			translated[ociMeta+key] = values
		}
	}
	return translated
}

// s3Renamed are the headers of OCI's own answers and S3's names for them; those with
// none are left out.
var s3Renamed = map[string]string{
	"Version-Id": "x-amz-version-id", "Is-Delete-Marker": "x-amz-delete-marker",
	"Opc-Content-Md5": "", "Opc-Multipart-Md5": "", "Content-Md5": "", "Storage-Tier": "",
}

// inS3Words answers as S3 does what OCI's own API has answered.
func inS3Words(r *api.Response, err error) (*api.Response, error) {
	if err != nil {
		return nil, err
	}
	header := http.Header{}
	for name, values := range r.Header {
		name = http.CanonicalHeaderKey(name)
		renamed, known := s3Renamed[name]
		key, isMeta := strings.CutPrefix(name, ociMeta)
		switch {
		case known && renamed == "":
		case known:
			header.Set(renamed, values[0])
		case isMeta:
			header[s3Meta+key] = values
		case name == "Etag":
			header.Set("ETag", quoted(values[0]))
		default:
			header[name] = values
		}
	}
	r.Header = header
	return r, nil
}

func (s *Service) s3PutObject(c *api.Call) (*api.Response, error) {
	c.Header = s3Headers(c.Header)
	return inS3Words(s.putObject(c))
}

func (s *Service) s3GetObject(c *api.Call) (*api.Response, error) {
	response, err := inS3Words(s.getObject(c))
	if err != nil {
		return nil, err
	}
	return response.With("Accept-Ranges", "bytes"), nil
}

// s3DeleteObject succeeds when there is no such object, as in S3.
func (s *Service) s3DeleteObject(c *api.Call) (*api.Response, error) {
	response, err := inS3Words(s.deleteObject(c))
	if e, ok := errors.AsType[*api.Error](err); ok && e.Code == "ObjectNotFound" {
		return api.NoContent(), nil
	}
	return response, err
}

// s3Source is what x-amz-copy-source names.
type s3Source struct{ bucket, object, version string }

func readSource(header string) (s3Source, error) {
	path, query, _ := strings.Cut(header, "?")
	plain, err := url.QueryUnescape(path)
	if err != nil {
		return s3Source{}, api.InvalidParameter("x-amz-copy-source %q is not escaped as in a URL.", header)
	}
	bucket, object, found := strings.Cut(strings.TrimPrefix(plain, "/"), "/")
	values, err := url.ParseQuery(query)
	if err != nil || !found || object == "" {
		return s3Source{}, api.InvalidParameter("x-amz-copy-source must be <bucket>/<key>, it is %q.", header)
	}
	return s3Source{bucket, object, values.Get("versionId")}, nil
}

// s3CopyObject copies an object before it answers; OCI's own CopyObject is a work
// request. Both ask for reading the one and writing the other.
func (s *Service) s3CopyObject(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	from, err := readSource(c.Header.Get("X-Amz-Copy-Source"))
	if err != nil {
		return nil, err
	}
	source, err := s.findBucket(c.Region, c.Param("ns"), from.bucket)
	if err != nil {
		return nil, err
	}
	if err := c.Authorize(bucketTarget(source, from.object).Needs(objectRead)...); err != nil {
		return nil, hidden(err, source)
	}
	if err := s.mayWrite(c, b, c.Param("object")); err != nil {
		return nil, err
	}
	if err := errors.Join(checkName(c.Param("object")), s.usable(b)); err != nil {
		return nil, err
	}
	o, err := s.copyFrom(c, source, from)
	if err != nil {
		return nil, err
	}
	if o, err = s.commit(c, b, o, nil); err != nil {
		return nil, err
	}
	response, err := s3Answer(http.StatusOK, struct {
		XMLName            xml.Name
		LastModified, ETag string
	}{s3Name("CopyObjectResult"), kind.Timestamp(o.Modified), quoted(o.ETag)})
	if err != nil {
		return nil, err
	}
	return response.With("x-amz-version-id", o.Version), nil
}

// copyFrom copies the bytes, and the headers unless the request brings its own.
func (s *Service) copyFrom(c *api.Call, source kind.Object, from s3Source) (object, error) {
	old, file, err := s.open(source, from.object, from.version)
	if err != nil {
		return object{}, err
	}
	defer file.Close()
	o := object{Name: c.Param("object"), Headers: maps.Clone(old.Headers)}
	switch directive := c.Header.Get("X-Amz-Metadata-Directive"); {
	case directive == "REPLACE":
		o.Headers = keptHeaders(s3Headers(c.Header))
	case directive != "" && directive != "COPY":
		return object{}, api.InvalidParameter("x-amz-metadata-directive must be COPY or REPLACE, it is %q.", directive)
	case from.bucket == c.Param("bucket") && from.object == c.Param("object") && from.version == "":
		return object{}, api.NewError(http.StatusBadRequest, "InvalidRequest", "An object can be copied to itself only with other metadata: x-amz-metadata-directive must be REPLACE.")
	}
	o.Blob, err = s.blobs.write(file)
	return o, err
}
