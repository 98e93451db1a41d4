// Package vision is the local cloud's AI Vision service: AnalyzeImage on the pixels of an object or of inline data.
//
// It has no model of OCI's. Faces come from a trained cascade, objects are regions that stand out and are named by their colour,
// labels are measured shares of colours; package detect does the looking. The answers' model versions say so, and what cannot be
// done here (text) is reported among the answer's errors, as OCI reports a feature that failed.
package vision

import (
	"context"
	"errors"
	"fmt"
	"io"

	sdk "github.com/oracle/oci-go-sdk/v65/aivision"
	"golang.org/x/sync/semaphore"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/services/vision/detect"
)

// Objects reads objects on behalf of the caller, as Vision does with a reference to Object Storage.
type Objects interface {
	// Get opens an object and tells its size in bytes. It checks that the principal may read it; an object that is missing or
	// that the principal may not read is an *api.Error with status 404. The caller closes the content.
	Get(ctx context.Context, principal iam.Principal, region, namespace, bucket, object string) (content io.ReadCloser, size int64, err error)
}

// Service is the AI Vision service.
type Service struct {
	api     *api.Service
	objects Objects
	// pixels bounds the memory of all analyses that run at once; its unit is a pixel of a picture being decoded.
	pixels *semaphore.Weighted
}

// leastWeight lets at most eight small pictures be analysed at once.
const leastWeight = detect.MaxPixels / 8

// New makes the service.
func New(objects Objects) *Service {
	s := &Service{
		api:     api.NewService("aivision", "vision.aiservice.{region}.oci.oraclecloud.com"),
		objects: objects,
		pixels:  semaphore.NewWeighted(detect.MaxPixels),
	}
	// Documentation: About Vision Policies.
	s.api.Route("AnalyzeImage", "POST /actions/analyzeImage", s.analyzeImage, "AI_SERVICE_VISION_ANALYZE_IMAGE")
	return s
}

// APIs returns the service's API.
func (s *Service) APIs() []*api.Service { return []*api.Service{s.api} }

func (s *Service) analyzeImage(c *api.Call) (*api.Response, error) {
	var details sdk.AnalyzeImageDetails
	if err := c.Decode(&details); err != nil {
		return nil, err
	}
	target, err := targetOf(c.Principal, details.CompartmentId)
	if err != nil {
		return nil, err
	}
	if err := c.AuthorizeDeclared(target); err != nil {
		return nil, err
	}
	features, err := featuresOf(details.Features)
	if err != nil {
		return nil, err
	}
	data, err := s.read(c, details.Image)
	if err != nil {
		return nil, err
	}
	result, err := s.analyze(c.Context(), data, features)
	if err != nil {
		return nil, err
	}
	return api.OK(result), nil
}

// read fetches the picture's bytes, no more of them than Vision takes.
func (s *Service) read(c *api.Call, image sdk.ImageDetails) ([]byte, error) {
	switch image := image.(type) {
	case nil:
		return nil, api.MissingParameter("image is required in AnalyzeImageDetails.")
	case sdk.InlineImageDetails:
		if len(image.Data) == 0 {
			return nil, api.MissingParameter("image.data is required in InlineImageDetails.")
		}
		return image.Data, nil
	case sdk.ObjectStorageImageDetails:
		return s.readObject(c, image)
	default:
		return nil, api.InvalidParameter("image.source must be one of %v.", sdk.GetImageDetailsSourceEnumStringValues())
	}
}

func (s *Service) readObject(c *api.Call, image sdk.ObjectStorageImageDetails) ([]byte, error) {
	for _, field := range []struct {
		name  string
		value *string
	}{{"namespaceName", image.NamespaceName}, {"bucketName", image.BucketName}, {"objectName", image.ObjectName}} {
		if field.value == nil || *field.value == "" {
			return nil, api.MissingParameter("image.%s is required in ObjectStorageImageDetails.", field.name)
		}
	}
	content, size, err := s.objects.Get(c.Context(), c.Principal, c.Region, *image.NamespaceName, *image.BucketName, *image.ObjectName)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	if size > detect.MaxBytes {
		return nil, api.InvalidParameter("image: object %s has %d bytes, at most %d are accepted.", *image.ObjectName, size, detect.MaxBytes)
	}
	data, err := io.ReadAll(io.LimitReader(content, detect.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read object %s of bucket %s: %w", *image.ObjectName, *image.BucketName, err)
	}
	return data, nil
}

// analyze waits for its share of memory, then decodes and looks.
func (s *Service) analyze(ctx context.Context, data []byte, features features) (*sdk.AnalyzeImageResult, error) {
	width, height, err := detect.Size(data)
	if err != nil {
		return nil, refusal(err)
	}
	weight := int64(max(width*height, leastWeight))
	if err := s.pixels.Acquire(ctx, weight); err != nil {
		return nil, fmt.Errorf("wait for other analyses: %w", err)
	}
	defer s.pixels.Release(weight)
	picture, err := detect.Decode(data)
	if err != nil {
		return nil, refusal(err)
	}
	return answer(picture, features), nil
}

// refusal words what is wrong with the picture as OCI does: 400 InvalidParameter.
func refusal(err error) error {
	if errors.Is(err, detect.ErrNotImage) || errors.Is(err, detect.ErrTooLarge) {
		return api.InvalidParameter("image: %v.", err)
	}
	return err
}
