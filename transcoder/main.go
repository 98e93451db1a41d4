// Command transcoder is the job that makes a stream out of a video: it reads the video from one bucket, has ffmpeg
// make segments of it in several sizes, and stores them in another bucket as HLS, DASH or both.
//
// It runs in a container instance of its own, which the function transcode creates and which it deletes when it is
// done. Arguments and environment are described in settings.go, how it went is in the job's document (package
// transcoding) and in the exit code.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/common/auth"
	"github.com/oracle/oci-go-sdk/v65/containerinstances"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"
	"github.com/oracle/oci-go-sdk/v65/secrets"
	_ "golang.org/x/crypto/x509roots/fallback" // the base image may have no certificate store

	"oci-media-pipelines/internal/autonomous"
	"oci-media-pipelines/internal/transcoding"
	"oci-media-pipelines/transcoder/media"
	"oci-media-pipelines/transcoder/storage"
)

// Exit codes.
const (
	// exitDone: the result is there, and the document says so.
	exitDone = 0
	// exitFailed: something failed that may succeed later, such as the storage; the document says so.
	exitFailed = 1
	// exitMisconfigured: settings, ffmpeg or the resource principal are missing; the log names them.
	exitMisconfigured = 2
	// exitBadInput: the video is none; the document says why.
	exitBadInput = 3
	// exitSuperseded: the job is no longer this attempt's, or the video is no longer this version.
	exitSuperseded = 4
	// exitTerminated: SIGTERM came first (128 + 15, as a shell has it); the document says that the job waits.
	exitTerminated = 143
)

// progressTime is how often the document tells of progress.
const progressTime = 2 * time.Second

// lastWords is how long a stopping job may take to tidy up. Container instances allow 30 s.
const lastWords = 25 * time.Second

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	slog.SetDefault(log)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	code := run(ctx, os.LookupEnv, os.Args[1:], log)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, lookup func(string) (string, bool), arguments []string, log *slog.Logger) int {
	c, err := load(lookup, arguments)
	if err != nil {
		log.Error("the job's settings are wrong", "error", err.Error())
		return exitMisconfigured
	}
	log = log.With("object", c.object, "etag", c.etag, "attempt", c.attempt)
	principal, err := auth.ResourcePrincipalConfigurationProvider()
	if err != nil {
		log.Error("no resource principal (the job runs as a container instance)", "error", err.Error())
		return exitMisconfigured
	}
	j, err := connect(c, principal, log)
	if err != nil {
		log.Error("cannot start", "error", err.Error())
		return exitMisconfigured
	}
	instances, err := containerinstances.NewContainerInstanceClientWithConfigurationProvider(principal)
	if err != nil {
		log.Error("client of Container Instances", "error", err.Error())
		return exitMisconfigured
	}
	code := j.run(ctx)
	log.Info("the job ends", "code", code)
	id := instanceID(principal, j.ledger.job)
	if err := deleteInstance(context.WithoutCancel(ctx), &instances, id, log); err != nil {
		log.Error("the container instance is left to the function's sweeper", "error", err.Error())
	}
	return code
}

// connect makes the job; nothing is sent yet.
func connect(c config, principal common.ConfigurationProvider, log *slog.Logger) (*job, error) {
	objects, err := objectstorage.NewObjectStorageClientWithConfigurationProvider(principal)
	if err != nil {
		return nil, fmt.Errorf("client of Object Storage: %w", err)
	}
	vault, err := secrets.NewSecretsClientWithConfigurationProvider(principal)
	if err != nil {
		return nil, fmt.Errorf("client of Vault: %w", err)
	}
	jobs, err := autonomous.Open(c.Pipeline, vault, log)
	if err != nil {
		return nil, err
	}
	return newJob(c, objects, jobs, log), nil
}

func newJob(c config, objects objectstorage.ObjectStorageClient, jobs documents, log *slog.Logger) *job {
	storage.Prepare(&objects)
	key := transcoding.Key(c.Bucket, c.object, c.etag)
	return &job{
		config:       c,
		source:       &storage.Bucket{Client: objects, Namespace: c.Namespace, Name: c.Bucket, Log: log},
		results:      &storage.Bucket{Client: objects, Namespace: c.Namespace, Name: c.destination, Log: log},
		ledger:       &ledger{documents: jobs, key: key, attempt: c.attempt},
		log:          log,
		progressTime: progressTime,
		version:      transcoding.Version(key, c.attempt),
	}
}

// run does the job, and leaves word of how it went. The returned code is for the process.
func (j *job) run(ctx context.Context) int {
	tools, err := media.Find()
	if err == nil {
		j.tools = tools
		err = j.transcode(ctx)
	}
	if err == nil {
		return exitDone
	}
	state, words, code := j.verdict(ctx, err)
	j.log.Error("no result", "error", err.Error(), "code", code)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	if state != "" {
		reason := cause(err, words)
		err := j.ledger.update(ctx, func(doc *transcoding.Job) { doc.State, doc.Error, doc.Cause = state, words, reason })
		if err != nil {
			j.log.Error("the document does not say so", "error", err.Error())
		}
	}
	if !j.published {
		if err := j.deleteOwn(ctx); err != nil {
			j.log.Error("segments are left that nothing refers to", "error", err.Error())
		}
	}
	return code
}

// maxCause bounds what a document says of an error, in bytes.
const maxCause = 2000

// cause is an error as the document has it, empty if the words for the user say the same.
func cause(err error, words string) string {
	text := err.Error()
	if text == words {
		return ""
	}
	return strings.ToValidUTF8(text[:min(len(text), maxCause)], "")
}

// verdict says what becomes of the job after an error: what its document says, if anything, and the exit code.
func (j *job) verdict(ctx context.Context, err error) (state transcoding.State, words string, code int) {
	if bad, ok := errors.AsType[hopeless](err); ok {
		return transcoding.Failed, bad.words, exitBadInput
	}
	switch {
	case errors.Is(err, errSuperseded):
		return "", "", exitSuperseded
	case errors.Is(err, storage.ErrChanged):
		return transcoding.Failed, "The video was deleted or replaced while it was being transcoded.", exitSuperseded
	case errors.Is(err, media.ErrMissing):
		return transcoding.Failed, "The transcoder's image has no ffmpeg. Tell whoever runs this system.", exitMisconfigured
	case ctx.Err() != nil:
		return transcoding.Waiting, "The transcoding was interrupted. It begins anew.", exitTerminated
	}
	return transcoding.Failed, "The video could not be read, or the result could not be stored. Try again later.", exitFailed
}
