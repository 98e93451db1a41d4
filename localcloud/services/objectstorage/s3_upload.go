package objectstorage

import (
	"encoding/xml"
	"net/http"
	"strings"

	sdk "github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

func (s *Service) s3CreateUpload(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	if err := checkName(c.Param("object")); err != nil {
		return nil, err
	}
	u := newUpload(c.Param("object"))
	u.Headers = keptHeaders(s3Headers(c.Header))
	if err := s.addUpload(b, u); err != nil {
		return nil, err
	}
	return s3Answer(http.StatusOK, struct {
		XMLName               xml.Name
		Bucket, Key, UploadId string //revive:disable-line:var-naming S3's name of the element.
	}{s3Name("InitiateMultipartUploadResult"), b.Str("name"), u.Object, u.ID})
}

// s3UploadPart stores a part under the number that S3 has another name for.
func (s *Service) s3UploadPart(c *api.Call) (*api.Response, error) {
	query := c.URL.Query()
	query.Set("uploadPartNum", query.Get("partNumber"))
	c.URL.RawQuery = query.Encode()
	return inS3Words(s.uploadPart(c))
}

type s3Parts struct {
	XMLName               xml.Name
	Bucket, Key, UploadId string //revive:disable-line:var-naming S3's name of the element.
	IsTruncated           bool
	Part                  []s3PartRow
}

type s3PartRow struct {
	PartNumber int
	ETag       string
	Size       int64
}

func (s *Service) s3ListParts(c *api.Call) (*api.Response, error) {
	b, u, err := s.upload(c)
	if err != nil {
		return nil, err
	}
	answer := s3Parts{XMLName: s3Name("ListPartsResult"), Bucket: b.Str("name"), Key: u.Object, UploadId: u.ID}
	for _, n := range sortedParts(u) {
		answer.Part = append(answer.Part, s3PartRow{n, quoted(u.Parts[n].ETag), u.Parts[n].Blob.Size})
	}
	return s3Answer(http.StatusOK, answer)
}

type s3Uploads struct {
	XMLName     xml.Name
	Bucket      string
	IsTruncated bool
	Upload      []s3UploadRow
}

type s3UploadRow struct{ Key, UploadId, Initiated string } //revive:disable-line:var-naming S3's name of the element.

func (s *Service) s3ListUploads(c *api.Call) (*api.Response, error) {
	b, all, err := s.uploads(c)
	if err != nil {
		return nil, err
	}
	answer := s3Uploads{XMLName: s3Name("ListMultipartUploadsResult"), Bucket: b.Str("name")}
	for _, u := range all {
		if strings.HasPrefix(u.Object, c.Query("prefix")) {
			answer.Upload = append(answer.Upload, s3UploadRow{u.Object, u.ID, kind.Timestamp(u.Created)})
		}
	}
	return s3Answer(http.StatusOK, answer)
}

func (s *Service) s3AbortUpload(c *api.Call) (*api.Response, error) { return s.abortUpload(c) }

func (s *Service) s3CompleteUpload(c *api.Call) (*api.Response, error) {
	b, u, err := s.upload(c)
	if err != nil {
		return nil, err
	}
	var d struct {
		Part []struct {
			PartNumber int
			ETag       string
		}
	}
	if err := decodeXML(c, &d); err != nil {
		return nil, err
	}
	if len(d.Part) == 0 {
		return nil, api.CannotParseRequest("You must specify at least one part.")
	}
	parts := make([]sdk.CommitMultipartUploadPartDetails, len(d.Part))
	for i, p := range d.Part {
		etag := strings.Trim(p.ETag, `"`)
		parts[i] = sdk.CommitMultipartUploadPartDetails{PartNum: &d.Part[i].PartNumber, Etag: &etag}
	}
	o, err := s.assemble(c, b, u, parts)
	if err != nil {
		return nil, err
	}
	response, err := s3Answer(http.StatusOK, struct {
		XMLName                     xml.Name
		Location, Bucket, Key, ETag string
	}{s3Name("CompleteMultipartUploadResult"), "https://" + c.Host + "/" + b.Str("name") + "/" + u.Object, b.Str("name"), o.Name, quoted(o.ETag)})
	if err != nil {
		return nil, err
	}
	return response.With("x-amz-version-id", o.Version), nil
}
