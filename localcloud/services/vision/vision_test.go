package vision_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	sdk "github.com/oracle/oci-go-sdk/v65/aivision"
	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/common/auth"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/services/vision"
	"oci-media-pipelines/localcloud/services/vision/detect"
)

// bucket holds objects of one bucket and notes who read them.
type bucket struct {
	objects map[string][]byte
	mu      sync.Mutex
	readers []iam.Principal
}

func (b *bucket) Get(_ context.Context, principal iam.Principal, _, namespace, name, object string) (io.ReadCloser, int64, error) {
	data, known := b.objects[object]
	if namespace != "ns" || name != "photos" || !known {
		return nil, 0, api.NotFound("ObjectNotFound", "The object '%s' was not found in the bucket '%s'", object, name)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.readers = append(b.readers, principal)
	return io.NopCloser(bytes.NewReader(data)), int64(len(data)), nil
}

func photo(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../../e2e/testdata/photos", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func objects(t testing.TB) *bucket {
	huge := append(photo(t, "coffee.jpg"), make([]byte, detect.MaxBytes)...)
	return &bucket{objects: map[string][]byte{
		"portrait.jpg": photo(t, "astronaut.jpg"), "cup.jpg": photo(t, "coffee.jpg"), "not-a-photo.jpg": []byte("just words"),
		"empty.jpg": {}, "huge.jpg": huge, "cut.jpg": photo(t, "coffee.jpg")[:9000],
	}}
}

func serve(t testing.TB, b *bucket) (*gatewaytest.Cloud, sdk.AIServiceVisionClient) {
	t.Helper()
	cloud := gatewaytest.New(t)
	cloud.Add(vision.New(b).APIs()...)
	return cloud, connect(t, cloud, cloud.Credentials())
}

func connect(t testing.TB, cloud *gatewaytest.Cloud, credentials common.ConfigurationProvider) sdk.AIServiceVisionClient {
	t.Helper()
	client, err := sdk.NewAIServiceVisionClientWithConfigurationProvider(credentials)
	if err != nil {
		t.Fatal(err)
	}
	cloud.Use(&client.BaseClient)
	return client
}

func stored(name string) sdk.ImageDetails {
	return sdk.ObjectStorageImageDetails{NamespaceName: common.String("ns"), BucketName: common.String("photos"), ObjectName: common.String(name)}
}

func request(image sdk.ImageDetails, features ...sdk.ImageFeature) sdk.AnalyzeImageRequest {
	return sdk.AnalyzeImageRequest{AnalyzeImageDetails: sdk.AnalyzeImageDetails{
		Image: image, Features: append([]sdk.ImageFeature{}, features...), CompartmentId: common.String("ocid1.compartment.oc1..photos"),
	}}
}

func TestEveryFeature(t *testing.T) {
	b := objects(t)
	cloud, client := serve(t, b)
	answer, err := client.AnalyzeImage(context.Background(), request(stored("portrait.jpg"),
		sdk.ImageObjectDetectionFeature{}, sdk.ImageClassificationFeature{MaxResults: common.Int(3)},
		sdk.FaceDetectionFeature{ShouldReturnLandmarks: common.Bool(true)}, sdk.ImageTextDetectionFeature{}))
	if err != nil {
		t.Fatal(err)
	}
	if len(answer.DetectedFaces) != 1 {
		t.Fatalf("faces: %v", answer.DetectedFaces)
	}
	face := answer.DetectedFaces[0]
	drawnByHand := detect.Box{Left: 176. / 512, Top: 62. / 512, Width: 102. / 512, Height: 128. / 512}
	if overlap := boxOf(t, face.BoundingPolygon).IoU(drawnByHand); overlap < 0.6 || *face.Confidence < 0.8 || *face.QualityScore < 0.8 {
		t.Errorf("face %v overlaps by %.2f", face, overlap)
	}
	names := map[string]bool{}
	for _, o := range answer.ImageObjects {
		boxOf(t, o.BoundingPolygon)
		names[*o.Name] = true
	}
	if !names["Human face"] || !names["Person"] || len(answer.ImageObjects) > 10 {
		t.Errorf("objects: %v", answer.ImageObjects)
	}
	if len(answer.Labels) != 3 {
		t.Errorf("labels: %v, want 3", answer.Labels)
	}
	for _, l := range answer.Labels {
		if *l.Confidence <= 0 || *l.Confidence > 1 {
			t.Errorf("label %v", l)
		}
	}
	if answer.ImageText != nil || answer.TextDetectionModelVersion != nil {
		t.Errorf("text was made up: %v", answer.ImageText)
	}
	said := ""
	for _, e := range answer.Errors {
		said += *e.Code + ": " + *e.Message + "\n"
	}
	if len(answer.Errors) != 2 || !strings.Contains(said, "TEXT_DETECTION") || !strings.Contains(said, "landmarks") {
		t.Errorf("errors: %s", said)
	}
	for _, version := range []*string{answer.ObjectDetectionModelVersion, answer.ImageClassificationModelVersion, answer.FaceDetectionModelVersion} {
		if version == nil || !strings.Contains(*version, "not OCI's model") {
			t.Errorf("model version %v hides what it is", version)
		}
	}
	if len(b.readers) != 1 || b.readers[0].ID != cloud.Tenancy.UserID {
		t.Errorf("the object was read by %+v, want the caller %s", b.readers, cloud.Tenancy.UserID)
	}
}

func TestInlineEqualsStored(t *testing.T) {
	_, client := serve(t, objects(t))
	ask := func(image sdk.ImageDetails) string {
		answer, err := client.AnalyzeImage(context.Background(), request(image, sdk.ImageObjectDetectionFeature{MaxResults: common.Int(2)}))
		if err != nil {
			t.Fatal(err)
		}
		if len(answer.ImageObjects) != 2 || answer.DetectedFaces != nil || answer.Labels != nil || len(answer.Errors) != 0 {
			t.Errorf("got %v, want two objects and nothing else", answer)
		}
		return answer.AnalyzeImageResult.String()
	}
	if inline, object := ask(sdk.InlineImageDetails{Data: photo(t, "coffee.jpg")}), ask(stored("cup.jpg")); inline != object {
		t.Errorf("two answers for the same bytes:\n%s\n%s", inline, object)
	}
}

func TestRefusals(t *testing.T) {
	_, client := serve(t, objects(t))
	find := sdk.ImageObjectDetectionFeature{}
	noOCID := request(stored("cup.jpg"), find)
	noOCID.CompartmentId = common.String("photos")
	elsewhere := sdk.ObjectStorageImageDetails{NamespaceName: common.String("ns"), BucketName: common.String("other"), ObjectName: common.String("cup.jpg")}
	tests := []struct {
		name    string
		request sdk.AnalyzeImageRequest
		status  int
		code    string
		says    string
	}{
		{"words named .jpg", request(stored("not-a-photo.jpg"), find), 400, "InvalidParameter", "not a readable JPEG or PNG"},
		{"an empty object", request(stored("empty.jpg"), find), 400, "InvalidParameter", "empty"},
		{"a cut object", request(stored("cut.jpg"), find), 400, "InvalidParameter", "not a readable JPEG or PNG"},
		{"an oversize object", request(stored("huge.jpg"), find), 400, "InvalidParameter", "at most 5242880"},
		{"oversize inline data", request(sdk.InlineImageDetails{Data: make([]byte, detect.MaxBytes+1)}, find), 400, "InvalidParameter", "at most 5242880"},
		{"a GIF inline", request(sdk.InlineImageDetails{Data: []byte("GIF89a.....")}, find), 400, "InvalidParameter", "gif"},
		{"a missing object", request(stored("gone.jpg"), find), 404, "ObjectNotFound", "gone.jpg"},
		{"a missing bucket", request(elsewhere, find), 404, "ObjectNotFound", "other"},
		{"no feature", request(stored("cup.jpg")), 400, "MissingParameter", "features"},
		{"no results wanted", request(stored("cup.jpg"), sdk.ImageClassificationFeature{MaxResults: common.Int(0)}), 400, "InvalidParameter", "features[0].maxResults"},
		{"a custom model", request(stored("cup.jpg"), sdk.ImageObjectDetectionFeature{ModelId: common.String("ocid1.aivisionmodel.oc1..x")}), 404, "NotAuthorizedOrNotFound", "custom models"},
		{"no OCID", noOCID, 400, "InvalidParameter", "compartmentId"},
		{"an unknown feature", request(stored("cup.jpg"), map[string]string{"featureType": "SMELL"}), 400, "InvalidParameter", "features[0].featureType"},
		{"an unknown source", request(map[string]string{"source": "URL"}, find), 400, "InvalidParameter", "image.source"},
		{"no object name", request(stored(""), find), 400, "MissingParameter", "image.objectName"},
		{"no image", request(nil, find), 400, "MissingParameter", "image"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := client.AnalyzeImage(context.Background(), test.request)
			checkRefusal(t, err, test.status, test.code, test.says)
		})
	}
}

