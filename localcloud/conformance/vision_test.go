package conformance_test

import (
	"os"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/aivision"
)

func testVision(t *testing.T, compartment *string) {
	photo, err := os.ReadFile("../../e2e/testdata/photos/astronaut.jpg")
	if err != nil {
		t.Fatal(err)
	}
	b := newBucket(t, compartment, "photos")
	b.put("one.jpg", string(photo))
	client := connect(t, aivision.NewAIServiceVisionClientWithConfigurationProvider)
	for _, image := range []aivision.ImageDetails{
		aivision.InlineImageDetails{Data: photo},
		aivision.ObjectStorageImageDetails{NamespaceName: b.namespace, BucketName: b.name, ObjectName: str("one.jpg")},
	} {
		found := do(t, client.AnalyzeImage, aivision.AnalyzeImageRequest{AnalyzeImageDetails: aivision.AnalyzeImageDetails{CompartmentId: compartment, Image: image,
			Features: []aivision.ImageFeature{aivision.FaceDetectionFeature{MaxResults: num(5)}}}})
		if len(found.DetectedFaces) != 1 {
			t.Errorf("%T: faces %v", image, found.DetectedFaces)
		}
	}
	b.remove("one.jpg")
	b.delete()
}
