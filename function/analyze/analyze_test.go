package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/aivision"

	"oci-media-pipelines/internal/analysis"
	"oci-media-pipelines/internal/event"
)

func TestAnalyzeStoresWhatVisionSees(t *testing.T) {
	s := newScene(t)
	ev := written("dog.png", "e1")
	answer := s.analyze(t, ev)
	key := analysis.Key("photos", "dog.png", "e1")
	if answer.Outcome != Analyzed || answer.Key != key || answer.Object != "dog.png" {
		t.Errorf("answer %+v", answer)
	}
	doc, ok := s.database.all(t)[key]
	if !ok || doc.Status != analysis.Succeeded || doc.Namespace != "ns" || doc.BucketName != "photos" || doc.ETag != "e1" {
		t.Fatalf("document %+v", doc)
	}
	if !doc.EventTime.Equal(ev.EventTime) || time.Since(doc.Timestamp) > time.Minute || doc.Timestamp.Location() != time.UTC {
		t.Errorf("event time %v, time stamp %v", doc.EventTime, doc.Timestamp)
	}
	want := analysis.Object{Name: "Dog", Confidence: 0.93, Box: analysis.BoundingBox{Left: 0.25, Top: 0.5, Width: 0.5, Height: 0.5}}
	if len(doc.Results.Objects) != 1 || doc.Results.Objects[0] != want {
		t.Errorf("objects %+v, want %+v", doc.Results.Objects, want)
	}
	if doc.Results.ModelVersions[objectDetection] != "1.5.97" {
		t.Errorf("models %v", doc.Results.ModelVersions)
	}
	image, _ := s.vision.last.Image.(aivision.ObjectStorageImageDetails)
	if *s.vision.last.CompartmentId != "ocid1.compartment.oc1..c" || *image.ObjectName != "dog.png" || len(s.vision.last.Features) != 1 {
		t.Errorf("AI Vision was asked %+v", s.vision.last)
	}
	for line := range strings.SplitSeq(strings.TrimSpace(s.log.String()), "\n") {
		if !strings.Contains(line, `"object":"dog.png"`) || strings.Contains(line, "s3cret") {
			t.Errorf("log line without object or with a secret: %s", line)
		}
	}
}

func TestTheSameEventTwiceChangesNothing(t *testing.T) {
	s := newScene(t)
	s.analyze(t, written("dog.png", "e1"))
	answer := s.analyze(t, written("dog.png", "e1"))
	if answer.Outcome != Unchanged || s.vision.calls != 1 || s.database.puts != 1 || len(s.database.all(t)) != 1 {
		t.Errorf("%+v after %d analyses and %d writes", answer, s.vision.calls, s.database.puts)
	}
}

func TestAFailedAnalysisIsTriedAgain(t *testing.T) {
	s := newScene(t)
	s.database.store(t, analysis.Document{BucketName: "photos", ImageName: "dog.png", ETag: "e1", Status: analysis.Failed})
	if answer := s.analyze(t, written("dog.png", "e1")); answer.Outcome != Analyzed {
		t.Errorf("answer %+v", answer)
	}
}

func TestStaleDocumentsOfTheSameObjectAreDeleted(t *testing.T) {
	s := newScene(t)
	older := analysis.Document{BucketName: "photos", ImageName: "dog.png", ETag: "e0", Status: analysis.Succeeded}
	other := analysis.Document{BucketName: "photos", ImageName: "cat.png", ETag: "e0", Status: analysis.Succeeded}
	s.database.store(t, older)
	s.database.store(t, other)
	s.analyze(t, written("dog.png", "e1"))
	docs := s.database.all(t)
	if _, there := docs[older.Key()]; there {
		t.Error("the document about the older version is still there")
	}
	if _, there := docs[other.Key()]; !there || len(docs) != 2 {
		t.Errorf("documents %v", docs)
	}
}

func TestEventsThatChangeNothing(t *testing.T) {
	deleted := written("dog.png", "e1")
	deleted.EventType = event.ObjectDeleted
	elsewhere := written("dog.png", "e1")
	elsewhere.Data.AdditionalDetails.BucketName = "private"
	for name, c := range map[string]struct {
		ev     event.Event
		reason string
	}{
		"other type":   {deleted, "deleteobject"},
		"other bucket": {elsewhere, "private"},
		"deleted":      {written("cat.png", "e1"), "deleted"},
		"superseded":   {written("dog.png", "e0"), "overwritten"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			answer := s.analyze(t, c.ev)
			if answer.Outcome != Ignored || !strings.Contains(answer.Reason, c.reason) {
				t.Errorf("answer %+v", answer)
			}
			if s.vision.calls != 0 || s.database.puts != 0 {
				t.Errorf("%d analyses, %d writes", s.vision.calls, s.database.puts)
			}
		})
	}
}

