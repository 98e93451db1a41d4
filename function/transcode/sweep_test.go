package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/internal/event"
	"oci-media-pipelines/internal/transcoding"
)

// aJob is a scene in which trip.mp4 has a job, whose instance is in some state.
func aJob(t *testing.T, state string) *scene {
	t.Helper()
	s := newScene(t)
	s.launch(t, written("trip.mp4", "e1"))
	s.instances[0].State = state
	return s
}

// pass is an invocation that has nothing to do but to clear away.
func (s *scene) pass(t *testing.T) {
	t.Helper()
	ev := written("trip.mp4", "e1")
	ev.EventType = event.ObjectDeleted
	s.launch(t, ev)
}

func TestAnEndedJobsInstanceIsDeleted(t *testing.T) {
	for _, state := range []transcoding.State{transcoding.Succeeded, transcoding.Failed} {
		s := aJob(t, "INACTIVE")
		s.edit(t, "trip.mp4", func(job *transcoding.Job) { job.State, job.Error = state, "as the job said" })
		s.pass(t)
		if job := s.want(t, "trip.mp4", state, 1); len(s.living()) != 0 || job.Error != "as the job said" {
			t.Errorf("%d container instances are left, document %+v", len(s.living()), job)
		}
	}
}

func TestAJobThatDiedIsFailed(t *testing.T) {
	s := aJob(t, "INACTIVE")
	s.instances[0].Exit = new(137)
	s.edit(t, "trip.mp4", func(job *transcoding.Job) { job.State, job.Percent = transcoding.Running, 40 })
	s.pass(t)
	if job := s.want(t, "trip.mp4", transcoding.Failed, 1); len(s.living()) != 0 || !strings.Contains(job.Error, "exit code 137") || job.Percent != 40 {
		t.Errorf("%d container instances are left, document %+v", len(s.living()), job)
	}
}

func TestAJobThatHangsIsEnded(t *testing.T) {
	s := aJob(t, "ACTIVE")
	s.edit(t, "trip.mp4", func(job *transcoding.Job) { job.State = transcoding.Running })
	s.instances[0].Created = time.Now().Add(-59 * time.Minute)
	s.pass(t)
	s.want(t, "trip.mp4", transcoding.Running, 1)
	s.instances[0].Created = time.Now().Add(-61 * time.Minute)
	s.pass(t)
	if job := s.want(t, "trip.mp4", transcoding.Failed, 1); len(s.living()) != 0 || !strings.Contains(job.Error, "longer than 60 minutes") {
		t.Errorf("%d container instances are left, document %+v", len(s.living()), job)
	}
}

func TestAnInstanceThatDidNotStartIsTriedAgainUpToAPoint(t *testing.T) {
	s := aJob(t, "FAILED")
	for attempt := 2; attempt <= maxAttempts; attempt++ {
		s.instances[len(s.instances)-1].Details = "A container's image could not be pulled."
		s.pass(t)
		s.want(t, "trip.mp4", transcoding.Starting, attempt)
		if n := len(s.living()); n != 1 {
			t.Errorf("%d container instances", n)
		}
		s.instances[len(s.instances)-1].State = "FAILED"
	}
	s.instances[len(s.instances)-1].Details = "A container's image could not be pulled."
	s.pass(t)
	s.pass(t)
	if job := s.want(t, "trip.mp4", transcoding.Failed, maxAttempts); len(s.living()) != 0 || !strings.Contains(job.Error, "did not start (A container's image could not be pulled)") {
		t.Errorf("%d container instances are left, document %+v", len(s.living()), job)
	}
	tokens := map[string]bool{}
	for _, request := range s.got() {
		tokens[request.token] = true
	}
	if len(tokens) != maxAttempts {
		t.Errorf("%d retry tokens for %d attempts", len(tokens), maxAttempts)
	}
}

func TestWhatIsNotAJobOfThisStackIsLeftAlone(t *testing.T) {
	s := newScene(t)
	for id, tags := range map[string]map[string]string{
		"app":      {"project": "p", "stack": "dev"},
		"other":    {"project": "p", "stack": "prod", "job": "k", "attempt": "1"},
		"untagged": nil,
	} {
		s.instances = append(s.instances, &instance{ID: id, State: "INACTIVE", Tags: tags, Created: time.Now().Add(-48 * time.Hour)})
	}
	s.pass(t)
	if n := len(s.living()); n != 3 {
		t.Errorf("%d of three are left", n)
	}
}

func TestAnInstanceWithoutADocumentIsDeleted(t *testing.T) {
	s := aJob(t, "INACTIVE")
	clear(s.documents)
	s.pass(t)
	if n := len(s.living()); n != 0 || len(s.documents) != 0 {
		t.Errorf("%d container instances and %d documents are left", n, len(s.documents))
	}
}

