package gallery

import (
	"encoding/base64"
	"strings"
	"time"

	"oci-media-pipelines/internal/analysis"
)

// Status is what users are told about the analysis of a picture or the
// transcoding of a video.
type Status string

// The states of pictures and videos.
const (
	StatusPending   Status = "pending"   // uploaded, no document yet
	StatusSucceeded Status = "succeeded" // analysed, or transcoded
	StatusFailed    Status = "failed"    // without success; the document says why
	StatusOverdue   Status = "overdue"   // no document after OverdueAfter
	StatusUnknown   Status = "unknown"   // the document could not be read, or was not asked for
)

// Picture is an object with what is known about its content.
type Picture struct {
	Object
	Status Status
	// Record is the current document; nil unless Status is StatusSucceeded or
	// StatusFailed.
	Record *Record
}

// newPicture derives the status from the object's age and its document. A
// lookupErr makes it unknown.
func newPicture(object Object, record *Record, lookupErr error, now time.Time) Picture {
	p := Picture{Object: object, Record: record}
	switch {
	case record != nil && record.Document.Status == analysis.Failed:
		p.Status = StatusFailed
	case record != nil:
		p.Status = StatusSucceeded
	case lookupErr != nil:
		p.Status = StatusUnknown
	case now.Sub(object.Created) >= OverdueAfter:
		p.Status = StatusOverdue
	default:
		p.Status = StatusPending
	}
	return p
}

// Version implements Item.
func (p Picture) Version() string {
	if p.Status == StatusUnknown {
		return ""
	}
	parts := []string{p.ETag, string(p.Status)}
	if p.Record != nil {
		parts = append(parts, p.Record.Document.Timestamp.UTC().Format(time.RFC3339Nano))
	}
	return strings.Join(parts, " ")
}

// State implements Item.
func (p Picture) State() Status { return p.Status }

// Unsettled implements Item.
func (p Picture) Unsettled() bool { return p.Status == StatusPending }

// ID implements Item.
func (p Picture) ID() string { return "picture-" + idOf(p.Name) }

// idOf writes any name with letters, digits, hyphens and underscores only.
func idOf(name string) string { return base64.RawURLEncoding.EncodeToString([]byte(name)) }

// Findings is the analysis; empty unless Status is StatusSucceeded.
func (p Picture) Findings() analysis.Results {
	if p.Record == nil || p.Status != StatusSucceeded {
		return analysis.Results{}
	}
	return p.Record.Document.Results
}

// Words is what the failed analysis says; empty for other states.
func (p Picture) Words() string {
	if p.Status != StatusFailed {
		return ""
	}
	if p.Record.Document.Error == "" {
		return "The analysis failed without saying why."
	}
	return p.Record.Document.Error
}

// Retryable reports whether sending the picture through again can help. A
// failed analysis is final: its document says why this picture cannot be
// analysed.
func (p Picture) Retryable() bool { return p.Status == StatusOverdue }
