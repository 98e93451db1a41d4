package gallery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"oci-media-pipelines/internal/transcoding"
)

// Videos is the part of a Gallery that is about videos. All fields are required.
type Videos struct {
	// Source is the bucket of the videos themselves, Streams that of what becomes
	// of them.
	Source  Storage
	Streams Streams
	Jobs    Jobs
	// Transcoder is asked when a user wants a job tried again.
	Transcoder Transcoder

	// MaxUploadBytes is the size of the largest video accepted, in bytes.
	MaxUploadBytes int64

	cache documentCache[transcoding.Job]
}

// remove deletes a video and all that belongs to it. The object itself goes after
// the rest, so that what fails can be tried again. The documents go before: a job
// stops, and removes what it has written meanwhile, when its document is gone.
// They go once more at last, because an event on its way may have begun a job as
// long as there was an object.
func (v *Videos) remove(ctx context.Context, name string, log *slog.Logger) error {
	if _, err := v.Source.Head(ctx, name); err != nil {
		return fmt.Errorf("look up video %q: %w", name, err)
	}
	if err := v.Jobs.DeleteFor(ctx, name); err != nil {
		return fmt.Errorf("delete the jobs of video %q: %w", name, err)
	}
	if err := v.removeStreams(ctx, name); err != nil {
		return err
	}
	if err := v.Source.Delete(ctx, name); err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("delete video %q: %w", name, err)
	}
	if err := v.Jobs.DeleteFor(ctx, name); err != nil {
		log.Warn("the video is deleted, a job that began meanwhile may stay behind", "object", name, "error", err)
	}
	return nil
}

// removeStreams deletes what became of a video, but for what became of others:
// "a" and "a/b" may both be videos, and one may be called "thumbnails".
func (v *Videos) removeStreams(ctx context.Context, name string) error {
	sources, err := v.Source.List(ctx)
	if err != nil {
		return fmt.Errorf("list videos: %w", err)
	}
	ofOthers := func(stream string) bool {
		for _, other := range sources {
			inner := strings.HasPrefix(transcoding.Folder(other.Name), transcoding.Folder(name)) && strings.HasPrefix(stream, transcoding.Folder(other.Name))
			if other.Name != name && (inner || stream == transcoding.Thumbnail(other.Name)) {
				return true
			}
		}
		return false
	}
	streams, err := v.Streams.Under(ctx, transcoding.Folder(name))
	if err != nil {
		return fmt.Errorf("list the streams of video %q: %w", name, err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for _, stream := range append(streams, transcoding.Thumbnail(name)) {
		if ofOthers(stream) {
			continue
		}
		group.Go(func() error {
			if err := v.Streams.Delete(ctx, stream); err != nil && !errors.Is(err, ErrNotFound) {
				return fmt.Errorf("delete stream %q: %w", stream, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// retry sends a video through the transcoding again unless that is done or under
// way.
func (v *Videos) retry(ctx context.Context, object Object, now time.Time) error {
	record, err := read(ctx, v.Jobs, object)
	if err != nil {
		return fmt.Errorf("read the job of %q: %w", object.Name, err)
	}
	if record != nil {
		switch video := newVideo(object, record, nil, now); {
		case video.Status == StatusSucceeded:
			return &Refusal{AlreadyAnalysed, fmt.Sprintf("%q is transcoded already.", object.Name)}
		case !video.Retryable():
			return &Refusal{AlreadyAnalysed, fmt.Sprintf("%q is being transcoded.", object.Name)}
		}
	}
	if err := v.Transcoder.Transcode(ctx, object); err != nil {
		return fmt.Errorf("transcode %q: %w", object.Name, err)
	}
	return nil
}
