package conformance_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/oracle/oci-go-sdk/v65/identity"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/localcloud/iam"
)

// s3Client is AWS's own client of a region of Object Storage, set up as OCI documents:
// path-style addresses, and no checksums but those that S3 requires.
func s3Client(region, accessKey, secretKey string) *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: aws.String("https://" + iam.Namespace + ".compat.objectstorage." + region + ".oraclecloud.com"),
		Region:       region, UsePathStyle: true, Credentials: credentials.NewStaticCredentialsProvider(accessKey, secretKey, ""),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	})
}

// s3Call performs an operation that is to succeed.
func s3Call[Q, A any](t *testing.T, operation func(context.Context, *Q, ...func(*s3.Options)) (*A, error), request Q) *A {
	t.Helper()
	answer, err := operation(t.Context(), &request)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// s3Refused performs one that is to fail with S3's code.
func s3Refused[Q, A any](t *testing.T, code string, operation func(context.Context, *Q, ...func(*s3.Options)) (*A, error), request Q) {
	t.Helper()
	_, err := operation(t.Context(), &request)
	if failure, ok := errors.AsType[smithy.APIError](err); !ok || failure.ErrorCode() != code {
		t.Errorf("error is %v, want %s", err, code)
	}
}

// testS3 uses buckets as S3's clients do, by a user's customer secret key.
func testS3(t *testing.T, client *identity.IdentityClient) {
	user, group := newUser(t, client, "s3")
	compartment := compartmentOf("s3")
	allow := func(where *string, statements ...string) *resource {
		for i := range statements {
			statements[i] = "allow group id " + group.id + " to " + statements[i]
		}
		return create(t, client, "Policy", identity.CreatePolicyDetails{CompartmentId: where, Name: str(unique("s3")), Description: str("d"), Statements: statements})
	}
	inRoot := allow(root, "manage object-family in tenancy")
	key := do(t, client.CreateCustomerSecretKey, identity.CreateCustomerSecretKeyRequest{UserId: &user.id,
		CreateCustomerSecretKeyDetails: identity.CreateCustomerSecretKeyDetails{DisplayName: str("d")}})
	do(t, client.UpdateCustomerSecretKey, identity.UpdateCustomerSecretKeyRequest{UserId: &user.id, CustomerSecretKeyId: key.Id,
		UpdateCustomerSecretKeyDetails: identity.UpdateCustomerSecretKeyDetails{DisplayName: str("e")}})
	list := identity.ListCustomerSecretKeysRequest{UserId: &user.id}
	if keys := do(t, client.ListCustomerSecretKeys, list).Items; len(keys) != 1 || *keys[0].Id != *key.Id || *keys[0].DisplayName != "e" {
		t.Errorf("customer secret keys %v", keys)
	}
	second := do(t, client.CreateCustomerSecretKey, identity.CreateCustomerSecretKeyRequest{UserId: &user.id,
		CreateCustomerSecretKeyDetails: identity.CreateCustomerSecretKeyDetails{DisplayName: str("d")}})
	refused(t, 400, "LimitExceeded", client.CreateCustomerSecretKey, identity.CreateCustomerSecretKeyRequest{UserId: &user.id,
		CreateCustomerSecretKeyDetails: identity.CreateCustomerSecretKeyDetails{DisplayName: str("d")}})

	as := s3Client(iam.HomeRegion, *key.Id, *key.Key)
	t.Run("buckets", func(t *testing.T) { testS3Buckets(t, as, compartment) })
	name := unique("s3")
	s3Call(t, as.CreateBucket, s3.CreateBucketInput{Bucket: &name})
	t.Run("objects", func(t *testing.T) { testS3Objects(t, as, name) })
	t.Run("lists", func(t *testing.T) { testS3Lists(t, as, name) })
	t.Run("uploads", func(t *testing.T) { testS3Uploads(t, as, name) })
	t.Run("signatures", func(t *testing.T) {
		ask := s3.HeadBucketInput{Bucket: &name}
		s3Call(t, s3Client(iam.HomeRegion, *second.Id, *second.Key).HeadBucket, ask)
		get := s3.GetObjectInput{Bucket: &name, Key: str("missing")}
		s3Refused(t, "NoSuchKey", as.GetObject, get)
		s3Refused(t, "SignatureDoesNotMatch", s3Client(iam.HomeRegion, *key.Id, *second.Key).GetObject, get)
		s3Refused(t, "SignatureDoesNotMatch", s3Client(iam.HomeRegion, strings.Repeat("0", 40), *key.Key).GetObject, get)
		do(t, client.DeleteCustomerSecretKey, identity.DeleteCustomerSecretKeyRequest{UserId: &user.id, CustomerSecretKeyId: second.Id})
		s3Refused(t, "SignatureDoesNotMatch", s3Client(iam.HomeRegion, *second.Id, *second.Key).GetObject, get)
	})
	t.Run("policies", func(t *testing.T) {
		inRoot.delete()
		s3Refused(t, "NoSuchBucket", as.GetObject, s3.GetObjectInput{Bucket: &name, Key: str("missing")})
		s3Refused(t, "AccessDenied", as.ListBuckets, s3.ListBucketsInput{})
		inRoot = allow(root, "manage buckets in tenancy")
		s3Refused(t, "NoSuchBucket", as.GetObject, s3.GetObjectInput{Bucket: &name, Key: str("missing")})
	})
	s3Call(t, as.DeleteBucket, s3.DeleteBucketInput{Bucket: &name})
	s3Refused(t, "NotFound", as.HeadBucket, s3.HeadBucketInput{Bucket: &name})
}

// testS3Buckets: S3 makes and lists buckets in the designated compartment only, and
// uses those of all.
func testS3Buckets(t *testing.T, as *s3.Client, compartment *string) {
	elsewhere, name := newBucket(t, compartment, unique("elsewhere")), unique("designated")
	s3Call(t, as.CreateBucket, s3.CreateBucketInput{Bucket: &name, CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: iam.HomeRegion}})
	s3Refused(t, "BucketAlreadyExists", as.CreateBucket, s3.CreateBucketInput{Bucket: &name})
	s3Refused(t, "BucketAlreadyExists", as.CreateBucket, s3.CreateBucketInput{Bucket: elsewhere.name})
	made := do(t, elsewhere.client.GetBucket, objectstorage.GetBucketRequest{NamespaceName: elsewhere.namespace, BucketName: &name})
	if *made.CompartmentId != iam.TenancyID {
		t.Errorf("the bucket is in %s", *made.CompartmentId)
	}
	var names []string
	for _, b := range s3Call(t, as.ListBuckets, s3.ListBucketsInput{}).Buckets {
		names = append(names, *b.Name)
	}
	if all := strings.Join(names, " "); !strings.Contains(all, name) || strings.Contains(all, *elsewhere.name) {
		t.Errorf("listed %s", all)
	}
	if got := s3Call(t, as.HeadBucket, s3.HeadBucketInput{Bucket: elsewhere.name}); *got.BucketRegion != iam.HomeRegion {
		t.Errorf("region %s", *got.BucketRegion)
	}
	if got := s3Call(t, as.GetBucketLocation, s3.GetBucketLocationInput{Bucket: &name}); got.LocationConstraint != iam.HomeRegion {
		t.Errorf("location %s", got.LocationConstraint)
	}
	elsewhere.put("o", "x")
	s3Refused(t, "BucketNotEmpty", as.DeleteBucket, s3.DeleteBucketInput{Bucket: elsewhere.name})
	elsewhere.remove("o")
	for _, b := range []*string{&name, elsewhere.name} {
		s3Call(t, as.DeleteBucket, s3.DeleteBucketInput{Bucket: b})
	}
}

