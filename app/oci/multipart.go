package oci

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/app/gallery"
)

// partSize is what an upload holds in memory. 10 MiB is the smallest part size
// that Oracle's guide to multipart uploads recommends; the 10,000 parts that it
// allows are some 97 GiB.
const partSize = 10 << 20

// putParts stores a file larger than one part: first, then what body still
// holds. A failure aborts the multipart upload, so that no object appears and
// no part is left to be paid for.
//
// Creating, continuing and committing an upload in parts needs OBJECT_CREATE and
// OBJECT_OVERWRITE, aborting one OBJECT_DELETE ("Permissions Required for Each
// API Operation" in the policy reference of Object Storage). That it replaces no
// other object although it may is what If-None-Match sees to, at both ends.
func (b *Bucket) putParts(ctx context.Context, name, contentType, mark string, first []byte, body io.Reader) (object gallery.Object, err error) {
	created, err := b.client.CreateMultipartUpload(ctx, objectstorage.CreateMultipartUploadRequest{
		NamespaceName: &b.namespace, BucketName: &b.name,
		IfNoneMatch: common.String("*"),
		CreateMultipartUploadDetails: objectstorage.CreateMultipartUploadDetails{
			Object: &name, ContentType: &contentType,
			// Here the API wants keys in the form of the header (opc-meta-*).
			Metadata: map[string]string{"opc-meta-" + uploadMark: mark},
		},
	})
	if err != nil {
		return gallery.Object{}, translatePut(err)
	}
	defer func() {
		if err == nil {
			return
		}
		// The request may be why it failed: clean up without it.
		cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		if _, abortErr := b.client.AbortMultipartUpload(cleanup, objectstorage.AbortMultipartUploadRequest{
			NamespaceName: &b.namespace, BucketName: &b.name, ObjectName: &name, UploadId: created.UploadId,
		}); abortErr != nil {
			err = fmt.Errorf("%w (and the parts could not be removed: %v)", err, abortErr)
		}
	}()

	var parts []objectstorage.CommitMultipartUploadPartDetails
	var size int64
	for part, last := first, false; ; {
		number := len(parts) + 1
		response, err := b.client.UploadPart(ctx, objectstorage.UploadPartRequest{
			NamespaceName: &b.namespace, BucketName: &b.name, ObjectName: &name,
			UploadId: created.UploadId, UploadPartNum: &number,
			ContentLength:  common.Int64(int64(len(part))),
			UploadPartBody: seekable(part),
		})
		if err != nil {
			return gallery.Object{}, fmt.Errorf("upload part %d: %w", number, translate(err))
		}
		parts = append(parts, objectstorage.CommitMultipartUploadPartDetails{PartNum: &number, Etag: response.ETag})
		size += int64(len(part))
		if last {
			break
		}
		// All of it at once: growing to a part's size would copy it several times.
		if part, last, err = readPart(body, make([]byte, 0, partSize+bytes.MinRead)); err != nil {
			return gallery.Object{}, fmt.Errorf("receive part %d: %w", number+1, err)
		}
		if len(part) == 0 {
			break
		}
	}
	committed, err := b.client.CommitMultipartUpload(ctx, objectstorage.CommitMultipartUploadRequest{
		NamespaceName: &b.namespace, BucketName: &b.name, ObjectName: &name,
		UploadId: created.UploadId, IfNoneMatch: common.String("*"),
		CommitMultipartUploadDetails: objectstorage.CommitMultipartUploadDetails{PartsToCommit: parts},
	})
	if err != nil {
		// The first commit may have worked and its answer been lost.
		if own, _, ours := b.own(ctx, name, mark); ours {
			return own, nil
		}
		if err = translatePut(err); errors.Is(err, errTaken) {
			err = gallery.ErrOvertaken // the body is used up: no other name can be tried
		}
		return gallery.Object{}, fmt.Errorf("commit the parts: %w", err)
	}
	return gallery.Object{
		Name: name, ETag: unquote(value(committed.ETag)), Size: size, Created: orNow(committed.LastModified),
	}, nil
}
