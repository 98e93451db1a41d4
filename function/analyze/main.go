// Command analyze is an OCI function. Invoked with an event about an object that was written, it has AI Vision look
// at the image and stores what was seen as a document in the database.
package main

import (
	"log/slog"
	"os"

	fdk "github.com/fnproject/fdk-go"
	// Roots for an image without a certificate store; SSL_CERT_FILE still wins.
	_ "golang.org/x/crypto/x509roots/fallback"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	analyzer, err := open(os.LookupEnv, log)
	if err != nil {
		log.Error("cannot start", "error", err.Error())
		os.Exit(1)
	}
	fdk.Handle(handler(analyzer, log))
}