// testS3Objects writes by S3 and reads by OCI's own API, and the other way round.
func testS3Objects(t *testing.T, as *s3.Client, name string) {
	own := bucket{t, connect(t, objectstorage.NewObjectStorageClientWithConfigurationProvider), str(iam.Namespace), &name}
	const key = "a folder/ü ñ+&=?.txt"
	put := s3Call(t, as.PutObject, s3.PutObjectInput{Bucket: &name, Key: str(key), Body: strings.NewReader("0123456789"),
		ContentType: str("text/plain"), Metadata: map[string]string{"origin": "s3"}})
	content, native := own.get(objectstorage.GetObjectRequest{ObjectName: str(key)})
	if content != "0123456789" || *native.ContentType != "text/plain" || native.OpcMeta["origin"] != "s3" || `"`+*native.ETag+`"` != *put.ETag {
		t.Errorf("OCI's own API reads %q, %v", content, native)
	}
	own.put("native", "by OCI")
	got := s3Call(t, as.GetObject, s3.GetObjectInput{Bucket: &name, Key: str("native")})
	if content := read(t, got.Body); content != "by OCI" {
		t.Errorf("S3 reads %q", content)
	}
	part := s3Call(t, as.GetObject, s3.GetObjectInput{Bucket: &name, Key: str(key), Range: str("bytes=2-4"), IfMatch: put.ETag})
	if content := read(t, part.Body); content != "234" || *part.ContentRange != "bytes 2-4/10" {
		t.Errorf("the range is %q, %s", content, *part.ContentRange)
	}
	head := s3Call(t, as.HeadObject, s3.HeadObjectInput{Bucket: &name, Key: str(key)})
	if *head.ContentLength != 10 || *head.ETag != *put.ETag || head.Metadata["origin"] != "s3" {
		t.Errorf("HeadObject answers %v", head)
	}
	s3Refused(t, "PreconditionFailed", as.PutObject, s3.PutObjectInput{Bucket: &name, Key: str(key), Body: strings.NewReader("x"), IfNoneMatch: str("*")})
	s3Refused(t, "PreconditionFailed", as.GetObject, s3.GetObjectInput{Bucket: &name, Key: str(key), IfMatch: str(`"another"`)})
	digest := sha256.Sum256([]byte("another body"))
	s3Refused(t, "XAmzContentSHA256Mismatch", as.PutObject, s3.PutObjectInput{Bucket: &name, Key: str("wrong"), Body: strings.NewReader("body"),
		ChecksumSHA256: str(base64.StdEncoding.EncodeToString(digest[:]))})
	s3Refused(t, "NotFound", as.HeadObject, s3.HeadObjectInput{Bucket: &name, Key: str("wrong")})

	s3Call(t, as.CopyObject, s3.CopyObjectInput{Bucket: &name, Key: str("copy"), CopySource: str(name + "/native")})
	if content, _ := own.get(objectstorage.GetObjectRequest{ObjectName: str("copy")}); content != "by OCI" {
		t.Errorf("the copy is %q", content)
	}
	s3Refused(t, "InvalidRequest", as.CopyObject, s3.CopyObjectInput{Bucket: &name, Key: str("copy"), CopySource: str(name + "/copy")})
	s3Refused(t, "NoSuchKey", as.CopyObject, s3.CopyObjectInput{Bucket: &name, Key: str("copy"), CopySource: str(name + "/missing")})
	for _, key := range []string{key, "native", "copy", "missing"} {
		s3Call(t, as.DeleteObject, s3.DeleteObjectInput{Bucket: &name, Key: &key})
	}
	s3Refused(t, "NoSuchKey", as.GetObject, s3.GetObjectInput{Bucket: &name, Key: str("copy")})
}