func TestAnEarlierAttemptsInstanceSaysNothingOfTheNext(t *testing.T) {
	s := aJob(t, "INACTIVE")
	s.edit(t, "trip.mp4", func(job *transcoding.Job) {
		job.Attempt, job.ContainerInstanceID, job.State, job.Updated = 2, "ocid1.next", transcoding.Running, time.Now()
	})
	s.pass(t)
	s.want(t, "trip.mp4", transcoding.Running, 2)
	if n := len(s.living()); n != 0 {
		t.Errorf("%d container instances are left", n)
	}
}

func TestAJobWhoseInstanceIsGoneIsFailed(t *testing.T) {
	s := aJob(t, "DELETED")
	s.pass(t) // It may only not be seen yet.
	s.want(t, "trip.mp4", transcoding.Starting, 1)
	s.edit(t, "trip.mp4", func(job *transcoding.Job) { job.Updated = time.Now().Add(-settling - time.Second) })
	s.pass(t)
	if job := s.want(t, "trip.mp4", transcoding.Failed, 1); !strings.Contains(job.Error, "is gone") {
		t.Errorf("document %+v", job)
	}
}

func TestAStartThatWasCutOffIsMadeUpFor(t *testing.T) {
	s := newScene(t)
	s.store(t, transcoding.Job{
		ObjectName: "trip.mp4", BucketName: "videos", Namespace: "ns", ETag: "e1", State: transcoding.Starting, Attempt: 1,
		EventTime: eventTime, Updated: time.Now().Add(-settling - time.Second),
	})
	s.pass(t)
	if job := s.want(t, "trip.mp4", transcoding.Starting, 1); len(s.living()) != 1 || job.ContainerInstanceID != s.living()[0] {
		t.Errorf("%d container instances, document %+v", len(s.living()), job)
	}
}

func TestARetryTokenWhoseInstanceIsGoneEndsItsAttempt(t *testing.T) {
	s := aJob(t, "DELETED")
	s.edit(t, "trip.mp4", func(job *transcoding.Job) { job.State, job.ContainerInstanceID = transcoding.Waiting, "" })
	s.pass(t)
	if job := s.want(t, "trip.mp4", transcoding.Starting, 2); len(s.living()) != 1 || job.ContainerInstanceID != s.living()[0] {
		t.Errorf("%d container instances, document %+v", len(s.living()), job)
	}
}

// unlisted is a Container Instances that lists nothing.
type unlisted struct{ Instances }

func (unlisted) ListContainerInstances(context.Context, containerinstances.ListContainerInstancesRequest) (response containerinstances.ListContainerInstancesResponse, err error) {
	return response, errors.New("Container Instances is down")
}

func TestASweepThatFailsDoesNotHarmTheEventAtHand(t *testing.T) {
	s := newScene(t)
	s.Instances = unlisted{s.Instances}
	if got := s.launchIn(t, written("trip.mp4", "e1"), 2*time.Second); got.Outcome != Started {
		t.Errorf("answer %+v", got)
	}
	if !strings.Contains(s.log.String(), "not everything is cleared away") {
		t.Errorf("the log does not say so:\n%s", s.log)
	}
}

func TestAThousandJobsLeaveNoInstance(t *testing.T) {
	s := newScene(t)
	for i := range 1000 {
		tags := map[string]string{"project": "p", "stack": "dev", "job": "k", "attempt": "1"}
		s.instances = append(s.instances, &instance{ID: "i" + time.Duration(i).String(), State: "INACTIVE", Tags: tags, Created: time.Now()})
	}
	s.pass(t)
	if n := len(s.living()); n != 0 {
		t.Errorf("%d container instances are left", n)
	}
}

// TestJobsLeaveNoInstances: each job ends in one of the ways in which its instance
// stays, and the next one's start clears it away.
func TestJobsLeaveNoInstances(t *testing.T) {
	s := newScene(t)
	for n := range 60 {
		name := fmt.Sprintf("clip-%d.mp4", n)
		s.objects[name] = object{"e1", clip}
		s.launch(t, written(name, "e1"))
		s.instances = slices.DeleteFunc(s.instances, func(i *instance) bool { return i.State == "DELETED" })
		maps.DeleteFunc(s.documents, func(key string, _ document) bool { return key != transcoding.Key("videos", name, "e1") })
		if len(s.instances) != 1 {
			t.Fatalf("after %d jobs there are %d container instances", n, len(s.instances))
		}
		last := s.instances[0]
		switch n % 3 {
		case 0: // It died.
			last.State = "INACTIVE"
		case 1: // It hangs.
			last.State, last.Created = "ACTIVE", time.Now().Add(-2*s.Timeout)
		case 2: // It is done, and could not delete its instance.
			last.State = "INACTIVE"
			s.edit(t, name, func(job *transcoding.Job) { job.State = transcoding.Succeeded })
		}
	}
	s.pass(t)
	if left := s.living(); len(left) != 0 {
		t.Errorf("%d container instances are left", len(left))
	}
}
