package objectstorage_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/services/objectstorage"
)

// files counts the files with objects' bytes.
func (f fixture) files() int {
	f.t.Helper()
	files, err := os.ReadDir(filepath.Join(f.cloud.Dir, "objects"))
	f.must(err)
	return len(files)
}

func (f fixture) updateBucket(d sdk.UpdateBucketDetails, ifMatch *string) error {
	_, err := f.client.UpdateBucket(f.t.Context(), sdk.UpdateBucketRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket), UpdateBucketDetails: d, IfMatch: ifMatch})
	return err
}

func (f fixture) putIf(name, content string, ifMatch, ifNoneMatch *string) error {
	_, err := f.client.PutObject(f.t.Context(), sdk.PutObjectRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket), ObjectName: common.String(name),
		PutObjectBody: io.NopCloser(strings.NewReader(content)), ContentLength: common.Int64(int64(len(content))), IfMatch: ifMatch, IfNoneMatch: ifNoneMatch})
	return err
}

func TestBucketUpdates(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningEnabled)
	_, err := f.client.CreateBucket(t.Context(), sdk.CreateBucketRequest{NamespaceName: common.String(iam.Namespace), CreateBucketDetails: sdk.CreateBucketDetails{
		Name: common.String("other"), CompartmentId: common.String(iam.CompartmentID)}})
	f.must(err)
	for name, tt := range map[string]struct {
		details sdk.UpdateBucketDetails
		ifMatch *string
		status  int
		code    string
	}{
		"the name of another bucket": {sdk.UpdateBucketDetails{Name: common.String("other")}, nil, 409, "BucketAlreadyExists"},
		"no name":                    {sdk.UpdateBucketDetails{Name: common.String("a/b")}, nil, 400, "InvalidBucketName"},
		"another namespace":          {sdk.UpdateBucketDetails{Namespace: common.String("other")}, nil, 400, "InvalidParameter"},
		"another version":            {sdk.UpdateBucketDetails{Versioning: "Suspended"}, common.String("x"), 412, "IfMatchFailed"},
	} {
		t.Run(name, func(t *testing.T) {
			wantCode(t, f.updateBucket(tt.details, tt.ifMatch), tt.status, tt.code)
		})
	}
	f.must(f.updateBucket(sdk.UpdateBucketDetails{Name: common.String("renamed"), Versioning: "Suspended"}, nil))
	got, err := f.client.GetBucket(t.Context(), sdk.GetBucketRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String("renamed")})
	if err != nil || got.Versioning != sdk.BucketVersioningSuspended || *got.CompartmentId != iam.CompartmentID {
		t.Fatalf("updated %v, %v", got, err)
	}
	wantCode(t, f.deleteBucket(), 404, "BucketNotFound")
}

func TestParallelCreatesMakeOneBucketAndOneObject(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningDisabled)
	var all sync.WaitGroup
	var mu sync.Mutex
	buckets, objects := 0, 0
	for range 8 {
		all.Go(func() {
			_, err := f.client.CreateBucket(t.Context(), sdk.CreateBucketRequest{NamespaceName: common.String(iam.Namespace), CreateBucketDetails: sdk.CreateBucketDetails{
				Name: common.String("once"), CompartmentId: common.String(iam.CompartmentID)}})
			errObject := f.putIf("once", "content", nil, common.String("*"))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				buckets++
			}
			if errObject == nil {
				objects++
			}
		})
	}
	all.Wait()
	if buckets != 1 || objects != 1 || f.files() != 1 {
		t.Errorf("made %d buckets, %d objects, %d files", buckets, objects, f.files())
	}
}

