package web_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"oci-media-pipelines/app/gallery"
	"oci-media-pipelines/internal/transcoding"
)

// studio is a site that takes videos, and everything about them.
type studio struct {
	*site
	source, streams *bucket
	jobs            *collection[transcoding.Job]
	transcoder      *transcoder
}

func newStudio(t *testing.T) *studio {
	t.Helper()
	w := newWorld()
	s := w.takeVideos()
	s.site = serve(t, w)
	return s
}

// takeVideos gives the world's gallery videos.
func (w *world) takeVideos() *studio {
	s := &studio{
		source:  &bucket{objects: make(map[string]stored)},
		streams: &bucket{objects: make(map[string]stored)},
		jobs: &collection[transcoding.Job]{
			bucket: "videos", nameOf: func(j transcoding.Job) string { return j.ObjectName }, records: make(map[string]gallery.JobRecord),
		},
		transcoder: &transcoder{},
	}
	w.gallery.Videos = &gallery.Videos{
		Source: s.source, Streams: s.streams, Jobs: s.jobs, Transcoder: s.transcoder, MaxUploadBytes: 256 << 10,
	}
	return s
}

// transcoder is a gallery.Transcoder that remembers what it was asked for.
type transcoder struct {
	mu    sync.Mutex
	calls []string
	err   error
}

func (f *transcoder) Transcode(_ context.Context, object gallery.Object) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, object.Name)
	return f.err
}

// film stores a video of the given age behind the app's back.
func (s *studio) film(name string, age time.Duration) gallery.Object {
	return s.source.add(name, "video/mp4", clip(100), time.Now().Add(-age))
}

// result stores what became of a video behind the app's back.
func (s *studio) result(name, content string) gallery.Object {
	return s.streams.add(name, "application/octet-stream", []byte(content), time.Now())
}

func (b *bucket) add(name, contentType string, content []byte, created time.Time) gallery.Object {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.store(name, contentType, content, created)
}

// clip is the beginning of an MP4 file, of that many bytes.
func clip(size int) []byte {
	content := make([]byte, size)
	copy(content, "\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41")
	return content
}

// job is the job of a video, in a state and as far as percent.
func job(object gallery.Object, state transcoding.State, percent float64) transcoding.Job {
	return transcoding.Job{
		ObjectName: object.Name, BucketName: "videos", Namespace: "ns", ETag: object.ETag,
		State: state, Percent: percent, Attempt: 1, Updated: time.Now().UTC(),
	}
}

// played is the job of a video that can be played.
func played(object gallery.Object) transcoding.Job {
	j := job(object, transcoding.Succeeded, 100)
	j.Result = &transcoding.Result{
		BucketName: "streams", Duration: 62.4, Width: 1280, Height: 720,
		Renditions: []transcoding.Rendition{
			{Name: "720p", Width: 1280, Height: 720, Bitrate: 3_000_000},
			{Name: "360p", Width: 640, Height: 360, Bitrate: 1_000_000},
		},
		HLS: transcoding.HLS(object.Name), DASH: transcoding.DASH(object.Name),
		Thumbnail: transcoding.Thumbnail(object.Name), Seek: transcoding.Seek(object.Name),
	}
	return j
}
