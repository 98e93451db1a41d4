// Package oci connects the gallery to Oracle Cloud Infrastructure: the buckets
// over Object Storage, the documents over ORDS with a password from Vault, and
// analysis and transcoding over Functions.
package oci

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/app/gallery"
)

// uploadMark is the user metadata by which an upload recognises its own object
// when the answer to its first attempt was lost.
const uploadMark = "upload-id"

// Bucket is a bucket of Object Storage as gallery.Storage and gallery.Streams.
type Bucket struct {
	client    objectstorage.ObjectStorageClient
	namespace string
	name      string
}

var (
	_ gallery.Storage = (*Bucket)(nil)
	_ gallery.Streams = (*Bucket)(nil)
)

// NewBucket returns the named bucket, with requests signed as the provider says
// and sent to the provider's region.
func NewBucket(provider common.ConfigurationProvider, namespace, name string) (*Bucket, error) {
	client, err := objectstorage.NewObjectStorageClientWithConfigurationProvider(provider)
	if err != nil {
		return nil, fmt.Errorf("make the Object Storage client: %w", err)
	}
	prepare(&client.BaseClient, time.Minute)
	return &Bucket{client: client, namespace: namespace, name: name}, nil
}

// List implements gallery.Storage.
func (b *Bucket) List(ctx context.Context) ([]gallery.Object, error) {
	var objects []gallery.Object
	err := b.each(ctx, nil, "name,size,etag,timeCreated,timeModified", func(summary objectstorage.ObjectSummary) {
		objects = append(objects, gallery.Object{
			Name:    value(summary.Name),
			ETag:    unquote(value(summary.Etag)),
			Size:    value(summary.Size),
			Created: later(summary.TimeCreated, summary.TimeModified),
		})
	})
	return objects, err
}

// Under implements gallery.Streams.
func (b *Bucket) Under(ctx context.Context, prefix string) ([]string, error) {
	var names []string
	err := b.each(ctx, &prefix, "name", func(summary objectstorage.ObjectSummary) { names = append(names, value(summary.Name)) })
	return names, err
}

// each lists the objects whose names begin with prefix, all if it is nil.
func (b *Bucket) each(ctx context.Context, prefix *string, fields string, visit func(objectstorage.ObjectSummary)) error {
	request := objectstorage.ListObjectsRequest{NamespaceName: &b.namespace, BucketName: &b.name, Prefix: prefix, Fields: &fields}
	for {
		response, err := b.client.ListObjects(ctx, request)
		if err != nil {
			return fmt.Errorf("list bucket %s: %w", b.name, translate(err))
		}
		for _, summary := range response.Objects {
			visit(summary)
		}
		if value(response.NextStartWith) == "" {
			return nil
		}
		request.Start = response.NextStartWith
	}
}

// Head implements gallery.Storage.
func (b *Bucket) Head(ctx context.Context, name string) (gallery.Object, error) {
	response, err := b.head(ctx, name)
	if err != nil {
		return gallery.Object{}, err
	}
	return gallery.Object{
		Name: name, ETag: unquote(value(response.ETag)), Size: value(response.ContentLength),
		Created: later(response.LastModified),
	}, nil
}

func (b *Bucket) head(ctx context.Context, name string) (objectstorage.HeadObjectResponse, error) {
	if name == "" {
		return objectstorage.HeadObjectResponse{}, gallery.ErrNotFound
	}
	response, err := b.client.HeadObject(ctx, objectstorage.HeadObjectRequest{
		NamespaceName: &b.namespace, BucketName: &b.name, ObjectName: &name,
	})
	if err != nil {
		return response, fmt.Errorf("look at object %q: %w", name, translate(err))
	}
	return response, nil
}

// Get implements gallery.Storage.
func (b *Bucket) Get(ctx context.Context, name string, options gallery.GetOptions) (*gallery.Blob, error) {
	if name == "" {
		return nil, gallery.ErrNotFound
	}
	request := objectstorage.GetObjectRequest{NamespaceName: &b.namespace, BucketName: &b.name, ObjectName: &name}
	if options.IfNoneMatch != "" {
		request.IfNoneMatch = &options.IfNoneMatch
	}
	if options.Range != "" {
		request.Range = &options.Range
	}
	response, err := b.client.GetObject(ctx, request)
	if err != nil {
		if response.RawResponse != nil && response.RawResponse.StatusCode == http.StatusNotModified {
			return nil, gallery.ErrNotModified
		}
		return nil, fmt.Errorf("read object %q: %w", name, translate(err))
	}
	if response.RawResponse.StatusCode == http.StatusNotModified {
		return nil, gallery.ErrNotModified
	}
	return &gallery.Blob{
		Object: gallery.Object{
			Name: name, ETag: unquote(value(response.ETag)), Size: value(response.ContentLength),
			Created: later(response.LastModified),
		},
		ContentType:  value(response.ContentType),
		Length:       value(response.ContentLength),
		ContentRange: value(response.ContentRange),
		CacheControl: value(response.CacheControl),
		Body:         response.Content,
	}, nil
}

