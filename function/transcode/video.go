package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"oci-media-pipelines/internal/event"
	"oci-media-pipelines/internal/subject"
	"oci-media-pipelines/internal/transcoding"
)

// inspect returns in words why the object cannot be transcoded, or "". An object that is no longer of that version is
// subject.ErrGone or subject.ErrSuperseded.
func (l *Launcher) inspect(ctx context.Context, object event.Object, log *slog.Logger) (hopeless string, err error) {
	head, err := subject.First(ctx, l.Objects, object, transcoding.SniffLen, l.loop("get first bytes", log))
	if err != nil {
		return "", err
	}
	if len(head) == 0 {
		return "The file is empty.", nil
	}
	kind, video := transcoding.Sniff(head)
	if !video {
		return fmt.Sprintf("The file is not a video (its content looks like %s).", http.DetectContentType(head)), nil
	}
	log.InfoContext(ctx, "object inspected", "content", kind)
	return "", nil
}
