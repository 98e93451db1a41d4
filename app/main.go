// App is the web app of the media pipelines: people upload pictures into a bucket
// and see what the analyze function found in them, and videos into another and
// watch what the transcoding made of them.
//
// It is configured by environment variables; see settings.go. It runs as a
// container with a resource principal and needs no other credentials.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/common/auth"
	"github.com/oracle/oci-go-sdk/v65/secrets"
	_ "golang.org/x/crypto/x509roots/fallback" // the image has no certificate store

	"oci-media-pipelines/app/gallery"
	"oci-media-pipelines/app/oci"
	"oci-media-pipelines/app/web"
	"oci-media-pipelines/internal/autonomous"
	"oci-media-pipelines/internal/transcoding"
)

const (
	// probePatience is how long after the last health check a stopping app waits for
	// the next, by which a load balancer notices. They come every 2 s and may take 1.5 s.
	probePatience = 4 * time.Second
	// shutdownTime is how long requests under way may take to end. Together
	// with probePatience it stays below the 30 s that the platform allows.
	shutdownTime = 20 * time.Second
	// idleTimeout exceeds the 300 s that an OCI load balancer keeps idle
	// connections to a backend, so that it never sends into a closing one.
	idleTimeout = 310 * time.Second
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	slog.SetDefault(log)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx, os.LookupEnv, log); err != nil {
		log.Error("the app cannot run", "error", err.Error())
		os.Exit(1)
	}
}

// run serves until ctx ends and everything under way is finished.
func run(ctx context.Context, lookup func(string) (string, bool), log *slog.Logger) error {
	settings, err := readSettings(lookup)
	if err != nil {
		return err
	}
	media, databases, err := connect(settings, log)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", ":"+strconv.FormatInt(settings.Port, 10))
	if err != nil {
		return fmt.Errorf("listen on PORT: %w", err)
	}
	background, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		// One after the other: a wrong password would lock the account twice as soon.
		for _, database := range databases {
			database.Connect(background)
		}
	}()
	log.Info("serving", "address", listener.Addr().String(), "bucket", settings.Bucket, "collection", settings.Collection, "videos", settings.Videos != nil)
	return serve(ctx, listener, web.New(media, web.Options{Log: log}), log)
}

// connector is a collection that waits for its database.
type connector interface{ Connect(context.Context) }

// connect builds the gallery from the settings; nothing is sent yet.
func connect(settings settings, log *slog.Logger) (*gallery.Gallery, []connector, error) {
	principal, err := auth.ResourcePrincipalConfigurationProvider()
	if err != nil {
		return nil, nil, fmt.Errorf("no resource principal (the app runs as a container instance): %w", err)
	}
	bucket, err := oci.NewBucket(principal, settings.Namespace, settings.Bucket)
	if err != nil {
		return nil, nil, err
	}
	function, err := oci.NewFunction(principal, settings.FunctionID, settings.FunctionEndpoint, settings.CompartmentID, bucket)
	if err != nil {
		return nil, nil, err
	}
	vault, err := secrets.NewSecretsClientWithConfigurationProvider(principal)
	if err != nil {
		return nil, nil, fmt.Errorf("make the Vault client: %w", err)
	}
	collection, err := autonomous.Open(settings.Pipeline, vault, log)
	if err != nil {
		return nil, nil, err
	}
	documents := oci.NewDocuments(collection, settings.Bucket, log)
	media := &gallery.Gallery{
		Storage: bucket, Documents: documents, Analyzer: function,
		MaxUploadBytes: settings.MaxUploadBytes, Log: log,
	}
	databases := []connector{documents}
	if settings.Videos != nil {
		jobs, err := connectVideos(media, settings, principal, vault, log)
		if err != nil {
			return nil, nil, err
		}
		databases = append(databases, jobs)
	}
	return media, databases, nil
}

// connectVideos gives the gallery its videos and returns their jobs.
func connectVideos(media *gallery.Gallery, settings settings, principal common.ConfigurationProvider, vault autonomous.Secrets, log *slog.Logger) (connector, error) {
	source, err := oci.NewBucket(principal, settings.Namespace, settings.Videos.Bucket)
	if err != nil {
		return nil, err
	}
	streams, err := oci.NewBucket(principal, settings.Namespace, settings.Videos.StreamBucket)
	if err != nil {
		return nil, err
	}
	function, err := oci.NewFunction(principal, settings.Videos.FunctionID, settings.Videos.FunctionEndpoint, settings.CompartmentID, source)
	if err != nil {
		return nil, err
	}
	pipeline := settings.Pipeline
	pipeline.Collection = transcoding.Collection
	collection, err := autonomous.Open(pipeline, vault, log)
	if err != nil {
		return nil, err
	}
	jobs := oci.NewJobs(collection, settings.Videos.Bucket, log)
	media.Videos = &gallery.Videos{
		Source: source, Streams: streams, Jobs: jobs, Transcoder: function,
		MaxUploadBytes: settings.Videos.MaxUploadBytes,
	}
	return jobs, nil
}

// serve answers requests until ctx ends, then drains: health first, so that the
// load balancer sends no more, then the streams, then what is under way.
func serve(ctx context.Context, listener net.Listener, handler *web.Server, log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.Info("draining")
	handler.Drain(probePatience)
	handler.HangUp()
	limited, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if err := server.Shutdown(limited); err != nil {
		return fmt.Errorf("requests did not end in %s: %w", shutdownTime, errors.Join(err, server.Close()))
	}
	log.Info("stopped")
	return nil
}
