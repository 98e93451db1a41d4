package analysis_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/internal/analysis"
)

func TestDocumentRoundTrip(t *testing.T) {
	sample, err := os.ReadFile("testdata/document.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc analysis.Document
	strict := json.NewDecoder(bytes.NewReader(sample))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if doc.Status != analysis.Succeeded || len(doc.Results.Objects) != 2 || doc.Results.Objects[1].Box.Width != 0.54 {
		t.Errorf("decoded %+v", doc)
	}
	if want := time.Date(2026, 3, 1, 12, 0, 1, 0, time.UTC); !doc.EventTime.Equal(want) {
		t.Errorf("event time %v, want %v", doc.EventTime, want)
	}
	again, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(again), strings.TrimSpace(string(sample)); got != want {
		t.Errorf("the document does not survive a round trip:\n%s", got)
	}
}

func TestDocumentListsArePresentWhenEmpty(t *testing.T) {
	text, err := json.Marshal(analysis.Document{Status: analysis.Failed, Error: "not an image"})
	if err != nil {
		t.Fatal(err)
	}
	want := `"analysis_results":{"objects":[],"labels":[],"faces":[],"text":[],"model_versions":{}}`
	if !strings.Contains(string(text), want) {
		t.Errorf("got %s, want it to hold %s", text, want)
	}
	if strings.Contains(string(text), "event_time") {
		t.Errorf("an unknown event time is written: %s", text)
	}
}

func TestKey(t *testing.T) {
	// printf 'photos\0dog.jpg\0e1' | sha256sum
	const want = "936ea60a2dca43dab40f2df83e2645a40341da6c70fd426282eb9b212d78085b"
	if got := analysis.Key("photos", "dog.jpg", "e1"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	doc := analysis.Document{BucketName: "photos", ImageName: "dog.jpg", ETag: "e1"}
	if doc.Key() != want {
		t.Errorf("Document.Key is %s, want %s", doc.Key(), want)
	}
	if analysis.Key("a", "bc", "e") == analysis.Key("ab", "c", "e") {
		t.Error("parts run into each other")
	}
}

func TestAround(t *testing.T) {
	for name, c := range map[string]struct {
		points []analysis.Point
		want   analysis.BoundingBox
	}{
		"none":      {nil, analysis.BoundingBox{}},
		"rectangle": {[]analysis.Point{{0.25, 0.5}, {0.75, 0.5}, {0.75, 1}, {0.25, 1}}, analysis.BoundingBox{0.25, 0.5, 0.5, 0.5}},
		"turned":    {[]analysis.Point{{0.5, 0}, {1, 0.5}, {0.5, 1}, {0, 0.5}}, analysis.BoundingBox{0, 0, 1, 1}},
		"outside":   {[]analysis.Point{{-0.25, -1}, {1.5, 0.5}}, analysis.BoundingBox{0, 0, 1, 0.5}},
		"not a number": {
			[]analysis.Point{{math.NaN(), 0.25}, {0.5, math.Inf(1)}}, analysis.BoundingBox{0, 0.25, 0.5, 0.75},
		},
	} {
		if got := analysis.Around(c.points...); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}
