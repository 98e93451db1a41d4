package conformance_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/oracle/oci-go-sdk/v65/artifacts"
	"github.com/oracle/oci-go-sdk/v65/common"
)

const registryHost = "ocir.us-ashburn-1.oci.oraclecloud.com"

// login gets a registry's token with a signed request, as docker login takes it.
func login(t *testing.T) remote.Option {
	t.Helper()
	code, body := fetch(t, http.MethodGet, "https://"+registryHost+"/20180419/docker/token", "", func(r *http.Request) {
		r.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
		if err := common.DefaultRequestSigner(common.DefaultConfigProvider()).Sign(r); err != nil {
			t.Fatal(err)
		}
	})
	var answer struct{ Token string }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || code != http.StatusOK {
		t.Fatalf("token: %d %s", code, body)
	}
	return remote.WithAuth(&authn.Basic{Username: "BEARER_TOKEN", Password: answer.Token})
}

// newRepository makes a repository; its images' references begin with the answer.
func newRepository(t *testing.T, client *artifacts.ArtifactsClient, compartment *string, repository string) (*resource, string) {
	t.Helper()
	r := create(t, client, "ContainerRepository", artifacts.CreateContainerRepositoryDetails{CompartmentId: compartment, DisplayName: &repository})
	return r, registryHost + "/" + *r.answer.Interface().(artifacts.GetContainerRepositoryResponse).Namespace + "/" + repository
}

// push pushes an image and returns what it was pushed as.
func push(t *testing.T, reference string, image v1.Image) name.Reference {
	t.Helper()
	parsed, err := name.ParseReference(reference, name.StrictValidation)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(parsed, image, login(t), remote.WithContext(t.Context())); err != nil {
		t.Fatal(err)
	}
	return parsed
}

func testRegistry(t *testing.T, compartment *string) {
	client := connect(t, artifacts.NewArtifactsClientWithConfigurationProvider)
	b, path := newRepository(t, client, compartment, "conformance/b")
	a, _ := newRepository(t, client, compartment, "conformance/a")
	list := artifacts.ListContainerRepositoriesRequest{CompartmentId: compartment, SortBy: artifacts.ListContainerRepositoriesSortByDisplayname}
	exactly(t, client.ListContainerRepositories, list, a, b)
	list.RepositoryId, list.IsPublic = &b.id, no
	exactly(t, client.ListContainerRepositories, list, b)
	b.update(artifacts.UpdateContainerRepositoryDetails{IsImmutable: no, Readme: &artifacts.ContainerRepositoryReadme{Content: str("words"), Format: artifacts.ContainerRepositoryReadmeFormatPlain}})

	var references []name.Reference
	for _, version := range []string{"1", "2", "3"} {
		image, err := random.Image(1024, 2)
		if err != nil {
			t.Fatal(err)
		}
		references = append(references, push(t, path+":"+version, image))
		pulled, err := remote.Image(references[len(references)-1], login(t), remote.WithContext(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		want, err := image.Digest()
		if got, errPulled := pulled.Digest(); got != want || errPulled != nil || err != nil {
			t.Errorf("pushed %s, pulled %s", want, got)
		}
	}
	if tags, err := remote.List(references[0].Context(), login(t)); err != nil || strings.Join(tags, " ") != "1 2 3" {
		t.Errorf("tags %v, %v", tags, err)
	}
	images := pages(t, client.ListContainerImages, artifacts.ListContainerImagesRequest{CompartmentId: compartment, RepositoryId: &b.id, SortBy: artifacts.ListContainerImagesSortByDisplayname})
	if len(images) != 3 || *images[2].(artifacts.ContainerImageSummary).Version != "3" {
		t.Fatalf("images %v", images)
	}
	second := images[1].(artifacts.ContainerImageSummary)
	exactlyIDs(t, pages(t, client.ListContainerImages, artifacts.ListContainerImagesRequest{CompartmentId: compartment, Version: str("2"), RepositoryName: str("conformance/b")}), *second.Id)
	got := do(t, client.GetContainerImage, artifacts.GetContainerImageRequest{ImageId: second.Id})
	if len(got.Layers) != 2 || *got.PullCount < 1 {
		t.Errorf("image %v", got)
	}
	do(t, client.DeleteContainerImage, artifacts.DeleteContainerImageRequest{ImageId: second.Id})
	refused(t, 404, "NotAuthorizedOrNotFound", client.GetContainerImage, artifacts.GetContainerImageRequest{ImageId: second.Id})
	digest, err := name.NewDigest(path + "@" + *images[0].(artifacts.ContainerImageSummary).Digest)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Delete(digest, login(t), remote.WithContext(t.Context())); err != nil {
		t.Error(err)
	}
	exactlyIDs(t, pages(t, client.ListContainerImages, artifacts.ListContainerImagesRequest{CompartmentId: compartment}), *images[2].(artifacts.ContainerImageSummary).Id)
	b.delete()
	a.delete()
}
