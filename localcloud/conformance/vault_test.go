package conformance_test

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/keymanagement"
	"github.com/oracle/oci-go-sdk/v65/secrets"
	"github.com/oracle/oci-go-sdk/v65/vault"
)

func base64Of(text string) *string { return str(base64.StdEncoding.EncodeToString([]byte(text))) }

func testVault(t *testing.T, compartment *string) {
	vaults := connect(t, keymanagement.NewKmsVaultClientWithConfigurationProvider)
	first, second := newVault(t, vaults, compartment, "v1"), newVault(t, vaults, compartment, "v2")
	exactly(t, vaults.ListVaults, keymanagement.ListVaultsRequest{CompartmentId: compartment, SortBy: keymanagement.ListVaultsSortByDisplayname}, first, second)
	first.update(keymanagement.UpdateVaultDetails{DisplayName: str("v3")})
	model := first.answer.Interface().(keymanagement.GetVaultResponse)
	later := &common.SDKTime{Time: time.Now().AddDate(0, 0, 10)}

	keys := connect(t, func(p common.ConfigurationProvider) (keymanagement.KmsManagementClient, error) {
		return keymanagement.NewKmsManagementClientWithConfigurationProvider(p, *model.ManagementEndpoint)
	})
	shape := &keymanagement.KeyShape{Algorithm: keymanagement.KeyShapeAlgorithmAes, Length: num(32)}
	key := create(t, keys, "Key", keymanagement.CreateKeyDetails{CompartmentId: compartment, DisplayName: str("k"), KeyShape: shape, ProtectionMode: keymanagement.CreateKeyDetailsProtectionModeSoftware})
	other := create(t, keys, "Key", keymanagement.CreateKeyDetails{CompartmentId: compartment, DisplayName: str("j"),
		KeyShape: &keymanagement.KeyShape{Algorithm: keymanagement.KeyShapeAlgorithmAes, Length: num(16)}})
	exactly(t, keys.ListKeys, keymanagement.ListKeysRequest{CompartmentId: compartment, SortBy: keymanagement.ListKeysSortByDisplayname}, other, key)
	exactly(t, keys.ListKeys, keymanagement.ListKeysRequest{CompartmentId: compartment, Algorithm: keymanagement.ListKeysAlgorithmAes, Length: num(32)}, key)
	exactly(t, keys.ListKeys, keymanagement.ListKeysRequest{CompartmentId: compartment, ProtectionMode: keymanagement.ListKeysProtectionModeHsm}, other)
	key.update(keymanagement.UpdateKeyDetails{DisplayName: str("l")})
	do(t, keys.DisableKey, keymanagement.DisableKeyRequest{KeyId: &key.id})
	do(t, keys.EnableKey, keymanagement.EnableKeyRequest{KeyId: &key.id})

	crypto := connect(t, func(p common.ConfigurationProvider) (keymanagement.KmsCryptoClient, error) {
		return keymanagement.NewKmsCryptoClientWithConfigurationProvider(p, *model.CryptoEndpoint)
	})
	sealed := do(t, crypto.Encrypt, keymanagement.EncryptRequest{EncryptDataDetails: keymanagement.EncryptDataDetails{KeyId: &key.id, Plaintext: base64Of("a word")}})
	opened := do(t, crypto.Decrypt, keymanagement.DecryptRequest{DecryptDataDetails: keymanagement.DecryptDataDetails{KeyId: &key.id, Ciphertext: sealed.Ciphertext}})
	if *opened.Plaintext != *base64Of("a word") || *sealed.Ciphertext == *opened.Plaintext {
		t.Errorf("%v opens as %v", sealed, opened)
	}
	data := do(t, crypto.GenerateDataEncryptionKey, keymanagement.GenerateDataEncryptionKeyRequest{GenerateKeyDetails: keymanagement.GenerateKeyDetails{KeyId: &key.id, IncludePlaintextKey: yes, KeyShape: shape}})
	plain := do(t, crypto.Decrypt, keymanagement.DecryptRequest{DecryptDataDetails: keymanagement.DecryptDataDetails{KeyId: &key.id, Ciphertext: data.Ciphertext}})
	if *plain.Plaintext != *data.Plaintext {
		t.Errorf("data key %v opens as %v", data, plain)
	}

	testSecrets(t, compartment, first.id, key.id)

	scheduled := do(t, keys.ScheduleKeyDeletion, keymanagement.ScheduleKeyDeletionRequest{KeyId: &other.id, ScheduleKeyDeletionDetails: keymanagement.ScheduleKeyDeletionDetails{TimeOfDeletion: later}})
	if scheduled.LifecycleState != keymanagement.KeyLifecycleStatePendingDeletion && scheduled.LifecycleState != keymanagement.KeyLifecycleStateSchedulingDeletion {
		t.Errorf("key %v", scheduled)
	}
	until(t, keys.GetKey, keymanagement.GetKeyRequest{KeyId: &other.id}, func(a keymanagement.GetKeyResponse) bool {
		return a.LifecycleState == keymanagement.KeyLifecycleStatePendingDeletion
	})
	do(t, keys.CancelKeyDeletion, keymanagement.CancelKeyDeletionRequest{KeyId: &other.id})
	until(t, keys.GetKey, keymanagement.GetKeyRequest{KeyId: &other.id}, func(a keymanagement.GetKeyResponse) bool {
		return a.LifecycleState == keymanagement.KeyLifecycleStateEnabled
	})
	do(t, vaults.ScheduleVaultDeletion, keymanagement.ScheduleVaultDeletionRequest{VaultId: &second.id, ScheduleVaultDeletionDetails: keymanagement.ScheduleVaultDeletionDetails{TimeOfDeletion: later}})
	until(t, vaults.GetVault, keymanagement.GetVaultRequest{VaultId: &second.id}, func(a keymanagement.GetVaultResponse) bool {
		return a.LifecycleState == keymanagement.VaultLifecycleStatePendingDeletion && a.TimeOfDeletion != nil
	})
	do(t, vaults.CancelVaultDeletion, keymanagement.CancelVaultDeletionRequest{VaultId: &second.id})
	until(t, vaults.GetVault, keymanagement.GetVaultRequest{VaultId: &second.id}, func(a keymanagement.GetVaultResponse) bool {
		return a.LifecycleState == keymanagement.VaultLifecycleStateActive
	})
}

