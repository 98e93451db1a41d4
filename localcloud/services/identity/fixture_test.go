package identity_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strconv"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/identity"
)

// person is a user with an API key, and a client that signs with it.
type person struct {
	id, fingerprint string
	client          sdk.IdentityClient
}

func (f *fixture) createUser(name string) string {
	f.Helper()
	made, err := f.client.CreateUser(f.ctx, sdk.CreateUserRequest{CreateUserDetails: sdk.CreateUserDetails{
		CompartmentId: str(iam.TenancyID), Name: str(name), Description: str("d"), Email: str(name + "@example.com")}})
	f.ok(err)
	return *made.Id
}

func (f *fixture) createGroup(name string) string {
	f.Helper()
	made, err := f.client.CreateGroup(f.ctx, sdk.CreateGroupRequest{CreateGroupDetails: sdk.CreateGroupDetails{
		CompartmentId: str(iam.TenancyID), Name: str(name), Description: str("d")}})
	f.ok(err)
	return *made.Id
}

func (f *fixture) join(userID, groupID string) string {
	f.Helper()
	made, err := f.client.AddUserToGroup(f.ctx, sdk.AddUserToGroupRequest{AddUserToGroupDetails: sdk.AddUserToGroupDetails{UserId: &userID, GroupId: &groupID}})
	f.ok(err)
	return *made.Id
}

// key makes an API key and returns both halves as PEM.
func (f *fixture) key() (private, public string) {
	f.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	f.ok(err)
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	f.ok(err)
	private = string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	return private, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// person makes a user in groups that can sign.
func (f *fixture) person(name string, groupIDs ...string) person {
	f.Helper()
	p := person{id: f.createUser(name)}
	private, public := f.key()
	uploaded, err := f.client.UploadApiKey(f.ctx, sdk.UploadApiKeyRequest{UserId: &p.id, CreateApiKeyDetails: sdk.CreateApiKeyDetails{Key: &public}})
	f.ok(err)
	p.fingerprint = *uploaded.Fingerprint
	for _, id := range groupIDs {
		f.join(p.id, id)
	}
	p.client = f.clientOf(common.NewRawConfigurationProvider(iam.TenancyID, p.id, iam.HomeRegion, p.fingerprint, private, nil))
	return p
}

func (f *fixture) clientOf(credentials common.ConfigurationProvider) sdk.IdentityClient {
	f.Helper()
	client, err := sdk.NewIdentityClientWithConfigurationProvider(credentials)
	f.ok(err)
	f.cloud.Use(&client.BaseClient)
	// The SDK repeats what fails with 404 for minutes after any write of identity.
	once := common.NoRetryPolicy()
	client.SetCustomClientConfiguration(common.CustomClientConfiguration{RetryPolicy: &once})
	return client
}

// denied fails unless err is OCI's answer to a caller without permission.
func (f *fixture) denied(err error) {
	f.Helper()
	f.refused(err, 404, "NotAuthorizedOrNotFound", "Authorization failed or requested resource not found")
}

func status(err error) int {
	var failure common.ServiceError
	if errors.As(err, &failure) {
		return failure.GetHTTPStatusCode()
	}
	return 0
}

// restart makes the service again over what the cloud has kept.
func restart(t *testing.T, cloud *gatewaytest.Cloud) *identity.Service {
	t.Helper()
	service, err := identity.New(kind.NewEngine(cloud.Store), cloud.Tenancy)
	if err != nil {
		t.Fatal(err)
	}
	return service
}

// benchmarked is a service with as many policies as three stacks have.
func benchmarked(b *testing.B) *identity.Service {
	b.Helper()
	cloud := gatewaytest.New(b)
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	for stack := range 3 {
		name := strconv.Itoa(stack)
		must(cloud.Engine.Put(kind.Object{"id": "ocid1.dynamicgroup.oc1..f" + name, "name": "functions" + name, "matchingRule": rule}))
		for part := range 5 {
			in := " in compartment id " + iam.CompartmentID
			must(cloud.Engine.Put(kind.Object{"id": kind.NewID("policy", ""), "compartmentId": iam.CompartmentID, "name": name + strconv.Itoa(part), "statements": []string{
				"allow dynamic-group id ocid1.dynamicgroup.oc1..f" + name + " to read objects" + in + " where target.bucket.name = 'photos'",
				"allow service FaaS to read repos" + in, "allow service cloudEvents to use functions-family" + in,
				"allow any-user to use fn-invocation" + in + " where all {request.principal.type = 'eventrule', request.principal.compartment.id = '" + iam.CompartmentID + "'}",
			}}))
		}
	}
	service, err := identity.New(cloud.Engine, cloud.Tenancy)
	must(err)
	return service
}
