package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/artifacts"

	"oci-media-pipelines/localcloud/api"
)

// lostManifests deletes images behind Pulumi's back, which its state knows nothing
// about.
func (l *life) lostManifests(t *testing.T) {
	deleteImage(t, l.output("appImage"))
	deleteImage(t, l.output("functionImage"))
	before := time.Now()
	wantChanges(t, "up after the loss of both images", l.deploy(), nothing, l.progress)
	if pushed := pushes(t, before); len(pushed) != 2 || pushed[0] == pushed[1] {
		t.Errorf("after the loss of both, images were pushed to %v", pushed)
	}
	for _, e := range writes(t, before) {
		if e.Service != registryService {
			t.Errorf("the loss of images led to %s", e.Operation)
		}
	}

	// What depends on a lost image waits for it, whatever else is to be done to it.
	deleteImage(t, l.output("functionImage"))
	before = time.Now()
	l.configure("functionMemoryMb", "512")
	wantChanges(t, "up after the loss of an image and a change of both functions", l.deploy(), map[string]int{"update": 2}, l.progress)
	wrote := writes(t, before)
	pushed := when(t, wrote, "the manifest", func(e api.Entry) bool {
		return e.Operation == "Push" && strings.Contains(e.Path, "/manifests/") && e.Status < 300
	})
	updated := func(e api.Entry) bool {
		return e.Operation == "UpdateFunction" && strings.Contains(e.Path, l.output("functionId"))
	}
	if when(t, wrote, "the function's update", updated) < pushed {
		t.Errorf("the function was updated before its image was back:\n%s", requests(wrote))
	}
}

// deleteImage deletes an image, named by its reference, from the registry.
func deleteImage(t testing.TB, reference string) {
	t.Helper()
	client := administrator(t, artifacts.NewArtifactsClientWithConfigurationProvider)
	_, path, _ := strings.Cut(reference, "/")
	_, path, _ = strings.Cut(path, "/") // after the namespace
	repository, tag, _ := strings.Cut(path, ":")
	found, err := client.ListContainerImages(t.Context(), artifacts.ListContainerImagesRequest{
		CompartmentId: new(compartment), RepositoryName: &repository, Version: &tag,
	})
	must(t, err)
	if len(found.Items) != 1 {
		t.Fatalf("%d images in the registry are %s", len(found.Items), reference)
	}
	_, err = client.DeleteContainerImage(t.Context(), artifacts.DeleteContainerImageRequest{ImageId: found.Items[0].Id})
	must(t, err)
}
