package oci

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"oci-media-pipelines/app/gallery"
	"oci-media-pipelines/internal/analysis"
	"oci-media-pipelines/internal/ords"
	"oci-media-pipelines/internal/transcoding"
)

const (
	// answerTime is how long a person waits for one answer of the database.
	// Package ords would go on trying for as long as its context allows.
	answerTime = 4 * time.Second
	// outagePause is how long the database is left alone after it did not
	// answer; questions in that time fail at once.
	outagePause = 2 * time.Second
	// againAfter is the pause before a refused connection is tried anew. It is
	// long because failed log-ins lock a database account.
	againAfter = time.Minute
)

// Documents is a SODA collection as gallery.Collection.
type Documents[T any] struct {
	collection *ords.Collection
	// bucket is that of the objects that the documents are about; nameField holds
	// such an object's name.
	bucket    string
	nameField string
	log       *slog.Logger
	ready     atomic.Bool
	outage    atomic.Pointer[outage]
}

type outage struct {
	until time.Time
	err   error
}

var (
	_ gallery.Documents = (*Documents[analysis.Document])(nil)
	_ gallery.Jobs      = (*Documents[transcoding.Job])(nil)
)

// NewDocuments returns the analyses of objects of the named bucket. Every method
// gives gallery.ErrNotReady until Connect has succeeded.
func NewDocuments(collection *ords.Collection, bucket string, log *slog.Logger) *Documents[analysis.Document] {
	return &Documents[analysis.Document]{collection: collection, bucket: bucket, nameField: "image_name", log: log}
}

// NewJobs returns the transcodings of objects of the named bucket, as
// NewDocuments does.
func NewJobs(collection *ords.Collection, bucket string, log *slog.Logger) *Documents[transcoding.Job] {
	return &Documents[transcoding.Job]{collection: collection, bucket: bucket, nameField: "object_name", log: log}
}

// Connect waits for the database, for as long as it takes: a new one warms up
// for minutes, and the policies that let this workload read the password take
// effect late. It returns when the collection is there or ctx ends.
func (d *Documents[T]) Connect(ctx context.Context) {
	for {
		err := d.collection.Ensure(ctx)
		if err == nil {
			d.ready.Store(true)
			d.log.Info("the database is reachable", "bucket", d.bucket)
			return
		}
		if ctx.Err() != nil {
			return
		}
		d.log.Warn("the database is not reachable yet, trying again", "after", againAfter.String(), "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(againAfter):
		}
	}
}

// Ready implements gallery.Collection.
func (d *Documents[T]) Ready() bool { return d.ready.Load() }

// Key implements gallery.Collection.
func (d *Documents[T]) Key(object gallery.Object) string {
	return analysis.Key(d.bucket, object.Name, object.ETag)
}

// Get implements gallery.Collection.
func (d *Documents[T]) Get(ctx context.Context, key string) (record gallery.Stored[T], err error) {
	err = d.ask(ctx, func(ctx context.Context) error {
		document, err := d.collection.Get(ctx, key)
		if err != nil {
			return err
		}
		record, err = recordOf[T](document)
		return err
	})
	return record, err
}

// List implements gallery.Collection. Documents that do not look like the others
// are left out, with a line in the log.
func (d *Documents[T]) List(ctx context.Context) (records []gallery.Stored[T], err error) {
	err = d.ask(ctx, func(ctx context.Context) error {
		for document, err := range d.collection.List(ctx) {
			if err != nil {
				return err
			}
			record, err := recordOf[T](document)
			if err != nil {
				d.log.Warn("a document of the collection cannot be read", "key", document.Key, "error", err)
				continue
			}
			records = append(records, record)
		}
		return nil
	})
	return records, err
}

// DeleteFor implements gallery.Collection.
func (d *Documents[T]) DeleteFor(ctx context.Context, objectName string) error {
	return d.ask(ctx, func(ctx context.Context) error {
		var keys []string
		about := ords.Query{Filter: map[string]any{d.nameField: objectName, "bucket_name": d.bucket}}
		for document, err := range d.collection.Query(ctx, about) {
			if err != nil {
				return err
			}
			keys = append(keys, document.Key)
		}
		for _, key := range keys {
			if err := d.collection.Delete(ctx, key); err != nil && !errors.Is(err, ords.ErrNotFound) {
				return err
			}
		}
		return nil
	})
}

// ask puts a question to the database within answerTime and gives the
// gallery's errors. After an outage it lets the database rest for a moment.
func (d *Documents[T]) ask(ctx context.Context, question func(context.Context) error) error {
	if !d.ready.Load() {
		return gallery.ErrNotReady
	}
	if o := d.outage.Load(); o != nil && time.Now().Before(o.until) {
		return o.err
	}
	limited, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	err := question(limited)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ords.ErrNotFound):
		return fmt.Errorf("%w: %w", gallery.ErrNotFound, err)
	case ctx.Err() == nil:
		d.outage.Store(&outage{until: time.Now().Add(outagePause), err: err})
	}
	return err
}

func recordOf[T any](document ords.Document) (gallery.Stored[T], error) {
	record := gallery.Stored[T]{Key: document.Key, Raw: document.Value}
	err := document.Decode(&record.Document)
	return record, err
}
