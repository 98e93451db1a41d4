package registry_test

import (
	"crypto/rsa"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/oracle/oci-go-sdk/v65/artifacts"
	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/services/registry"
)

const (
	host      = "ocir.us-ashburn-1.oci.oraclecloud.com"
	shortHost = "iad.ocir.io"
)

// rig is a cloud with a registry, and a client of its Artifacts API.
type rig struct {
	*gatewaytest.Cloud
	service *registry.Service
	client  artifacts.ArtifactsClient
}

// users are auth tokens by user name.
type users map[string]string

func (u users) Login(name, token string) (iam.Principal, bool) {
	if token == "" || u[name] != token {
		return iam.Principal{}, false
	}
	return iam.Principal{Type: iam.User, ID: "ocid1.user.oc1.." + name, TenancyID: iam.TenancyID}, true
}

func start(t *testing.T) *rig {
	t.Helper()
	cloud := gatewaytest.New(t)
	service, err := registry.New(cloud.Engine, cloud.Store, cloud.Tenancy, users{"alice": "token of alice"}, cloud.Guard())
	if err != nil {
		t.Fatal(err)
	}
	cloud.Add(service.APIs()...)
	client, err := artifacts.NewArtifactsClientWithConfigurationProvider(cloud.Credentials())
	if err != nil {
		t.Fatal(err)
	}
	cloud.Use(&client.BaseClient)
	return &rig{cloud, service, client}
}

func (r *rig) create(t *testing.T, details artifacts.CreateContainerRepositoryDetails) artifacts.ContainerRepository {
	t.Helper()
	details.CompartmentId = common.String(iam.CompartmentID)
	created, err := r.client.CreateContainerRepository(t.Context(), artifacts.CreateContainerRepositoryRequest{CreateContainerRepositoryDetails: details})
	if err != nil {
		t.Fatal(err)
	}
	return created.ContainerRepository
}

func (r *rig) get(t *testing.T, id *string) artifacts.ContainerRepository {
	t.Helper()
	got, err := r.client.GetContainerRepository(t.Context(), artifacts.GetContainerRepositoryRequest{RepositoryId: id})
	if err != nil {
		t.Fatal(err)
	}
	return got.ContainerRepository
}

// token asks for a registry token with a request signed by credentials.
func (r *rig) token(t *testing.T, host string, credentials common.KeyProvider) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host+"/20180419/docker/token", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	if err := common.DefaultRequestSigner(credentials).Sign(request); err != nil {
		t.Fatal(err)
	}
	status, body := r.send(t, request)
	var answer struct {
		Token string `json:"token"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || status != http.StatusOK || answer.Token == "" {
		t.Fatalf("token request: %d %s", status, body)
	}
	return answer.Token
}

func (r *rig) send(t *testing.T, request *http.Request) (int, []byte) {
	t.Helper()
	response, err := r.Client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body
}

// login is how docker logs in: with the answer of a signed token request.
func (r *rig) login(t *testing.T, host string, credentials common.KeyProvider) []remote.Option {
	t.Helper()
	return r.as(&authn.Basic{Username: "BEARER_TOKEN", Password: r.token(t, host, credentials)})
}

func (r *rig) as(who authn.Authenticator) []remote.Option {
	return []remote.Option{remote.WithTransport(r.Client.Transport), remote.WithAuth(who)}
}

func tag(t *testing.T, reference string) name.Tag {
	t.Helper()
	parsed, err := name.NewTag(reference, name.StrictValidation)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func randomImage(t *testing.T) v1.Image {
	t.Helper()
	img, err := random.Image(2048, 2)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// sameImage reads an image whole and compares it with the one that was pushed.
func sameImage(t *testing.T, got, want v1.Image) {
	t.Helper()
	layers, err := got.Layers()
	if err != nil {
		t.Fatal(err)
	}
	for _, layer := range layers {
		digest, err := layer.Digest()
		if err != nil {
			t.Fatal(err)
		}
		content, err := layer.Compressed()
		if err != nil {
			t.Fatal(err)
		}
		if read, _, err := v1.SHA256(content); err != nil || read != digest {
			t.Errorf("layer %s reads as %s, %v", digest, read, err)
		}
		if err := content.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := got.ConfigFile(); err != nil {
		t.Error(err)
	}
	a, errA := got.Digest()
	b, errB := want.Digest()
	if a != b || errA != nil || errB != nil {
		t.Errorf("image is %s (%v), want %s (%v)", a, errA, b, errB)
	}
}

func wantRefusal(t *testing.T, err error, status int, text string) {
	t.Helper()
	var refused *transport.Error
	if !errors.As(err, &refused) || refused.StatusCode != status || !strings.Contains(err.Error(), text) {
		t.Errorf("error is %v, want %d with %q", err, status, text)
	}
}

// workload signs as a resource principal.
type workload struct {
	keyID string
	key   *rsa.PrivateKey
}

func (w workload) KeyID() (string, error)                  { return w.keyID, nil }
func (w workload) PrivateRSAKey() (*rsa.PrivateKey, error) { return w.key, nil }

func (r *rig) workload(t *testing.T) workload {
	t.Helper()
	session, pem, err := r.Tenancy.Session("ocid1.computecontainerinstance.oc1..one", "computecontainerinstance", iam.CompartmentID)
	if err != nil {
		t.Fatal(err)
	}
	key, err := common.PrivateKeyFromBytes(pem, nil)
	if err != nil {
		t.Fatal(err)
	}
	return workload{"ST$" + session, key}
}
