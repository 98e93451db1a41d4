package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/oracle/oci-go-sdk/v65/aivision"

	"oci-media-pipelines/internal/analysis"
	"oci-media-pipelines/internal/retry"
)

// Vision is what is needed of aivision.AIServiceVisionClient.
type Vision interface {
	AnalyzeImage(context.Context, aivision.AnalyzeImageRequest) (aivision.AnalyzeImageResponse, error)
}

// maxResults is how many objects, labels and faces are asked for.
const maxResults = 50

// AI Vision's feature types, as its API spells them.
const (
	objectDetection     = "OBJECT_DETECTION"
	imageClassification = "IMAGE_CLASSIFICATION"
	textDetection       = "TEXT_DETECTION"
	faceDetection       = "FACE_DETECTION"
)

// features maps a feature type to the request for it.
var features = map[string]aivision.ImageFeature{
	objectDetection:     aivision.ImageObjectDetectionFeature{MaxResults: new(maxResults)},
	imageClassification: aivision.ImageClassificationFeature{MaxResults: new(maxResults)},
	textDetection:       aivision.ImageTextDetectionFeature{},
	faceDetection:       aivision.FaceDetectionFeature{MaxResults: new(maxResults), ShouldReturnLandmarks: new(false)},
}

func featureNames() []string { return slices.Sorted(maps.Keys(features)) }

// look has AI Vision analyse the object. hopeless says in words why that can never succeed; warnings name what
// failed while something else succeeded.
func (r *run) look(ctx context.Context) (results analysis.Results, warnings []string, hopeless string, err error) {
	request := aivision.AnalyzeImageRequest{
		AnalyzeImageDetails: aivision.AnalyzeImageDetails{
			Image: aivision.ObjectStorageImageDetails{
				NamespaceName: &r.object.Namespace, BucketName: &r.object.Bucket, ObjectName: &r.object.Name,
			},
			// Left out, the tenancy's root would be assumed, where the function is permitted nothing.
			CompartmentId: &r.CompartmentID,
		},
		RequestMetadata: retry.Once(),
	}
	for _, name := range r.Features {
		request.Features = append(request.Features, features[name])
	}
	err = r.loop("analyze image", r.log).Do(ctx, func(ctx context.Context) error {
		response, err := r.Vision.AnalyzeImage(ctx, request)
		switch retry.Status(err) {
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
			hopeless = "AI Vision refuses the image: " + retry.Message(err)
			return nil
		case http.StatusNotFound:
			// Either the policy has not settled, or the object went while it was on its way to AI Vision.
			if _, gone := r.head(ctx); gone != nil {
				return retry.Final(gone)
			}
		}
		if err != nil {
			return retry.OCI(err)
		}
		results = found(response.AnalyzeImageResult)
		warnings, hopeless, err = judge(r.Features, response.AnalyzeImageResult)
		return err
	})
	if err != nil {
		return results, nil, "", fmt.Errorf("analyze image %s: %w", r.object.Name, err)
	}
	r.log.InfoContext(ctx, "image analysed", "objects", len(results.Objects), "labels", len(results.Labels),
		"faces", len(results.Faces), "lines", len(results.Text), "models", results.ModelVersions, "refused", hopeless)
	return results, warnings, hopeless, nil
}

// judge weighs the errors that AI Vision may report in an answer of status 200. As long as one feature was
// answered they are warnings; otherwise the whole analysis failed, for now or for good.
func judge(asked []string, result aivision.AnalyzeImageResult) (warnings []string, hopeless string, err error) {
	transient := true
	for _, e := range result.Errors {
		warnings = append(warnings, strings.TrimSpace(value(e.Code)+": "+value(e.Message)))
		transient = transient && passing[value(e.Code)]
	}
	if len(warnings) == 0 || slices.ContainsFunc(asked, func(name string) bool { return answered(name, result) }) {
		return warnings, "", nil
	}
	all := strings.Join(warnings, "; ")
	if transient {
		return nil, "", errors.New("AI Vision analysed nothing: " + all)
	}
	return nil, "AI Vision could not analyse the image: " + all, nil
}

// passing are the error codes that a later attempt may not meet ("API Errors").
var passing = map[string]bool{
	"TooManyRequests": true, "InternalServerError": true, "InternalError": true,
	"ServiceUnavailable": true, "GatewayTimeout": true,
}

// answered reports whether the result holds an answer to a feature, be it that nothing was found.
func answered(name string, r aivision.AnalyzeImageResult) bool {
	switch name {
	case objectDetection:
		return r.ObjectDetectionModelVersion != nil || len(r.ImageObjects) > 0
	case imageClassification:
		return r.ImageClassificationModelVersion != nil || len(r.Labels) > 0
	case textDetection:
		return r.TextDetectionModelVersion != nil || r.ImageText != nil
	case faceDetection:
		return r.FaceDetectionModelVersion != nil || len(r.DetectedFaces) > 0
	}
	return false
}
