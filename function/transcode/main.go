// Command transcode is an OCI function. Invoked with an event about an object that was written, it starts a job for
// the video, which is a container instance, and does not wait for it. At each invocation it also clears away what
// jobs have left, and starts those that had to wait.
package main

import (
	"log/slog"
	"os"

	fdk "github.com/fnproject/fdk-go"
	// Roots for an image without a certificate store; SSL_CERT_FILE still wins.
	_ "golang.org/x/crypto/x509roots/fallback"

	"oci-media-pipelines/internal/invocation"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	launcher, err := open(os.LookupEnv, log)
	if err != nil {
		log.Error("cannot start", "error", err.Error())
		os.Exit(1)
	}
	fdk.Handle(invocation.Handler(log, launcher.Launch))
}
