package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/internal/retry"
	"oci-media-pipelines/internal/subject"
)

// Objects is what is needed of objectstorage.ObjectStorageClient.
type Objects interface {
	HeadObject(context.Context, objectstorage.HeadObjectRequest) (objectstorage.HeadObjectResponse, error)
	subject.Reader
}

const (
	// maxImage is the largest image that AI Vision analyses synchronously, in bytes.
	maxImage = 5 << 20
	// sniffed is how many first bytes http.DetectContentType looks at.
	sniffed = 512
)

// head returns the object's size in bytes, or subject.ErrGone or subject.ErrSuperseded.
func (r *run) head(ctx context.Context) (int64, error) {
	var size int64
	err := r.loop("head object", r.log).Do(ctx, func(ctx context.Context) error {
		resp, err := r.Objects.HeadObject(ctx, objectstorage.HeadObjectRequest{
			NamespaceName: &r.object.Namespace, BucketName: &r.object.Bucket, ObjectName: &r.object.Name,
			RequestMetadata: retry.Once(),
		})
		if retry.Status(err) == http.StatusNotFound {
			return r.absent(ctx, err)
		}
		if err != nil {
			return retry.OCI(err)
		}
		if resp.ETag == nil || resp.ContentLength == nil {
			return errors.New("answer lacks etag or content-length")
		}
		if bare(*resp.ETag) != bare(r.object.ETag) {
			return retry.Final(subject.ErrSuperseded)
		}
		size = *resp.ContentLength
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("head object %s: %w", r.object.Name, err)
	}
	return size, nil
}

// absent finds out what a HEAD's 404 means. It has no body, hence no code: the object may be gone, or the function
// may not be permitted yet to see it.
func (r *run) absent(ctx context.Context, headError error) error {
	_, err := subject.Peek(ctx, r.Objects, r.object, 1)
	switch {
	case subject.NoMore(err):
		return retry.Final(err)
	case err == nil:
		return retry.OCI(headError)
	}
	return retry.OCI(err)
}

// inspect returns in words why AI Vision could not analyse the object, or "".
func (r *run) inspect(ctx context.Context, size int64) (hopeless string, err error) {
	if size == 0 {
		return "The file is empty.", nil
	}
	if size > maxImage {
		return fmt.Sprintf("The file has %.1f MiB; AI Vision takes images of up to %d MiB.",
			float64(size)/(1<<20), maxImage>>20), nil
	}
	head, err := subject.First(ctx, r.Objects, r.object, sniffed, r.loop("get first bytes", r.log))
	if err != nil {
		return "", err
	}
	kind := http.DetectContentType(head)
	r.log.InfoContext(ctx, "object inspected", "bytes", size, "content", kind)
	if !strings.HasPrefix(kind, "image/") {
		return fmt.Sprintf("The file is not an image (its content looks like %s).", kind), nil
	}
	return "", nil
}

func bare(etag string) string { return strings.Trim(etag, `"`) }
