package vision

import (
	"strings"

	sdk "github.com/oracle/oci-go-sdk/v65/aivision"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
)

// Results per feature when the request does not limit them. OCI documents no defaults; these suit a screen.
const (
	defaultMaxObjects = 10
	defaultMaxLabels  = 5
	defaultMaxFaces   = 20
)

// features is what a request asks for; a limit of 0 means that the feature is not asked for.
type features struct {
	objects, labels, faces int
	landmarks              bool
	text, embeddings       bool
}

// featuresOf checks the list of features.
func featuresOf(list []sdk.ImageFeature) (features, error) {
	var f features
	if len(list) == 0 {
		return f, api.MissingParameter("features is required in AnalyzeImageDetails and must name at least one feature.")
	}
	for i, one := range list {
		var err error
		switch one := one.(type) {
		case sdk.ImageObjectDetectionFeature:
			f.objects, err = limit(i, one.MaxResults, defaultMaxObjects, one.ModelId)
		case sdk.ImageClassificationFeature:
			f.labels, err = limit(i, one.MaxResults, defaultMaxLabels, one.ModelId)
		case sdk.FaceDetectionFeature:
			f.landmarks = one.ShouldReturnLandmarks != nil && *one.ShouldReturnLandmarks
			f.faces, err = limit(i, one.MaxResults, defaultMaxFaces, nil)
		case sdk.ImageTextDetectionFeature:
			f.text = true
		case sdk.FaceEmbeddingFeature:
			f.embeddings = true
		default:
			err = api.InvalidParameter("features[%d].featureType must be one of %v.", i, sdk.GetImageFeatureFeatureTypeEnumStringValues())
		}
		if err != nil {
			return f, err
		}
	}
	return f, nil
}

// limit checks what the features with results have in common.
func limit(index int, maxResults *int, preset int, modelID *string) (int, error) {
	if modelID != nil && *modelID != "" {
		return 0, api.NotAuthorizedOrNotFound("features[%d].modelId: model %s was not found; the local cloud holds no custom models.", index, *modelID)
	}
	if maxResults == nil {
		return preset, nil
	}
	if *maxResults < 1 {
		return 0, api.InvalidParameter("features[%d].maxResults must be at least 1, it is %d.", index, *maxResults)
	}
	return *maxResults, nil
}

// targetOf is the compartment that a request is made in: without one, the root of the caller's tenancy
// (documentation: About Vision Policies), where a workload whose policy is in a compartment may do nothing.
func targetOf(caller iam.Principal, compartmentID *string) (api.Target, error) {
	if compartmentID == nil || *compartmentID == "" {
		return api.Target{CompartmentID: caller.TenancyID}, nil
	}
	if !strings.HasPrefix(*compartmentID, "ocid1.compartment.") && !strings.HasPrefix(*compartmentID, "ocid1.tenancy.") {
		return api.Target{}, api.InvalidParameter("compartmentId must be the OCID of a compartment, it is %q.", *compartmentID)
	}
	return api.Target{CompartmentID: *compartmentID}, nil
}
