// Package transcoding is the document about the transcoding of one version of one video, and the names of the objects
// that come of it. The function begins the document, the job continues it, the app reads it, and the collection keeps
// one for each Key.
package transcoding

import (
	"time"

	"oci-media-pipelines/internal/analysis"
)

// Collection is the SODA collection of the jobs.
const Collection = "TRANSCODE_JOB"

// State is where a job is.
type State string

const (
	// Waiting says that no container instance could be had yet: the function's next run, or a user's retry, tries again.
	Waiting State = "waiting"
	// Starting says that a container instance was asked for.
	Starting State = "starting"
	// Running says that the container instance is at work; Percent tells how far.
	Running State = "running"
	// Succeeded says that what is named here exists, whole.
	Succeeded State = "succeeded"
	// Failed says that Error tells in words why there is no result.
	Failed State = "failed"
)

// Ended reports whether nobody works on the job any more, or will by themselves.
func (s State) Ended() bool { return s == Succeeded || s == Failed }

// Job describes the transcoding of one version of one object. Who changes it says If-Match.
type Job struct {
	// ObjectName is the video's name, as Object Storage knows it.
	ObjectName string `json:"object_name"`
	// BucketName and Namespace say where the video is.
	BucketName string `json:"bucket_name"`
	Namespace  string `json:"namespace"`
	// ETag is the version of the video. A job whose ETag is not the object's is stale.
	ETag  string `json:"etag"`
	State State  `json:"state"`
	// Percent runs from 0 to 100, and stays where it was when a job fails.
	Percent float64 `json:"percent"`
	// Error is for the person who uploaded the video; empty unless State is Failed or Waiting.
	Error string `json:"error,omitempty"`
	// Cause is what Error comes from, in the words of the services and programs involved, for whoever operates the stack:
	// a container instance's log goes with it. Empty where Error says all there is.
	Cause string `json:"cause,omitempty"`
	// Attempt counts the container instances that were asked for, from 1; each has its own retry token.
	Attempt int `json:"attempt"`
	// ContainerInstanceID is the container instance of the last attempt; empty before OCI has answered.
	ContainerInstanceID string `json:"container_instance_id,omitempty"`
	// EventTime is when the event occurred that asked for the job, Created when the document was begun, Updated when it
	// was written last; all in UTC.
	EventTime time.Time `json:"event_time,omitzero"`
	Created   time.Time `json:"created,omitzero"`
	Updated   time.Time `json:"timestamp"`
	// Result is nil unless State is Succeeded.
	Result *Result `json:"result,omitempty"`
}

// Result is what became of a video. Names are of objects in the destination bucket.
type Result struct {
	BucketName string `json:"bucket_name"`
	// Duration is in seconds, Width and Height in pixels as the video is shown, which is after its rotation.
	Duration   float64     `json:"duration"`
	Width      int         `json:"width"`
	Height     int         `json:"height"`
	Renditions []Rendition `json:"renditions"`
	// HLS and DASH are the master playlist and the manifest; empty if not asked for.
	HLS  string `json:"hls,omitempty"`
	DASH string `json:"dash,omitempty"`
	// Thumbnail is a PNG. Seek is a WebVTT track whose cues name parts of a sprite beside it.
	Thumbnail string `json:"thumbnail"`
	Seek      string `json:"seek"`
}

// Rendition is one size of the video.
type Rendition struct {
	// Name is such as "720p".
	Name   string `json:"name"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	// Bitrate is of the picture, in bits per second.
	Bitrate int `json:"bitrate"`
}

// Key returns the document's key in its collection.
func (j Job) Key() string { return Key(j.BucketName, j.ObjectName, j.ETag) }

// Key derives the key under which the job of one version of a video is kept, as package analysis does for images.
func Key(bucket, object, etag string) string { return analysis.Key(bucket, object, etag) }
