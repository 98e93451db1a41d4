package main

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/internal/event"
	"oci-media-pipelines/internal/transcoding"
)

func TestAVideoGetsAJob(t *testing.T) {
	s := newScene(t)
	answer := s.launch(t, written("trip.mp4", "e1"))
	key := transcoding.Key("videos", "trip.mp4", "e1")
	if answer.Outcome != Started || answer.Key != key || answer.Object != "trip.mp4" {
		t.Errorf("answer %+v", answer)
	}
	job := s.want(t, "trip.mp4", transcoding.Starting, 1)
	if job.ContainerInstanceID != s.living()[0] || !job.EventTime.Equal(eventTime) || time.Since(job.Updated) > time.Minute || job.Created.IsZero() {
		t.Errorf("document %+v", job)
	}
	requests := s.got()
	if len(requests) != 1 {
		t.Fatalf("%d container instances were asked for", len(requests))
	}
	text, err := json.Marshal(requests[0].details)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"compartmentId":"ocid1.compartment.oc1..jobs"`, `"containerRestartPolicy":"NEVER"`, `"arguments":["videos","trip.mp4"]`,
		`"ocpus":2,"memoryInGBs":4`, `"subnetId":"ocid1.subnet.oc1..s"`, `"nsgIds":["ocid1.networksecuritygroup.oc1..g"]`, `"isPublicIpAssigned":false`,
		`"OBJECT_ETAG":"e1"`, `"ATTEMPT":"1"`, `"DESTINATION_BUCKET":"streams"`, `"mountPath":"/tmp"`, `"isRootFilesystemReadonly":true`,
		`"job":"` + key + `"`, `"attempt":"1"`, `"stack":"dev"`, `"volumeType":"EMPTYDIR"`,
	} {
		if !strings.Contains(strings.ToLower(string(text)), strings.ToLower(want)) {
			t.Errorf("the request lacks %s:\n%s", want, text)
		}
	}
	if len(requests[0].token) == 0 || len(requests[0].token) > 64 {
		t.Errorf("retry token %q", requests[0].token)
	}
	if strings.Contains(s.log.String(), "s3cret") {
		t.Error("the log shows the password")
	}
}

func TestTheSameEventThreeTimesStartsOneJob(t *testing.T) {
	s := newScene(t)
	for i, want := range []Outcome{Started, Unchanged, Unchanged} {
		if got := s.launch(t, written("trip.mp4", "e1")); got.Outcome != want {
			t.Errorf("invocation %d: %+v, want %s", i+1, got, want)
		}
	}
	if n := len(s.living()); n != 1 {
		t.Errorf("%d container instances", n)
	}
}

func TestTheSameEventThreeTimesAtOnceStartsOneJob(t *testing.T) {
	s := newScene(t)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if _, err := s.Launch(t.Context(), written("trip.mp4", "e1")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(s.living()); n != 1 {
		t.Errorf("%d container instances", n)
	}
	if job := s.want(t, "trip.mp4", transcoding.Starting, 1); job.ContainerInstanceID != s.living()[0] {
		t.Errorf("document %+v", job)
	}
}

// killed is a Container Instances whose answer to a creation the function does not live to see.
type killed struct {
	Instances
	context.CancelFunc
}

func (k killed) CreateContainerInstance(ctx context.Context, r containerinstances.CreateContainerInstanceRequest) (containerinstances.CreateContainerInstanceResponse, error) {
	_, _ = k.Instances.CreateContainerInstance(ctx, r)
	k.CancelFunc()
	return containerinstances.CreateContainerInstanceResponse{}, ctx.Err()
}

func TestAFunctionKilledAfterTheCreateCallLeavesOneJob(t *testing.T) {
	s := newScene(t)
	ctx, cancel := context.WithCancel(t.Context())
	whole := s.Instances
	s.Instances = killed{whole, cancel}
	if answer, err := s.Launch(ctx, written("trip.mp4", "e1")); err == nil {
		t.Fatalf("the killed function answered %+v", answer)
	}
	if job := s.want(t, "trip.mp4", transcoding.Starting, 1); job.ContainerInstanceID != "" {
		t.Fatalf("document %+v", job)
	}
	s.Instances = whole
	if got := s.launch(t, written("trip.mp4", "e1")); got.Outcome != Started {
		t.Errorf("answer %+v", got)
	}
	if job := s.want(t, "trip.mp4", transcoding.Starting, 1); len(s.living()) != 1 || job.ContainerInstanceID != s.living()[0] {
		t.Errorf("%d container instances, document %+v", len(s.living()), job)
	}
}

func TestAJobThatIsQuickerThanTheFunctionKeepsItsDocument(t *testing.T) {
	s := newScene(t)
	s.Instances = quick{s.Instances, func() {
		s.edit(t, "trip.mp4", func(job *transcoding.Job) { job.State, job.Percent = transcoding.Running, 12 })
	}}
	s.launch(t, written("trip.mp4", "e1"))
	if job := s.want(t, "trip.mp4", transcoding.Running, 1); job.Percent != 12 || job.ContainerInstanceID == "" {
		t.Errorf("document %+v", job)
	}
}

// quick is a Container Instances whose jobs are at work before it has answered.
type quick struct {
	Instances
	work func()
}

func (q quick) CreateContainerInstance(ctx context.Context, r containerinstances.CreateContainerInstanceRequest) (containerinstances.CreateContainerInstanceResponse, error) {
	response, err := q.Instances.CreateContainerInstance(ctx, r)
	q.work()
	return response, err
}

func TestWhatIsNoVideoIsRecordedAsFailed(t *testing.T) {
	for name, c := range map[string]struct {
		body   []byte
		reason string
	}{
		"text":  {[]byte("just words in a file called mp4"), "not a video (its content looks like text/plain"},
		"empty": {nil, "empty"},
		"photo": {[]byte("\x89PNG\r\n\x1a\n"), "image/png"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.objects["trip.mp4"] = object{"e1", c.body}
			answer := s.launch(t, written("trip.mp4", "e1"))
			if answer.Outcome != Failed || !strings.Contains(answer.Reason, c.reason) {
				t.Errorf("answer %+v", answer)
			}
			if job := s.want(t, "trip.mp4", transcoding.Failed, 1); !strings.Contains(job.Error, c.reason) {
				t.Errorf("document %+v", job)
			}
			if n := len(s.got()); n != 0 {
				t.Errorf("%d container instances were asked for", n)
			}
		})
	}
}

func TestEventsThatStartNothing(t *testing.T) {
	deleted := written("trip.mp4", "e1")
	deleted.EventType = event.ObjectDeleted
	elsewhere := written("trip.mp4", "e1")
	elsewhere.Data.AdditionalDetails.BucketName = "private"
	for name, c := range map[string]struct {
		ev     event.Event
		reason string
	}{
		"other type":   {deleted, "deleteobject"},
		"other bucket": {elsewhere, "private"},
		"deleted":      {written("gone.mp4", "e1"), "deleted"},
		"superseded":   {written("trip.mp4", "e0"), "overwritten"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			if answer := s.launch(t, c.ev); answer.Outcome != Ignored || !strings.Contains(answer.Reason, c.reason) {
				t.Errorf("answer %+v", answer)
			}
			if len(s.got()) != 0 || len(s.documents) != 0 {
				t.Errorf("%d requests, %d documents", len(s.got()), len(s.documents))
			}
		})
	}
	if _, err := newScene(t).Launch(t.Context(), written("trip.mp4", "")); err == nil || !strings.Contains(err.Error(), "data.additionalDetails.eTag") {
		t.Errorf("an event without an ETag: %v", err)
	}
}

func TestANewVersionEndsTheOlderOnesJob(t *testing.T) {
	s := newScene(t)
	s.launch(t, written("trip.mp4", "e1"))
	s.instances[0].State = "ACTIVE"
	s.edit(t, "trip.mp4", func(job *transcoding.Job) { job.State = transcoding.Running })
	s.objects["other.mp4"] = object{"e9", clip}
	s.launch(t, written("other.mp4", "e9"))
	s.objects["trip.mp4"] = object{"e2", clip}
	s.launch(t, written("trip.mp4", "e2"))
	if s.instances[0].State != "DELETED" || len(s.living()) != 2 {
		t.Errorf("the older version's instance is %s, %d are there", s.instances[0].State, len(s.living()))
	}
	if _, there := s.documents[transcoding.Key("videos", "trip.mp4", "e1")]; there || len(s.documents) != 2 {
		t.Errorf("%d documents; the older version's is there: %v", len(s.documents), there)
	}
}

func TestAUsersRetryAfterAFailureStartsTheNextAttempt(t *testing.T) {
	s := newScene(t)
	s.launch(t, written("trip.mp4", "e1"))
	s.edit(t, "trip.mp4", func(job *transcoding.Job) {
		job.State, job.Error, job.Percent = transcoding.Failed, "the disk is full", 40
	})
	// The same event once more is not somebody asking for another try.
	if got := s.launch(t, written("trip.mp4", "e1")); got.Outcome != Unchanged {
		t.Errorf("answer %+v", got)
	}
	if got := s.launch(t, writtenAt("trip.mp4", "e1", eventTime.Add(time.Minute))); got.Outcome != Started {
		t.Errorf("answer %+v", got)
	}
	if job := s.want(t, "trip.mp4", transcoding.Starting, 2); job.Error != "" || job.Percent != 0 {
		t.Errorf("document %+v", job)
	}
	requests := s.got()
	if len(requests) != 2 || requests[0].token == requests[1].token || *requests[1].details.AvailabilityDomain != "AD-2" {
		t.Errorf("requests %+v", requests)
	}
	s.edit(t, "trip.mp4", func(job *transcoding.Job) { job.State = transcoding.Succeeded })
	if got := s.launch(t, writtenAt("trip.mp4", "e1", eventTime.Add(time.Hour))); got.Outcome != Unchanged {
		t.Errorf("a video that has its streams: %+v", got)
	}
}
