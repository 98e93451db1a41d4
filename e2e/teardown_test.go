package e2e

import (
	"bytes"
	"io"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"
)

// tornDown removes the stack with all that is in its bucket. The local cloud is then
// as it was before the stack was deployed, but for what OCI only schedules for
// deletion.
func (l *life) tornDown(t *testing.T) {
	bucket{t, administrator(t, objectstorage.NewObjectStorageClientWithConfigurationProvider), l.output("bucketNamespace"), l.output("bucketName")}.fill()
	l.destroy()
	want := l.before
	for _, kind := range []string{"vault", "key", "vaultsecret"} {
		if want[kind] == nil {
			want[kind] = map[string]int{}
		}
		want[kind]["PENDING_DELETION"]++
	}
	if got := inventory(t); !equalInventory(got, want) {
		t.Errorf("after destroy there are %v, want %v", got, want)
	}
	if n := storedObjects(t); n != l.objects {
		t.Errorf("after destroy there are %d objects' bytes on the disk, want %d", n, l.objects)
	}
}

// equalInventory compares two inventories.
func equalInventory(one, other map[string]map[string]int) bool {
	return maps.EqualFunc(one, other, maps.Equal[map[string]int, map[string]int])
}

// storedObjects counts the files that hold objects' bytes.
func storedObjects(t testing.TB) int {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(world.state, "objects"))
	must(t, err)
	return len(files)
}

// bucket is a bucket as its administrator sees it.
type bucket struct {
	testing.TB
	client          objectstorage.ObjectStorageClient
	namespace, name string
}

// fill puts in all that keeps Object Storage from deleting a bucket: objects,
// earlier versions, a delete marker, an unfinished upload, and a pre-authenticated
// request.
func (b bucket) fill() {
	b.Helper()
	for _, name := range []string{"kept", "kept", "deleted", "a/b//../c ü"} {
		_, err := b.client.PutObject(b.Context(), objectstorage.PutObjectRequest{
			NamespaceName: &b.namespace, BucketName: &b.name, ObjectName: &name,
			PutObjectBody: io.NopCloser(bytes.NewReader([]byte(name))), ContentLength: new(int64(len(name))),
		})
		must(b, err)
	}
	_, err := b.client.DeleteObject(b.Context(), objectstorage.DeleteObjectRequest{NamespaceName: &b.namespace, BucketName: &b.name, ObjectName: new("deleted")})
	must(b, err)

	upload, err := b.client.CreateMultipartUpload(b.Context(), objectstorage.CreateMultipartUploadRequest{
		NamespaceName: &b.namespace, BucketName: &b.name,
		CreateMultipartUploadDetails: objectstorage.CreateMultipartUploadDetails{Object: new("unfinished")},
	})
	must(b, err)
	_, err = b.client.UploadPart(b.Context(), objectstorage.UploadPartRequest{
		NamespaceName: &b.namespace, BucketName: &b.name, ObjectName: new("unfinished"), UploadId: upload.UploadId, UploadPartNum: new(1),
		UploadPartBody: io.NopCloser(bytes.NewReader([]byte("part"))), ContentLength: new(int64(4)),
	})
	must(b, err)
	_, err = b.client.CreatePreauthenticatedRequest(b.Context(), objectstorage.CreatePreauthenticatedRequestRequest{
		NamespaceName: &b.namespace, BucketName: &b.name,
		CreatePreauthenticatedRequestDetails: objectstorage.CreatePreauthenticatedRequestDetails{
			Name: new("shared with a partner"), ObjectName: new("kept"),
			AccessType:  objectstorage.CreatePreauthenticatedRequestDetailsAccessTypeObjectread,
			TimeExpires: &common.SDKTime{Time: time.Now().Add(time.Hour)},
		},
	})
	must(b, err)
}
