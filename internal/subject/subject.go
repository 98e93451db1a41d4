// Package subject reads what an event is about, which is one version of an object, and tells a version that is no more from one
// that cannot be read now.
package subject

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/internal/event"
	"oci-media-pipelines/internal/retry"
)

// Reasons to drop an event although it was valid: the object is no longer the version it was about.
var (
	ErrGone       = errors.New("the object was deleted")
	ErrSuperseded = errors.New("the object was overwritten; its own event covers the newer version")
)

// NoMore reports whether an error is ErrGone or ErrSuperseded.
func NoMore(err error) bool { return errors.Is(err, ErrGone) || errors.Is(err, ErrSuperseded) }

// Reader is what is needed of objectstorage.ObjectStorageClient.
type Reader interface {
	GetObject(context.Context, objectstorage.GetObjectRequest) (objectstorage.GetObjectResponse, error)
}

// First returns the first n bytes of a version of an object, or fewer if it is shorter. It asks once; loop repeats
// that until it is clear whether the version is there. The error may be ErrGone or ErrSuperseded.
func First(ctx context.Context, r Reader, o event.Object, n int64, loop retry.Loop) ([]byte, error) {
	var head []byte
	err := loop.Do(ctx, func(ctx context.Context) (err error) {
		if head, err = Peek(ctx, r, o, n); NoMore(err) {
			return retry.Final(err)
		}
		return retry.OCI(err)
	})
	if err != nil {
		return nil, fmt.Errorf("get first bytes of %s: %w", o.Name, err)
	}
	return head, nil
}

// Peek is First without repetition. An error of the service is that of the SDK.
func Peek(ctx context.Context, r Reader, o event.Object, n int64) ([]byte, error) {
	resp, err := r.GetObject(ctx, objectstorage.GetObjectRequest{
		NamespaceName: &o.Namespace, BucketName: &o.Bucket, ObjectName: &o.Name,
		IfMatch: &o.ETag, Range: new(fmt.Sprintf("bytes=0-%d", n-1)),
		RequestMetadata: retry.Once(),
	})
	switch status := retry.Status(err); {
	case status == http.StatusRequestedRangeNotSatisfiable: // It is empty.
		return nil, nil
	case status == http.StatusPreconditionFailed:
		return nil, ErrSuperseded
	case status == http.StatusNotFound && retry.Code(err) == "ObjectNotFound":
		return nil, ErrGone
	case err != nil:
		return nil, err
	}
	defer resp.Content.Close()
	return io.ReadAll(io.LimitReader(resp.Content, n))
}
