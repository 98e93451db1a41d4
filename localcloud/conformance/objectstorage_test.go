package conformance_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"
	"github.com/oracle/oci-go-sdk/v65/objectstorage/transfer"
)

// bucket is one that a test made.
type bucket struct {
	t               *testing.T
	client          *objectstorage.ObjectStorageClient
	namespace, name *string
}

func newBucket(t *testing.T, compartment *string, name string, change ...func(*objectstorage.CreateBucketDetails)) bucket {
	t.Helper()
	client := connect(t, objectstorage.NewObjectStorageClientWithConfigurationProvider)
	b := bucket{t, client, do(t, client.GetNamespace, objectstorage.GetNamespaceRequest{}).Value, str(name)}
	details := objectstorage.CreateBucketDetails{Name: b.name, CompartmentId: compartment}
	for _, c := range change {
		c(&details)
	}
	do(t, client.CreateBucket, objectstorage.CreateBucketRequest{NamespaceName: b.namespace, CreateBucketDetails: details})
	return b
}

func (b bucket) put(name, content string) objectstorage.PutObjectResponse {
	b.t.Helper()
	return do(b.t, b.client.PutObject, objectstorage.PutObjectRequest{NamespaceName: b.namespace, BucketName: b.name, ObjectName: &name,
		ContentLength: common.Int64(int64(len(content))), PutObjectBody: io.NopCloser(strings.NewReader(content))})
}

func (b bucket) get(request objectstorage.GetObjectRequest) (string, objectstorage.GetObjectResponse) {
	b.t.Helper()
	request.NamespaceName, request.BucketName = b.namespace, b.name
	answer := do(b.t, b.client.GetObject, request)
	return read(b.t, answer.Content), answer
}

