package kms

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"

	sdk "github.com/oracle/oci-go-sdk/v65/keymanagement"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

const materials = "kms-materials"

// material is a key's secret bytes.
type material struct {
	VersionID string `json:"versionId"`
	Bytes     []byte `json:"bytes"`
}

func (k *Service) createMaterial(c *api.Call, o kind.Object) error {
	m := material{VersionID: kind.NewID("keyversion", c.Region), Bytes: make([]byte, int(o.Object("keyShape").Number("length")))}
	rand.Read(m.Bytes) // It never fails (crypto/rand).
	o["currentKeyVersion"] = m.VersionID
	return k.store.Put(materials, o.Str("id"), m)
}

// cipherOf returns the cipher of a usable key.
func (k *Service) cipherOf(keyID string) (cipher.AEAD, material, error) {
	o, ok := k.engine.Get(keyID)
	if !ok {
		return nil, material{}, api.NotAuthorizedOrNotFound("Key %s was not found.", keyID)
	}
	if state := o.Str("lifecycleState"); state != "ENABLED" {
		return nil, material{}, api.IncorrectState("Key %s is %s.", keyID, state)
	}
	if vault, ok := k.engine.Get(o.Str("vaultId")); !ok || vault.Str("lifecycleState") != "ACTIVE" {
		return nil, material{}, api.IncorrectState("The vault of key %s is not active.", keyID)
	}
	var m material
	if found, err := k.store.Get(materials, keyID, &m); err != nil {
		return nil, material{}, fmt.Errorf("material of key %s: %w", keyID, err)
	} else if !found {
		return nil, material{}, fmt.Errorf("key %s has no material", keyID)
	}
	block, err := aes.NewCipher(m.Bytes)
	if err != nil {
		return nil, material{}, fmt.Errorf("key %s: %w", keyID, err)
	}
	aead, err := cipher.NewGCM(block)
	return aead, m, err
}

// CheckKey returns an error unless the key can encrypt now.
func (k *Service) CheckKey(keyID string) error {
	_, _, err := k.cipherOf(keyID)
	return err
}

// Encrypt encrypts bytes with a key, bound to associated data.
func (k *Service) Encrypt(keyID string, plaintext, associated []byte) ([]byte, error) {
	aead, _, err := k.cipherOf(keyID)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce) // It never fails (crypto/rand).
	return aead.Seal(nonce, nonce, plaintext, associated), nil
}

// Decrypt reverses Encrypt.
func (k *Service) Decrypt(keyID string, ciphertext, associated []byte) ([]byte, error) {
	aead, _, err := k.cipherOf(keyID)
	if err != nil {
		return nil, err
	}
	if len(ciphertext) < aead.NonceSize() {
		return nil, api.InvalidParameter("ciphertext is too short.")
	}
	plaintext, err := aead.Open(nil, ciphertext[:aead.NonceSize()], ciphertext[aead.NonceSize():], associated)
	if err != nil {
		return nil, api.InvalidParameter("ciphertext was not made by key %s with this associatedData.", keyID)
	}
	return plaintext, nil
}

func (k *Service) routeCrypto() {
	k.crypto.Route("Encrypt", "POST /encrypt", k.encrypt, "KEY_ENCRYPT")
	k.crypto.Route("Decrypt", "POST /decrypt", k.decrypt, "KEY_DECRYPT")
	k.crypto.Route("GenerateDataEncryptionKey", "POST /generateDataEncryptionKey", k.generate, "KEY_ENCRYPT")
}

// decode reads the details of a cryptographic operation, whose key must be in the
// live vault that was called.
func decode[T any](k *Service, c *api.Call, keyID func(T) *string) (T, error) {
	var details T
	vault, err := k.vaultOf(c)
	if err != nil {
		return details, err
	}
	raw, err := c.ReadBody()
	if err != nil {
		return details, err
	}
	if err := kind.Validate(raw, details); err != nil {
		return details, err
	}
	if err := json.Unmarshal(raw, &details); err != nil {
		return details, api.CannotParseRequest("%v.", err)
	}
	id := *keyID(details)
	key, ok := k.engine.Get(id)
	if !ok || key.Str("vaultId") != vault.Str("id") {
		return details, api.NotAuthorizedOrNotFound("Key %s was not found.", id)
	}
	return details, c.AuthorizeDeclared(k.engine.Target("key", key))
}

func (k *Service) encrypt(c *api.Call) (*api.Response, error) {
	d, err := decode(k, c, func(d sdk.EncryptDataDetails) *string { return d.KeyId })
	if err != nil {
		return nil, err
	}
	plaintext, err := base64.StdEncoding.DecodeString(*d.Plaintext)
	if err != nil {
		return nil, api.InvalidParameter("plaintext must be base64.")
	}
	sealed, err := k.Encrypt(*d.KeyId, plaintext, associated(d.AssociatedData))
	if err != nil {
		return nil, err
	}
	return api.OK(map[string]string{"ciphertext": base64.StdEncoding.EncodeToString(sealed), "keyId": *d.KeyId, "encryptionAlgorithm": "AES_256_GCM"}), nil
}

func (k *Service) decrypt(c *api.Call) (*api.Response, error) {
	d, err := decode(k, c, func(d sdk.DecryptDataDetails) *string { return d.KeyId })
	if err != nil {
		return nil, err
	}
	sealed, err := base64.StdEncoding.DecodeString(*d.Ciphertext)
	if err != nil {
		return nil, api.InvalidParameter("ciphertext must be base64.")
	}
	plaintext, err := k.Decrypt(*d.KeyId, sealed, associated(d.AssociatedData))
	if err != nil {
		return nil, err
	}
	return api.OK(map[string]string{"plaintext": base64.StdEncoding.EncodeToString(plaintext), "plaintextChecksum": checksum(plaintext), "keyId": *d.KeyId}), nil
}

func (k *Service) generate(c *api.Call) (*api.Response, error) {
	d, err := decode(k, c, func(d sdk.GenerateKeyDetails) *string { return d.KeyId })
	if err != nil {
		return nil, err
	}
	if d.KeyShape == nil || d.KeyShape.Length == nil || *d.KeyShape.Length < 16 || *d.KeyShape.Length > 64 {
		return nil, api.InvalidParameter("keyShape.length must be 16 to 64 bytes.")
	}
	plaintext := make([]byte, *d.KeyShape.Length)
	rand.Read(plaintext) // It never fails (crypto/rand).
	sealed, err := k.Encrypt(*d.KeyId, plaintext, associated(d.AssociatedData))
	if err != nil {
		return nil, err
	}
	answer := map[string]string{"ciphertext": base64.StdEncoding.EncodeToString(sealed), "plaintextChecksum": checksum(plaintext)}
	if *d.IncludePlaintextKey {
		answer["plaintext"] = base64.StdEncoding.EncodeToString(plaintext)
	}
	return api.OK(answer), nil
}

// associated encodes associated data in a fixed order.
func associated(data map[string]string) []byte {
	if len(data) == 0 {
		return nil
	}
	raw, _ := json.Marshal(data) // A map of strings always encodes.
	return raw
}

// checksum is OCI's checksum of plaintext: its CRC-32 in decimal.
func checksum(plaintext []byte) string {
	return strconv.FormatUint(uint64(crc32.ChecksumIEEE(plaintext)), 10)
}
