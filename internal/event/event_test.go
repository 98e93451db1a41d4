package event_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/internal/event"
)

func sample(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/updateobject.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestDecodeCapturedEvent(t *testing.T) {
	text := sample(t)
	ev, err := event.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if !ev.ObjectWritten() || ev.EventID != "dcb83fb2-58a9-2f5a-9e6b-6e9b1f0e3f1a" {
		t.Errorf("decoded %+v", ev)
	}
	o, err := ev.Object()
	want := event.Object{
		Namespace: "axaxnpcrorw5", Bucket: "media-dev-images",
		Name: "holiday/dog and bicycle é.jpg", ETag: "2f1f0a8d-8d3c-4d0c-9d1a-6c1b9f6d7e55",
	}
	if err != nil || o != want {
		t.Errorf("got %+v, %v; want %+v", o, err, want)
	}
	again, err := json.MarshalIndent(ev, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(again), strings.TrimSpace(string(text)); got != want {
		t.Errorf("the event does not survive a round trip:\n%s", got)
	}
}

func TestDecodeNamesTheOffendingField(t *testing.T) {
	text := string(sample(t))
	for name, c := range map[string]struct{ from, to, want string }{
		"no type":      {`"com.oraclecloud.objectstorage.updateobject"`, `""`, "event lacks eventType"},
		"no source":    {`"source": "ObjectStorage"`, `"origin": "x"`, "event lacks source"},
		"no ID":        {`"eventID"`, `"id"`, "event lacks eventID"},
		"wrong type":   {`"media-dev-images"`, `7`, "data.additionalDetails.bucketName: is a JSON number"},
		"wrong time":   {`"2026-03-01T12:00:01Z"`, `"yesterday"`, "eventTime"},
		"broken":       {`{`, `[`, "not JSON"},
		"nothing":      {text, "  ", "event is empty"},
		"far too long": {text, strings.Repeat(" ", event.MaxBytes+1), "longer than"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := event.Decode(strings.NewReader(strings.Replace(text, c.from, c.to, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to say %q", err, c.want)
			}
		})
	}
}

func TestObjectNamesEveryMissingField(t *testing.T) {
	ev, err := event.Decode(strings.NewReader(`{"eventType":"com.oraclecloud.objectstorage.createobject","source":"ObjectStorage","eventID":"1","data":{"resourceName":"a.jpg"}}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = ev.Object()
	const want = "event lacks data.additionalDetails.bucketName, data.additionalDetails.namespace, data.additionalDetails.eTag"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestRepeatDecodesAsTheSameObject(t *testing.T) {
	o := event.Object{Namespace: "ns", Bucket: "photos", Name: "a/b ü.png", ETag: "e1"}
	at := time.Date(2026, 3, 1, 13, 0, 0, 0, time.FixedZone("CET", 3600))
	made := event.Repeat(o, "ocid1.compartment.oc1..c", at)
	text, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	ev, err := event.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ev.Object(); err != nil || got != o || !ev.ObjectWritten() {
		t.Errorf("got %+v, %v; want %+v", got, err, o)
	}
	if !strings.Contains(string(text), `"eventTime":"2026-03-01T12:00:00Z"`) {
		t.Errorf("event time is not in UTC: %s", text)
	}
	if other := event.Repeat(o, "c", at); other.EventID == made.EventID {
		t.Error("two events share an ID")
	}
}