func TestRefusedWritesLeaveNothing(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningDisabled)
	first := f.put("a", "one")
	wantCode(t, f.putIf("a", "two", common.String("other"), nil), 412, "IfMatchFailed")
	wantCode(t, f.putIf("b", "two", common.String("*"), nil), 412, "IfMatchFailed")
	wantCode(t, f.putIf("line\nbreak", "two", nil, nil), 400, "InvalidObjectName")
	wantCode(t, f.putIf(strings.Repeat("x", 1025), "two", nil, nil), 400, "InvalidObjectName")
	_, err := f.client.PutObject(t.Context(), sdk.PutObjectRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket), ObjectName: common.String("a"),
		PutObjectBody: io.NopCloser(strings.NewReader("two")), ContentLength: common.Int64(3), ContentMD5: common.String("AAAAAAAAAAAAAAAAAAAAAA==")})
	wantCode(t, err, 400, "UnmatchedContentMD5")
	if _, content, err := f.get(sdk.GetObjectRequest{ObjectName: common.String("a")}); err != nil || content != "one" || f.files() != 1 {
		t.Errorf("the object is %q, %v; %d files", content, err, f.files())
	}
	f.must(f.putIf("a", "two", first.ETag, nil))
	if f.files() != 1 {
		t.Errorf("%d files after an overwrite", f.files())
	}
	f.delete("a", nil)
	if f.files() != 0 {
		t.Errorf("%d files after the deletion", f.files())
	}
}

func TestDeleteMarkerHasNoBytes(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningEnabled)
	f.put("a", "one")
	marked, err := f.client.DeleteObject(t.Context(), sdk.DeleteObjectRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket), ObjectName: common.String("a")})
	f.must(err)
	_, _, err = f.get(sdk.GetObjectRequest{ObjectName: common.String("a"), VersionId: marked.VersionId})
	wantCode(t, err, 404, "ObjectNotFound")
}

func TestKeyThatIsDisabledClosesTheBucket(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningDisabled)
	f.put("a", "one")
	wantCode(t, f.updateBucket(sdk.UpdateBucketDetails{KmsKeyId: common.String("disabled")}, nil), 409, "IncorrectState")
	f.must(f.updateBucket(sdk.UpdateBucketDetails{KmsKeyId: common.String("key")}, nil))
	f.events.disabled.Store(true)
	_, _, err := f.get(sdk.GetObjectRequest{ObjectName: common.String("a")})
	wantCode(t, err, 409, "IncorrectState")
	wantCode(t, f.putIf("b", "two", nil, nil), 409, "IncorrectState")
	f.delete("a", nil) // A bucket can be emptied without its key.
}

func TestAbortedUpload(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningDisabled)
	u, err := f.client.CreateMultipartUpload(t.Context(), sdk.CreateMultipartUploadRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket),
		CreateMultipartUploadDetails: sdk.CreateMultipartUploadDetails{Object: common.String("big")}})
	f.must(err)
	part := func(number int) error {
		_, err := f.client.UploadPart(t.Context(), sdk.UploadPartRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket), ObjectName: common.String("big"),
			UploadId: u.UploadId, UploadPartNum: common.Int(number), UploadPartBody: io.NopCloser(strings.NewReader("part")), ContentLength: common.Int64(4)})
		return err
	}
	f.must(part(1))
	f.must(part(2))
	f.must(part(2)) // Again, in place of the first.
	wantCode(t, part(0), 400, "InvalidParameter")
	if f.files() != 2 {
		t.Errorf("%d files of two parts", f.files())
	}
	wantCode(t, f.deleteBucket(), 409, "BucketNotEmpty")
	_, err = f.client.CommitMultipartUpload(t.Context(), sdk.CommitMultipartUploadRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket), ObjectName: common.String("big"),
		UploadId: u.UploadId, CommitMultipartUploadDetails: sdk.CommitMultipartUploadDetails{PartsToCommit: []sdk.CommitMultipartUploadPartDetails{{PartNum: common.Int(1), Etag: common.String("other")}}}})
	wantCode(t, err, 400, "InvalidUploadPart")
	abort := func() error {
		_, err := f.client.AbortMultipartUpload(t.Context(), sdk.AbortMultipartUploadRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket), ObjectName: common.String("big"), UploadId: u.UploadId})
		return err
	}
	f.must(abort())
	wantCode(t, abort(), 404, "NoSuchUpload")
	wantCode(t, part(3), 404, "NoSuchUpload")
	if f.files() != 0 || len(f.events.events) != 0 {
		t.Errorf("left %d files and %v", f.files(), f.events.events)
	}
	f.must(f.deleteBucket())
}

