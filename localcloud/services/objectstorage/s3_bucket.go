package objectstorage

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
)

// s3Namespace is that of S3's answers.
const s3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

type s3Owner struct{ ID, DisplayName string }

type s3Buckets struct {
	XMLName xml.Name
	Owner   s3Owner
	Buckets struct{ Bucket []s3BucketRow }
}

type s3BucketRow struct{ Name, CreationDate string }

func s3Name(element string) xml.Name { return xml.Name{Space: s3Namespace, Local: element} }

// s3ListBuckets lists those in the designated compartment.
func (s *Service) s3ListBuckets(c *api.Call) (*api.Response, error) {
	if c.Param("ns") != iam.Namespace {
		return nil, api.NotFound("NamespaceNotFound", "The namespace '%s' does not exist.", c.Param("ns"))
	}
	answer := s3Buckets{XMLName: s3Name("ListAllMyBucketsResult"), Owner: s3Owner{iam.Namespace, iam.Namespace}}
	rows := s.engine.Listed("bucket", func(o kind.Object) bool {
		return o.Str("compartmentId") == iam.TenancyID && kind.RegionOf(o.Str("id")) == c.Region
	})
	slices.SortFunc(rows, func(a, b kind.Object) int { return strings.Compare(a.Str("name"), b.Str("name")) })
	for _, b := range rows {
		answer.Buckets.Bucket = append(answer.Buckets.Bucket, s3BucketRow{b.Str("name"), b.Str("timeCreated")})
	}
	return s3Answer(http.StatusOK, answer)
}

// s3CreateBucket makes a bucket in the designated compartment.
func (s *Service) s3CreateBucket(c *api.Call) (*api.Response, error) {
	if c.Param("ns") != iam.Namespace {
		return nil, api.NotFound("NamespaceNotFound", "The namespace '%s' does not exist.", c.Param("ns"))
	}
	var configuration struct{ LocationConstraint string }
	if err := decodeXML(c, &configuration); err != nil {
		return nil, err
	}
	if in := configuration.LocationConstraint; in != "" && !regionFits(in, c.Region) {
		return nil, api.NewError(http.StatusBadRequest, "InvalidLocationConstraint", "LocationConstraint must be %s, the region of the address, it is %q.", c.Region, in)
	}
	b := kind.Object{"name": c.Param("bucket"), "compartmentId": iam.TenancyID}
	if err := c.Authorize(bucketTarget(b, "").Needs(bucketCreate)...); err != nil {
		return nil, err
	}
	if err := s.addBucket(c, b); err != nil {
		return nil, err
	}
	return (&api.Response{Status: http.StatusOK}).With("Location", "/"+b.Str("name")), nil
}

// decodeXML reads a body, which may be absent.
func decodeXML(c *api.Call, value any) error {
	raw, err := c.ReadBody()
	if err != nil {
		return err
	}
	if len(raw) == 0 {
		return nil
	}
	if err := xml.Unmarshal(raw, value); err != nil {
		return api.CannotParseRequest("The XML you provided was not well-formed: %v.", err)
	}
	return nil
}

func (s *Service) s3HeadBucket(c *api.Call) (*api.Response, error) {
	if _, err := s.bucket(c); err != nil {
		return nil, err
	}
	return (&api.Response{Status: http.StatusOK}).With("x-amz-bucket-region", c.Region), nil
}

func (s *Service) s3Location(c *api.Call) (*api.Response, error) {
	return s3Answer(http.StatusOK, struct {
		XMLName xml.Name
		Region  string `xml:",chardata"`
	}{s3Name("LocationConstraint"), c.Region})
}