// read reads a stream to its end.
func read(t *testing.T, stream io.ReadCloser) string {
	t.Helper()
	content, err := io.ReadAll(stream)
	if err = errors.Join(err, stream.Close()); err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func (b bucket) remove(names ...string) {
	b.t.Helper()
	for _, name := range names {
		do(b.t, b.client.DeleteObject, objectstorage.DeleteObjectRequest{NamespaceName: b.namespace, BucketName: b.name, ObjectName: &name})
	}
}

func (b bucket) delete() {
	b.t.Helper()
	do(b.t, b.client.DeleteBucket, objectstorage.DeleteBucketRequest{NamespaceName: b.namespace, BucketName: b.name})
}

func testObjectStorage(t *testing.T, compartment *string) {
	t.Run("buckets", func(t *testing.T) { testBuckets(t, compartment) })
	t.Run("objects", func(t *testing.T) { testObjects(t, newBucket(t, compartment, "objects")) })
	t.Run("lists", func(t *testing.T) { testObjectLists(t, newBucket(t, compartment, "lists")) })
	t.Run("versions", func(t *testing.T) {
		testVersions(t, newBucket(t, compartment, "versions", func(d *objectstorage.CreateBucketDetails) {
			d.Versioning = objectstorage.CreateBucketDetailsVersioningEnabled
		}))
	})
	t.Run("uploads", func(t *testing.T) { testUploads(t, newBucket(t, compartment, "uploads")) })
	t.Run("pre-authenticated requests", func(t *testing.T) { testPreauthenticated(t, newBucket(t, compartment, "requests")) })
}

func testBuckets(t *testing.T, compartment *string) {
	var all []bucket
	for _, name := range []string{"bucket-b", "bucket-a", "bucket-c"} {
		all = append(all, newBucket(t, compartment, name))
	}
	b := all[0]
	metadata := do(t, b.client.GetNamespaceMetadata, objectstorage.GetNamespaceMetadataRequest{NamespaceName: b.namespace})
	if *metadata.Namespace != *b.namespace {
		t.Errorf("metadata %v", metadata)
	}
	list := objectstorage.ListBucketsRequest{NamespaceName: b.namespace, CompartmentId: compartment}
	if names := ids(pages(t, b.client.ListBuckets, list)); !slices.Equal(names, []string{"bucket-a", "bucket-b", "bucket-c"}) {
		t.Errorf("buckets %v", names)
	}
	refused(t, 409, "BucketAlreadyExists", b.client.CreateBucket, objectstorage.CreateBucketRequest{NamespaceName: b.namespace,
		CreateBucketDetails: objectstorage.CreateBucketDetails{Name: b.name, CompartmentId: compartment}})
	head := do(t, b.client.HeadBucket, objectstorage.HeadBucketRequest{NamespaceName: b.namespace, BucketName: b.name})
	update := objectstorage.UpdateBucketRequest{NamespaceName: b.namespace, BucketName: b.name, IfMatch: str("another"),
		UpdateBucketDetails: objectstorage.UpdateBucketDetails{ObjectEventsEnabled: yes}}
	refused(t, 412, "IfMatchFailed", b.client.UpdateBucket, update)
	update.IfMatch = head.ETag
	do(t, b.client.UpdateBucket, update)
	got := do(t, b.client.GetBucket, objectstorage.GetBucketRequest{NamespaceName: b.namespace, BucketName: b.name, Fields: []objectstorage.GetBucketFieldsEnum{
		objectstorage.GetBucketFieldsApproximatecount, objectstorage.GetBucketFieldsApproximatesize}})
	if !*got.ObjectEventsEnabled || *got.ApproximateCount != 0 || *got.ApproximateSize != 0 || *got.ETag == *head.ETag {
		t.Errorf("bucket %v", got)
	}
	if rules := do(t, b.client.ListRetentionRules, objectstorage.ListRetentionRulesRequest{NamespaceName: b.namespace, BucketName: b.name}).Items; len(rules) > 0 {
		t.Errorf("retention rules %v", rules)
	}
	b.put("left", "x")
	refused(t, 409, "BucketNotEmpty", b.client.DeleteBucket, objectstorage.DeleteBucketRequest{NamespaceName: b.namespace, BucketName: b.name})
	b.remove("left")
	for _, b := range all {
		b.delete()
		refused(t, 404, "BucketNotFound", b.client.GetBucket, objectstorage.GetBucketRequest{NamespaceName: b.namespace, BucketName: b.name})
	}
}

func testObjects(t *testing.T, b bucket) {
	const content = "0123456789"
	for _, name := range []string{"plain", "a folder/with ümlauts & signs?#%.txt", "a//../b"} {
		put := do(t, b.client.PutObject, objectstorage.PutObjectRequest{NamespaceName: b.namespace, BucketName: b.name, ObjectName: &name, IfNoneMatch: str("*"),
			ContentLength: common.Int64(10), ContentType: str("text/plain"), CacheControl: str("no-store"), OpcMeta: map[string]string{"colour": "red"},
			PutObjectBody: io.NopCloser(strings.NewReader(content))})
		refused(t, 412, "IfNoneMatchFailed", b.client.PutObject, objectstorage.PutObjectRequest{NamespaceName: b.namespace, BucketName: b.name, ObjectName: &name, IfNoneMatch: str("*"),
			ContentLength: common.Int64(1), PutObjectBody: io.NopCloser(strings.NewReader("x"))})

		text, got := b.get(objectstorage.GetObjectRequest{ObjectName: &name, IfMatch: put.ETag})
		if text != content || *got.ContentType != "text/plain" || *got.CacheControl != "no-store" || got.OpcMeta["colour"] != "red" ||
			*got.ETag != *put.ETag || *got.ContentMd5 != *put.OpcContentMd5 || got.LastModified == nil {
			t.Errorf("%s: %q, %+v", name, text, got)
		}
		head := do(t, b.client.HeadObject, objectstorage.HeadObjectRequest{NamespaceName: b.namespace, BucketName: b.name, ObjectName: &name})
		if *head.ContentLength != 10 || *head.ETag != *put.ETag || head.OpcMeta["colour"] != "red" {
			t.Errorf("%s: head %+v", name, head)
		}
		for ranges, want := range map[string]string{"bytes=2-4": "234", "bytes=7-": "789", "bytes=-2": "89", "bytes=8-100": "89"} {
			text, got := b.get(objectstorage.GetObjectRequest{ObjectName: &name, Range: &ranges})
			if text != want || got.RawResponse.StatusCode != http.StatusPartialContent || got.ContentRange == nil {
				t.Errorf("%s: %s is %q, %+v", name, ranges, text, got)
			}
		}
		wrong := objectstorage.GetObjectRequest{NamespaceName: b.namespace, BucketName: b.name, ObjectName: &name}
		wrong.Range = str("bytes=10-")
		status(t, 416, b.client.GetObject, wrong)
		wrong.Range, wrong.IfNoneMatch = nil, put.ETag
		if got := do(t, b.client.GetObject, wrong); got.RawResponse.StatusCode != http.StatusNotModified {
			t.Errorf("%s: answered %s", name, got.RawResponse.Status)
		}
		wrong.IfNoneMatch, wrong.IfMatch = nil, str("another")
		refused(t, 412, "IfMatchFailed", b.client.GetObject, wrong)

		remove := objectstorage.DeleteObjectRequest{NamespaceName: b.namespace, BucketName: b.name, ObjectName: &name, IfMatch: str("another")}
		refused(t, 412, "IfMatchFailed", b.client.DeleteObject, remove)
		remove.IfMatch = put.ETag
		do(t, b.client.DeleteObject, remove)
		refused(t, 404, "ObjectNotFound", b.client.GetObject, objectstorage.GetObjectRequest{NamespaceName: b.namespace, BucketName: b.name, ObjectName: &name})
		status(t, 404, b.client.HeadObject, objectstorage.HeadObjectRequest{NamespaceName: b.namespace, BucketName: b.name, ObjectName: &name})
		refused(t, 404, "ObjectNotFound", b.client.DeleteObject, objectstorage.DeleteObjectRequest{NamespaceName: b.namespace, BucketName: b.name, ObjectName: &name})
	}
	refused(t, 400, "UnmatchedContentMD5", b.client.PutObject, objectstorage.PutObjectRequest{NamespaceName: b.namespace, BucketName: b.name, ObjectName: str("torn"),
		ContentLength: common.Int64(1), ContentMD5: str("XUFAKrxLKna5cZ2REBfFkg=="), PutObjectBody: io.NopCloser(strings.NewReader("x"))})
	b.delete()
}

// status is refused for answers that have no body and so no code.
func status[Q, A any](t *testing.T, want int, o operation[Q, A], request Q) {
	t.Helper()
	_, err := o(t.Context(), request)
	var failure common.ServiceError
	if !errors.As(err, &failure) || failure.GetHTTPStatusCode() != want {
		t.Fatalf("%T: error is %v, want %d", request, err, want)
	}
}

func testObjectLists(t *testing.T, b bucket) {
	names := []string{"a", "b/1", "b/2", "b/c/3", "d"}
	for _, name := range names {
		b.put(name, name)
	}
	for _, tt := range []struct {
		request        objectstorage.ListObjectsRequest
		want, prefixes []string
	}{
		{want: names},
		{request: objectstorage.ListObjectsRequest{Prefix: str("b/")}, want: []string{"b/1", "b/2", "b/c/3"}},
		{request: objectstorage.ListObjectsRequest{Delimiter: str("/")}, want: []string{"a", "d"}, prefixes: []string{"b/"}},
		{request: objectstorage.ListObjectsRequest{Delimiter: str("/"), Prefix: str("b/")}, want: []string{"b/1", "b/2"}, prefixes: []string{"b/c/"}},
		{request: objectstorage.ListObjectsRequest{Start: str("b/2")}, want: []string{"b/2", "b/c/3", "d"}},
		{request: objectstorage.ListObjectsRequest{StartAfter: str("b/2"), End: str("d")}, want: []string{"b/c/3"}},
	} {
		for _, limit := range []*int{nil, num(1)} {
			request := tt.request
			request.NamespaceName, request.BucketName, request.Limit, request.Fields = b.namespace, b.name, limit, str("name,size,etag,md5,timeCreated")
			var found, prefixes []string
			for {
				answer := do(t, b.client.ListObjects, request)
				if limit != nil && len(answer.Objects)+len(answer.Prefixes) > 1 {
					t.Errorf("a page of one holds %v and %v", answer.Objects, answer.Prefixes)
				}
				for _, o := range answer.Objects {
					if *o.Size != int64(len(*o.Name)) || o.Etag == nil || o.Md5 == nil || o.TimeCreated == nil {
						t.Errorf("listed %v", o)
					}
					found = append(found, *o.Name)
				}
				prefixes = append(prefixes, answer.Prefixes...)
				if request.Start = answer.NextStartWith; request.Start == nil {
					break
				}
				request.StartAfter = nil
			}
			if !slices.Equal(found, tt.want) || !slices.Equal(prefixes, tt.prefixes) {
				t.Errorf("%v lists %v and %v, want %v and %v", tt.request, found, prefixes, tt.want, tt.prefixes)
			}
		}
	}
	b.remove(names...)
	b.delete()
}

func testVersions(t *testing.T, b bucket) {
	first, second := b.put("a", "1"), b.put("a", "22")
	b.put("b", "3")
	b.remove("b")
	old, _ := b.get(objectstorage.GetObjectRequest{ObjectName: str("a"), VersionId: first.VersionId})
	current, _ := b.get(objectstorage.GetObjectRequest{ObjectName: str("a")})
	if old != "1" || current != "22" || *first.VersionId == *second.VersionId {
		t.Errorf("versions hold %q and %q", old, current)
	}
	list := objectstorage.ListObjectVersionsRequest{NamespaceName: b.namespace, BucketName: b.name, Limit: num(1)}
	markers, all := 0, 0
	// Each page's version is deleted before the next page: how buckets are emptied.
	for {
		answer := do(t, b.client.ListObjectVersions, list)
		for _, v := range answer.Items {
			all++
			if *v.IsDeleteMarker {
				markers++
			}
			do(t, b.client.DeleteObject, objectstorage.DeleteObjectRequest{NamespaceName: b.namespace, BucketName: b.name, ObjectName: v.Name, VersionId: v.VersionId})
		}
		if list.Page = answer.OpcNextPage; list.Page == nil {
			break
		}
	}
	if all != 4 || markers != 1 {
		t.Errorf("%d versions, %d of them delete markers", all, markers)
	}
	b.delete()
}

func testUploads(t *testing.T, b bucket) {
	content := make([]byte, 3<<20+5)
	rand.Read(content) // It never fails (crypto/rand).
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	manager := transfer.NewUploadManager()
	upload := func(name string) transfer.UploadRequest {
		return transfer.UploadRequest{NamespaceName: b.namespace, BucketName: b.name, ObjectName: &name, PartSize: common.Int64(1 << 20),
			ContentType: str("image/x"), Metadata: map[string]string{"opc-meta-colour": "red"}, ObjectStorageClient: b.client, EnableMultipartChecksumVerification: yes}
	}
	file, err := manager.UploadFile(t.Context(), transfer.UploadFileRequest{UploadRequest: upload("file"), FilePath: path})
	if err != nil || file.Type != transfer.MultipartUpload {
		t.Fatalf("%v, %v", file, err)
	}
	if stream, err := manager.UploadStream(t.Context(), transfer.UploadStreamRequest{UploadRequest: upload("stream"), StreamReader: bytes.NewReader(content)}); err != nil || stream.Type != transfer.MultipartUpload {
		t.Fatalf("%v, %v", stream, err)
	}
	for _, name := range []string{"file", "stream"} {
		text, got := b.get(objectstorage.GetObjectRequest{ObjectName: &name})
		if text != string(content) || *got.ContentType != "image/x" || got.OpcMeta["colour"] != "red" || !strings.HasSuffix(*got.OpcMultipartMd5, "-4") {
			t.Errorf("%s: %d bytes, %+v", name, len(text), got)
		}
	}

	var started []string
	for _, name := range []string{"x", "y"} {
		made := do(t, b.client.CreateMultipartUpload, objectstorage.CreateMultipartUploadRequest{NamespaceName: b.namespace, BucketName: b.name,
			CreateMultipartUploadDetails: objectstorage.CreateMultipartUploadDetails{Object: &name}})
		started = append(started, *made.UploadId)
	}
	part := func(n int, text string) objectstorage.UploadPartResponse {
		return do(t, b.client.UploadPart, objectstorage.UploadPartRequest{NamespaceName: b.namespace, BucketName: b.name, ObjectName: str("x"), UploadId: &started[0], UploadPartNum: &n,
			ContentLength: common.Int64(int64(len(text))), UploadPartBody: io.NopCloser(strings.NewReader(text))})
	}
	second, first := part(2, "world"), part(1, "hello ")
	uploads := pages(t, b.client.ListMultipartUploads, objectstorage.ListMultipartUploadsRequest{NamespaceName: b.namespace, BucketName: b.name})
	parts := pages(t, b.client.ListMultipartUploadParts, objectstorage.ListMultipartUploadPartsRequest{NamespaceName: b.namespace, BucketName: b.name, ObjectName: str("x"), UploadId: &started[0]})
	if len(uploads) != 2 || len(parts) != 2 || *parts[0].(objectstorage.MultipartUploadPartSummary).PartNumber != 1 {
		t.Errorf("uploads %v, parts %v", uploads, parts)
	}
	commit := objectstorage.CommitMultipartUploadRequest{NamespaceName: b.namespace, BucketName: b.name, ObjectName: str("x"), UploadId: &started[0], IfMatch: str("another"),
		CommitMultipartUploadDetails: objectstorage.CommitMultipartUploadDetails{PartsToCommit: []objectstorage.CommitMultipartUploadPartDetails{
			{PartNum: num(1), Etag: first.ETag}, {PartNum: num(2), Etag: second.ETag}}}}
	refused(t, 412, "IfMatchFailed", b.client.CommitMultipartUpload, commit)
	commit.IfMatch, commit.IfNoneMatch = nil, str("*")
	do(t, b.client.CommitMultipartUpload, commit)
	if text, _ := b.get(objectstorage.GetObjectRequest{ObjectName: str("x")}); text != "hello world" {
		t.Errorf("x holds %q", text)
	}
	abort := objectstorage.AbortMultipartUploadRequest{NamespaceName: b.namespace, BucketName: b.name, ObjectName: str("y"), UploadId: &started[1]}
	do(t, b.client.AbortMultipartUpload, abort)
	refused(t, 404, "NoSuchUpload", b.client.AbortMultipartUpload, abort)
	b.remove("file", "stream", "x")
	b.delete()
}

func testPreauthenticated(t *testing.T, b bucket) {
	b.put("a/1", "one")
	b.put("b", "two")
	until := &common.SDKTime{Time: time.Now().Add(time.Hour)}
	made := map[objectstorage.CreatePreauthenticatedRequestDetailsAccessTypeEnum]objectstorage.PreauthenticatedRequest{}
	for access, object := range map[objectstorage.CreatePreauthenticatedRequestDetailsAccessTypeEnum]*string{
		objectstorage.CreatePreauthenticatedRequestDetailsAccessTypeObjectread:         str("a/1"),
		objectstorage.CreatePreauthenticatedRequestDetailsAccessTypeObjectwrite:        str("new"),
		objectstorage.CreatePreauthenticatedRequestDetailsAccessTypeAnyobjectreadwrite: str("a/"),
	} {
		made[access] = do(t, b.client.CreatePreauthenticatedRequest, objectstorage.CreatePreauthenticatedRequestRequest{NamespaceName: b.namespace, BucketName: b.name,
			CreatePreauthenticatedRequestDetails: objectstorage.CreatePreauthenticatedRequestDetails{Name: str(string(access)), ObjectName: object, AccessType: access, TimeExpires: until}}).PreauthenticatedRequest
	}
	one, write, any := made[objectstorage.CreatePreauthenticatedRequestDetailsAccessTypeObjectread], made[objectstorage.CreatePreauthenticatedRequestDetailsAccessTypeObjectwrite],
		made[objectstorage.CreatePreauthenticatedRequestDetailsAccessTypeAnyobjectreadwrite]
	host := "https://objectstorage.us-ashburn-1.oraclecloud.com"
	for _, tt := range []struct {
		method, uri, body string
		want              int
		answer            string
	}{
		{"GET", *one.AccessUri, "", 200, "one"},
		{"PUT", *one.AccessUri, "x", 404, ""},
		{"PUT", *write.AccessUri, "new", 200, ""},
		{"GET", *write.AccessUri, "", 404, ""},
		{"GET", *any.AccessUri + "a/1", "", 200, "one"},
		{"PUT", *any.AccessUri + "a/2", "x", 200, ""},
		{"GET", *any.AccessUri + "b", "", 404, ""},
		{"GET", strings.Replace(*one.AccessUri, "/p/", "/p/x", 1), "", 404, ""},
	} {
		code, body := fetch(t, tt.method, host+tt.uri, tt.body)
		if code != tt.want || tt.answer != "" && body != tt.answer {
			t.Errorf("%s %s: %d %s, want %d %s", tt.method, tt.uri, code, body, tt.want, tt.answer)
		}
	}
	if text, _ := b.get(objectstorage.GetObjectRequest{ObjectName: str("new")}); text != "new" {
		t.Errorf("new holds %q", text)
	}
	if all := pages(t, b.client.ListPreauthenticatedRequests, objectstorage.ListPreauthenticatedRequestsRequest{NamespaceName: b.namespace, BucketName: b.name}); len(all) != 3 {
		t.Errorf("requests %v", all)
	}
	got := do(t, b.client.GetPreauthenticatedRequest, objectstorage.GetPreauthenticatedRequestRequest{NamespaceName: b.namespace, BucketName: b.name, ParId: one.Id})
	if *got.ObjectName != "a/1" || !got.TimeExpires.Truncate(time.Second).Equal(until.UTC().Truncate(time.Second)) {
		t.Errorf("request %v", got)
	}
	for _, p := range made {
		remove := objectstorage.DeletePreauthenticatedRequestRequest{NamespaceName: b.namespace, BucketName: b.name, ParId: p.Id}
		do(t, b.client.DeletePreauthenticatedRequest, remove)
		status(t, 404, b.client.DeletePreauthenticatedRequest, remove)
	}
	if code, _ := fetch(t, "GET", host+*one.AccessUri, ""); code != 404 {
		t.Errorf("a deleted request is answered with %d", code)
	}
	b.remove("a/1", "a/2", "b", "new")
	b.delete()
}

// fetch sends a request without a signature.
func fetch(t *testing.T, method, url, body string, change ...func(*http.Request)) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(request)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, read(t, response.Body)
}
