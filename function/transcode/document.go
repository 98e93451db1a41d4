package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"oci-media-pipelines/internal/event"
	"oci-media-pipelines/internal/ords"
	"oci-media-pipelines/internal/transcoding"
)

// stored is a job's document as the database has it. A new one has no etag.
type stored struct {
	key, etag string
	value     transcoding.Job
}

// object is the version of the video that the document is about.
func (s stored) object() event.Object {
	return event.Object{Namespace: s.value.Namespace, Bucket: s.value.BucketName, Name: s.value.ObjectName, ETag: s.value.ETag}
}

func decoded(doc ords.Document) (stored, error) {
	s := stored{key: doc.Key, etag: doc.ETag}
	return s, doc.Decode(&s.value)
}

func (l *Launcher) get(ctx context.Context, key string) (stored, error) {
	doc, err := l.Documents.Get(ctx, key)
	if err != nil {
		return stored{key: key}, err
	}
	return decoded(doc)
}

// put stores a document unless somebody else has changed it, which is ords.ErrPreconditionFailed.
func (l *Launcher) put(ctx context.Context, s stored) (stored, error) {
	s.value.Updated = time.Now().UTC()
	var options []ords.PutOption
	if s.etag != "" {
		options = append(options, ords.IfMatch(s.etag))
	}
	etag, err := l.Documents.Put(ctx, s.key, s.value, options...)
	s.etag = etag
	return s, err
}

// change changes a document as long as there is one and edit wants it to. Meanwhile others may change it: then edit
// sees the newer one.
func (l *Launcher) change(ctx context.Context, key string, edit func(*transcoding.Job) bool) (stored, error) {
	for {
		s, err := l.get(ctx, key)
		if errors.Is(err, ords.ErrNotFound) {
			return s, nil
		}
		if err != nil || !edit(&s.value) {
			return s, err
		}
		if s, err = l.put(ctx, s); !errors.Is(err, ords.ErrPreconditionFailed) || ctx.Err() != nil {
			return s, err
		}
	}
}

// others returns the documents about other versions of the object.
func (r *run) others(ctx context.Context) ([]stored, error) {
	found, err := r.query(ctx, map[string]any{"bucket_name": r.object.Bucket, "object_name": r.object.Name})
	var others []stored
	for _, s := range found {
		// What is to be deleted is checked against the document itself, not only by the filter.
		if s.key != r.key && s.value.BucketName == r.object.Bucket && s.value.ObjectName == r.object.Name {
			others = append(others, s)
		}
	}
	return others, err
}

func (l *Launcher) query(ctx context.Context, filter map[string]any) ([]stored, error) {
	var found []stored
	for doc, err := range l.Documents.Query(ctx, ords.Query{Filter: filter, OrderBy: []ords.Order{{Path: "timestamp"}}}) {
		if err != nil {
			return nil, err
		}
		s, err := decoded(doc)
		if err != nil {
			return nil, err
		}
		found = append(found, s)
	}
	return found, nil
}

// withdraw ends the job of a version that is no more, and removes its document.
func (l *Launcher) withdraw(ctx context.Context, s stored) error {
	if id := s.value.ContainerInstanceID; id != "" && !s.value.State.Ended() {
		if err := l.remove(ctx, id); err != nil {
			return fmt.Errorf("end the job of an earlier version: %w", err)
		}
	}
	if err := l.Documents.Delete(ctx, s.key); err != nil && !errors.Is(err, ords.ErrNotFound) {
		return err
	}
	l.Log.InfoContext(ctx, "document of another version deleted", "object", s.value.ObjectName, "etag", s.value.ETag, "key", s.key)
	return nil
}
