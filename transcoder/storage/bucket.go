// Package storage is a bucket of Object Storage as the transcoder uses it. Every operation is repeated until its
// patience or the caller's context ends: throttling, server errors, broken connections and permissions that have not
// settled pass.
package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/internal/retry"
)

// ErrChanged says that the object was deleted or overwritten: it is no longer the version that was asked for.
var ErrChanged = errors.New("the object was deleted or overwritten meanwhile")

const (
	// patience bounds one operation, repetitions included.
	patience = 3 * time.Minute
	// answerTime is how long a request under way may take once the operation has ended.
	answerTime = 10 * time.Second
)

// Bucket is one bucket. It is safe for concurrent use.
type Bucket struct {
	// Client sends the requests; see Prepare.
	Client objectstorage.ObjectStorageClient
	// Namespace and Name say which bucket it is.
	Namespace, Name string
	Log             *slog.Logger
	// FirstWait and MaxWait bound the waits between attempts; zero stands for package retry's defaults.
	FirstWait, MaxWait time.Duration
}

// Prepare makes a client leave repetitions to this package. The SDK's circuit breaker would turn a few failures of
// one segment into half a minute without uploads.
func Prepare(client *objectstorage.ObjectStorageClient) {
	client.SetCustomClientConfiguration(common.CustomClientConfiguration{RetryPolicy: new(common.NoRetryPolicy())})
	client.Configuration.CircuitBreaker = nil
}

// Size returns how many bytes the given version of an object has, or ErrChanged. It reads the first of them, since
// the refusal of a HEAD gives no reason.
func (b *Bucket) Size(ctx context.Context, object, etag string) (size int64, err error) {
	err = b.do(ctx, "look at object", func(ctx context.Context) error {
		resp, err := b.get(ctx, object, etag, 0, 0)
		if failure, ok := common.IsServiceError(err); ok && failure.GetHTTPStatusCode() == http.StatusRequestedRangeNotSatisfiable {
			size = 0 // no first byte, no bytes
			return nil
		}
		if err != nil {
			return err
		}
		defer resp.Content.Close()
		if resp.ContentRange == nil {
			if resp.ContentLength != nil && *resp.ContentLength == 0 {
				size = 0
				return nil
			}
			return retry.Final(errors.New("the answer to a range request has no content-range"))
		}
		if _, err := fmt.Sscanf(*resp.ContentRange, "bytes 0-0/%d", &size); err != nil {
			return retry.Final(fmt.Errorf("content-range %q: %w", *resp.ContentRange, err))
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("look at object %s: %w", object, err)
	}
	return size, nil
}

// Read returns the bytes from first to last, both included, of the given version of an object, or ErrChanged.
func (b *Bucket) Read(ctx context.Context, object, etag string, first, last int64) (part []byte, err error) {
	err = b.do(ctx, "read object", func(ctx context.Context) error {
		resp, err := b.get(ctx, object, etag, first, last)
		if err != nil {
			return err
		}
		defer resp.Content.Close()
		defer context.AfterFunc(ctx, func() { resp.Content.Close() })()
		part = make([]byte, last-first+1)
		if _, err := io.ReadFull(resp.Content, part); err != nil {
			return fmt.Errorf("answer broke off: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read object %s: %w", object, err)
	}
	return part, nil
}

func (b *Bucket) get(ctx context.Context, object, etag string, first, last int64) (objectstorage.GetObjectResponse, error) {
	resp, err := b.Client.GetObject(answered(ctx), objectstorage.GetObjectRequest{
		NamespaceName: &b.Namespace, BucketName: &b.Name, ObjectName: &object,
		IfMatch: &etag, Range: new(fmt.Sprintf("bytes=%d-%d", first, last)),
	})
	if failure, ok := common.IsServiceError(err); ok {
		if failure.GetHTTPStatusCode() == http.StatusPreconditionFailed || failure.GetCode() == "ObjectNotFound" {
			return resp, retry.Final(ErrChanged)
		}
	}
	return resp, err
}

// Content is what an object is made of.
type Content struct {
	Type string
	// CacheControl is for whoever fetches the object.
	CacheControl string
	Body         []byte
}

// Put stores an object over what has its name. Repeating it changes nothing.
func (b *Bucket) Put(ctx context.Context, object string, content Content) error {
	err := b.do(ctx, "store object", func(ctx context.Context) error {
		_, err := b.Client.PutObject(answered(ctx), objectstorage.PutObjectRequest{
			NamespaceName: &b.Namespace, BucketName: &b.Name, ObjectName: &object,
			ContentLength: new(int64(len(content.Body))),
			PutObjectBody: io.NopCloser(bytes.NewReader(content.Body)),
			ContentType:   &content.Type, CacheControl: &content.CacheControl,
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("store object %s: %w", object, err)
	}
	return nil
}

// List returns the names of the objects whose names begin with prefix.
func (b *Bucket) List(ctx context.Context, prefix string) ([]string, error) {
	var names []string
	var start *string
	for {
		var page objectstorage.ListObjectsResponse
		err := b.do(ctx, "list objects", func(ctx context.Context) (err error) {
			page, err = b.Client.ListObjects(answered(ctx), objectstorage.ListObjectsRequest{
				NamespaceName: &b.Namespace, BucketName: &b.Name, Prefix: &prefix, Start: start,
			})
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("list objects %s*: %w", prefix, err)
		}
		for _, object := range page.Objects {
			names = append(names, *object.Name)
		}
		if start = page.NextStartWith; start == nil || *start == "" {
			return names, nil
		}
	}
}

// Delete removes an object; one that is not there is fine.
func (b *Bucket) Delete(ctx context.Context, object string) error {
	err := b.do(ctx, "delete object", func(ctx context.Context) error {
		_, err := b.Client.DeleteObject(answered(ctx), objectstorage.DeleteObjectRequest{
			NamespaceName: &b.Namespace, BucketName: &b.Name, ObjectName: &object,
		})
		if failure, ok := common.IsServiceError(err); ok && failure.GetCode() == "ObjectNotFound" {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("delete object %s: %w", object, err)
	}
	return nil
}

func (b *Bucket) do(ctx context.Context, step string, op func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	loop := retry.Loop{Step: step, Log: b.Log, First: b.FirstWait, Max: b.MaxWait}
	return loop.Do(ctx, func(ctx context.Context) error { return retry.OCI(op(ctx)) })
}

// answered returns a context for a request that is waited for when ctx ends: one that is given up may still store its
// object, after what is about to be deleted was listed. Nor does the SDK's own retry loop, which every request goes
// through, give up a request without a data race.
func answered(ctx context.Context) context.Context {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() { time.AfterFunc(answerTime, cancel) })
	return longer
}
