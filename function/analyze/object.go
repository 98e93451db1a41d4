package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/internal/retry"
)

// Objects is what is needed of objectstorage.ObjectStorageClient.
type Objects interface {
	HeadObject(context.Context, objectstorage.HeadObjectRequest) (objectstorage.HeadObjectResponse, error)
	GetObject(context.Context, objectstorage.GetObjectRequest) (objectstorage.GetObjectResponse, error)
}

const (
	// maxImage is the largest image that AI Vision analyses synchronously, in bytes.
	maxImage = 5 << 20
	// sniffed is how many first bytes http.DetectContentType looks at.
	sniffed = 512
)

// once is for requests whose repetition is this function's own matter: the SDK's would be silent.
func once() common.RequestMetadata {
	return common.RequestMetadata{RetryPolicy: new(common.NoRetryPolicy())}
}

// head returns the object's size in bytes, or errGone or errSuperseded.
func (r *run) head(ctx context.Context) (int64, error) {
	var size int64
	err := r.loop("head object", r.log).Do(ctx, func(ctx context.Context) error {
		resp, err := r.Objects.HeadObject(ctx, objectstorage.HeadObjectRequest{
			NamespaceName: &r.object.Namespace, BucketName: &r.object.Bucket, ObjectName: &r.object.Name,
			RequestMetadata: once(),
		})
		if status(err) == http.StatusNotFound {
			return r.absent(ctx, err)
		}
		if err != nil {
			return retry.OCI(err)
		}
		if resp.ETag == nil || resp.ContentLength == nil {
			return errors.New("answer lacks etag or content-length")
		}
		if bare(*resp.ETag) != bare(r.object.ETag) {
			return retry.Final(errSuperseded)
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
	_, err := r.first(ctx, 1)
	switch {
	case errors.Is(err, errGone), errors.Is(err, errSuperseded):
		return retry.Final(err)
	case err == nil || status(err) == http.StatusRequestedRangeNotSatisfiable:
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
	var head []byte
	err = r.loop("get first bytes", r.log).Do(ctx, func(ctx context.Context) (err error) {
		if head, err = r.first(ctx, sniffed); errors.Is(err, errGone) || errors.Is(err, errSuperseded) {
			return retry.Final(err)
		}
		return retry.OCI(err)
	})
	if err != nil {
		return "", fmt.Errorf("get first bytes of %s: %w", r.object.Name, err)
	}
	kind := http.DetectContentType(head)
	r.log.InfoContext(ctx, "object inspected", "bytes", size, "content", kind)
	if !strings.HasPrefix(kind, "image/") {
		return fmt.Sprintf("The file is not an image (its content looks like %s).", kind), nil
	}
	return "", nil
}

// first returns the first n bytes of the version this run is about, or fewer if it is shorter.
func (r *run) first(ctx context.Context, n int64) ([]byte, error) {
	resp, err := r.Objects.GetObject(ctx, objectstorage.GetObjectRequest{
		NamespaceName: &r.object.Namespace, BucketName: &r.object.Bucket, ObjectName: &r.object.Name,
		IfMatch: &r.object.ETag, Range: new(fmt.Sprintf("bytes=0-%d", n-1)),
		RequestMetadata: once(),
	})
	switch {
	case status(err) == http.StatusPreconditionFailed:
		return nil, errSuperseded
	case status(err) == http.StatusNotFound && code(err) == "ObjectNotFound":
		return nil, errGone
	case err != nil:
		return nil, err
	}
	defer resp.Content.Close()
	return io.ReadAll(io.LimitReader(resp.Content, n))
}

// status returns the HTTP status of an SDK error, 0 if it has none.
func status(err error) int {
	var failure common.ServiceError
	if errors.As(err, &failure) {
		return failure.GetHTTPStatusCode()
	}
	return 0
}

// code returns the error code of an SDK error.
func code(err error) string {
	var failure common.ServiceError
	if errors.As(err, &failure) {
		return failure.GetCode()
	}
	return ""
}

func bare(etag string) string { return strings.Trim(etag, `"`) }
