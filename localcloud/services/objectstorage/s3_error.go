package objectstorage

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"

	"oci-media-pipelines/localcloud/api"
)

// mismatchCode is S3's code for a body that is not what was signed.
const mismatchCode = "XAmzContentSHA256Mismatch"

// s3Codes are S3's codes for those of OCI's own API (Amazon S3 API Reference, Error
// Responses). Others are the same in both.
var s3Codes = map[string]string{
	"BucketNotFound": "NoSuchBucket", "ObjectNotFound": "NoSuchKey", "NamespaceNotFound": "NoSuchBucket",
	"IfMatchFailed": "PreconditionFailed", "IfNoneMatchFailed": "PreconditionFailed",
	"UnmatchedContentMD5": "BadDigest", "RequestBodyIncomplete": "IncompleteBody", "RequestEntityTooLarge": "EntityTooLarge",
	"InvalidParameter": "InvalidArgument", "MissingParameter": "InvalidArgument", "InvalidObjectName": "InvalidArgument",
	"InvalidUploadPart": "InvalidPart", "CannotParseRequest": "MalformedXML", "LimitExceeded": "TooManyBuckets",
	"MethodNotImplemented": "NotImplemented", "InternalServerError": "InternalError", "TooManyRequests": "SlowDown",
	"NotAuthorizedOrNotFound": "AccessDenied",
}

// s3Failure is the body of an error, in the order of OCI's.
type s3Failure struct {
	XMLName xml.Name `xml:"Error"`
	Message string
	Code    string
}

// s3Refusal is an error as S3's clients read it.
func s3Refusal(c *api.Call, e *api.Error) *api.Response {
	answer := s3Failure{Message: e.Message, Code: e.Code}
	if code, ok := s3Codes[e.Code]; ok {
		answer.Code = code
	}
	status := e.Status
	switch answer.Code {
	case "AccessDenied":
		status = http.StatusForbidden
	case "SlowDown":
		status = http.StatusServiceUnavailable
	}
	if status == http.StatusNotModified {
		return (&api.Response{Status: status}).With("x-amz-request-id", c.ID)
	}
	response, err := s3Answer(status, answer)
	if err != nil {
		response = &api.Response{Status: http.StatusInternalServerError}
	}
	return response.With("x-amz-request-id", c.ID)
}

// s3Answer answers with a body in XML.
func s3Answer(status int, body any) (*api.Response, error) {
	encoded, err := xml.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	raw := append([]byte(xml.Header), encoded...)
	return (&api.Response{Status: status, Stream: io.NopCloser(bytes.NewReader(raw))}).With("Content-Type", "application/xml"), nil
}
