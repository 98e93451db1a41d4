package kms_test

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/keymanagement"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/services/kms"
)

// safe is a vault and the clients of its two endpoints.
type safe struct {
	t          *testing.T
	id         *string
	vaults     sdk.KmsVaultClient
	management sdk.KmsManagementClient
	crypto     sdk.KmsCryptoClient
}

func must[T any](t *testing.T, value T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func open(t *testing.T) *gatewaytest.Cloud {
	cloud := gatewaytest.New(t)
	cloud.Add(kms.New(cloud.Engine, cloud.Store).APIs()...)
	return cloud
}

func newSafe(t *testing.T, cloud *gatewaytest.Cloud) *safe {
	t.Helper()
	s := &safe{t: t}
	var err error
	s.vaults, err = sdk.NewKmsVaultClientWithConfigurationProvider(cloud.Credentials())
	must(t, 0, err)
	cloud.Use(&s.vaults.BaseClient)
	made, err := s.vaults.CreateVault(t.Context(), sdk.CreateVaultRequest{CreateVaultDetails: sdk.CreateVaultDetails{
		CompartmentId: common.String(iam.CompartmentID), DisplayName: common.String("vault"), VaultType: sdk.CreateVaultDetailsVaultTypeDefault}})
	vault := must(t, made, err)
	s.id = vault.Id
	s.management, err = sdk.NewKmsManagementClientWithConfigurationProvider(cloud.Credentials(), *vault.ManagementEndpoint)
	must(t, 0, err)
	cloud.Use(&s.management.BaseClient)
	s.crypto, err = sdk.NewKmsCryptoClientWithConfigurationProvider(cloud.Credentials(), *vault.CryptoEndpoint)
	must(t, 0, err)
	cloud.Use(&s.crypto.BaseClient)
	return s
}

func (s *safe) key(algorithm sdk.KeyShapeAlgorithmEnum, length int) (*string, error) {
	made, err := s.management.CreateKey(s.t.Context(), sdk.CreateKeyRequest{CreateKeyDetails: sdk.CreateKeyDetails{
		CompartmentId: common.String(iam.CompartmentID), DisplayName: common.String("key"), KeyShape: &sdk.KeyShape{Algorithm: algorithm, Length: common.Int(length)}}})
	return made.Id, err
}

func (s *safe) aes() *string {
	s.t.Helper()
	id, err := s.key(sdk.KeyShapeAlgorithmAes, 32)
	return must(s.t, id, err)
}

func (s *safe) encrypt(key *string, context map[string]string) (*string, error) {
	sealed, err := s.crypto.Encrypt(s.t.Context(), sdk.EncryptRequest{EncryptDataDetails: sdk.EncryptDataDetails{
		KeyId: key, Plaintext: common.String(base64.StdEncoding.EncodeToString([]byte("secret"))), AssociatedData: context}})
	return sealed.Ciphertext, err
}

func (s *safe) decrypt(key, ciphertext *string, context map[string]string) (string, error) {
	opened, err := s.crypto.Decrypt(s.t.Context(), sdk.DecryptRequest{DecryptDataDetails: sdk.DecryptDataDetails{KeyId: key, Ciphertext: ciphertext, AssociatedData: context}})
	if err != nil {
		return "", err
	}
	plaintext, err := base64.StdEncoding.DecodeString(*opened.Plaintext)
	return string(plaintext), err
}

func (s *safe) state(key *string) sdk.KeyLifecycleStateEnum {
	s.t.Helper()
	got, err := s.management.GetKey(s.t.Context(), sdk.GetKeyRequest{KeyId: key})
	return must(s.t, got, err).LifecycleState
}

func (s *safe) disable(key *string) error {
	_, err := s.management.DisableKey(s.t.Context(), sdk.DisableKeyRequest{KeyId: key})
	return err
}

func (s *safe) schedule(key *string, days int) error {
	_, err := s.management.ScheduleKeyDeletion(s.t.Context(), sdk.ScheduleKeyDeletionRequest{KeyId: key, ScheduleKeyDeletionDetails: sdk.ScheduleKeyDeletionDetails{
		TimeOfDeletion: &common.SDKTime{Time: time.Now().AddDate(0, 0, days)}}})
	return err
}

func (s *safe) scheduleVault(days int) error {
	_, err := s.vaults.ScheduleVaultDeletion(s.t.Context(), sdk.ScheduleVaultDeletionRequest{VaultId: s.id, ScheduleVaultDeletionDetails: sdk.ScheduleVaultDeletionDetails{
		TimeOfDeletion: &common.SDKTime{Time: time.Now().AddDate(0, 0, days)}}})
	return err
}

func (s *safe) cancelVault() error {
	_, err := s.vaults.CancelVaultDeletion(s.t.Context(), sdk.CancelVaultDeletionRequest{VaultId: s.id})
	return err
}

func wantStatus(t *testing.T, err error, status int) {
	t.Helper()
	var failure common.ServiceError
	if !errors.As(err, &failure) || failure.GetHTTPStatusCode() != status {
		t.Errorf("error is %v, want %d", err, status)
	}
}

func TestEncryption(t *testing.T) {
	s := newSafe(t, open(t))
	key, other := s.aes(), s.aes()
	context := map[string]string{"b": "2", "a": "1"}
	sealed, err := s.encrypt(key, context)
	must(t, 0, err)
	if got, err := s.decrypt(key, sealed, map[string]string{"a": "1", "b": "2"}); err != nil || got != "secret" {
		t.Errorf("decrypted %q, %v", got, err)
	}
	_, err = s.decrypt(key, sealed, nil)
	wantStatus(t, err, 400)
	_, err = s.decrypt(other, sealed, context)
	wantStatus(t, err, 400)
	_, err = s.decrypt(key, common.String("c2hvcnQ="), nil)
	wantStatus(t, err, 400)
	_, err = s.decrypt(common.String("ocid1.key.oc1..unknown"), sealed, context)
	wantStatus(t, err, 404)
	_, err = s.key(sdk.KeyShapeAlgorithmRsa, 256)
	wantStatus(t, err, 501)
	_, err = s.key(sdk.KeyShapeAlgorithmAes, 20)
	wantStatus(t, err, 400)
}

func TestDisabledKey(t *testing.T) {
	s := newSafe(t, open(t))
	key := s.aes()
	sealed, err := s.encrypt(key, nil)
	must(t, 0, err)
	must(t, 0, s.disable(key))
	_, err = s.encrypt(key, nil)
	wantStatus(t, err, 409)
	_, err = s.decrypt(key, sealed, nil)
	wantStatus(t, err, 409)

	// Cancelling a deletion restores the state before it.
	must(t, 0, s.schedule(key, 7))
	wantStatus(t, s.disable(key), 409)
	_, err = s.management.CancelKeyDeletion(t.Context(), sdk.CancelKeyDeletionRequest{KeyId: key})
	must(t, 0, err)
	if got := s.state(key); got != sdk.KeyLifecycleStateDisabled {
		t.Errorf("the key is %s", got)
	}
	_, err = s.management.EnableKey(t.Context(), sdk.EnableKeyRequest{KeyId: key})
	must(t, 0, err)
	if got, err := s.decrypt(key, sealed, nil); err != nil || got != "secret" {
		t.Errorf("decrypted %q, %v", got, err)
	}
	wantStatus(t, s.disable(s.id), 404) // A vault is no key.
}

func TestKeyIsReachedThroughItsVaultOnly(t *testing.T) {
	cloud := open(t)
	mine, other := newSafe(t, cloud), newSafe(t, cloud)
	key := mine.aes()
	_, err := other.management.GetKey(t.Context(), sdk.GetKeyRequest{KeyId: key})
	wantStatus(t, err, 404)
	wantStatus(t, other.disable(key), 404)
	wantStatus(t, other.schedule(key, 7), 404)
	_, err = other.encrypt(key, nil)
	wantStatus(t, err, 404)
	list, err := other.management.ListKeys(t.Context(), sdk.ListKeysRequest{CompartmentId: common.String(iam.CompartmentID)})
	if err != nil || len(list.Items) != 0 {
		t.Errorf("the other vault lists %v, %v", list.Items, err)
	}
	if got := mine.state(key); got != sdk.KeyLifecycleStateEnabled {
		t.Errorf("the key is %s", got)
	}
}

func TestVaultTakesItsKeysAlong(t *testing.T) {
	s := newSafe(t, open(t))
	key, disabled, earlier := s.aes(), s.aes(), s.aes()
	must(t, 0, s.disable(disabled))
	must(t, 0, s.schedule(earlier, 10))
	wantStatus(t, s.scheduleVault(8), 409) // A key would outlive it.
	must(t, 0, s.scheduleVault(20))
	for _, id := range []*string{key, disabled, earlier} {
		if got := s.state(id); got != sdk.KeyLifecycleStatePendingDeletion {
			t.Errorf("a key is %s", got)
		}
	}
	_, err := s.encrypt(key, nil)
	wantStatus(t, err, 409)
	_, err = s.key(sdk.KeyShapeAlgorithmAes, 32)
	wantStatus(t, err, 409)
	must(t, 0, s.cancelVault())
	for id, want := range map[*string]sdk.KeyLifecycleStateEnum{
		key: sdk.KeyLifecycleStateEnabled, disabled: sdk.KeyLifecycleStateDisabled, earlier: sdk.KeyLifecycleStatePendingDeletion,
	} {
		if got := s.state(id); got != want {
			t.Errorf("a key is %s, want %s", got, want)
		}
	}
	wantStatus(t, s.cancelVault(), 409)
}
