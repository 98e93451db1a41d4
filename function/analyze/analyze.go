package main

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"time"

	"oci-media-pipelines/internal/analysis"
	"oci-media-pipelines/internal/event"
	"oci-media-pipelines/internal/ords"
	"oci-media-pipelines/internal/retry"
	"oci-media-pipelines/internal/subject"
)

// Outcome is how an invocation ended that did not fail.
type Outcome string

const (
	// Analyzed: a document says what was seen.
	Analyzed Outcome = "analyzed"
	// Unanalyzable: a document says why this object cannot be analysed.
	Unanalyzable Outcome = "unanalyzable"
	// Unchanged: this version had been analysed before.
	Unchanged Outcome = "unchanged"
	// Ignored: there is nothing to analyse; Reason says why.
	Ignored Outcome = "ignored"
)

// Answer is what the function answers to its invoker.
type Answer struct {
	Outcome Outcome `json:"outcome"`
	Object  string  `json:"object,omitempty"`
	// Key is the document's key, empty where the event was ignored.
	Key    string `json:"key,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Documents is what is needed of the collection of documents.
type Documents interface {
	Get(ctx context.Context, key string) (ords.Document, error)
	Put(ctx context.Context, key string, value any, options ...ords.PutOption) (etag string, err error)
	Delete(ctx context.Context, key string) error
	Query(ctx context.Context, q ords.Query) iter.Seq2[ords.Document, error]
}

// Analyzer turns an event into a document. It is safe for concurrent use.
type Analyzer struct {
	// CompartmentID is the compartment in which AI Vision checks the function's permission.
	CompartmentID string
	// Namespace and Bucket hold the images; events about others are ignored.
	Namespace, Bucket string
	// Features are AI Vision's feature types to ask for.
	Features []string

	Objects   Objects
	Vision    Vision
	Documents Documents
	Log       *slog.Logger
	// FirstWait and MaxWait bound the waits between attempts; zero stands for package retry's defaults.
	FirstWait, MaxWait time.Duration
}

// Analyze leaves one document about the object version that ev is about, however often ev arrives, and none about
// versions that are no more. An error means that a later invocation may succeed, or that the event is broken.
func (a *Analyzer) Analyze(ctx context.Context, ev event.Event) (Answer, error) {
	object, ignored, err := ev.Written(a.Namespace, a.Bucket)
	if err != nil || ignored != "" {
		return Answer{Outcome: Ignored, Object: object.Name, Reason: ignored}, err
	}
	run := run{Analyzer: a, object: object, event: ev, key: analysis.Key(object.Bucket, object.Name, object.ETag)}
	run.log = a.Log.With("object", object.Name, "etag", object.ETag, "event", ev.EventID)
	answer, err := run.analyze(ctx)
	answer.Object = object.Name
	if subject.NoMore(err) {
		return Answer{Outcome: Ignored, Object: object.Name, Reason: err.Error()}, nil
	}
	return answer, err
}

// run is one invocation.
type run struct {
	*Analyzer
	object event.Object
	event  event.Event
	key    string
	log    *slog.Logger
}

func (r *run) analyze(ctx context.Context) (Answer, error) {
	r.log.InfoContext(ctx, "event received", "type", r.event.EventType, "event_time", r.event.EventTime)
	size, err := r.head(ctx)
	if err != nil {
		return Answer{}, err
	}
	done, err := r.analyzed(ctx)
	if err != nil {
		return Answer{}, err
	}
	if done {
		r.log.InfoContext(ctx, "this version is analysed already", "key", r.key)
		return Answer{Outcome: Unchanged, Key: r.key}, r.tidy(ctx)
	}
	doc, err := r.examine(ctx, size)
	if err != nil {
		return Answer{}, err
	}
	if _, err := r.Documents.Put(ctx, r.key, doc); err != nil {
		return Answer{}, err
	}
	r.log.InfoContext(ctx, "document stored", "key", r.key, "status", string(doc.Status), "error", doc.Error,
		"objects", len(doc.Results.Objects))
	if doc.Status == analysis.Failed {
		return Answer{Outcome: Unanalyzable, Key: r.key, Reason: doc.Error}, r.tidy(ctx)
	}
	return Answer{Outcome: Analyzed, Key: r.key}, r.tidy(ctx)
}

// examine looks at the object and returns the document about it.
func (r *run) examine(ctx context.Context, size int64) (analysis.Document, error) {
	doc := analysis.Document{
		ImageName:  r.object.Name,
		BucketName: r.object.Bucket,
		Namespace:  r.object.Namespace,
		ETag:       r.object.ETag,
		EventTime:  r.event.EventTime.UTC(),
		Status:     analysis.Succeeded,
	}
	hopeless, err := r.inspect(ctx, size)
	if err == nil && hopeless == "" {
		doc.Results, doc.Warnings, hopeless, err = r.look(ctx)
	}
	if hopeless != "" {
		doc.Status, doc.Error = analysis.Failed, hopeless
	}
	doc.Timestamp = time.Now().UTC()
	return doc, err
}

// analyzed reports whether a document says what was seen in this version. One that says why it could not be
// analysed does not count: the invoker may be asking to try again.
func (r *run) analyzed(ctx context.Context) (bool, error) {
	stored, err := r.Documents.Get(ctx, r.key)
	if errors.Is(err, ords.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var doc analysis.Document
	if err := stored.Decode(&doc); err != nil {
		r.log.WarnContext(ctx, "document is unreadable and will be replaced", "key", r.key, "error", err.Error())
		return false, nil
	}
	return doc.Status == analysis.Succeeded, nil
}

func (a *Analyzer) loop(step string, log *slog.Logger) retry.Loop {
	return retry.Loop{Step: step, Log: log, First: a.FirstWait, Max: a.MaxWait}
}
