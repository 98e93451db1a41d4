package objectstorage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/objectstorage"
	"github.com/oracle/oci-go-sdk/v65/objectstorage/transfer"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/services/objectstorage"
)

// recorder keeps emitted events and refuses one key.
type recorder struct {
	mu     sync.Mutex
	events []string
	// disabled says that no key can be used.
	disabled atomic.Bool
}

func (r *recorder) Emit(_ string, event map[string]any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	data := event["data"].(map[string]any)
	kind := event["eventType"].(string)
	r.events = append(r.events, kind[strings.LastIndex(kind, ".")+1:]+" "+data["resourceName"].(string))
	return nil
}

func (r *recorder) CheckKey(id string) error {
	if id == "disabled" || r.disabled.Load() {
		return api.IncorrectState("Key %s is DISABLED.", id)
	}
	return nil
}

// SecretKey knows one key, the administrator's.
func (r *recorder) SecretKey(accessKey string) (string, iam.Principal, bool) {
	return secretKey, iam.Principal{Type: iam.User, ID: iam.UserID, TenancyID: iam.TenancyID}, accessKey == accessKeyID
}

type fixture struct {
	t      *testing.T
	cloud  *gatewaytest.Cloud
	client sdk.ObjectStorageClient
	events *recorder
}

const bucket = "photos"

// open makes a bucket that emits events.
func open(t *testing.T, versioning sdk.CreateBucketDetailsVersioningEnum) fixture {
	t.Helper()
	cloud := gatewaytest.New(t)
	f := fixture{t: t, cloud: cloud, events: &recorder{}}
	service, err := objectstorage.New(cloud.Engine, cloud.Store, f.events, f.events, f.events, cloud.Guard())
	f.must(err)
	cloud.Add(service.APIs()...)
	f.client, err = sdk.NewObjectStorageClientWithConfigurationProvider(cloud.Credentials())
	f.must(err)
	cloud.Use(&f.client.BaseClient)
	once := common.NoRetryPolicy() // This client would ask again for minutes on a 409.
	f.client.SetCustomClientConfiguration(common.CustomClientConfiguration{RetryPolicy: &once})
	_, err = f.client.CreateBucket(context.Background(), sdk.CreateBucketRequest{NamespaceName: common.String(iam.Namespace), CreateBucketDetails: sdk.CreateBucketDetails{
		Name: common.String(bucket), CompartmentId: common.String(iam.CompartmentID), ObjectEventsEnabled: common.Bool(true), Versioning: versioning}})
	f.must(err)
	return f
}

func (f fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f fixture) put(name, content string) sdk.PutObjectResponse {
	f.t.Helper()
	r, err := f.client.PutObject(context.Background(), sdk.PutObjectRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket),
		ObjectName: common.String(name), PutObjectBody: io.NopCloser(strings.NewReader(content)), ContentLength: common.Int64(int64(len(content))),
		ContentType: common.String("text/plain"), OpcMeta: map[string]string{"origin": "test"}})
	f.must(err)
	return r
}

func (f fixture) get(request sdk.GetObjectRequest) (sdk.GetObjectResponse, string, error) {
	request.NamespaceName, request.BucketName = common.String(iam.Namespace), common.String(bucket)
	r, err := f.client.GetObject(context.Background(), request)
	if err != nil {
		return r, "", err
	}
	defer r.Content.Close()
	raw, err := io.ReadAll(r.Content)
	return r, string(raw), err
}

func (f fixture) delete(name string, version *string) {
	f.t.Helper()
	_, err := f.client.DeleteObject(context.Background(), sdk.DeleteObjectRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket),
		ObjectName: common.String(name), VersionId: version})
	f.must(err)
}

func (f fixture) deleteBucket() error {
	_, err := f.client.DeleteBucket(context.Background(), sdk.DeleteBucketRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket)})
	return err
}

func wantCode(t *testing.T, err error, status int, code string) {
	t.Helper()
	var failure common.ServiceError
	if !errors.As(err, &failure) || failure.GetHTTPStatusCode() != status || failure.GetCode() != code {
		t.Fatalf("error is %v, want %d %s", err, status, code)
	}
}

func TestObjectNamesSurvive(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningDisabled)
	for _, name := range []string{"plain.jpg", "a folder/ü ñ 漢.jpg", "../../etc/passwd", "a//b", ".", "..", "a/./b", "per%2Fcent%20+?&#", "trailing/"} {
		f.put(name, name)
		r, content, err := f.get(sdk.GetObjectRequest{ObjectName: common.String(name)})
		if err != nil || content != name {
			t.Errorf("%q holds %q, %v", name, content, err)
			continue
		}
		if *r.ContentType != "text/plain" || r.OpcMeta["origin"] != "test" {
			t.Errorf("%q answers %s and %v", name, *r.ContentType, r.OpcMeta)
		}
	}
}

func TestRangesAndConditions(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningDisabled)
	etag := f.put("a", "0123456789").ETag
	r, content, err := f.get(sdk.GetObjectRequest{ObjectName: common.String("a"), Range: common.String("bytes=2-4")})
	if err != nil || content != "234" || *r.ContentRange != "bytes 2-4/10" {
		t.Fatalf("range is %q, %v", content, err)
	}
	_, _, err = f.get(sdk.GetObjectRequest{ObjectName: common.String("a"), IfMatch: common.String("other")})
	wantCode(t, err, 412, "IfMatchFailed")
	if _, _, err = f.get(sdk.GetObjectRequest{ObjectName: common.String("a"), IfMatch: etag}); err != nil {
		t.Fatal(err)
	}
	_, err = f.client.PutObject(context.Background(), sdk.PutObjectRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket),
		ObjectName: common.String("a"), PutObjectBody: io.NopCloser(strings.NewReader("x")), ContentLength: common.Int64(1), IfNoneMatch: common.String("*")})
	wantCode(t, err, 412, "IfNoneMatchFailed")
	_, _, err = f.get(sdk.GetObjectRequest{ObjectName: common.String("missing")})
	wantCode(t, err, 404, "ObjectNotFound")
}

