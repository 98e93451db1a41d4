package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/internal/event"
	"oci-media-pipelines/internal/retry"
	"oci-media-pipelines/internal/transcoding"
)

// Objects is what is needed of objectstorage.ObjectStorageClient.
type Objects interface {
	GetObject(context.Context, objectstorage.GetObjectRequest) (objectstorage.GetObjectResponse, error)
}

// inspect returns in words why the object cannot be transcoded, or "". An object that is no longer of that version is
// errGone or errSuperseded.
func (l *Launcher) inspect(ctx context.Context, object event.Object, log *slog.Logger) (hopeless string, err error) {
	var head []byte
	err = l.loop("get first bytes", log).Do(ctx, func(ctx context.Context) (err error) {
		head, err = l.first(ctx, object)
		if errors.Is(err, errGone) || errors.Is(err, errSuperseded) {
			return retry.Final(err)
		}
		return retry.OCI(err)
	})
	if err != nil {
		return "", fmt.Errorf("get first bytes of %s: %w", object.Name, err)
	}
	if len(head) == 0 {
		return "The file is empty.", nil
	}
	kind, video := transcoding.Sniff(head)
	if !video {
		return fmt.Sprintf("The file is not a video (its content looks like %s).", http.DetectContentType(head)), nil
	}
	log.InfoContext(ctx, "object inspected", "content", kind)
	return "", nil
}

// first returns the object's first bytes, or fewer if it is shorter.
func (l *Launcher) first(ctx context.Context, object event.Object) ([]byte, error) {
	resp, err := l.Objects.GetObject(ctx, objectstorage.GetObjectRequest{
		NamespaceName: &object.Namespace, BucketName: &object.Bucket, ObjectName: &object.Name,
		IfMatch: &object.ETag, Range: new(fmt.Sprintf("bytes=0-%d", transcoding.SniffLen-1)),
		RequestMetadata: once(),
	})
	switch {
	case status(err) == http.StatusRequestedRangeNotSatisfiable:
		return nil, nil
	case status(err) == http.StatusPreconditionFailed:
		return nil, errSuperseded
	case status(err) == http.StatusNotFound && code(err) == "ObjectNotFound":
		return nil, errGone
	case err != nil:
		return nil, err
	}
	defer resp.Content.Close()
	return io.ReadAll(io.LimitReader(resp.Content, transcoding.SniffLen))
}

// once is for requests whose repetition is this function's own matter: the SDK's would be silent.
func once() common.RequestMetadata {
	return common.RequestMetadata{RetryPolicy: new(common.NoRetryPolicy())}
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

// message returns what the service says in an SDK error.
func message(err error) string {
	var failure common.ServiceError
	if errors.As(err, &failure) {
		return failure.GetMessage()
	}
	return err.Error()
}