func newVault(t *testing.T, client *keymanagement.KmsVaultClient, compartment *string, name string) *resource {
	t.Helper()
	return create(t, client, "Vault", keymanagement.CreateVaultDetails{CompartmentId: compartment, DisplayName: &name, VaultType: keymanagement.CreateVaultDetailsVaultTypeDefault})
}

func testSecrets(t *testing.T, compartment *string, vaultID, keyID string) {
	client := connect(t, vault.NewVaultsClientWithConfigurationProvider)
	content := func(text string) vault.SecretContentDetails {
		return vault.Base64SecretContentDetails{Content: base64Of(text)}
	}
	made := map[string]*resource{}
	for _, name := range []string{"one", "two", "three"} {
		made[name] = create(t, client, "Secret", vault.CreateSecretDetails{CompartmentId: compartment, VaultId: &vaultID, KeyId: &keyID, SecretName: str(name), SecretContent: content(name)})
	}
	exactly(t, client.ListSecrets, vault.ListSecretsRequest{CompartmentId: compartment, SortBy: vault.ListSecretsSortByName}, made["one"], made["three"], made["two"])
	exactly(t, client.ListSecrets, vault.ListSecretsRequest{CompartmentId: compartment, Name: str("two"), VaultId: &vaultID}, made["two"])
	one := made["one"]
	one.update(vault.UpdateSecretDetails{SecretContent: content("uno")})
	versions := pages(t, client.ListSecretVersions, vault.ListSecretVersionsRequest{SecretId: &one.id})
	ascending := pages(t, client.ListSecretVersions, vault.ListSecretVersionsRequest{SecretId: &one.id, SortBy: vault.ListSecretVersionsSortByVersionNumber, SortOrder: vault.ListSecretVersionsSortOrderAsc})
	if len(versions) != 2 || *versions[0].(vault.SecretVersionSummary).VersionNumber != 2 || *ascending[0].(vault.SecretVersionSummary).VersionNumber != 1 {
		t.Errorf("versions %v and %v", versions, ascending)
	}

	bundles := connect(t, secrets.NewSecretsClientWithConfigurationProvider)
	for want, request := range map[string]secrets.GetSecretBundleRequest{
		"uno": {SecretId: &one.id},
		"one": {SecretId: &one.id, VersionNumber: common.Int64(1)},
	} {
		got := do(t, bundles.GetSecretBundle, request)
		if text := got.SecretBundleContent.(secrets.Base64SecretBundleContentDetails).Content; *text != *base64Of(want) {
			t.Errorf("%v holds %s, want %s", request, *text, want)
		}
	}
	previous := do(t, bundles.GetSecretBundle, secrets.GetSecretBundleRequest{SecretId: &one.id, Stage: secrets.GetSecretBundleStagePrevious})
	named := do(t, bundles.GetSecretBundleByName, secrets.GetSecretBundleByNameRequest{SecretName: str("two"), VaultId: &vaultID})
	if *previous.VersionNumber != 1 || *named.SecretId != made["two"].id {
		t.Errorf("bundles %v and %v", previous, named)
	}

	do(t, client.ScheduleSecretDeletion, vault.ScheduleSecretDeletionRequest{SecretId: &one.id,
		ScheduleSecretDeletionDetails: vault.ScheduleSecretDeletionDetails{TimeOfDeletion: &common.SDKTime{Time: time.Now().AddDate(0, 0, 2)}}})
	until(t, client.GetSecret, vault.GetSecretRequest{SecretId: &one.id}, func(a vault.GetSecretResponse) bool {
		return a.LifecycleState == vault.SecretLifecycleStatePendingDeletion
	})
	refused(t, 404, "NotAuthorizedOrNotFound", bundles.GetSecretBundle, secrets.GetSecretBundleRequest{SecretId: &one.id})
	do(t, client.CancelSecretDeletion, vault.CancelSecretDeletionRequest{SecretId: &one.id})
	until(t, client.GetSecret, vault.GetSecretRequest{SecretId: &one.id}, func(a vault.GetSecretResponse) bool {
		return a.LifecycleState == vault.SecretLifecycleStateActive
	})
}
