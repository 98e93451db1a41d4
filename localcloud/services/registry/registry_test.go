package registry_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/oracle/oci-go-sdk/v65/artifacts"
	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/services/registry"
)

func TestPushAndPull(t *testing.T) {
	r := start(t)
	created := r.create(t, artifacts.CreateContainerRepositoryDetails{DisplayName: common.String("demo/app")})
	if *created.Namespace != iam.Namespace || *created.IsPublic || *created.ImageCount != 0 || created.LifecycleState != artifacts.ContainerRepositoryLifecycleStateAvailable {
		t.Errorf("created %v", created)
	}
	img := randomImage(t)
	reference := tag(t, host+"/localcloud/demo/app:one")
	if err := remote.Write(reference, img, r.login(t, host, r.Credentials())...); err != nil {
		t.Fatal(err)
	}

	// A workload pulls, through the registry's other name.
	other := tag(t, shortHost+"/localcloud/demo/app:one")
	pulled, err := remote.Image(other, r.login(t, shortHost, r.workload(t))...)
	if err != nil {
		t.Fatal(err)
	}
	sameImage(t, pulled, img)

	// So does a service on its behalf.
	who := iam.Principal{Type: iam.Resource, ID: "ocid1.computecontainerinstance.oc1..one"}
	digest, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{reference.String(), other.String(), host + "/localcloud/demo/app@" + digest.String()} {
		direct, err := r.service.Image(t.Context(), ref, who)
		if err != nil {
			t.Fatal(err)
		}
		sameImage(t, direct, img)
	}

	tags, err := remote.List(reference.Context(), r.login(t, host, r.Credentials())...)
	if err != nil || fmt.Sprint(tags) != "[one]" {
		t.Errorf("tags %v, %v", tags, err)
	}
	if got := r.get(t, created.Id); *got.ImageCount != 1 || *got.LayerCount != 2 || *got.LayersSizeInBytes == 0 || got.TimeLastPushed == nil {
		t.Errorf("repository after a push: %v", got)
	}
}

// TestImageSurvivesRestart makes the service anew over what the first one kept.
func TestImageSurvivesRestart(t *testing.T) {
	r := start(t)
	r.create(t, artifacts.CreateContainerRepositoryDetails{DisplayName: common.String("app")})
	img := randomImage(t)
	if err := remote.Write(tag(t, host+"/localcloud/app:one"), img, r.login(t, host, r.Credentials())...); err != nil {
		t.Fatal(err)
	}
	again, err := registry.New(r.Engine, r.Store, r.Tenancy, users{}, r.Guard())
	if err != nil {
		t.Fatal(err)
	}
	kept, err := again.Image(t.Context(), host+"/localcloud/app:one", iam.Principal{ID: "someone"})
	if err != nil {
		t.Fatal(err)
	}
	sameImage(t, kept, img)
}

func TestLogin(t *testing.T) {
	r := start(t)
	response, err := r.Client.Get("https://" + host + "/v2/")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	want := fmt.Sprintf(`Bearer realm="https://%s/20180419/docker/token",service="%s",scope=""`, host, host)
	if got := response.Header.Get("Www-Authenticate"); response.StatusCode != http.StatusUnauthorized || got != want {
		t.Errorf("/v2/ answers %d, %q", response.StatusCode, got)
	}

	token := r.token(t, host, r.Credentials())
	for _, c := range []struct {
		name, path string
		header     string
		basic      [2]string
		status     int
	}{
		{"bearer", "/v2/", "Bearer " + token, [2]string{}, 200},
		{"basic at the registry", "/v2/", "", [2]string{"BEARER_TOKEN", token}, 200},
		{"basic at the token URL", "/20180419/docker/token", "", [2]string{"BEARER_TOKEN", token}, 200},
		{"nobody at the token URL", "/20180419/docker/token", "", [2]string{}, 200},
		{"changed token", "/v2/", "Bearer " + token + "x", [2]string{}, 401},
		{"changed token at the token URL", "/20180419/docker/token", "", [2]string{"BEARER_TOKEN", token + "x"}, 401},
		{"unsigned token", "/v2/", "Bearer eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDAsInByaW5jaXBhbCI6eyJpZCI6IngifX0.", [2]string{}, 401},
		{"password", "/20180419/docker/token", "", [2]string{"localcloud/ann", "secret"}, 401},
		{"signature nobody made", "/20180419/docker/token", `Signature version="1",keyId="x",algorithm="rsa-sha256",headers="date (request-target) host",signature="eA=="`, [2]string{}, 401},
		{"unknown path", "/v2/localcloud/app/rumours/latest", "Bearer " + token, [2]string{}, 404},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.header != "" {
			request.Header.Set("Authorization", c.header)
		}
		if c.basic[0] != "" {
			request.SetBasicAuth(c.basic[0], c.basic[1])
		}
		if status, body := r.send(t, request); status != c.status {
			t.Errorf("%s: %d %s, want %d", c.name, status, body, c.status)
		}
	}
}