func testS3Lists(t *testing.T, as *s3.Client, name string) {
	keys := []string{"a", "in/1", "in/2", "in/deep/3", "in/ö 4", "z"}
	for _, key := range keys {
		s3Call(t, as.PutObject, s3.PutObjectInput{Bucket: &name, Key: &key, Body: strings.NewReader(key)})
	}
	names := func(contents []types.Object, prefixes []types.CommonPrefix) string {
		var all []string
		for _, o := range contents {
			all = append(all, *o.Key)
		}
		for _, p := range prefixes {
			all = append(all, *p.Prefix)
		}
		return strings.Join(all, " ")
	}
	for _, tt := range []struct{ prefix, delimiter, want string }{
		{"", "", "a|in/1|in/2|in/deep/3|in/ö 4|z"}, {"", "/", "a|in/|z"}, {"in/", "/", "in/1|in/2|in/deep/|in/ö 4"}, {"none", "", ""},
	} {
		var newer, older []string
		pages := s3.NewListObjectsV2Paginator(as, &s3.ListObjectsV2Input{Bucket: &name, Prefix: &tt.prefix, Delimiter: &tt.delimiter, MaxKeys: aws.Int32(1)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			newer = append(newer, names(page.Contents, page.CommonPrefixes))
		}
		ask := s3.ListObjectsInput{Bucket: &name, Prefix: &tt.prefix, Delimiter: &tt.delimiter, MaxKeys: aws.Int32(1)}
		for {
			page := s3Call(t, as.ListObjects, ask)
			older = append(older, names(page.Contents, page.CommonPrefixes))
			if !*page.IsTruncated {
				break
			}
			ask.Marker = page.NextMarker
		}
		for _, got := range []string{strings.Join(newer, "|"), strings.Join(older, "|")} {
			if got != tt.want {
				t.Errorf("below %q by %q there is %s, want %s", tt.prefix, tt.delimiter, got, tt.want)
			}
		}
	}
	page := s3Call(t, as.ListObjectsV2, s3.ListObjectsV2Input{Bucket: &name, StartAfter: str("in/2"), EncodingType: types.EncodingTypeUrl})
	if got := names(page.Contents, nil); got != "in/deep/3 in/%C3%B6+4 z" {
		t.Errorf("escaped, there is %s", got)
	}
	for _, key := range keys {
		s3Call(t, as.DeleteObject, s3.DeleteObjectInput{Bucket: &name, Key: &key})
	}
}

func testS3Uploads(t *testing.T, as *s3.Client, name string) {
	const key = "big/one"
	upload := s3Call(t, as.CreateMultipartUpload, s3.CreateMultipartUploadInput{Bucket: &name, Key: str(key), Metadata: map[string]string{"origin": "parts"}})
	var parts []types.CompletedPart
	for n := int32(1); n <= 3; n++ {
		part := s3Call(t, as.UploadPart, s3.UploadPartInput{Bucket: &name, Key: str(key), UploadId: upload.UploadId, PartNumber: &n,
			Body: bytes.NewReader(bytes.Repeat(fmt.Append(nil, n), 1<<16))})
		parts = append(parts, types.CompletedPart{ETag: part.ETag, PartNumber: &n})
	}
	if got := s3Call(t, as.ListParts, s3.ListPartsInput{Bucket: &name, Key: str(key), UploadId: upload.UploadId}).Parts; len(got) != 3 || *got[2].ETag != *parts[2].ETag {
		t.Errorf("parts %v", got)
	}
	if got := s3Call(t, as.ListMultipartUploads, s3.ListMultipartUploadsInput{Bucket: &name}).Uploads; len(got) != 1 || *got[0].UploadId != *upload.UploadId {
		t.Errorf("uploads %v", got)
	}
	complete := s3.CompleteMultipartUploadInput{Bucket: &name, Key: str(key), UploadId: upload.UploadId}
	complete.MultipartUpload = &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{ETag: str(`"another"`), PartNumber: aws.Int32(1)}}}
	s3Refused(t, "InvalidPart", as.CompleteMultipartUpload, complete)
	complete.MultipartUpload.Parts = parts
	s3Call(t, as.CompleteMultipartUpload, complete)
	got := s3Call(t, as.GetObject, s3.GetObjectInput{Bucket: &name, Key: str(key)})
	if content := read(t, got.Body); len(content) != 3<<16 || content[1<<16] != '2' || got.Metadata["origin"] != "parts" {
		t.Errorf("the object has %d bytes, %v", len(content), got.Metadata)
	}
	s3Refused(t, "NoSuchUpload", as.CompleteMultipartUpload, complete)
	dropped := s3Call(t, as.CreateMultipartUpload, s3.CreateMultipartUploadInput{Bucket: &name, Key: str(key)})
	s3Call(t, as.AbortMultipartUpload, s3.AbortMultipartUploadInput{Bucket: &name, Key: str(key), UploadId: dropped.UploadId})
	s3Call(t, as.DeleteObject, s3.DeleteObjectInput{Bucket: &name, Key: str(key)})
}
