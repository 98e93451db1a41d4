package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"oci-media-pipelines/internal/transcoding"
	"oci-media-pipelines/transcoder/media"
	"oci-media-pipelines/transcoder/source"
	"oci-media-pipelines/transcoder/storage"
	"oci-media-pipelines/transcoder/stream"
)

// hopeless is an error that no repetition mends; its text is for the person who uploaded the video.
type hopeless struct{ words string }

func (h hopeless) Error() string { return h.words }

// job is one attempt at one version of a video.
type job struct {
	config
	tools        media.Tools
	source       *storage.Bucket
	results      *storage.Bucket
	ledger       *ledger
	log          *slog.Logger
	progressTime time.Duration // how often the document tells of progress

	// version is the folder of what this attempt makes.
	version string
	// older are the objects of other versions that were there when the job began. Those of a newer video, or of a newer
	// attempt, appear later, and are none of this job's business.
	older []string
	// published says that a manifest may refer to the segments.
	published bool
}

// transcode makes the whole result and publishes it.
func (j *job) transcode(ctx context.Context) error {
	err := j.ledger.update(ctx, func(doc *transcoding.Job) {
		doc.State, doc.Percent, doc.Error, doc.Cause, doc.Result = transcoding.Running, 0, "", "", nil
	})
	if err != nil {
		return err
	}
	size, err := j.source.Size(ctx, j.object, j.etag)
	if err != nil {
		return err
	}
	if size == 0 {
		return hopeless{"The file is empty."}
	}
	if err := j.noteOlder(ctx); err != nil {
		return err
	}
	object := &source.Object{Size: size, Read: func(ctx context.Context, first, last int64) ([]byte, error) {
		return j.source.Read(ctx, j.object, j.etag, first, last)
	}}
	local, err := serve()
	if err != nil {
		return err
	}
	defer local.Close()
	input := local.handle("source", object)

	clip, err := j.tools.Probe(ctx, input)
	if err = j.blame(err, object); err != nil {
		return err
	}
	plan := media.NewPlan(clip, j.rungs)
	j.log.InfoContext(ctx, "video inspected", "bytes", size, "width", clip.Width, "height", clip.Height,
		"seconds", clip.Duration, "audio", clip.Audio >= 0, "renditions", strings.Join(plan.Names(), ","))
	result, err := j.encode(ctx, plan, object, local, input)
	if err != nil {
		return err
	}
	return j.publish(ctx, plan, result)
}

// made is what came of a video, stored but for what is published at the end.
type made struct {
	manifest *stream.Manifest
	sizes    func(segment string) int
	*pictures
}

// encode runs ffmpeg, which reads the object from input and sends its segments to local.
func (j *job) encode(ctx context.Context, plan media.Plan, object *source.Object, local *loopback, input string) (made, error) {
	whole := ctx // outlives ffmpeg
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sink, ctx := stream.NewSink(ctx, plan.Names(), j.storeSegment)
	defer sink.Close()
	output := local.handle("result", sink)

	var done atomic.Uint64 // seconds, as bits
	stopped := j.report(ctx, cancel, func() float64 {
		if plan.Clip.Duration <= 0 {
			return 0
		}
		return min(99, 100*math.Float64frombits(done.Load())/plan.Clip.Duration)
	})
	pictures := newPictures(plan, func(name string, sprite []byte) error {
		return j.put(whole, j.version+"/"+name, sprite)
	})
	err := j.tools.Encode(ctx, plan, input, output, pictures.receivers(), func(seconds float64) {
		done.Store(math.Float64bits(seconds))
	})
	var manifest *stream.Manifest
	if err = j.blame(err, object); err == nil {
		manifest, err = sink.Finish()
	}
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause // what ffmpeg died of
	}
	cancel(nil)
	stopped()
	if err != nil {
		return made{}, err
	}
	if videos := manifest.Representations("video"); len(videos) == 0 || videos[0].Duration() == 0 {
		return made{}, hopeless{"The file holds no picture that can be decoded."}
	}
	return made{manifest, sink.Bytes, pictures}, nil
}

// blame finds out whose fault a failure of ffmpeg is. A failed read comes first: ffmpeg may take it for the end of the
// file and be content.
func (j *job) blame(err error, object *source.Object) error {
	if lost := object.Err(); lost != nil {
		return lost
	}
	if errors.Is(err, media.ErrUnreadable) {
		return errors.Join(hopeless{"The file cannot be read as a video. It is damaged, or of a kind that is not supported."}, err)
	}
	return err
}

// silence is how many times in a row progress goes unwritten because there is none. A job of a clip whose duration is
// unknown never has any, but must still learn that it is no longer this attempt's, and show that it lives.
const silence = 15

// report writes progress to the document now and then, until the context ends; the function that it returns waits for
// that. It cancels the context when the job is no longer this attempt's.
func (j *job) report(ctx context.Context, cancel context.CancelCauseFunc, percent func() float64) (stopped func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(j.progressTime)
		defer ticker.Stop()
		last, unwritten := 0.0, 0
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			now := math.Floor(10*percent()) / 10
			if unwritten++; now == last && unwritten <= silence {
				continue
			}
			unwritten = 0
			err := j.ledger.update(ctx, func(doc *transcoding.Job) { doc.Percent = now })
			switch {
			case errors.Is(err, errSuperseded):
				cancel(err)
				return
			case ctx.Err() != nil:
				return
			case err != nil:
				j.log.WarnContext(ctx, "progress not written", "error", err.Error())
			default:
				last = now
			}
		}
	}()
	return func() { <-ended }
}

// storeSegment keeps one of ffmpeg's segments.
func (j *job) storeSegment(ctx context.Context, name string, segment []byte) error {
	return j.put(ctx, j.version+"/"+name, segment)
}

// loopback serves ffmpeg on an address that nobody else can guess.
type loopback struct {
	mux    *http.ServeMux
	server *http.Server
	base   string
}

func serve() (*loopback, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for ffmpeg: %w", err)
	}
	l := &loopback{mux: http.NewServeMux(), base: "/" + rand.Text() + "/"}
	l.server = &http.Server{Handler: l.mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = l.server.Serve(listener) }()
	l.mux.Handle("/", http.NotFoundHandler())
	l.base = "http://" + listener.Addr().String() + l.base
	return l, nil
}

// handle returns the address of a handler.
func (l *loopback) handle(name string, h http.Handler) string {
	address := l.base + name
	pattern := address[strings.Index(address[len("http://"):], "/")+len("http://"):]
	l.mux.Handle(pattern, h)
	l.mux.Handle(pattern+"/", h)
	return address
}

// Close ends all connections.
func (l *loopback) Close() { _ = l.server.Close() }