func TestPushIsRefused(t *testing.T) {
	r := start(t)
	r.create(t, artifacts.CreateContainerRepositoryDetails{DisplayName: common.String("app")})
	r.create(t, artifacts.CreateContainerRepositoryDetails{DisplayName: common.String("fixed"), IsImmutable: common.Bool(true)})
	login := r.login(t, host, r.Credentials())
	img := randomImage(t)

	err := remote.Write(tag(t, host+"/localcloud/other:one"), img, login...)
	wantRefusal(t, err, http.StatusForbidden, "localcloud/other does not exist in us-ashburn-1")
	err = remote.Write(tag(t, host+"/stranger/app:one"), img, login...)
	wantRefusal(t, err, http.StatusForbidden, "stranger/app does not exist")
	err = remote.Write(tag(t, "ocir.eu-paris-1.oci.oraclecloud.com/localcloud/app:one"), img, login...)
	wantRefusal(t, err, http.StatusForbidden, "does not exist in eu-paris-1")
	err = remote.Write(tag(t, host+"/localcloud/app:one"), img, r.as(authn.Anonymous)...)
	wantRefusal(t, err, http.StatusForbidden, "") // a HEAD: no words

	if err := remote.Write(tag(t, host+"/localcloud/fixed:one"), img, login...); err != nil {
		t.Fatal(err)
	}
	err = remote.Write(tag(t, host+"/localcloud/fixed:one"), randomImage(t), login...)
	wantRefusal(t, err, http.StatusForbidden, "immutable")
	if err := remote.Write(tag(t, host+"/localcloud/fixed:two"), img, login...); err != nil {
		t.Error(err)
	}

	// A manifest whose blobs were never uploaded.
	err = remote.Put(tag(t, host+"/localcloud/app:one"), img, login...)
	wantRefusal(t, err, http.StatusNotFound, "has not been uploaded")
}

func TestPublicRepositoryIsReadByAnybody(t *testing.T) {
	r := start(t)
	img := randomImage(t)
	login := r.login(t, host, r.Credentials())
	for name, public := range map[string]bool{"open": true, "closed": false} {
		r.create(t, artifacts.CreateContainerRepositoryDetails{DisplayName: common.String(name), IsPublic: common.Bool(public)})
		if err := remote.Write(tag(t, host+"/localcloud/"+name+":one"), img, login...); err != nil {
			t.Fatal(err)
		}
	}
	pulled, err := remote.Image(tag(t, host+"/localcloud/open:one"), r.as(authn.Anonymous)...)
	if err != nil {
		t.Fatal(err)
	}
	sameImage(t, pulled, img)
	_, err = remote.Image(tag(t, host+"/localcloud/closed:one"), r.as(authn.Anonymous)...)
	wantRefusal(t, err, http.StatusForbidden, "Anonymous users are only allowed read access on public repos")
}
