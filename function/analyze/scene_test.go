package main

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/aivision"

	"oci-media-pipelines/internal/event"
	"oci-media-pipelines/internal/ords"
)

// photo starts like any PNG.
var photo = append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 2000)...)

// scene is the function with its surroundings: one PNG "dog.png" of version e1 in bucket photos, and an AI Vision
// that sees a dog.
type scene struct {
	*Analyzer
	bucket   *bucket
	vision   *vision
	database *database
	log      *buffer
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
	s := &scene{
		bucket:   &bucket{objects: map[string]object{"dog.png": {"e1", photo}}},
		vision:   &vision{answer: func(int) (aivision.AnalyzeImageResult, error) { return dog(), nil }},
		database: newDatabase(t),
		log:      &buffer{},
	}
	log := slog.New(slog.NewJSONHandler(s.log, nil))
	client, err := ords.New(ords.Config{
		URL: s.database.URL + "/ords/", User: "ADMIN", Log: log, FirstWait: time.Millisecond, MaxWait: time.Millisecond,
		Password: func(context.Context, bool) (string, error) { return "s3cret", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Analyzer = &Analyzer{
		CompartmentID: "ocid1.compartment.oc1..c", Namespace: "ns", Bucket: "photos",
		Features: []string{objectDetection},
		Objects:  s.bucket, Vision: s.vision, Documents: client.Collection("IMAGE_ANALYSIS"), Log: log,
		FirstWait: time.Millisecond, MaxWait: time.Millisecond,
	}
	return s
}

func dog() aivision.AnalyzeImageResult {
	return aivision.AnalyzeImageResult{
		ImageObjects: []aivision.ImageObject{{
			Name: new("Dog"), Confidence: new(float32(0.93)),
			BoundingPolygon: polygon(0.25, 0.5, 0.75, 0.5, 0.75, 1, 0.25, 1),
		}},
		ObjectDetectionModelVersion: new("1.5.97"),
	}
}

func polygon(xy ...float64) *aivision.BoundingPolygon {
	p := &aivision.BoundingPolygon{}
	for i := 0; i < len(xy); i += 2 {
		p.NormalizedVertices = append(p.NormalizedVertices, aivision.NormalizedVertex{X: &xy[i], Y: &xy[i+1]})
	}
	return p
}

func written(name, etag string) event.Event {
	return event.Repeat(event.Object{Namespace: "ns", Bucket: "photos", Name: name, ETag: etag}, "c", time.Now())
}

func (s *scene) analyze(t testing.TB, ev event.Event) Answer {
	t.Helper()
	answer, err := s.Analyze(t.Context(), ev)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}
