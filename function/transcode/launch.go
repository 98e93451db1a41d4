package main

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"time"

	"oci-media-pipelines/internal/event"
	"oci-media-pipelines/internal/ords"
	"oci-media-pipelines/internal/retry"
	"oci-media-pipelines/internal/subject"
	"oci-media-pipelines/internal/transcoding"
)

// Outcome is how an invocation ended that did not fail.
type Outcome string

const (
	// Started: a container instance is on its way.
	Started Outcome = "started"
	// Waiting: OCI has no room for a container instance now; Reason says what it says.
	Waiting Outcome = "waiting"
	// Failed: a document says why there will be no job.
	Failed Outcome = "failed"
	// Unchanged: this version has or had its job.
	Unchanged Outcome = "unchanged"
	// Ignored: there is nothing to transcode; Reason says why.
	Ignored Outcome = "ignored"
)

// Answer is what the function answers to its invoker.
type Answer struct {
	Outcome Outcome `json:"outcome"`
	Object  string  `json:"object,omitempty"`
	// Key is the key of the job's document, empty where the event was ignored.
	Key    string `json:"key,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// LogValues implements invocation.Answer.
func (a Answer) LogValues() []any {
	return []any{"object", a.Object, "key", a.Key, "outcome", string(a.Outcome), "reason", a.Reason}
}

// Documents is what is needed of the collection of jobs.
type Documents interface {
	Get(ctx context.Context, key string) (ords.Document, error)
	Put(ctx context.Context, key string, value any, options ...ords.PutOption) (etag string, err error)
	Delete(ctx context.Context, key string) error
	Query(ctx context.Context, q ords.Query) iter.Seq2[ords.Document, error]
}

// Launcher starts one job for each version of a video. It is safe for concurrent use.
type Launcher struct {
	// Namespace and Bucket hold the videos; events about others are ignored.
	Namespace, Bucket string
	// Blueprint says what a job is made of.
	Blueprint Blueprint
	// Timeout is how long a job may take.
	Timeout time.Duration

	Objects   subject.Reader
	Instances Instances
	Documents Documents
	Log       *slog.Logger
	// FirstWait and MaxWait bound the waits between attempts; zero stands for package retry's defaults.
	FirstWait, MaxWait time.Duration
}

// Launch starts the job of the object version that ev is about, once however often ev arrives, after clearing away
// what earlier jobs have left, and then starts those that had to wait. An error means that a later invocation may
// succeed, or that the event is broken.
func (l *Launcher) Launch(ctx context.Context, ev event.Event) (Answer, error) {
	// What is left over counts against the limit that a new job needs room in, so it goes first.
	l.sweep(ctx)
	answer, err := l.launch(ctx, ev)
	if err == nil && answer.Outcome != Waiting { // Where there is room for one, there may be for more.
		l.resume(ctx, answer.Key)
	}
	return answer, err
}

func (l *Launcher) launch(ctx context.Context, ev event.Event) (Answer, error) {
	object, ignored, err := ev.Written(l.Namespace, l.Bucket)
	if err != nil || ignored != "" {
		return Answer{Outcome: Ignored, Object: object.Name, Reason: ignored}, err
	}
	r := run{Launcher: l, object: object, event: ev, key: transcoding.Key(object.Bucket, object.Name, object.ETag)}
	r.log = l.Log.With("object", object.Name, "etag", object.ETag, "key", r.key)
	r.log.InfoContext(ctx, "event received", "type", ev.EventType, "event", ev.EventID, "event_time", ev.EventTime)
	answer, err := r.launch(ctx)
	answer.Object = object.Name
	if subject.NoMore(err) {
		return Answer{Outcome: Ignored, Object: object.Name, Reason: err.Error()}, nil
	}
	return answer, err
}

// run is one event.
type run struct {
	*Launcher
	object event.Object
	event  event.Event
	key    string
	log    *slog.Logger
}

func (r *run) launch(ctx context.Context) (Answer, error) {
	// Events are unordered, so another run may be at work on a newer version. What is found before this run's version
	// is seen to be the current one must be about an older one.
	others, err := r.others(ctx)
	if err != nil {
		return Answer{}, err
	}
	hopeless, err := r.inspect(ctx, r.object, r.log)
	if err != nil {
		return Answer{}, err
	}
	for _, other := range others {
		if err := r.withdraw(ctx, other); err != nil {
			return Answer{}, err
		}
	}
	job, fresh, err := r.begin(ctx, hopeless)
	if err != nil {
		return Answer{}, err
	}
	switch {
	case !fresh:
		r.log.InfoContext(ctx, "this version has its job already", "state", string(job.value.State))
		return Answer{Outcome: Unchanged, Key: r.key}, nil
	case hopeless != "":
		return Answer{Outcome: Failed, Key: r.key, Reason: hopeless}, nil
	}
	return r.start(ctx, job, r.log, true)
}

// begin makes or changes the document so that it says what is about to happen. fresh is false if nothing is to
// happen: the version has a job, or had one.
func (r *run) begin(ctx context.Context, hopeless string) (job stored, fresh bool, err error) {
	job, err = r.get(ctx, r.key)
	if err != nil && !errors.Is(err, ords.ErrNotFound) {
		return job, false, err
	}
	if err == nil && !r.due(job.value) {
		return job, false, nil
	}
	now := time.Now().UTC()
	if err != nil {
		job.value = transcoding.Job{
			ObjectName: r.object.Name, BucketName: r.object.Bucket, Namespace: r.object.Namespace, ETag: r.object.ETag,
			Attempt: 1, Created: now,
		}
	}
	job.value.EventTime = r.event.EventTime.UTC()
	next(&job.value)
	if hopeless != "" {
		job.value.State, job.value.Error = transcoding.Failed, hopeless
	}
	job, err = r.put(ctx, job)
	if errors.Is(err, ords.ErrPreconditionFailed) { // Somebody else began at this moment.
		return job, false, nil
	}
	return job, err == nil, err
}

// due reports whether an event asks for something that the job's document does not tell of yet. A user's retry is an
// event that is later than the one whose job failed; the same event again is not.
func (r *run) due(job transcoding.Job) bool {
	switch job.State {
	case transcoding.Waiting:
		return true
	case transcoding.Starting: // The run that began it may have ended before OCI's answer.
		return job.ContainerInstanceID == ""
	case transcoding.Failed:
		return r.event.EventTime.After(job.EventTime)
	default:
		return false
	}
}

// next makes a job one that is about to start. An attempt that has got a container instance is over.
func next(job *transcoding.Job) {
	if job.ContainerInstanceID != "" {
		job.Attempt++
	}
	job.State, job.Percent, job.Error, job.ContainerInstanceID, job.Result = transcoding.Starting, 0, "", "", nil
}

func (l *Launcher) loop(step string, log *slog.Logger) retry.Loop {
	return retry.Loop{Step: step, Log: log, First: l.FirstWait, Max: l.MaxWait}
}
