package objectstorage

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"net/http"
	"regexp"
	"strings"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/services/objectstorage/sigv4"
)

// SecretKeys knows the customer secret keys of users.
type SecretKeys interface {
	// SecretKey returns the secret key of an access key, and whose it is.
	SecretKey(accessKey string) (secret string, who iam.Principal, found bool)
}

// s3ClockSkew is how far a request's time may be from now (Amazon S3 API Reference,
// Error Responses, RequestTimeTooSkewed).
const s3ClockSkew = 15 * time.Minute

// s3Signatures authenticates requests by customer secret keys.
type s3Signatures struct{ keys SecretKeys }

// keyNotFound is what OCI says of keys that it does not know in a region.
func keyNotFound() error {
	return api.NewError(http.StatusForbidden, "SignatureDoesNotMatch",
		"The secret key required to complete authentication could not be found. The region must be specified if this is not the home region for the tenancy.")
}

// Authenticate verifies a request's signature, and lets its body be read only as far as
// it is what was signed.
func (s s3Signatures) Authenticate(r *http.Request) (api.Call, error) {
	if r.Header.Get("Authorization") == "" {
		return api.Call{}, api.NewError(http.StatusForbidden, "AccessDenied", "Access Denied: the request has no Authorization header.")
	}
	payload, err := s3Payload(r.Header)
	if err != nil {
		return api.Call{}, err
	}
	signature, err := sigv4.Parse(r)
	if err != nil {
		return api.Call{}, api.NewError(http.StatusBadRequest, "AuthorizationHeaderMalformed", "The authorization header is malformed: %v.", err)
	}
	if time.Since(signature.Time).Abs() > s3ClockSkew {
		return api.Call{}, api.NewError(http.StatusForbidden, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")
	}
	secret, who, found := s.keys.SecretKey(signature.AccessKey)
	if !found || signature.Service != "s3" || !regionFits(signature.Region, api.RegionOf(r)) {
		return api.Call{}, keyNotFound()
	}
	if !signature.Verify(r, api.TargetOf(r), payload, secret) {
		return api.Call{}, api.NewError(http.StatusForbidden, "SignatureDoesNotMatch",
			"The request signature we calculated does not match the signature you provided. Check your secret key and signing method.")
	}
	digests, err := s3Digests(r.Header, payload)
	if err != nil {
		return api.Call{}, err
	}
	r.Body = sigv4.Checked(r.Body, digests)
	return api.Call{Principal: who}, nil
}

// regionFits tells whether a signature's region is the host's. Clients that cannot be
// told OCI's regions sign for us-east-1, which means the home region (documentation:
// Object Storage Amazon S3 Compatibility API).
func regionFits(signed, host string) bool {
	return signed == host || signed == "us-east-1" && host == iam.HomeRegion
}

var sha256Digits = regexp.MustCompile(`^[0-9a-f]{64}$`)

// s3Payload is the payload hash that a request signs. OCI takes no body in AWS's own
// chunks, with or without signatures and trailers, and says so in these words
// (https://github.com/moby/buildkit/issues/6969,
// https://github.com/aws/aws-tools-for-powershell/issues/320,
// https://github.com/projectnessie/nessie/issues/11441).
func s3Payload(h http.Header) (string, error) {
	payload := h.Get("X-Amz-Content-Sha256")
	switch {
	case strings.Contains(h.Get("Content-Encoding"), "aws-chunked"):
		return "", api.NewError(http.StatusNotImplemented, "NotImplemented", "AWS chunked encoding not supported.")
	case strings.HasPrefix(payload, "STREAMING-AWS4-"):
		return "", api.NewError(http.StatusBadRequest, "InvalidRequest", "%s is not supported.", payload)
	case payload != sigv4.Unsigned && !sha256Digits.MatchString(payload):
		return "", api.NewError(http.StatusBadRequest, "InvalidRequest", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a valid sha256 value.")
	}
	return payload, nil
}

// s3Checksums are the algorithms that OCI verifies beside Content-MD5
// (https://github.com/activepieces/activepieces/issues/14110).
var s3Checksums = map[string]func() hash.Hash{
	"x-amz-checksum-sha256": sha256.New,
	"x-amz-checksum-crc32c": func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
}

// s3Digests are those that a request's headers announce.
func s3Digests(h http.Header, payload string) ([]sigv4.Digest, error) {
	var digests []sigv4.Digest
	if payload != sigv4.Unsigned {
		want, err := hex.DecodeString(payload)
		if err != nil {
			return nil, err
		}
		digests = append(digests, sigv4.Digest{Name: "x-amz-content-sha256", Hash: sha256.New(), Want: want})
	}
	for name, algorithm := range s3Checksums {
		value := h.Get(name)
		if value == "" {
			continue
		}
		want, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return nil, api.NewError(http.StatusBadRequest, "InvalidRequest", "Value for %s header is invalid.", name)
		}
		digests = append(digests, sigv4.Digest{Name: name, Hash: algorithm(), Want: want})
	}
	return digests, nil
}
