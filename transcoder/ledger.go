package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"oci-media-pipelines/internal/ords"
	"oci-media-pipelines/internal/transcoding"
)

// errSuperseded says that the job is no longer this attempt's: there is a newer one, somebody ended it, or the video
// was deleted together with its document.
var errSuperseded = errors.New("the job is no longer this attempt's")

// errDeleted is an errSuperseded: the document, and hence the video, was deleted.
var errDeleted = fmt.Errorf("%w: its document is gone", errSuperseded)

// documents is what is needed of the collection of jobs.
type documents interface {
	Get(ctx context.Context, key string) (ords.Document, error)
	Put(ctx context.Context, key string, value any, options ...ords.PutOption) (etag string, err error)
}

// ledger keeps the job's document up to date. It is not safe for concurrent use.
type ledger struct {
	documents documents
	key       string
	attempt   int

	job  transcoding.Job
	etag string
}

// updates bounds how often one change is tried over against changes of others.
const updates = 10

// update makes a change to the document as it is now, unless the job is no longer this attempt's.
func (l *ledger) update(ctx context.Context, change func(*transcoding.Job)) error {
	for range updates {
		if l.etag == "" {
			if err := l.read(ctx); err != nil {
				return err
			}
		}
		job := l.job
		change(&job)
		job.Updated = time.Now().UTC()
		etag, err := l.documents.Put(ctx, l.key, job, ords.IfMatch(l.etag))
		switch {
		case err == nil:
			l.job, l.etag = job, etag
			return nil
		case errors.Is(err, ords.ErrNotFound):
			return errDeleted
		case !errors.Is(err, ords.ErrPreconditionFailed):
			return err
		}
		// Somebody else was quicker, or the answer to this very change was lost.
		l.etag = ""
		if err := l.read(ctx); err != nil && (!errors.Is(err, errSuperseded) || !l.job.Updated.Equal(job.Updated)) {
			return err
		}
		if l.job.Updated.Equal(job.Updated) {
			return nil
		}
	}
	return fmt.Errorf("document %s: changed by others at each of %d attempts to change it", l.key, updates)
}

// read takes the document as it is.
func (l *ledger) read(ctx context.Context) error {
	doc, err := l.documents.Get(ctx, l.key)
	if errors.Is(err, ords.ErrNotFound) {
		return errDeleted
	}
	if err != nil {
		return err
	}
	l.job = transcoding.Job{}
	if err := doc.Decode(&l.job); err != nil {
		return err
	}
	if l.job.Attempt != l.attempt {
		return fmt.Errorf("%w: the document is about attempt %d, this is %d", errSuperseded, l.job.Attempt, l.attempt)
	}
	if l.job.State.Ended() {
		return fmt.Errorf("%w: it is %s", errSuperseded, l.job.State)
	}
	l.etag = doc.ETag
	return nil
}
