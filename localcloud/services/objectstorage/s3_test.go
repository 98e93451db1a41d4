package objectstorage_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"oci-media-pipelines/localcloud/iam"

	sdk "github.com/oracle/oci-go-sdk/v65/objectstorage"
)

const (
	accessKeyID = "36c6d12c34106c26707408ed2afaa12d2c2869c4"
	secretKey   = "c2VjcmV0IGtleSBvZiB0aGUgYWRtaW5pc3RyYXRvci4="
	s3Host      = "https://localcloud.compat.objectstorage.us-ashburn-1.oraclecloud.com"
)

func hexDigest(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// s3Request is one that AWS's signer signs.
type s3Request struct {
	name, method, url, body string
	payload, region         string
	at                      time.Duration
	before, after           func(*http.Request) // around signing
	status                  int
	code                    string
}

func TestS3Signatures(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningDisabled)
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	url := s3Host + "/" + bucket
	for _, tt := range []s3Request{
		{name: "a body with its hash", status: 200},
		{name: "an unsigned body", payload: "UNSIGNED-PAYLOAD", status: 200},
		{name: "a name to escape", url: url + "/a%20b/%C3%BC%2B~c%3D%2F.d?x-id=PutObject", status: 200},
		{name: "the region of clients that know no other", region: "us-east-1", status: 200},
		{name: "the other host name", url: "https://localcloud.compat.objectstorage.us-ashburn-1.oci.customer-oci.com/" + bucket + "/a", status: 200},
		{name: "a query to sort", method: "GET", url: url + "?prefix=b&list-type=2&delimiter=%2F&max-keys=3", status: 200},
		{name: "signed almost fifteen minutes ago", at: -15*time.Minute + 10*time.Second, status: 200},
		{name: "a header with spaces", before: header("X-Amz-Meta-A", "  b   c  "), status: 200},

		{name: "no signature", after: func(r *http.Request) { r.Header.Del("Authorization") }, status: 403, code: "AccessDenied"},
		{name: "a signature of OCI", after: header("Authorization", `Signature version="1"`), status: 400, code: "AuthorizationHeaderMalformed"},
		{name: "another region", region: "eu-frankfurt-1", status: 403, code: "SignatureDoesNotMatch"},
		{name: "us-east-1 elsewhere", url: strings.Replace(url, "us-ashburn-1", "eu-frankfurt-1", 1) + "/a", region: "us-east-1", status: 403, code: "SignatureDoesNotMatch"},
		{name: "another host", after: func(r *http.Request) {
			r.Host, r.URL.Host = "localcloud.compat.objectstorage.us-ashburn-1.oci.customer-oci.com", "localcloud.compat.objectstorage.us-ashburn-1.oci.customer-oci.com"
		}, status: 403, code: "SignatureDoesNotMatch"},
		{name: "another path", after: func(r *http.Request) { r.URL.Path += "b" }, status: 403, code: "SignatureDoesNotMatch"},
		{name: "another query", after: func(r *http.Request) { r.URL.RawQuery = "x-id=PutObject" }, status: 403, code: "SignatureDoesNotMatch"},
		{name: "another method", method: "DELETE", after: func(r *http.Request) { r.Method = "GET" }, status: 403, code: "SignatureDoesNotMatch"},
		{name: "another signed header", before: header("X-Amz-Meta-A", "b"), after: header("X-Amz-Meta-A", "c"), status: 403, code: "SignatureDoesNotMatch"},
		{name: "a further header of S3", after: header("X-Amz-Meta-A", "c"), status: 400, code: "AuthorizationHeaderMalformed"},
		{name: "another key", after: func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), accessKeyID, strings.Repeat("0", 40), 1))
		}, status: 403, code: "SignatureDoesNotMatch"},
		{name: "another body", after: func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("another")); r.ContentLength = 7 }, status: 403, code: "SignatureDoesNotMatch"},
		{name: "another body of the same length", after: func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("boby")) }, status: 400, code: "XAmzContentSHA256Mismatch"},
		{name: "another MD5", before: header("Content-Md5", "1B2M2Y8AsgTpgAmY7PhCfg=="), status: 400, code: "BadDigest"},
		{name: "another CRC32C", before: header("X-Amz-Checksum-Crc32c", "AAAAAA=="), status: 400, code: "XAmzContentSHA256Mismatch"},
		{name: "no sum at all", before: header("X-Amz-Checksum-Sha256", "UNSIGNED-PAYLOAD"), status: 400, code: "InvalidRequest"},
		{name: "signed more than fifteen minutes ago", at: -15*time.Minute - 2*time.Second, status: 403, code: "RequestTimeTooSkewed"},
		{name: "to be signed in fifteen minutes", at: 15*time.Minute + 2*time.Second, status: 403, code: "RequestTimeTooSkewed"},
		{name: "signed chunks", payload: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", status: 400, code: "InvalidRequest"},
		{name: "chunks with a trailer", payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER", before: header("Content-Encoding", "aws-chunked"), status: 501, code: "NotImplemented"},
		{name: "no payload hash", payload: "none", status: 400, code: "InvalidRequest"},
		{name: "another namespace", url: strings.Replace(url, "localcloud", "another", 1) + "/a", status: 404, code: "NoSuchBucket"},

		{name: "access control lists", method: "GET", url: url + "?acl", status: 501, code: "NotImplemented"},
		{name: "tags", method: "GET", url: url + "/a?tagging", status: 501, code: "NotImplemented"},
		{name: "bulk deletes", method: "POST", url: url + "?delete", status: 501, code: "NotImplemented"},
		{name: "tags with an object", before: header("X-Amz-Tagging", "a=b"), status: 501, code: "NotImplemented"},
		{name: "a key of the customer", before: header("X-Amz-Server-Side-Encryption-Customer-Algorithm", "AES256"), status: 501, code: "NotImplemented"},
		{name: "another storage class", before: header("X-Amz-Storage-Class", "GLACIER"), status: 501, code: "NotImplemented"},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.try(f, t) })
	}
}

