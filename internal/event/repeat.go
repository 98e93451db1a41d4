package event

import (
	"time"

	"github.com/google/uuid"
)

// Repeat makes an event like the one Object Storage emits when o is overwritten. It sends an object through the
// pipeline again whose own event led to nothing: OCI promises neither redelivery nor a dead-letter queue for rules.
// at becomes the event's time; the event's ID is new.
func Repeat(o Object, compartmentID string, at time.Time) Event {
	return Event{
		EventType:          ObjectUpdated,
		CloudEventsVersion: "0.1",
		EventTypeVersion:   "2.0",
		Source:             SourceObjectStorage,
		EventTime:          at.UTC(),
		ContentType:        "application/json",
		EventID:            uuid.NewString(),
		Extensions:         Extensions{CompartmentID: compartmentID},
		Data: Data{
			CompartmentID: compartmentID,
			ResourceName:  o.Name,
			ResourceID:    "/n/" + o.Namespace + "/b/" + o.Bucket + "/o/" + o.Name,
			AdditionalDetails: AdditionalDetails{
				BucketName:    o.Bucket,
				Namespace:     o.Namespace,
				ETag:          o.ETag,
				ArchivalState: "Available",
			},
		},
	}
}
