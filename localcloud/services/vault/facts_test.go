package vault_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/keymanagement"
	"github.com/oracle/oci-go-sdk/v65/secrets"
	sdk "github.com/oracle/oci-go-sdk/v65/vault"

	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/limits"
)

func refused(t *testing.T, err error, status int, code, words string) {
	t.Helper()
	var failure common.ServiceError
	if !errors.As(err, &failure) || failure.GetHTTPStatusCode() != status || failure.GetCode() != code || !strings.Contains(failure.GetMessage(), words) {
		t.Errorf("error %v, want %d %s with %q", err, status, code, words)
	}
}

// impatient is open with clients that try once: conflicts and what is missing stay
// so, and OCI's clients try for minutes.
func impatient(t *testing.T) clients {
	t.Helper()
	c := open(t)
	once := common.NoRetryPolicy()
	for _, client := range []*common.BaseClient{&c.vaults.BaseClient, &c.keys.BaseClient, &c.secrets.BaseClient, &c.bundles.BaseClient} {
		client.Configuration.RetryPolicy = &once
	}
	return c
}

func TestASecretPendingDeletionKeepsItsName(t *testing.T) {
	c := impatient(t)
	made, err := c.create("password", "1")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.create("password", "2")
	refused(t, err, 400, "InvalidParameter", "already exists")
	if _, err := c.secrets.ScheduleSecretDeletion(t.Context(), sdk.ScheduleSecretDeletionRequest{SecretId: made.Id}); err != nil {
		t.Fatal(err)
	}
	_, err = c.create("password", "2")
	refused(t, err, 400, "InvalidParameter", "already exists")
	_, err = c.bundles.GetSecretBundleByName(t.Context(), secrets.GetSecretBundleByNameRequest{SecretName: common.String("password"), VaultId: c.vaultID})
	refused(t, err, 404, "NotAuthorizedOrNotFound", "")
}

func TestSecretNamesAndContents(t *testing.T) {
	c := impatient(t)
	for _, tt := range []struct{ name, content, words string }{
		{"a name", "x", "secretName"},
		{strings.Repeat("n", 256), "x", "secretName"},
		{"empty", "", "secretContent.content"},
		{"large", strings.Repeat("x", 25<<10+1), "25601 bytes"},
	} {
		_, err := c.create(tt.name, tt.content)
		refused(t, err, 400, "InvalidParameter", tt.words)
	}
}

func TestASecretNeedsAnEnabledKeyOfItsVault(t *testing.T) {
	c := impatient(t)
	if _, err := c.keys.DisableKey(t.Context(), keymanagement.DisableKeyRequest{KeyId: c.keyID}); err != nil {
		t.Fatal(err)
	}
	_, err := c.create("password", "x")
	refused(t, err, 409, "IncorrectState", "is DISABLED")
}

func TestDeletingAKeyMakesItsSecretsUnreadableAtOnce(t *testing.T) {
	c := impatient(t)
	made, err := c.create("password", "x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.keys.ScheduleKeyDeletion(t.Context(), keymanagement.ScheduleKeyDeletionRequest{KeyId: c.keyID}); err != nil {
		t.Fatal(err)
	}
	_, err = c.bundles.GetSecretBundle(t.Context(), secrets.GetSecretBundleRequest{SecretId: made.Id})
	refused(t, err, 404, "NotAuthorizedOrNotFound", "")
}

func TestAVaultPendingDeletionCountsToTheLimit(t *testing.T) {
	c := impatient(t)
	c.cloud.Engine.Limits().Set(limits.Vaults, 1)
	if _, err := c.vaults.ScheduleVaultDeletion(t.Context(), keymanagement.ScheduleVaultDeletionRequest{VaultId: c.vaultID}); err != nil {
		t.Fatal(err)
	}
	_, err := c.vaults.CreateVault(t.Context(), keymanagement.CreateVaultRequest{CreateVaultDetails: keymanagement.CreateVaultDetails{
		CompartmentId: common.String(iam.CompartmentID), DisplayName: common.String("second"), VaultType: keymanagement.CreateVaultDetailsVaultTypeDefault}})
	refused(t, err, 400, "LimitExceeded", "virtual-vault-count")
}

func TestASecretHasSoManyVersions(t *testing.T) {
	c := impatient(t)
	made, err := c.create("password", "1")
	if err != nil {
		t.Fatal(err)
	}
	c.cloud.Engine.Limits().Set(limits.SecretVersions, 1)
	_, err = c.secrets.UpdateSecret(t.Context(), sdk.UpdateSecretRequest{SecretId: made.Id, UpdateSecretDetails: sdk.UpdateSecretDetails{
		SecretContent: sdk.Base64SecretContentDetails{Content: common.String("Mg==")}}})
	refused(t, err, 400, "LimitExceeded", "versions")
}
