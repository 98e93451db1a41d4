package main

import (
	"strconv"

	"github.com/oracle/oci-go-sdk/v65/aivision"

	"oci-media-pipelines/internal/analysis"
)

// found turns AI Vision's result into the document's. Every pointer and list of the result may be nil.
func found(r aivision.AnalyzeImageResult) analysis.Results {
	var results analysis.Results
	for _, o := range r.ImageObjects {
		results.Objects = append(results.Objects, analysis.Object{
			Name: value(o.Name), Confidence: double(o.Confidence), Box: box(o.BoundingPolygon),
		})
	}
	for _, l := range r.Labels {
		results.Labels = append(results.Labels, analysis.Label{Name: value(l.Name), Confidence: double(l.Confidence)})
	}
	for _, f := range r.DetectedFaces {
		results.Faces = append(results.Faces, analysis.Face{Confidence: double(f.Confidence), Box: box(f.BoundingPolygon)})
	}
	if r.ImageText != nil {
		for _, l := range r.ImageText.Lines {
			results.Text = append(results.Text, analysis.Text{
				Text: value(l.Text), Confidence: double(l.Confidence), Box: box(l.BoundingPolygon),
			})
		}
	}
	results.ModelVersions = map[string]string{}
	for feature, version := range map[string]*string{
		objectDetection:     r.ObjectDetectionModelVersion,
		imageClassification: r.ImageClassificationModelVersion,
		textDetection:       r.TextDetectionModelVersion,
		faceDetection:       r.FaceDetectionModelVersion,
	} {
		if version != nil {
			results.ModelVersions[feature] = *version
		}
	}
	return results
}

func box(polygon *aivision.BoundingPolygon) analysis.BoundingBox {
	if polygon == nil {
		return analysis.BoundingBox{}
	}
	var points []analysis.Point
	for _, v := range polygon.NormalizedVertices {
		if v.X != nil && v.Y != nil {
			points = append(points, analysis.Point{X: *v.X, Y: *v.Y})
		}
	}
	return analysis.Around(points...)
}

// double widens without inventing digits: 0.93 stays 0.93.
func double(f *float32) float64 {
	if f == nil {
		return 0
	}
	d, err := strconv.ParseFloat(strconv.FormatFloat(float64(*f), 'g', -1, 32), 64)
	if err != nil {
		return float64(*f)
	}
	return d
}

func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
