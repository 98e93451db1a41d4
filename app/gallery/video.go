package gallery

import (
	"math"
	"strconv"
	"strings"
	"time"

	"oci-media-pipelines/internal/transcoding"
)

// QuietAfter is how long a job that works, or was asked for, may be silent before
// it counts as stalled. A container instance needs minutes to start when its
// image is large; one at work writes every few seconds.
const QuietAfter = 10 * time.Minute

// The states that only videos have.
const (
	StatusWaiting  Status = "waiting"  // no container instance could be had; the document says why
	StatusStarting Status = "starting" // a container instance was asked for
	StatusRunning  Status = "running"  // being transcoded
	StatusStalled  Status = "stalled"  // starting or running, and silent for QuietAfter
)

// Video is an object with what is known about its transcoding.
type Video struct {
	Object
	Status Status
	// Record is the current document; nil for StatusPending, StatusOverdue and
	// StatusUnknown.
	Record *JobRecord
}

// newVideo derives the status from the object's age and its document. A
// lookupErr makes it unknown.
func newVideo(object Object, record *JobRecord, lookupErr error, now time.Time) Video {
	v := Video{Object: object, Record: record}
	switch {
	case record != nil:
		v.Status = statusOf(record.Document, now)
	case lookupErr != nil:
		v.Status = StatusUnknown
	case now.Sub(object.Created) >= OverdueAfter:
		v.Status = StatusOverdue
	default:
		v.Status = StatusPending
	}
	return v
}

func statusOf(job transcoding.Job, now time.Time) Status {
	switch {
	case job.State == transcoding.Succeeded && job.Result != nil:
		return StatusSucceeded
	case job.State.Ended():
		return StatusFailed
	case job.State == transcoding.Waiting:
		return StatusWaiting
	case now.Sub(job.Updated) >= QuietAfter:
		return StatusStalled
	case job.State == transcoding.Running:
		return StatusRunning
	default:
		return StatusStarting
	}
}

// State implements Item.
func (v Video) State() Status { return v.Status }

// Version implements Item. Of a running job only whole per cents count, however
// often it writes.
func (v Video) Version() string {
	if v.Status == StatusUnknown {
		return ""
	}
	parts := []string{v.ETag, string(v.Status)}
	if v.Record != nil {
		parts = append(parts, strconv.Itoa(v.Record.Document.Attempt), strconv.Itoa(v.Percent()))
		if v.Status != StatusRunning {
			parts = append(parts, v.Record.Document.Updated.UTC().Format(time.RFC3339Nano))
		}
	}
	return strings.Join(parts, " ")
}

// ID implements Item.
func (v Video) ID() string { return "video-" + idOf(v.Name) }

// Unsettled implements Item. A waiting job is settled: what it waits for may take
// hours.
func (v Video) Unsettled() bool {
	return v.Status == StatusPending || v.Status == StatusStarting || v.Status == StatusRunning
}

// Percent tells how far the job is, from 0 to 100, rounded down.
func (v Video) Percent() int {
	if v.Record == nil {
		return 0
	}
	return int(math.Floor(min(max(v.Record.Document.Percent, 0), 100)))
}

// Result is what became of the video; nil unless Status is StatusSucceeded.
func (v Video) Result() *transcoding.Result {
	if v.Status != StatusSucceeded {
		return nil
	}
	return v.Record.Document.Result
}

// Manifests are the names of the objects that players open; none unless Status
// is StatusSucceeded.
func (v Video) Manifests() []string {
	names := []string{}
	if result := v.Result(); result != nil {
		for _, name := range []string{result.HLS, result.DASH} {
			if name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}

// Words is what the job says of its failing or waiting; empty for other states.
func (v Video) Words() string {
	switch {
	case v.Status != StatusFailed && v.Status != StatusWaiting:
		return ""
	case v.Record.Document.Error != "":
		return v.Record.Document.Error
	case v.Status == StatusWaiting:
		return "No container instance could be had yet."
	default:
		return "The transcoding failed without saying why."
	}
}

// Retryable reports whether sending the video through again can help.
func (v Video) Retryable() bool {
	switch v.Status {
	case StatusWaiting, StatusFailed, StatusOverdue, StatusStalled:
		return true
	default:
		return false
	}
}
