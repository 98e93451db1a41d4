package vault_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/keymanagement"
	"github.com/oracle/oci-go-sdk/v65/secrets"
	sdk "github.com/oracle/oci-go-sdk/v65/vault"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/services/kms"
	"oci-media-pipelines/localcloud/services/vault"
)

type clients struct {
	cloud   *gatewaytest.Cloud
	vaults  keymanagement.KmsVaultClient
	keys    keymanagement.KmsManagementClient
	crypto  keymanagement.KmsCryptoClient
	secrets sdk.VaultsClient
	bundles secrets.SecretsClient
	vaultID *string
	keyID   *string
}

// open makes a vault and a key.
func open(t *testing.T) clients {
	t.Helper()
	cloud := gatewaytest.New(t)
	keyService := kms.New(cloud.Engine, cloud.Store)
	cloud.Add(keyService.APIs()...)
	cloud.Add(vault.New(cloud.Engine, cloud.Store, keyService).APIs()...)
	c := clients{cloud: cloud}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	credentials := cloud.Credentials()
	c.vaults, err = keymanagement.NewKmsVaultClientWithConfigurationProvider(credentials)
	must(err)
	cloud.Use(&c.vaults.BaseClient)
	v, err := c.vaults.CreateVault(context.Background(), keymanagement.CreateVaultRequest{CreateVaultDetails: keymanagement.CreateVaultDetails{
		CompartmentId: common.String(iam.CompartmentID), DisplayName: common.String("v"), VaultType: keymanagement.CreateVaultDetailsVaultTypeDefault}})
	must(err)
	c.vaultID = v.Id
	c.keys, err = keymanagement.NewKmsManagementClientWithConfigurationProvider(credentials, *v.ManagementEndpoint)
	must(err)
	cloud.Use(&c.keys.BaseClient)
	c.crypto, err = keymanagement.NewKmsCryptoClientWithConfigurationProvider(credentials, *v.CryptoEndpoint)
	must(err)
	cloud.Use(&c.crypto.BaseClient)
	key, err := c.keys.CreateKey(context.Background(), keymanagement.CreateKeyRequest{CreateKeyDetails: keymanagement.CreateKeyDetails{
		CompartmentId: common.String(iam.CompartmentID), DisplayName: common.String("k"),
		KeyShape: &keymanagement.KeyShape{Algorithm: keymanagement.KeyShapeAlgorithmAes, Length: common.Int(32)}}})
	must(err)
	c.keyID = key.Id
	c.secrets, err = sdk.NewVaultsClientWithConfigurationProvider(credentials)
	must(err)
	cloud.Use(&c.secrets.BaseClient)
	c.bundles, err = secrets.NewSecretsClientWithConfigurationProvider(credentials)
	must(err)
	cloud.Use(&c.bundles.BaseClient)
	return c
}

func (c clients) create(name, content string) (sdk.CreateSecretResponse, error) {
	return c.secrets.CreateSecret(context.Background(), sdk.CreateSecretRequest{CreateSecretDetails: sdk.CreateSecretDetails{
		CompartmentId: common.String(iam.CompartmentID), VaultId: c.vaultID, KeyId: c.keyID, SecretName: common.String(name),
		SecretContent: sdk.Base64SecretContentDetails{Content: common.String(base64.StdEncoding.EncodeToString([]byte(content)))}}})
}

func (c clients) read(id *string) (string, error) {
	r, err := c.bundles.GetSecretBundle(context.Background(), secrets.GetSecretBundleRequest{SecretId: id})
	if err != nil {
		return "", err
	}
	content := r.SecretBundleContent.(secrets.Base64SecretBundleContentDetails)
	raw, err := base64.StdEncoding.DecodeString(*content.Content)
	return string(raw), err
}

func wantStatus(t *testing.T, err error, status int) {
	t.Helper()
	var failure common.ServiceError
	if !errors.As(err, &failure) || failure.GetHTTPStatusCode() != status {
		t.Fatalf("error is %v, want status %d", err, status)
	}
}

func TestSecretLife(t *testing.T) {
	c := open(t)
	ctx := context.Background()
	made, err := c.create("password", "first")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.read(made.Id); err != nil || got != "first" {
		t.Fatalf("read %q, %v", got, err)
	}
	_, err = c.create("password", "again")
	wantStatus(t, err, 400)
	updated, err := c.secrets.UpdateSecret(ctx, sdk.UpdateSecretRequest{SecretId: made.Id, UpdateSecretDetails: sdk.UpdateSecretDetails{
		SecretContent: sdk.Base64SecretContentDetails{Content: common.String(base64.StdEncoding.EncodeToString([]byte("second")))}}})
	if err != nil || *updated.CurrentVersionNumber != 2 {
		t.Fatalf("updated %v, %v", updated, err)
	}
	if got, err := c.read(made.Id); err != nil || got != "second" {
		t.Fatalf("read %q, %v", got, err)
	}
	if _, err := c.secrets.ScheduleSecretDeletion(ctx, sdk.ScheduleSecretDeletionRequest{SecretId: made.Id}); err != nil {
		t.Fatal(err)
	}
	_, err = c.read(made.Id)
	wantStatus(t, err, 404)
	// A secret that is pending deletion keeps its name.
	_, err = c.create("password", "third")
	wantStatus(t, err, 400)
}

func TestPendingVaultMakesSecretsUnreadable(t *testing.T) {
	c := open(t)
	made, err := c.create("password", "value")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.vaults.ScheduleVaultDeletion(context.Background(), keymanagement.ScheduleVaultDeletionRequest{VaultId: c.vaultID}); err != nil {
		t.Fatal(err)
	}
	_, err = c.read(made.Id)
	wantStatus(t, err, 404)
}

func TestGeneratedKeyAndEncryption(t *testing.T) {
	c := open(t)
	ctx := context.Background()
	generated, err := c.crypto.GenerateDataEncryptionKey(ctx, keymanagement.GenerateDataEncryptionKeyRequest{GenerateKeyDetails: keymanagement.GenerateKeyDetails{
		IncludePlaintextKey: common.Bool(true), KeyId: c.keyID, KeyShape: &keymanagement.KeyShape{Algorithm: keymanagement.KeyShapeAlgorithmAes, Length: common.Int(32)}}})
	if err != nil || generated.Plaintext == nil || generated.PlaintextChecksum == nil {
		t.Fatalf("generated %v, %v", generated, err)
	}
	opened, err := c.crypto.Decrypt(ctx, keymanagement.DecryptRequest{DecryptDataDetails: keymanagement.DecryptDataDetails{KeyId: c.keyID, Ciphertext: generated.Ciphertext}})
	if err != nil || *opened.Plaintext != *generated.Plaintext {
		t.Fatalf("decrypted %v, %v", opened, err)
	}
}

func TestContentIsNeverStoredInClear(t *testing.T) {
	c := open(t)
	const content = "a-very-recognisable-secret"
	if _, err := c.create("password", content); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(c.cloud.Dir, "localcloud.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{content, base64.StdEncoding.EncodeToString([]byte(content))} {
		if bytes.Contains(raw, []byte(form)) {
			t.Fatalf("the database holds %q", form)
		}
	}
}