// TestWorkloadNeedsCompartment signs as a function does.
func TestWorkloadNeedsCompartment(t *testing.T) {
	b := objects(t)
	cloud, _ := serve(t, b)
	function := "ocid1.fnfunc.oc1.iad.analyze"
	token, key, err := cloud.Tenancy.Session(function, "fnfunc", iam.CompartmentID)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string][]byte{"rpst": []byte(token), "key.pem": key} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{
		"VERSION": "2.2", "RPST": filepath.Join(dir, "rpst"), "PRIVATE_PEM": filepath.Join(dir, "key.pem"), "REGION": iam.HomeRegion,
	} {
		t.Setenv("OCI_RESOURCE_PRINCIPAL_"+name, value)
	}
	credentials, err := auth.ResourcePrincipalConfigurationProvider()
	if err != nil {
		t.Fatal(err)
	}
	client := connect(t, cloud, credentials)
	ask := request(stored("cup.jpg"), sdk.ImageObjectDetectionFeature{})
	if _, err := client.AnalyzeImage(context.Background(), ask); err != nil {
		t.Fatal(err)
	}
	if len(b.readers) != 1 || b.readers[0].ID != function {
		t.Errorf("the object was read by %+v, want the function", b.readers)
	}
	compartment := *ask.CompartmentId
	ask.CompartmentId = nil
	if _, err = client.AnalyzeImage(context.Background(), ask); err != nil {
		t.Fatal(err)
	}
	entries, err := cloud.Journal.Read(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, compartment := range []string{compartment, cloud.Tenancy.ID} {
		if got, want := entries[i].Decisions[0].Asked, "AI_SERVICE_VISION_ANALYZE_IMAGE in "+compartment; got != want {
			t.Errorf("request %d asked for %s, want %s", i, got, want)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	_, client := serve(t, objects(t))
	var group sync.WaitGroup
	answers := make([]string, 12)
	for i := range answers {
		group.Go(func() {
			answer, err := client.AnalyzeImage(context.Background(), request(stored("portrait.jpg"), sdk.FaceDetectionFeature{}))
			if err != nil {
				t.Error(err)
				return
			}
			answers[i] = answer.AnalyzeImageResult.String()
		})
	}
	group.Wait()
	for _, a := range answers {
		if a != answers[0] {
			t.Errorf("answers differ: %s and %s", a, answers[0])
		}
	}
}

// checkRefusal wants OCI's error as the SDK understands it.
func checkRefusal(t *testing.T, err error, status int, code, says string) {
	t.Helper()
	var refused common.ServiceError
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want a service error", err)
	}
	if refused.GetHTTPStatusCode() != status || refused.GetCode() != code || !strings.Contains(refused.GetMessage(), says) {
		t.Errorf("got %d %s %q, want %d %s saying %q", refused.GetHTTPStatusCode(), refused.GetCode(), refused.GetMessage(), status, code, says)
	}
}

// boxOf reads a polygon and checks the order of its corners.
func boxOf(t *testing.T, p *sdk.BoundingPolygon) detect.Box {
	t.Helper()
	v := p.NormalizedVertices
	if len(v) != 4 {
		t.Fatalf("polygon %v", p)
	}
	left, top, right, bottom := *v[0].X, *v[0].Y, *v[2].X, *v[2].Y
	if *v[1].X != right || *v[1].Y != top || *v[3].X != left || *v[3].Y != bottom || left < 0 || top < 0 || right > 1 || bottom > 1 || left >= right || top >= bottom {
		t.Errorf("polygon %v is no rectangle within the picture, from its top left corner clockwise", p)
	}
	return detect.Box{Left: left, Top: top, Width: right - left, Height: bottom - top}
}