func (q s3Request) try(f fixture, t *testing.T) {
	if q.method == "" {
		q.method, q.body = http.MethodPut, "body"
	}
	if q.url == "" {
		q.url = s3Host + "/" + bucket + "/a"
	}
	if q.payload == "" {
		q.payload = hexDigest(q.body)
	}
	if q.region == "" {
		q.region = strings.Split(q.url, ".")[3]
	}
	request, err := http.NewRequest(q.method, q.url, strings.NewReader(q.body))
	f.must(err)
	request.Header.Set("X-Amz-Content-Sha256", q.payload)
	if q.before != nil {
		q.before(request)
	}
	key := aws.Credentials{AccessKeyID: accessKeyID, SecretAccessKey: secretKey}
	f.must(v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }).SignHTTP(t.Context(), key, request, q.payload, "s3", q.region, time.Now().Add(q.at)))
	if q.after != nil {
		q.after(request)
	}
	response, err := f.cloud.Client.Do(request)
	f.must(err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	f.must(err)
	var failure struct {
		XMLName       xml.Name `xml:"Error"`
		Code, Message string
	}
	if response.StatusCode >= 400 {
		f.must(xml.Unmarshal(raw, &failure))
		if failure.Message == "" || response.Header.Get("x-amz-request-id") == "" {
			t.Errorf("answer is %s with %v", raw, response.Header)
		}
	}
	if response.StatusCode != q.status || failure.Code != q.code {
		t.Errorf("answer is %d %s, want %d %s", response.StatusCode, raw, q.status, q.code)
	}
}

// s3Client is AWS's client, which says by itself how it sends checksums unless options
// say so.
func (f fixture) s3Client(options ...func(*s3.Options)) *s3.Client {
	return s3.New(s3.Options{BaseEndpoint: aws.String(s3Host), Region: iam.HomeRegion, UsePathStyle: true, HTTPClient: f.cloud.Client,
		Credentials: credentials.NewStaticCredentialsProvider(accessKeyID, secretKey, ""), RetryMaxAttempts: 1}, options...)
}

func plainBodies(o *s3.Options) {
	o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
}

// TestS3TakesNoChunks: AWS's newer clients send chunks unless told otherwise, and OCI
// refuses them.
func TestS3TakesNoChunks(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningDisabled)
	put := func(client *s3.Client) error {
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("a"), Body: strings.NewReader("body")})
		return err
	}
	err := put(f.s3Client(func(o *s3.Options) { o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenSupported }))
	if failure, ok := errors.AsType[smithy.APIError](err); !ok || failure.ErrorCode() != "NotImplemented" || failure.ErrorMessage() != "AWS chunked encoding not supported." {
		t.Errorf("error is %v", err)
	}
	f.must(put(f.s3Client(plainBodies)))
}

// TestS3IsTheSameStore: versions and events are those of OCI's own API.
func TestS3IsTheSameStore(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningEnabled)
	client, ctx := f.s3Client(plainBodies), context.Background()
	first, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("a"), Body: strings.NewReader("one")})
	f.must(err)
	f.put("a", "two")
	old, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("a"), VersionId: first.VersionId})
	f.must(err)
	content, err := io.ReadAll(old.Body)
	f.must(errors.Join(err, old.Body.Close()))
	if string(content) != "one" {
		t.Errorf("the first version is %q", content)
	}
	gone, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: aws.String("a")})
	f.must(err)
	if gone.DeleteMarker == nil || !*gone.DeleteMarker || gone.VersionId == nil {
		t.Errorf("DeleteObject answers %v", gone)
	}
	_, err = client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: aws.String(bucket), Key: aws.String("b"), CopySource: aws.String(bucket + "/a?versionId=" + *first.VersionId)})
	f.must(err)
	if _, content, err := f.get(sdk.GetObjectRequest{ObjectName: aws.String("b")}); err != nil || content != "one" {
		t.Errorf("the copy is %q, %v", content, err)
	}
	_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("empty"), Body: bytes.NewReader(nil)})
	f.must(err)
	if got := fmt.Sprint(f.events.events); got != "[createobject a updateobject a deleteobject a createobject b createobject empty]" {
		t.Errorf("events are %s", got)
	}
}
