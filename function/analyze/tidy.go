package main

import (
	"context"
	"errors"

	"oci-media-pipelines/internal/analysis"
	"oci-media-pipelines/internal/ords"
	"oci-media-pipelines/internal/subject"
)

// tidy removes the documents about other versions of the object, or this run's own if the object was overwritten
// or deleted while AI Vision looked at it.
//
// Events are unordered, so another run may be at work on a newer version. The order of steps keeps its document
// safe: whatever is found before this run's version is seen to be the current one must be about an older version.
func (r *run) tidy(ctx context.Context) error {
	others, err := r.others(ctx)
	if err != nil {
		return err
	}
	if _, err := r.head(ctx); err != nil {
		if !subject.NoMore(err) {
			return err
		}
		if err := r.remove(ctx, r.key); err != nil {
			return err
		}
		r.log.InfoContext(ctx, "document withdrawn", "key", r.key, "reason", err.Error())
		return err
	}
	for _, key := range others {
		if err := r.remove(ctx, key); err != nil {
			return err
		}
		r.log.InfoContext(ctx, "stale document deleted", "key", key)
	}
	return nil
}

// others returns the keys of the documents about other versions of the object.
func (r *run) others(ctx context.Context) ([]string, error) {
	sameObject := ords.Query{
		Filter:  map[string]any{"bucket_name": r.object.Bucket, "image_name": r.object.Name},
		OrderBy: []ords.Order{{Path: "timestamp"}},
	}
	var keys []string
	for stored, err := range r.Documents.Query(ctx, sameObject) {
		if err != nil {
			return nil, err
		}
		// What is to be deleted is checked against the document itself, not only by the filter.
		var doc analysis.Document
		if err := stored.Decode(&doc); err != nil {
			return nil, err
		}
		if stored.Key != r.key && doc.BucketName == r.object.Bucket && doc.ImageName == r.object.Name {
			keys = append(keys, stored.Key)
		}
	}
	return keys, nil
}

// remove deletes a document that another run may have deleted already.
func (r *run) remove(ctx context.Context, key string) error {
	if err := r.Documents.Delete(ctx, key); err != nil && !errors.Is(err, ords.ErrNotFound) {
		return err
	}
	return nil
}
