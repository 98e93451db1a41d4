// Package analysis is the document about one version of one image: what AI Vision saw in it, or why it could not
// look. The function writes it, the app reads it, and the collection keeps one for each Key.
package analysis

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Status is how an analysis ended.
type Status string

const (
	// Succeeded says that Results hold what was found, possibly nothing.
	Succeeded Status = "succeeded"
	// Failed says that Error tells in words why this image cannot be analysed; repeating the analysis would not help.
	Failed Status = "failed"
)

// Document describes the analysis of one version of one object.
type Document struct {
	// ImageName is the object's name, as Object Storage knows it.
	ImageName string `json:"image_name"`
	// BucketName and Namespace say where the object is.
	BucketName string `json:"bucket_name"`
	Namespace  string `json:"namespace"`
	// ETag is the version that was analysed. A document whose ETag is not the object's is stale.
	ETag string `json:"etag"`
	// Timestamp is when the analysis ended, in UTC.
	Timestamp time.Time `json:"timestamp"`
	Status    Status    `json:"status"`
	// Error is for the person who uploaded the image; empty unless Status is Failed.
	Error string `json:"error,omitempty"`
	// Warnings name the features that AI Vision could not provide although others succeeded.
	Warnings []string `json:"warnings,omitempty"`
	// EventTime is when the event occurred that asked for the analysis, in UTC.
	EventTime time.Time `json:"event_time,omitzero"`
	Results   Results   `json:"analysis_results"`
}

// Results is what AI Vision found, each list in the service's order. As JSON every list is present, [] when empty.
type Results struct {
	Objects []Object `json:"objects"`
	Labels  []Label  `json:"labels"`
	Faces   []Face   `json:"faces"`
	// Text holds lines, not words.
	Text []Text `json:"text"`
	// ModelVersions maps an AI Vision feature type (OBJECT_DETECTION, …) to the model that answered.
	ModelVersions map[string]string `json:"model_versions"`
}

// Object is a thing found at a place in the image. Confidence, as everywhere here, runs from 0 to 1.
type Object struct {
	Name       string      `json:"name"`
	Confidence float64     `json:"confidence"`
	Box        BoundingBox `json:"bounding_box"`
}

// Label classifies the image as a whole.
type Label struct {
	Name       string  `json:"name"`
	Confidence float64 `json:"confidence"`
}

// Face is a face found in the image.
type Face struct {
	Confidence float64     `json:"confidence"`
	Box        BoundingBox `json:"bounding_box"`
}

// Text is one line of text found in the image.
type Text struct {
	Text       string      `json:"text"`
	Confidence float64     `json:"confidence"`
	Box        BoundingBox `json:"bounding_box"`
}

// Key returns the document's key in its collection.
func (d Document) Key() string { return Key(d.BucketName, d.ImageName, d.ETag) }

// Key derives the key under which the document about one version of an object is kept: lower-case hex SHA-256 of
// the three parts separated by NUL. The same event delivered twice therefore names the same document.
func Key(bucket, object, etag string) string {
	sum := sha256.Sum256([]byte(bucket + "\x00" + object + "\x00" + etag))
	return hex.EncodeToString(sum[:])
}

// MarshalJSON writes empty lists for nil ones, so that readers can iterate without asking first.
func (r Results) MarshalJSON() ([]byte, error) {
	type plain Results
	p := plain(r)
	p.Objects = present(p.Objects)
	p.Labels = present(p.Labels)
	p.Faces = present(p.Faces)
	p.Text = present(p.Text)
	if p.ModelVersions == nil {
		p.ModelVersions = map[string]string{}
	}
	return json.Marshal(p)
}

func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
