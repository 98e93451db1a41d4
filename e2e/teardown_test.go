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

// destroy removes the stack with all that is in its bucket, and deploys it again
// under the same name while the names of its vault, key and secret are still taken.
func (l *life) destroy(t *testing.T) {
	bucket{t, administrator(t, objectstorage.NewObjectStorageClientWithConfigurationProvider), l.output("bucketNamespace"), l.output("bucketName")}.fill()
	l.stack.destroy()
	l.wantGone(1)

	if changes := l.deploy(); changes["create"] < deployed || len(changes) != 1 {
		t.Errorf("up after destroy changed %v", changes)
	}
	tryOut(t, l.url())
	l.stack.destroy()
	l.wantGone(2)
}

// wantGone fails the test unless the local cloud is as it was before the stack was
// deployed, but for what OCI only schedules for deletion.
func (l *life) wantGone(times int) {
	l.t.Helper()
	want := map[string]map[string]int{}
	for kind, states := range l.before {
		want[kind] = maps.Clone(states)
	}
	for _, kind := range []string{"vault", "key", "vaultsecret"} {
		if want[kind] == nil {
			want[kind] = map[string]int{}
		}
		want[kind]["PENDING_DELETION"] += times
	}
	if got := inventory(l.t); !equalInventory(got, want) {
		l.t.Errorf("after destroy number %d there are %v, want %v", times, got, want)
	}
	if n := storedObjects(l.t); n != l.objects {
		l.t.Errorf("after destroy number %d there are %d objects' bytes on the disk, want %d", times, n, l.objects)
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