func TestEvents(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningDisabled)
	f.put("a", "1")
	f.put("a", "2")
	f.delete("a", nil)
	want := "[createobject a updateobject a deleteobject a]"
	if got := fmt.Sprint(f.events.events); got != want {
		t.Fatalf("events are %s, want %s", got, want)
	}
}

func TestVersions(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningEnabled)
	first := f.put("a", "one")
	f.put("a", "two")
	_, content, err := f.get(sdk.GetObjectRequest{ObjectName: common.String("a"), VersionId: first.VersionId})
	if err != nil || content != "one" {
		t.Fatalf("first version is %q, %v", content, err)
	}
	f.delete("a", nil)
	_, _, err = f.get(sdk.GetObjectRequest{ObjectName: common.String("a")})
	wantCode(t, err, 404, "ObjectNotFound")
	wantCode(t, f.deleteBucket(), 409, "BucketNotEmpty")

	versions, err := f.client.ListObjectVersions(context.Background(), sdk.ListObjectVersionsRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket)})
	f.must(err)
	if len(versions.Items) != 3 || !*versions.Items[0].IsDeleteMarker {
		t.Fatalf("versions are %v", versions.Items)
	}
	// Without its delete marker the object is back.
	f.delete("a", versions.Items[0].VersionId)
	if _, content, err = f.get(sdk.GetObjectRequest{ObjectName: common.String("a")}); err != nil || content != "two" {
		t.Fatalf("object is %q, %v", content, err)
	}
	f.delete("a", versions.Items[1].VersionId)
	f.delete("a", versions.Items[2].VersionId)
	f.must(f.deleteBucket())
}

func TestListPages(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningDisabled)
	for i := range 5 {
		f.put(fmt.Sprintf("in/%d", i), "x")
	}
	f.put("top", "x")
	var names []string
	var start *string
	for {
		page, err := f.client.ListObjects(context.Background(), sdk.ListObjectsRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket),
			Prefix: common.String("in/"), Limit: common.Int(2), Start: start, Fields: common.String("name,size,etag,timeCreated")})
		f.must(err)
		for _, o := range page.Objects {
			if *o.Size != 1 || o.Etag == nil {
				t.Fatalf("listed %v", o)
			}
			names = append(names, *o.Name)
		}
		if start = page.NextStartWith; start == nil {
			break
		}
	}
	if got := strings.Join(names, " "); got != "in/0 in/1 in/2 in/3 in/4" {
		t.Fatalf("listed %s", got)
	}
	page, err := f.client.ListObjects(context.Background(), sdk.ListObjectsRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket), Delimiter: common.String("/")})
	f.must(err)
	if len(page.Objects) != 1 || len(page.Prefixes) != 1 || page.Prefixes[0] != "in/" {
		t.Fatalf("listed %v and %v", page.Objects, page.Prefixes)
	}
}

func TestMultipartUploadEmitsOneEvent(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningDisabled)
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	uploads := transfer.NewUploadManager()
	_, err := uploads.UploadStream(context.Background(), transfer.UploadStreamRequest{UploadRequest: transfer.UploadRequest{
		NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket), ObjectName: common.String("big file"),
		PartSize: common.Int64(300_000), ObjectStorageClient: &f.client, AllowMultipartUploads: common.Bool(true), AllowParrallelUploads: common.Bool(true)},
		StreamReader: bytes.NewReader(content)})
	f.must(err)
	_, got, err := f.get(sdk.GetObjectRequest{ObjectName: common.String("big file")})
	if err != nil || got != string(content) {
		t.Fatalf("uploaded %d bytes, %v", len(got), err)
	}
	if len(f.events.events) != 1 {
		t.Fatalf("events are %v", f.events.events)
	}
}

func TestPreauthenticatedRequest(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningDisabled)
	f.put("a b", "content")
	par, err := f.client.CreatePreauthenticatedRequest(context.Background(), sdk.CreatePreauthenticatedRequestRequest{
		NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket),
		CreatePreauthenticatedRequestDetails: sdk.CreatePreauthenticatedRequestDetails{Name: common.String("p"), ObjectName: common.String("a b"),
			AccessType:  sdk.CreatePreauthenticatedRequestDetailsAccessTypeObjectread,
			TimeExpires: &common.SDKTime{Time: time.Now().Add(time.Hour)}}})
	f.must(err)
	status := func(uri string) int {
		t.Helper()
		r, err := f.cloud.Client.Get("https://objectstorage.us-ashburn-1.oraclecloud.com" + uri)
		f.must(err)
		defer r.Body.Close()
		return r.StatusCode
	}
	if got := status(*par.AccessUri); got != http.StatusOK {
		t.Errorf("the pre-authenticated request answers %d", got)
	}
	if got := status(strings.Replace(*par.AccessUri, "a%20b", "other", 1)); got != http.StatusNotFound {
		t.Errorf("it answers %d for another object", got)
	}
	if got := status("/n/" + iam.Namespace + "/b/" + bucket + "/o/a%20b"); got != http.StatusUnauthorized {
		t.Errorf("without it the answer is %d", got)
	}
	f.delete("a b", nil)
	wantCode(t, f.deleteBucket(), 409, "BucketNotEmpty")
}
