package main

import (
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/aivision"

	"oci-media-pipelines/internal/analysis"
)

func TestEveryFeatureReachesTheDocument(t *testing.T) {
	s := newScene(t)
	s.Features = featureNames()
	s.vision.answer = func(int) (aivision.AnalyzeImageResult, error) {
		r := dog()
		r.Labels = []aivision.Label{{Name: new("Outdoors"), Confidence: new(float32(0.5))}}
		r.ImageClassificationModelVersion = new("2.0")
		r.DetectedFaces = []aivision.Face{{Confidence: new(float32(0.75)), BoundingPolygon: polygon(0, 0, 0.5, 0, 0.5, 0.5, 0, 0.5)}}
		r.FaceDetectionModelVersion = new("3.0")
		r.ImageText = &aivision.ImageText{Lines: []aivision.Line{{Text: new("STOP"), Confidence: new(float32(1)), BoundingPolygon: nil}}}
		r.TextDetectionModelVersion = new("4.0")
		return r, nil
	}
	answer := s.analyze(t, written("dog.png", "e1"))
	got := s.database.all(t)[answer.Key].Results
	if len(got.Objects) != 1 || len(got.ModelVersions) != 4 {
		t.Errorf("results %+v", got)
	}
	if len(got.Labels) != 1 || got.Labels[0] != (analysis.Label{Name: "Outdoors", Confidence: 0.5}) {
		t.Errorf("labels %+v", got.Labels)
	}
	if len(got.Faces) != 1 || got.Faces[0].Box != (analysis.BoundingBox{Width: 0.5, Height: 0.5}) {
		t.Errorf("faces %+v", got.Faces)
	}
	if len(got.Text) != 1 || got.Text[0].Text != "STOP" {
		t.Errorf("text %+v", got.Text)
	}
	if n := len(s.vision.last.Features); n != 4 {
		t.Errorf("%d features were asked for", n)
	}
}

func TestErrorsInsideAnAnswer(t *testing.T) {
	problem := func(code string) []aivision.ProcessingError {
		return []aivision.ProcessingError{{Code: &code, Message: new("no luck")}}
	}
	t.Run("beside a result are warnings", func(t *testing.T) {
		s := newScene(t)
		s.Features = []string{objectDetection, textDetection}
		s.vision.answer = func(int) (aivision.AnalyzeImageResult, error) {
			r := dog()
			r.Errors = problem("InternalServerError")
			return r, nil
		}
		answer := s.analyze(t, written("dog.png", "e1"))
		doc := s.database.all(t)[answer.Key]
		if doc.Status != analysis.Succeeded || len(doc.Warnings) != 1 || !strings.Contains(doc.Warnings[0], "no luck") {
			t.Errorf("document %+v", doc)
		}
	})
	t.Run("instead of a result fail the analysis", func(t *testing.T) {
		s := newScene(t)
		s.vision.answer = func(int) (aivision.AnalyzeImageResult, error) {
			return aivision.AnalyzeImageResult{Errors: problem("UnsupportedImage")}, nil
		}
		answer := s.analyze(t, written("dog.png", "e1"))
		if answer.Outcome != Unanalyzable || !strings.Contains(answer.Reason, "no luck") || s.vision.calls != 1 {
			t.Errorf("%+v after %d analyses", answer, s.vision.calls)
		}
	})
	t.Run("that may pass are tried again", func(t *testing.T) {
		s := newScene(t)
		s.vision.answer = func(call int) (aivision.AnalyzeImageResult, error) {
			if call == 1 {
				return aivision.AnalyzeImageResult{Errors: problem("ServiceUnavailable")}, nil
			}
			return dog(), nil
		}
		if answer := s.analyze(t, written("dog.png", "e1")); answer.Outcome != Analyzed || s.vision.calls != 2 {
			t.Errorf("%+v after %d analyses", answer, s.vision.calls)
		}
	})
}
