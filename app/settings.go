package main

import (
	settingsreader "oci-media-pipelines/internal/settings"
)

const (
	// defaultMaxUploadBytes is what AI Vision takes: 5 MiB.
	defaultMaxUploadBytes = 5 << 20
	// highestMaxUploadBytes keeps a mistyped limit from becoming none.
	highestMaxUploadBytes = 1 << 30
)

// settings are the app's settings; the environment variable stands in brackets.
type settings struct {
	settingsreader.Pipeline
	// FunctionID is the analyze function, which a user's retry invokes (FUNCTION_ID).
	FunctionID string
	// FunctionEndpoint is where it is invoked (FUNCTION_INVOKE_ENDPOINT).
	FunctionEndpoint string
	// MaxUploadBytes is the size of the largest picture (MAX_UPLOAD_BYTES, default 5 MiB).
	MaxUploadBytes int64
	// Port is the TCP port to listen on (PORT, default 8080).
	Port int64
}

// readSettings returns one error that names everything missing or wrong.
func readSettings(lookup func(string) (string, bool)) (settings, error) {
	reader := settingsreader.From(lookup)
	s := settings{
		Pipeline:         reader.Pipeline(),
		FunctionID:       reader.RequiredOCID("FUNCTION_ID", "fnfunc"),
		FunctionEndpoint: reader.RequiredURL("FUNCTION_INVOKE_ENDPOINT"),
		MaxUploadBytes:   reader.OptionalInt("MAX_UPLOAD_BYTES", defaultMaxUploadBytes, 1, highestMaxUploadBytes),
		Port:             reader.OptionalInt("PORT", 8080, 1, 65535),
	}
	return s, reader.Err()
}
