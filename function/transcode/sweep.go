package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/internal/ords"
	"oci-media-pipelines/internal/retry"
	"oci-media-pipelines/internal/subject"
	"oci-media-pipelines/internal/transcoding"
)

const (
	// maxAttempts bounds how often a job is started without anybody asking for it.
	maxAttempts = 3
	// settling is how long a document that names no container instance, or one that is not there, is left alone: a run
	// may still be asking for it, which takes as long as a function may (300 s), and what was just made may not be
	// seen everywhere.
	settling = 6 * time.Minute
	// sweepShare is the part of an invocation's time that clearing away may take.
	sweepShare = 4
)

// sweep deletes the container instances that jobs have left, which OCI does not do by itself, ends those that take too
// long, and brings the documents in line. What fails is left to the next run: the event at hand must not suffer.
func (l *Launcher) sweep(ctx context.Context) {
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(end)/sweepShare)
		defer cancel()
	}
	instances, err := l.list(ctx)
	if err == nil {
		for _, instance := range instances {
			err = errors.Join(err, l.sweepInstance(ctx, instance))
		}
		err = errors.Join(err, l.sweepDocuments(ctx, instances))
	}
	if err != nil {
		l.Log.WarnContext(ctx, "not everything is cleared away; the next run goes on", "error", err.Error())
	}
}

// list returns the container instances of this stack's jobs that are not deleted.
func (l *Launcher) list(ctx context.Context) ([]containerinstances.ContainerInstanceSummary, error) {
	var jobs []containerinstances.ContainerInstanceSummary
	for page := (*string)(nil); ; {
		var response containerinstances.ListContainerInstancesResponse
		err := l.loop("list container instances", l.Log).Do(ctx, func(ctx context.Context) (err error) {
			response, err = l.Instances.ListContainerInstances(ctx, containerinstances.ListContainerInstancesRequest{
				CompartmentId: &l.Blueprint.CompartmentID, Page: page, RequestMetadata: retry.Once(),
			})
			return retry.OCI(err)
		})
		if err != nil {
			return nil, fmt.Errorf("list container instances: %w", err)
		}
		for _, instance := range response.Items {
			if l.mine(instance.FreeformTags) && instance.LifecycleState != containerinstances.ContainerInstanceLifecycleStateDeleted {
				jobs = append(jobs, instance)
			}
		}
		if page = response.OpcNextPage; page == nil {
			return jobs, nil
		}
	}
}

// mine tells the jobs of this stack from everything else.
func (l *Launcher) mine(tags map[string]string) bool {
	for name, value := range l.Blueprint.Tags {
		if tags[name] != value {
			return false
		}
	}
	return tags[tagJob] != ""
}

func (l *Launcher) sweepInstance(ctx context.Context, instance containerinstances.ContainerInstanceSummary) error {
	var edit func(*transcoding.Job)
	switch state := instance.LifecycleState; {
	case state == containerinstances.ContainerInstanceLifecycleStateFailed:
		edit = l.neverRan(instance)
	case state == containerinstances.ContainerInstanceLifecycleStateInactive:
		edit = l.ended(ctx, instance)
	case state == containerinstances.ContainerInstanceLifecycleStateActive && time.Since(instance.TimeCreated.Time) > l.Timeout:
		edit = func(job *transcoding.Job) {
			fail(job, fmt.Sprintf("The transcoding job took longer than %.0f minutes and was ended.", l.Timeout.Minutes()))
		}
	default:
		return nil
	}
	attempt, _ := strconv.Atoi(instance.FreeformTags[tagAttempt]) // Without one, no document is about it.
	s, err := l.change(ctx, instance.FreeformTags[tagJob], func(job *transcoding.Job) bool {
		if job.State.Ended() || job.State == transcoding.Waiting || job.Attempt != attempt {
			return false
		}
		edit(job)
		return true
	})
	if err != nil { // As long as the document is not right, the instance is what tells that it is not.
		return err
	}
	l.Log.InfoContext(ctx, "container instance cleared away", "instance", *instance.Id, "was", string(instance.LifecycleState),
		"key", s.key, "object", s.value.ObjectName, "state", string(s.value.State), "reason", s.value.Error)
	return l.remove(ctx, *instance.Id)
}

