package main

import (
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/internal/transcoding"
)

func TestWhatPassesIsWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		refusals []*refusal
		domains  string // that were asked, in turn
	}{
		"throttled":         {[]*refusal{throttled, throttled}, "AD-1 AD-1 AD-1"},
		"no room":           {[]*refusal{noRoom}, "AD-1 AD-2"},
		"no room anywhere":  {[]*refusal{noRoom, noRoom}, "AD-1 AD-2 AD-1"},
		"limit of a domain": {[]*refusal{limited, noRoom, nil}, "AD-1 AD-2 AD-1"},
		"not permitted yet": {[]*refusal{{404, "NotAuthorizedOrNotFound", "Authorization failed or requested resource not found."}}, "AD-1 AD-1"},
		"down":              {[]*refusal{{503, "ServiceUnavailable", "soon"}}, "AD-1 AD-1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.refusals = c.refusals
			if got := s.launch(t, written("trip.mp4", "e1")); got.Outcome != Started {
				t.Errorf("answer %+v", got)
			}
			var domains []string
			for _, request := range s.got() {
				domains = append(domains, *request.details.AvailabilityDomain)
				if request.token != s.got()[0].token {
					t.Error("an attempt has two retry tokens")
				}
			}
			if got := strings.Join(domains, " "); got != c.domains {
				t.Errorf("asked %s, want %s", got, c.domains)
			}
			if n := len(s.living()); n != 1 {
				t.Errorf("%d container instances", n)
			}
		})
	}
}

func TestWhatOCIRefusesForGoodFailsTheJob(t *testing.T) {
	s := newScene(t)
	s.refusals = []*refusal{{400, "InvalidParameter", "Invalid ratio of memory in GB to OCPUs."}}
	answer := s.launch(t, written("trip.mp4", "e1"))
	if answer.Outcome != Failed || len(s.got()) != 1 {
		t.Errorf("%+v after %d requests", answer, len(s.got()))
	}
	if job := s.want(t, "trip.mp4", transcoding.Failed, 1); job.Error != "The transcoding job could not be started (Invalid ratio of memory in GB to OCPUs)." {
		t.Errorf("document %+v", job)
	}
}

// noRoomAtAll takes the room away, and a function's time.
func (s *scene) noRoomAtAll(t *testing.T, name string) {
	t.Helper()
	s.full["AD-1"], s.full["AD-2"] = true, true
	s.FirstWait, s.MaxWait = time.Hour, time.Hour // So that no time is left for a second round.
	if got := s.launch(t, written(name, "e1")); got.Outcome != Waiting || !strings.Contains(got.Reason, "Out of host capacity") {
		t.Errorf("answer %+v", got)
	}
	s.full["AD-1"], s.full["AD-2"] = false, false
	s.FirstWait, s.MaxWait = time.Millisecond, time.Millisecond
}

func TestAJobWithoutRoomWaitsForTheNextRun(t *testing.T) {
	s := newScene(t)
	s.noRoomAtAll(t, "trip.mp4")
	if job := s.want(t, "trip.mp4", transcoding.Waiting, 1); !strings.Contains(job.Error, "There is no room") || job.ContainerInstanceID != "" {
		t.Errorf("document %+v", job)
	}
	s.objects["other.mp4"] = object{"e1", clip}
	if got := s.launch(t, written("other.mp4", "e1")); got.Outcome != Started {
		t.Errorf("answer %+v", got)
	}
	if job := s.want(t, "trip.mp4", transcoding.Starting, 1); job.Error != "" || len(s.living()) != 2 {
		t.Errorf("%d container instances, document %+v", len(s.living()), job)
	}
}

func TestAWaitingJobIsStartedByAUsersRetry(t *testing.T) {
	s := newScene(t)
	s.noRoomAtAll(t, "trip.mp4")
	if got := s.launch(t, writtenAt("trip.mp4", "e1", eventTime.Add(time.Minute))); got.Outcome != Started {
		t.Errorf("answer %+v", got)
	}
	s.want(t, "trip.mp4", transcoding.Starting, 1)
}

func TestAWaitingJobWhoseVideoIsGoneIsForgotten(t *testing.T) {
	s := newScene(t)
	s.noRoomAtAll(t, "trip.mp4")
	delete(s.objects, "trip.mp4")
	s.objects["other.mp4"] = object{"e1", clip}
	s.launch(t, written("other.mp4", "e1"))
	if len(s.living()) != 1 || len(s.documents) != 1 {
		t.Errorf("%d container instances, %d documents", len(s.living()), len(s.documents))
	}
}

func TestWaitingJobsStayWaitingWhenThereIsNoRoomForThem(t *testing.T) {
	s := newScene(t)
	s.noRoomAtAll(t, "trip.mp4")
	s.objects["other.mp4"] = object{"e1", clip}
	s.refusals = []*refusal{nil, noRoom, noRoom} // Room for one.
	if got := s.launch(t, written("other.mp4", "e1")); got.Outcome != Started {
		t.Errorf("answer %+v", got)
	}
	s.want(t, "trip.mp4", transcoding.Waiting, 1)
	if n := len(s.living()); n != 1 {
		t.Errorf("%d container instances", n)
	}
}