func TestAnEventWithoutAnObjectIsAnError(t *testing.T) {
	ev := written("dog.png", "")
	if _, err := newScene(t).Analyze(t.Context(), ev); err == nil || !strings.Contains(err.Error(), "data.additionalDetails.eTag") {
		t.Errorf("got %v", err)
	}
}

func TestHopelessFilesAreRecordedAsFailed(t *testing.T) {
	for name, c := range map[string]struct {
		body   []byte
		reason string
		looks  int
	}{
		"text":    {[]byte("just words in a file called jpg"), "not an image", 0},
		"empty":   {nil, "empty", 0},
		"large":   {append(photo, make([]byte, maxImage)...), "up to 5 MiB", 0},
		"refused": {photo, "Unable to decode image", 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.bucket.put("dog.png", "e1", c.body)
			s.vision.answer = func(int) (aivision.AnalyzeImageResult, error) {
				return aivision.AnalyzeImageResult{}, failure{400, "InvalidParameter", "Unable to decode image"}
			}
			answer := s.analyze(t, written("dog.png", "e1"))
			if answer.Outcome != Unanalyzable || !strings.Contains(answer.Reason, c.reason) {
				t.Errorf("answer %+v", answer)
			}
			doc := s.database.all(t)[answer.Key]
			if doc.Status != analysis.Failed || doc.Error != answer.Reason || s.vision.calls != c.looks {
				t.Errorf("document %+v after %d analyses", doc, s.vision.calls)
			}
		})
	}
}

func TestWhatMaySucceedLaterIsTriedAgain(t *testing.T) {
	for name, err := range map[string]error{
		"throttled":      failure{429, "TooManyRequests", "slow down"},
		"broken":         failure{500, "InternalServerError", "oops"},
		"not yet known":  failure{401, "NotAuthenticated", "who?"},
		"not permitted":  failure{404, "NotAuthorizedOrNotFound", "no"},
		"connection":     errors.New("connection reset by peer"),
		"bucket unknown": failure{404, "BucketNotFound", "no"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.bucket.refusals = []error{err, err, err}
			s.vision.answer = func(call int) (aivision.AnalyzeImageResult, error) {
				if call < 3 {
					return aivision.AnalyzeImageResult{}, err
				}
				return dog(), nil
			}
			if answer := s.analyze(t, written("dog.png", "e1")); answer.Outcome != Analyzed || s.vision.calls != 3 {
				t.Errorf("%+v after %d analyses", answer, s.vision.calls)
			}
			if !strings.Contains(s.log.String(), `"step":"analyze image"`) {
				t.Error("the log does not say what was waited for")
			}
		})
	}
}

func TestOutOfTimeIsAnError(t *testing.T) {
	s := newScene(t)
	s.vision.answer = func(int) (aivision.AnalyzeImageResult, error) {
		return aivision.AnalyzeImageResult{}, failure{429, "TooManyRequests", "slow down"}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := s.Analyze(ctx, written("dog.png", "e1"))
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "slow down") {
		t.Errorf("got %v, want the deadline and its reason", err)
	}
	if len(s.database.all(t)) != 0 {
		t.Error("what may succeed later was recorded")
	}
}

func TestAnObjectThatChangesUnderTheAnalysisLeavesNoDocument(t *testing.T) {
	newer := analysis.Document{BucketName: "photos", ImageName: "dog.png", ETag: "e2", Status: analysis.Succeeded}
	for name, c := range map[string]struct {
		change func(*scene)
		left   int
	}{
		"deleted":     {func(s *scene) { s.bucket.remove("dog.png") }, 0},
		"overwritten": {func(s *scene) { s.bucket.put("dog.png", "e2", photo); s.database.store(t, newer) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.vision.answer = func(int) (aivision.AnalyzeImageResult, error) { c.change(s); return dog(), nil }
			if answer := s.analyze(t, written("dog.png", "e1")); answer.Outcome != Ignored {
				t.Errorf("answer %+v", answer)
			}
			docs := s.database.all(t)
			if _, there := docs[newer.Key()]; len(docs) != c.left || there != (c.left == 1) {
				t.Errorf("documents left: %v", docs)
			}
		})
	}
}

func TestAnObjectThatGoesBeforeVisionReadsItIsIgnored(t *testing.T) {
	s := newScene(t)
	s.vision.answer = func(int) (aivision.AnalyzeImageResult, error) {
		s.bucket.remove("dog.png")
		return aivision.AnalyzeImageResult{}, failure{404, "NotAuthorizedOrNotFound", "no"}
	}
	if answer := s.analyze(t, written("dog.png", "e1")); answer.Outcome != Ignored || s.vision.calls != 1 {
		t.Errorf("%+v after %d analyses", answer, s.vision.calls)
	}
}
