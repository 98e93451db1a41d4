package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/containerinstances"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/internal/event"
	"oci-media-pipelines/internal/ords"
	"oci-media-pipelines/internal/transcoding"
)

// clip begins like any MP4.
var clip = append([]byte("\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41"), make([]byte, 2000)...)

// scene is the function with its surroundings: one video "trip.mp4" of version e1 in bucket videos, two availability
// domains with room, and SDK clients as the function has them.
type scene struct {
	*Launcher
	*cloud
	log *buffer
}

// buffer collects a log that is written while it is read.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func newScene(t testing.TB) *scene {
	t.Helper()
	s := &scene{cloud: newCloud(), log: &buffer{}}
	s.objects["trip.mp4"] = object{"e1", clip}
	log := slog.New(slog.NewJSONHandler(s.log, nil))
	database := httptest.NewServer(s.cloud)
	t.Cleanup(database.Close)
	client, err := ords.New(ords.Config{
		URL: database.URL + "/ords/", User: "ADMIN", Log: log, FirstWait: time.Millisecond, MaxWait: time.Millisecond,
		Password: func(context.Context, bool) (string, error) { return "s3cret", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	objects, err := objectstorage.NewObjectStorageClientWithConfigurationProvider(credentials())
	if err != nil {
		t.Fatal(err)
	}
	instances, err := containerinstances.NewContainerInstanceClientWithConfigurationProvider(credentials())
	if err != nil {
		t.Fatal(err)
	}
	objects.HTTPClient, instances.HTTPClient = s.cloud, s.cloud
	s.Launcher = &Launcher{
		Namespace: "ns", Bucket: "videos", Timeout: time.Hour,
		Blueprint: Blueprint{
			CompartmentID: "ocid1.compartment.oc1..jobs", Image: "ocir.example/ns/job:1", Shape: "CI.Standard.E4.Flex", Ocpus: 2, MemoryGB: 4,
			SubnetID: "ocid1.subnet.oc1..s", SecurityGroupID: "ocid1.networksecuritygroup.oc1..g", AvailabilityDomains: []string{"AD-1", "AD-2"},
			Tags:        map[string]string{"project": "p", "stack": "dev"},
			Environment: map[string]string{"BUCKET_NAME": "videos", "DESTINATION_BUCKET": "streams"},
		},
		Objects: objects, Instances: instances, Documents: client.Collection(transcoding.Collection), Log: log,
		FirstWait: time.Millisecond, MaxWait: time.Millisecond,
	}
	return s
}

// eventTime is when the first event occurs.
var eventTime = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func written(name, etag string) event.Event { return writtenAt(name, etag, eventTime) }

func writtenAt(name, etag string, at time.Time) event.Event {
	return event.Repeat(event.Object{Namespace: "ns", Bucket: "videos", Name: name, ETag: etag}, "c", at)
}

func (s *scene) launch(t testing.TB, ev event.Event) Answer {
	t.Helper()
	return s.launchIn(t, ev, time.Minute)
}

// launchIn is launch with a function's time limit.
func (s *scene) launchIn(t testing.TB, ev event.Event, limit time.Duration) Answer {
	t.Helper()
	answer, err := s.Launch(contextWith(t, limit), ev)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.log)
	}
	return answer
}

// want checks the document about version e1 of a video.
func (s *scene) want(t testing.TB, name string, state transcoding.State, attempt int) transcoding.Job {
	t.Helper()
	job := s.job(t, name, "e1")
	if job.State != state || job.Attempt != attempt {
		t.Errorf("%s is %s at attempt %d (%s), want %s at attempt %d", name, job.State, job.Attempt, job.Error, state, attempt)
	}
	return job
}