func TestStartSweepsUnusedBytes(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningDisabled)
	f.put("a", "one")
	f.must(os.WriteFile(filepath.Join(f.cloud.Dir, "objects", "half"), []byte("x"), 0o600))
	_, err := objectstorage.New(f.cloud.Engine, f.cloud.Store, f.events, f.events, f.events, f.cloud.Guard())
	f.must(err)
	if _, content, err := f.get(sdk.GetObjectRequest{ObjectName: common.String("a")}); err != nil || content != "one" || f.files() != 1 {
		t.Errorf("left %q, %v; %d files", content, err, f.files())
	}
}

func TestPreauthenticatedRequestExpiresAndIsSecret(t *testing.T) {
	f := open(t, sdk.CreateBucketDetailsVersioningDisabled)
	f.put("in/a", "content")
	create := func(access sdk.CreatePreauthenticatedRequestDetailsAccessTypeEnum, expires time.Time) (string, error) {
		par, err := f.client.CreatePreauthenticatedRequest(t.Context(), sdk.CreatePreauthenticatedRequestRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket),
			CreatePreauthenticatedRequestDetails: sdk.CreatePreauthenticatedRequestDetails{Name: common.String("p"), AccessType: access, ObjectName: common.String("in/"), TimeExpires: &common.SDKTime{Time: expires}}})
		if err != nil {
			return "", err
		}
		return "https://objectstorage.us-ashburn-1.oraclecloud.com" + *par.AccessUri, nil
	}
	do := func(method, url string) int {
		t.Helper()
		request, err := http.NewRequest(method, url, strings.NewReader("new"))
		f.must(err)
		response, err := f.cloud.Client.Do(request)
		f.must(err)
		defer response.Body.Close()
		return response.StatusCode
	}
	_, err := create(sdk.CreatePreauthenticatedRequestDetailsAccessTypeAnyobjectread, time.Now().Add(-time.Second))
	wantCode(t, err, 400, "InvalidParameter")
	read, err := create(sdk.CreatePreauthenticatedRequestDetailsAccessTypeAnyobjectread, time.Now().Add(time.Hour))
	f.must(err)
	write, err := create(sdk.CreatePreauthenticatedRequestDetailsAccessTypeAnyobjectwrite, time.Now().Add(time.Hour))
	f.must(err)
	for _, tt := range []struct {
		method, url string
		want        int
	}{
		{"GET", read + "in/a", 200}, {"PUT", read + "in/a", 404}, {"GET", read + "out/a", 404}, {"GET", write + "in/a", 404},
		{"PUT", write + "in/b", 200}, {"PUT", write + "out/b", 404}, {"GET", read, 501},
	} {
		if got := do(tt.method, tt.url); got != tt.want {
			t.Errorf("%s %s answers %d, want %d", tt.method, tt.url, got, tt.want)
		}
	}
	for _, name := range []string{"localcloud.db", "journal.jsonl"} {
		raw, err := os.ReadFile(filepath.Join(f.cloud.Dir, name))
		f.must(err)
		token := strings.Split(read, "/")[4]
		if strings.Contains(string(raw), token) {
			t.Errorf("%s holds a token", name)
		}
	}
	short, err := create(sdk.CreatePreauthenticatedRequestDetailsAccessTypeAnyobjectread, time.Now().Add(100*time.Millisecond))
	f.must(err)
	for deadline := time.Now().Add(10 * time.Second); do("GET", short+"in/a") != 404; {
		if time.Now().After(deadline) {
			t.Fatal("the request does not expire")
		}
	}
}
