package registry_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/oracle/oci-go-sdk/v65/artifacts"
	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/localcloud/iam"
)

func TestDeletedManifestIsGone(t *testing.T) {
	r := start(t)
	created := r.create(t, artifacts.CreateContainerRepositoryDetails{DisplayName: common.String("app")})
	login := r.login(t, host, r.Credentials())
	img := randomImage(t)
	reference := tag(t, host+"/localcloud/app:one")
	for _, delete := range []func() error{
		func() error { return remote.Delete(reference, login...) },
		func() error {
			digest, err := img.Digest()
			if err != nil {
				return err
			}
			return remote.Delete(reference.Digest(digest.String()), login...)
		},
	} {
		if err := remote.Write(reference, img, login...); err != nil {
			t.Fatal(err)
		}
		if err := delete(); err != nil {
			t.Fatal(err)
		}
		_, err := remote.Head(reference, login...)
		wantRefusal(t, err, http.StatusNotFound, "")
	}
	if got := r.get(t, created.Id); *got.ImageCount != 0 {
		t.Errorf("%d images after deleting the one", *got.ImageCount)
	}
}

func TestDeletedRepositoryTakesItsImagesAlong(t *testing.T) {
	r := start(t)
	login := r.login(t, host, r.Credentials())
	img := randomImage(t)
	app, other := tag(t, host+"/localcloud/app:one"), tag(t, host+"/localcloud/other:one")
	created := r.create(t, artifacts.CreateContainerRepositoryDetails{DisplayName: common.String("app")})
	r.create(t, artifacts.CreateContainerRepositoryDetails{DisplayName: common.String("other")})
	for _, reference := range []name.Tag{app, other} {
		if err := remote.Write(reference, img, login...); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.client.DeleteContainerRepository(t.Context(), artifacts.DeleteContainerRepositoryRequest{RepositoryId: created.Id}); err != nil {
		t.Fatal(err)
	}
	r.create(t, artifacts.CreateContainerRepositoryDetails{DisplayName: common.String("app")})
	_, err := remote.Head(app, login...)
	wantRefusal(t, err, http.StatusNotFound, "")
	kept, err := remote.Image(other, login...)
	if err != nil {
		t.Fatal(err)
	}
	sameImage(t, kept, img)
}

func TestImages(t *testing.T) {
	r := start(t)
	login := r.login(t, host, r.Credentials())
	created := r.create(t, artifacts.CreateContainerRepositoryDetails{DisplayName: common.String("app")})
	img := randomImage(t)
	if err := remote.Write(tag(t, host+"/localcloud/app:one"), img, login...); err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(tag(t, host+"/localcloud/app:two"), randomImage(t), login...); err != nil {
		t.Fatal(err)
	}
	if _, err := remote.Image(tag(t, host+"/localcloud/app:one"), login...); err != nil {
		t.Fatal(err)
	}
	list := func(request artifacts.ListContainerImagesRequest) []artifacts.ContainerImageSummary {
		t.Helper()
		request.CompartmentId = common.String(iam.CompartmentID)
		answer, err := r.client.ListContainerImages(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		return answer.Items
	}
	if all := list(artifacts.ListContainerImagesRequest{RepositoryId: created.Id}); len(all) != 2 {
		t.Fatalf("images %v", all)
	}
	found := list(artifacts.ListContainerImagesRequest{Version: common.String("one")})
	digest, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || *found[0].Digest != digest.String() || *found[0].DisplayName != "app:one" {
		t.Fatalf("images of version one: %v", found)
	}
	one, err := r.client.GetContainerImage(t.Context(), artifacts.GetContainerImageRequest{ImageId: found[0].Id})
	if err != nil {
		t.Fatal(err)
	}
	if len(one.Layers) != 2 || *one.PullCount != 1 || len(one.Versions) != 1 || *one.CreatedBy != iam.UserID {
		t.Errorf("image %v", one.ContainerImage)
	}
	if _, err := r.client.DeleteContainerImage(t.Context(), artifacts.DeleteContainerImageRequest{ImageId: found[0].Id}); err != nil {
		t.Fatal(err)
	}
	if left := list(artifacts.ListContainerImagesRequest{}); len(left) != 1 || *left[0].Version != "two" {
		t.Errorf("images left: %v", left)
	}
}

func TestIndexGivesTheMachinesOwnImage(t *testing.T) {
	r := start(t)
	r.create(t, artifacts.CreateContainerRepositoryDetails{DisplayName: common.String("app")})
	login := r.login(t, host, r.Credentials())
	own := randomImage(t)
	index := mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.OCIImageIndex),
		mutate.IndexAddendum{Add: randomImage(t), Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "plan9", Architecture: "mips"}}},
		mutate.IndexAddendum{Add: own, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: runtime.GOOS, Architecture: runtime.GOARCH}}})
	if err := remote.WriteIndex(tag(t, host+"/localcloud/app:many"), index, login...); err != nil {
		t.Fatal(err)
	}
	got, err := r.service.Image(t.Context(), host+"/localcloud/app:many", iam.Principal{ID: "someone"})
	if err != nil {
		t.Fatal(err)
	}
	sameImage(t, got, own)
}

func TestImageRefusals(t *testing.T) {
	r := start(t)
	r.create(t, artifacts.CreateContainerRepositoryDetails{DisplayName: common.String("app")})
	who := iam.Principal{ID: "someone"}
	for _, c := range []struct {
		reference, want string
		who             iam.Principal
	}{
		{"UPPER/case", "not a valid reference", who},
		{"docker.io/library/nginx:1", "not in this cloud's registry", who},
		{host + "/localcloud/app:none", "was not found", who},
		{host + "/localcloud/none:one", "was not found", who},
		{host + "/localcloud/app:none", "nobody may not pull", iam.Principal{}},
	} {
		if _, err := r.service.Image(context.Background(), c.reference, c.who); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.reference, err, c.want)
		}
	}
}

func TestRepositoryNames(t *testing.T) {
	r := start(t)
	for name, ok := range map[string]bool{"app": true, "a/b/c": true, "a-b_c.d": true, "App": false, "/app": false, "app/": false, "a//b": false, "": false} {
		_, err := r.client.CreateContainerRepository(t.Context(), artifacts.CreateContainerRepositoryRequest{
			CreateContainerRepositoryDetails: artifacts.CreateContainerRepositoryDetails{CompartmentId: common.String(iam.CompartmentID), DisplayName: common.String(name)}})
		if (err == nil) != ok {
			t.Errorf("creating %q: %v", name, err)
		}
	}
	_, err := r.client.CreateContainerRepository(t.Context(), artifacts.CreateContainerRepositoryRequest{
		CreateContainerRepositoryDetails: artifacts.CreateContainerRepositoryDetails{CompartmentId: common.String(iam.CompartmentID), DisplayName: common.String("app")}})
	var failure common.ServiceError
	if !errors.As(err, &failure) || failure.GetHTTPStatusCode() != http.StatusConflict {
		t.Errorf("creating it twice: %v", err)
	}
	// Another region has its own.
	r.client.SetRegion("eu-paris-1")
	r.create(t, artifacts.CreateContainerRepositoryDetails{DisplayName: common.String("app")})
}
