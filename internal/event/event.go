// Package event is the envelope in which OCI Events delivers what happened to a resource. It follows CloudEvents
// 0.1 with OCI's own additions ("Contents of an Event Message" in OCI's Events documentation).
package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Types of the Object Storage events this project knows ("Services that Produce Events").
const (
	// ObjectCreated: an object was stored under a new name.
	ObjectCreated = "com.oraclecloud.objectstorage.createobject"
	// ObjectUpdated: an object of an existing name was overwritten.
	ObjectUpdated = "com.oraclecloud.objectstorage.updateobject"
	// ObjectDeleted: an object was deleted.
	ObjectDeleted = "com.oraclecloud.objectstorage.deleteobject"
)

// SourceObjectStorage is the source of Object Storage's events.
const SourceObjectStorage = "ObjectStorage"

// MaxBytes bounds an envelope: OCI Functions takes no larger request body (6 MB).
const MaxBytes = 6 << 20

// Event is one event. Delivery is at least once and unordered.
type Event struct {
	EventType          string    `json:"eventType"`
	CloudEventsVersion string    `json:"cloudEventsVersion"`
	EventTypeVersion   string    `json:"eventTypeVersion"`
	Source             string    `json:"source"`
	EventTime          time.Time `json:"eventTime"`
	ContentType        string    `json:"contentType"`
	Data               Data      `json:"data"`
	// EventID is written with two capitals by OCI.
	EventID    string     `json:"eventID"`
	Extensions Extensions `json:"extensions"`
}

// Extensions is what OCI adds to the CloudEvents envelope.
type Extensions struct {
	CompartmentID string `json:"compartmentId"`
}

// Data is about the resource the event happened to.
type Data struct {
	CompartmentID   string `json:"compartmentId"`
	CompartmentName string `json:"compartmentName,omitempty"`
	// ResourceName is the raw name of the object: slashes, spaces and all.
	ResourceName string `json:"resourceName"`
	// ResourceID is a path like /n/<namespace>/b/<bucket>/o/<object>, which may be percent-encoded.
	ResourceID         string            `json:"resourceId"`
	AvailabilityDomain string            `json:"availabilityDomain,omitempty"`
	AdditionalDetails  AdditionalDetails `json:"additionalDetails"`
}

// AdditionalDetails is what Object Storage says beyond the common fields.
type AdditionalDetails struct {
	BucketName string `json:"bucketName"`
	// VersionID is present for buckets with versioning only.
	VersionID     string `json:"versionId,omitempty"`
	ArchivalState string `json:"archivalState,omitempty"`
	Namespace     string `json:"namespace"`
	BucketID      string `json:"bucketId,omitempty"`
	ETag          string `json:"eTag"`
}

// Object identifies one version of one object.
type Object struct {
	Namespace, Bucket, Name, ETag string
}

// Decode reads one envelope and checks what every event has. Errors name the offending field. What only object
// events have is checked by Object, so that an event of another type can still be told from a broken one.
func Decode(r io.Reader) (Event, error) {
	var ev Event
	body, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	switch {
	case err != nil:
		return ev, fmt.Errorf("read event: %w", err)
	case len(body) > MaxBytes:
		return ev, fmt.Errorf("read event: longer than %d bytes", MaxBytes)
	case strings.TrimSpace(string(body)) == "":
		return ev, errors.New("event is empty: expected OCI's event envelope as JSON")
	}
	if err := json.Unmarshal(body, &ev); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
			return ev, fmt.Errorf("event field %s: is a JSON %s", wrong.Field, wrong.Value)
		}
		if wrong, ok := errors.AsType[*time.ParseError](err); ok {
			return ev, fmt.Errorf("event field eventTime: %s is not an RFC 3339 time", wrong.Value)
		}
		return ev, fmt.Errorf("event is not JSON: %w", err)
	}
	return ev, missing(
		field{"eventType", ev.EventType},
		field{"source", ev.Source},
		field{"eventID", ev.EventID},
	)
}

// ObjectWritten reports whether the event says that an object has new contents.
func (e Event) ObjectWritten() bool {
	return e.EventType == ObjectCreated || e.EventType == ObjectUpdated
}

// Object returns the object version the event is about. The error names every field that is missing.
func (e Event) Object() (Object, error) {
	details := e.Data.AdditionalDetails
	o := Object{Namespace: details.Namespace, Bucket: details.BucketName, Name: e.Data.ResourceName, ETag: details.ETag}
	return o, missing(
		field{"data.resourceName", o.Name},
		field{"data.additionalDetails.bucketName", o.Bucket},
		field{"data.additionalDetails.namespace", o.Namespace},
		field{"data.additionalDetails.eTag", o.ETag},
	)
}

// Written returns the object version that the event says was written to a bucket. ignored says why the event is not
// about one, "" if it is.
func (e Event) Written(namespace, bucket string) (o Object, ignored string, err error) {
	if !e.ObjectWritten() {
		return o, fmt.Sprintf("events of type %s are not about what was written", e.EventType), nil
	}
	if o, err = e.Object(); err != nil {
		return o, "", err
	}
	if o.Namespace != namespace || o.Bucket != bucket {
		return o, fmt.Sprintf("bucket %s in namespace %s is not this function's", o.Bucket, o.Namespace), nil
	}
	return o, "", nil
}

type field struct{ path, value string }

func missing(fields ...field) error {
	var paths []string
	for _, f := range fields {
		if f.value == "" {
			paths = append(paths, f.path)
		}
	}
	if len(paths) == 0 {
		return nil
	}
	return fmt.Errorf("event lacks %s", strings.Join(paths, ", "))
}
