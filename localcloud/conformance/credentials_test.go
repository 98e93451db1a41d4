package conformance_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/oracle/oci-go-sdk/v65/artifacts"
	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/identity"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/localcloud/iam"
)

// newUser makes a user in a group of their own.
func newUser(t *testing.T, client *identity.IdentityClient, name string) (user, group *resource) {
	t.Helper()
	user = create(t, client, "User", identity.CreateUserDetails{CompartmentId: root, Name: str(unique(name)), Description: str("d"), Email: str(unique(name) + "@example.com")})
	group = create(t, client, "Group", identity.CreateGroupDetails{CompartmentId: root, Name: str(unique(name)), Description: str("d")})
	do(t, client.AddUserToGroup, identity.AddUserToGroupRequest{AddUserToGroupDetails: identity.AddUserToGroupDetails{UserId: &user.id, GroupId: &group.id}})
	return user, group
}

// uploadKey gives a user an API key and returns what signs with it.
func uploadKey(t *testing.T, client *identity.IdentityClient, user string) (common.ConfigurationProvider, *string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	fingerprint := do(t, client.UploadApiKey, identity.UploadApiKeyRequest{UserId: &user, CreateApiKeyDetails: identity.CreateApiKeyDetails{
		Key: str(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})))}}).Fingerprint
	return common.NewRawConfigurationProvider(iam.TenancyID, user, iam.HomeRegion, *fingerprint, string(private), nil), fingerprint
}

// testRevokedKeys uses keys before and after they, or their user, are gone.
func testRevokedKeys(t *testing.T, client *identity.IdentityClient) {
	user := create(t, client, "User", identity.CreateUserDetails{CompartmentId: root, Name: str(unique("keys")), Description: str("d"), Email: str("keys@example.com")})
	first, fingerprint := uploadKey(t, client, user.id)
	second, _ := uploadKey(t, client, user.id)
	signs := func(what string, provider common.ConfigurationProvider, known bool) {
		t.Helper()
		own, err := objectstorage.NewObjectStorageClientWithConfigurationProvider(provider)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(what, func(t *testing.T) {
			if known {
				do(t, own.GetNamespace, objectstorage.GetNamespaceRequest{})
			} else {
				refused(t, 401, "NotAuthenticated", own.GetNamespace, objectstorage.GetNamespaceRequest{})
			}
		})
	}
	id := func(parts ...string) string { return strings.Join(parts, "/") }
	signs("one key", first, true)
	signs("another key", second, true)
	signs("under the tenancy's own name", renamed{first, id(iam.TenancyID, user.id, *fingerprint)}, true)
	signs("under another tenancy's name", renamed{first, id("ocid1.tenancy.oc1..another", user.id, *fingerprint)}, false)
	signs("under another user's name", renamed{first, id(iam.TenancyID, iam.UserID, *fingerprint)}, false)
	signs("under another fingerprint", renamed{first, id(iam.TenancyID, user.id, strings.Repeat("00:", 15)+"00")}, false)
	signs("under the other key's name", renamed{first, keyID(t, second)}, false)
	do(t, client.DeleteApiKey, identity.DeleteApiKeyRequest{UserId: &user.id, Fingerprint: fingerprint})
	signs("a deleted key", first, false)
	signs("the key that is left", second, true)
	user.delete()
	signs("a deleted user's key", second, false)
}

func keyID(t *testing.T, provider common.ConfigurationProvider) string {
	t.Helper()
	id, err := provider.KeyID()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// renamed signs with a key under another key id.
type renamed struct {
	common.ConfigurationProvider
	id string
}

// KeyID returns the other id.
func (r renamed) KeyID() (string, error) { return r.id, nil }

// testDockerLogin pushes as docker does after docker login with an auth token.
func testDockerLogin(t *testing.T, client *identity.IdentityClient) {
	user, group := newUser(t, client, "docker")
	compartment := compartmentOf("docker")
	create(t, client, "Policy", identity.CreatePolicyDetails{CompartmentId: compartment, Name: str(unique("docker")), Description: str("d"),
		Statements: []string{"allow group id " + group.id + " to manage repos in compartment id " + *compartment}})
	repository, path := newRepository(t, connect(t, artifacts.NewArtifactsClientWithConfigurationProvider), compartment, "conformance/docker")
	token := do(t, client.CreateAuthToken, identity.CreateAuthTokenRequest{UserId: &user.id, CreateAuthTokenDetails: identity.CreateAuthTokenDetails{Description: str("push")}})
	reference, err := name.ParseReference(path + ":1")
	if err != nil {
		t.Fatal(err)
	}
	image, err := random.Image(1024, 1)
	if err != nil {
		t.Fatal(err)
	}
	as := func(user, password string) error {
		return remote.Write(reference, image, remote.WithAuth(&authn.Basic{Username: user, Password: password}), remote.WithContext(t.Context()))
	}
	right := iam.Namespace + "/" + unique("docker")
	if err := as(right, *token.Token); err != nil {
		t.Fatal(err)
	}
	for what, login := range map[string][2]string{
		"another password": {right, "guess"}, "no password": {right, ""}, "another namespace": {"other/" + unique("docker"), *token.Token},
		"another user": {iam.Namespace + "/localcloud", *token.Token}, "no namespace": {unique("docker"), *token.Token},
	} {
		// Without a password this client does not log in at all.
		if err := as(login[0], login[1]); login[1] != "" && (err == nil || !strings.Contains(err.Error(), "UNAUTHORIZED")) {
			t.Errorf("%s: %v", what, err)
		}
		code, _ := fetch(t, http.MethodGet, "https://"+registryHost+"/20180419/docker/token", "", func(r *http.Request) { r.SetBasicAuth(login[0], login[1]) })
		if code != http.StatusUnauthorized {
			t.Errorf("%s: the token request is answered with %d", what, code)
		}
	}
	do(t, client.DeleteAuthToken, identity.DeleteAuthTokenRequest{UserId: &user.id, AuthTokenId: token.Id})
	if err := as(right, *token.Token); err == nil || !strings.Contains(err.Error(), "UNAUTHORIZED") {
		t.Errorf("with a deleted token: %v", err)
	}
	repository.delete()
}
