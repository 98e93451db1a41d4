package e2e

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/endpoint"
	"oci-media-pipelines/localcloud/iam"
)

// TestDeployingUser deploys and destroys as a user with the statements that
// docs/tenancy.md asks for, and nothing else. Each of them is needed for something.
func TestDeployingUser(t *testing.T) {
	enter(t, world.cloud)
	t.Cleanup(func() { enter(t, world.cloud) }) // As the administrator again, who clears up.
	statements := deployersStatements(t)
	deployer := newDeployer(t, statements)
	begin := time.Now()
	// Also after a failure: it says why.
	defer func() { wantUsed(t, statements, begin) }()
	s := openStackAs(t, deployer, "deployer", map[string]string{"delivery.enabled": "true"})
	s.up()
	s.preview()
	s.refresh()
	s.destroy()
}

// wantUsed wants everything allowed since a time, and each statement to have allowed
// something.
func wantUsed(t testing.TB, statements []string, since time.Time) {
	t.Helper()
	used := map[string]bool{}
	for _, e := range journal(t, since) {
		for _, d := range e.Decisions {
			if !d.Allowed {
				t.Errorf("%s by %s %s needs %s: %s", e.Operation, e.Principal.Type, e.Principal.ID, d.Asked, d.Missing)
			}
			statement, _, _ := strings.Cut(d.By, " (policy ")
			used[statement] = true
		}
	}
	for _, statement := range statements {
		if !used[statement] {
			t.Errorf("nothing needs %q", statement)
		}
	}
}

// enter points the environment at a local cloud, as an opened stack does.
func enter(t testing.TB, e endpoint.Endpoint) {
	t.Helper()
	for name, value := range e.Environment() {
		must(t, os.Setenv(name, value))
	}
}

// deployersStatements reads what docs/tenancy.md says.
func deployersStatements(t testing.TB) []string {
	t.Helper()
	page, err := os.ReadFile("docs/tenancy.md")
	must(t, err)
	filled := strings.NewReplacer("<g>", "Deployers", "compartment <c>", "compartment id "+iam.CompartmentID, "compartment <j>", "compartment id "+jobCompartment)
	statements := regexp.MustCompile(`(?m)^    (allow group <g> .*)$`).FindAllStringSubmatch(string(page), -1)
	if len(statements) == 0 {
		t.Fatal("docs/tenancy.md has no statements")
	}
	var all []string
	for _, statement := range statements {
		all = append(all, filled.Replace(statement[1]))
	}
	return all
}

// newDeployer makes a user with an API key, in a group with these statements, and
// returns the local cloud's endpoint with that user's credentials.
func newDeployer(t testing.TB, statements []string) endpoint.Endpoint {
	t.Helper()
	ctx := context.Background()
	client := administrator(t, identity.NewIdentityClientWithConfigurationProvider)
	name, tenancy := "Deployers", iam.TenancyID
	user, err := client.CreateUser(ctx, identity.CreateUserRequest{CreateUserDetails: identity.CreateUserDetails{CompartmentId: &tenancy, Name: &name, Description: &name}})
	must(t, err)
	group, err := client.CreateGroup(ctx, identity.CreateGroupRequest{CreateGroupDetails: identity.CreateGroupDetails{CompartmentId: &tenancy, Name: &name, Description: &name}})
	must(t, err)
	in, err := client.AddUserToGroup(ctx, identity.AddUserToGroupRequest{AddUserToGroupDetails: identity.AddUserToGroupDetails{UserId: user.Id, GroupId: group.Id}})
	must(t, err)
	granted, err := client.CreatePolicy(ctx, identity.CreatePolicyRequest{CreatePolicyDetails: identity.CreatePolicyDetails{CompartmentId: &tenancy, Name: &name, Description: &name, Statements: statements}})
	must(t, err)
	t.Cleanup(func() {
		_, err := client.DeletePolicy(ctx, identity.DeletePolicyRequest{PolicyId: granted.Id})
		must(t, err)
		_, err = client.RemoveUserFromGroup(ctx, identity.RemoveUserFromGroupRequest{UserGroupMembershipId: in.Id})
		must(t, err)
		_, err = client.DeleteGroup(ctx, identity.DeleteGroupRequest{GroupId: group.Id})
		must(t, err)
		_, err = client.DeleteUser(ctx, identity.DeleteUserRequest{UserId: user.Id})
		must(t, err)
	})
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	must(t, err)
	public := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	uploaded, err := client.UploadApiKey(ctx, identity.UploadApiKeyRequest{UserId: user.Id, CreateApiKeyDetails: identity.CreateApiKeyDetails{Key: &public}})
	must(t, err)

	e, dir := world.cloud, t.TempDir()
	e.UserID, e.Fingerprint, e.KeyFile, e.ConfigFile = *user.Id, *uploaded.Fingerprint, filepath.Join(dir, "key.pem"), filepath.Join(dir, "config")
	must(t, os.WriteFile(e.KeyFile, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}), 0o600))
	must(t, os.WriteFile(e.ConfigFile, fmt.Appendf(nil, "[DEFAULT]\nuser=%s\nfingerprint=%s\ntenancy=%s\nregion=%s\nkey_file=%s\n",
		e.UserID, e.Fingerprint, e.TenancyID, e.Region, e.KeyFile), 0o600))
	return e
}