// Delete implements gallery.Storage. In a versioned bucket it leaves a delete
// marker; earlier versions stay until a lifecycle rule removes them.
func (b *Bucket) Delete(ctx context.Context, name string) error {
	if name == "" {
		return gallery.ErrNotFound
	}
	_, err := b.client.DeleteObject(ctx, objectstorage.DeleteObjectRequest{
		NamespaceName: &b.namespace, BucketName: &b.name, ObjectName: &name,
	})
	if err != nil {
		return fmt.Errorf("delete object %q: %w", name, translate(err))
	}
	return nil
}

// Put implements gallery.Storage. At most partSize bytes are held in memory: a
// file that fits goes in one request, which can be repeated after a failure
// as often as it takes; a larger one as a multipart upload of such parts.
func (b *Bucket) Put(ctx context.Context, upload gallery.Upload) (gallery.Object, error) {
	first, last, err := readPart(upload.Body, nil)
	if err != nil {
		return gallery.Object{}, fmt.Errorf("receive the file: %w", err)
	}
	mark := rand.Text()
	for name := range upload.Names {
		var object gallery.Object
		if last {
			object, err = b.putWhole(ctx, name, upload.ContentType, mark, first)
		} else {
			object, err = b.putParts(ctx, name, upload.ContentType, mark, first, upload.Body)
		}
		switch {
		case err == nil:
			return object, nil
		case errors.Is(err, errTaken), errors.Is(err, errRefused):
			own, found, ours := b.own(ctx, name, mark)
			if ours { // a lost answer makes the repeated request meet its own object
				return own, nil
			}
			if found || errors.Is(err, errTaken) {
				continue
			}
		}
		return gallery.Object{}, fmt.Errorf("store object %q: %w", name, err)
	}
	return gallery.Object{}, gallery.ErrNameTaken
}

// own tells whether there is an object of that name, and returns it if it bears
// the mark.
func (b *Bucket) own(ctx context.Context, name, mark string) (object gallery.Object, found, ours bool) {
	response, err := b.head(ctx, name)
	if err != nil || response.OpcMeta[uploadMark] != mark {
		return gallery.Object{}, err == nil, false
	}
	return gallery.Object{
		Name: name, ETag: unquote(value(response.ETag)), Size: value(response.ContentLength),
		Created: orNow(response.LastModified),
	}, true, true
}

func (b *Bucket) putWhole(ctx context.Context, name, contentType, mark string, content []byte) (gallery.Object, error) {
	response, err := b.client.PutObject(ctx, objectstorage.PutObjectRequest{
		NamespaceName: &b.namespace, BucketName: &b.name, ObjectName: &name,
		ContentLength: common.Int64(int64(len(content))),
		PutObjectBody: seekable(content),
		ContentType:   &contentType,
		IfNoneMatch:   common.String("*"),
		OpcMeta:       map[string]string{uploadMark: mark},
	})
	if err != nil {
		return gallery.Object{}, translatePut(err)
	}
	return gallery.Object{
		Name: name, ETag: unquote(value(response.ETag)), Size: int64(len(content)),
		Created: orNow(response.LastModified),
	}, nil
}

func later(times ...*common.SDKTime) time.Time {
	var latest time.Time
	for _, t := range times {
		if t != nil && t.After(latest) {
			latest = t.Time
		}
	}
	return latest
}

func orNow(t *common.SDKTime) time.Time {
	if t == nil {
		return time.Now()
	}
	return t.Time
}

func unquote(etag string) string { return strings.Trim(etag, `"`) }

func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// readPart reads up to partSize bytes into what it makes of space; last tells that
// the body ended within.
func readPart(body io.Reader, space []byte) (part []byte, last bool, err error) {
	buffer := bytes.NewBuffer(space[:0])
	if _, err = buffer.ReadFrom(io.LimitReader(body, partSize)); err != nil {
		return nil, false, err
	}
	return buffer.Bytes(), buffer.Len() < partSize, nil
}