// neverRan is for an instance that OCI could not start, because of its image or its host: another may do better.
func (l *Launcher) neverRan(instance containerinstances.ContainerInstanceSummary) func(*transcoding.Job) {
	why := "no reason is given"
	if details := instance.LifecycleDetails; details != nil && *details != "" {
		why = *details
	}
	return func(job *transcoding.Job) {
		words := sentence("The container instance of the transcoding job did not start", errors.New(why))
		if job.Attempt < maxAttempts {
			job.ContainerInstanceID = *instance.Id
			job.State, job.Error = transcoding.Waiting, words
			return
		}
		fail(job, words)
	}
}

// ended is for an instance whose job has ended. A job whose document does not say so has ended before its time.
func (l *Launcher) ended(ctx context.Context, instance containerinstances.ContainerInstanceSummary) func(*transcoding.Job) {
	return func(job *transcoding.Job) {
		words := "The transcoding job ended before it was done"
		if exit, ok := l.exitCode(ctx, *instance.Id); ok {
			words += fmt.Sprintf(" (exit code %d)", exit)
		}
		fail(job, words+". You can retry.")
	}
}

func (l *Launcher) exitCode(ctx context.Context, id string) (int, bool) {
	instance, err := l.Instances.GetContainerInstance(ctx, containerinstances.GetContainerInstanceRequest{ContainerInstanceId: &id, RequestMetadata: retry.Once()})
	if err != nil || len(instance.Containers) == 0 {
		return 0, false
	}
	container, err := l.Instances.GetContainer(ctx, containerinstances.GetContainerRequest{ContainerId: instance.Containers[0].ContainerId, RequestMetadata: retry.Once()})
	if err != nil || container.ExitCode == nil {
		return 0, false
	}
	return *container.ExitCode, true
}

func fail(job *transcoding.Job, words string) {
	job.State, job.Error = transcoding.Failed, words
}

// sweepDocuments looks at the documents of jobs that should be at work.
func (l *Launcher) sweepDocuments(ctx context.Context, instances []containerinstances.ContainerInstanceSummary) error {
	there := map[string]bool{}
	for _, instance := range instances {
		there[*instance.Id] = true
	}
	open, err := l.query(ctx, map[string]any{"state": map[string]any{"$in": []transcoding.State{transcoding.Starting, transcoding.Running}}})
	if err != nil {
		return err
	}
	var failures []error
	for _, s := range open {
		if there[s.value.ContainerInstanceID] || time.Since(s.value.Updated) < settling {
			continue
		}
		_, err := l.change(ctx, s.key, func(job *transcoding.Job) bool {
			switch {
			case job.State.Ended(), job.State == transcoding.Waiting, time.Since(job.Updated) < settling:
				return false
			case job.ContainerInstanceID == "" && job.State == transcoding.Starting:
				// A run was cut off before OCI's answer. The same attempt goes on, since its retry token finds the
				// instance if there is one.
				job.State, job.Error = transcoding.Waiting, "The start of the transcoding job was cut off."
			default:
				fail(job, "The transcoding job's container instance is gone. You can retry.")
			}
			return true
		})
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// resume starts the jobs that had to wait, oldest first, until there is no room again. The invocation's own is not
// among them.
func (l *Launcher) resume(ctx context.Context, except string) {
	waiting, err := l.query(ctx, map[string]any{"state": transcoding.Waiting})
	for _, s := range waiting {
		if s.key == except {
			continue
		}
		var outcome Outcome
		if outcome, err = l.resumeOne(ctx, s); err != nil || outcome == Waiting {
			break
		}
	}
	if err != nil {
		l.Log.WarnContext(ctx, "not every waiting job is started; the next run goes on", "error", err.Error())
	}
}

func (l *Launcher) resumeOne(ctx context.Context, s stored) (Outcome, error) {
	log := l.Log.With("object", s.value.ObjectName, "etag", s.value.ETag, "key", s.key)
	hopeless, err := l.inspect(ctx, s.object(), log)
	if subject.NoMore(err) {
		return Ignored, l.withdraw(ctx, s)
	}
	if err != nil {
		return Failed, err
	}
	next(&s.value)
	if hopeless != "" {
		fail(&s.value, hopeless)
	}
	s, err = l.put(ctx, s)
	if errors.Is(err, ords.ErrPreconditionFailed) || err == nil && hopeless != "" {
		return Unchanged, nil
	}
	if err != nil {
		return Failed, err
	}
	answer, err := l.start(ctx, s, log, false)
	return answer.Outcome, err
}
