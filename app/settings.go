package main

import (
	settingsreader "oci-media-pipelines/internal/settings"
)

const (
	// defaultMaxUploadBytes is what AI Vision takes: 5 MiB.
	defaultMaxUploadBytes = 5 << 20
	// highestMaxUploadBytes keeps a mistyped limit from becoming none.
	highestMaxUploadBytes = 1 << 30
	// defaultMaxVideoBytes takes a film in good quality.
	defaultMaxVideoBytes = 4 << 30
	// highestMaxVideoBytes is what 10,000 parts of 10 MiB hold.
	highestMaxVideoBytes = 10_000 * 10 << 20
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
	// Videos is nil where the app takes pictures only: none of its variables is set.
	Videos *videoSettings
	// Port is the TCP port to listen on (PORT, default 8080).
	Port int64
}

// videoSettings are the settings about videos.
type videoSettings struct {
	// Bucket holds the videos, StreamBucket what becomes of them
	// (VIDEO_BUCKET_NAME, STREAM_BUCKET_NAME).
	Bucket, StreamBucket string
	// FunctionID is the transcode function, which a user's retry invokes
	// (TRANSCODE_FUNCTION_ID).
	FunctionID string
	// FunctionEndpoint is where it is invoked (TRANSCODE_FUNCTION_ENDPOINT).
	FunctionEndpoint string
	// MaxUploadBytes is the size of the largest video (MAX_VIDEO_BYTES, default 4 GiB).
	MaxUploadBytes int64
}

// readSettings returns one error that names everything missing or wrong.
func readSettings(lookup func(string) (string, bool)) (settings, error) {
	reader := settingsreader.From(lookup)
	s := settings{
		Pipeline:         reader.Pipeline(),
		FunctionID:       reader.RequiredOCID("FUNCTION_ID", "fnfunc"),
		FunctionEndpoint: reader.RequiredURL("FUNCTION_INVOKE_ENDPOINT"),
		MaxUploadBytes:   reader.OptionalInt("MAX_UPLOAD_BYTES", defaultMaxUploadBytes, 1, highestMaxUploadBytes),
		Videos:           readVideoSettings(reader),
		Port:             reader.OptionalInt("PORT", 8080, 1, 65535),
	}
	return s, reader.Err()
}

func readVideoSettings(reader *settingsreader.Reader) *videoSettings {
	wanted := false
	for _, name := range []string{"VIDEO_BUCKET_NAME", "STREAM_BUCKET_NAME", "TRANSCODE_FUNCTION_ID", "TRANSCODE_FUNCTION_ENDPOINT"} {
		wanted = wanted || reader.Optional(name, "") != ""
	}
	if !wanted {
		return nil
	}
	return &videoSettings{
		Bucket:           reader.Required("VIDEO_BUCKET_NAME"),
		StreamBucket:     reader.Required("STREAM_BUCKET_NAME"),
		FunctionID:       reader.RequiredOCID("TRANSCODE_FUNCTION_ID", "fnfunc"),
		FunctionEndpoint: reader.RequiredURL("TRANSCODE_FUNCTION_ENDPOINT"),
		MaxUploadBytes:   reader.OptionalInt("MAX_VIDEO_BYTES", defaultMaxVideoBytes, 1, highestMaxVideoBytes),
	}
}
