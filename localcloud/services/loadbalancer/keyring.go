package loadbalancer

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"oci-media-pipelines/localcloud/store"
)

const sealedKeys = "loadbalancer-private-keys"

// keyring keeps the private keys of certificates, encrypted with a key that is
// in a file of its own, so that the state's database holds none in clear text.
type keyring struct {
	store *store.Store
	aead  cipher.AEAD
}

func openKeyring(s *store.Store) (*keyring, error) {
	dir, err := s.Dir("loadbalancer")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "sealing-key")
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, 32)
		rand.Read(key) // It never fails (crypto/rand).
		err = os.WriteFile(path, key, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("key of the load balancers' certificates: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &keyring{s, aead}, nil
}

func (k *keyring) put(lb, certificate, key string) error {
	id := lb + "/" + certificate
	return k.store.Put(sealedKeys, id, k.aead.Seal(nil, nil, []byte(key), []byte(id)))
}

// get returns a certificate's private key, empty when it has none.
func (k *keyring) get(lb, certificate string) (string, error) {
	id := lb + "/" + certificate
	var sealed []byte
	found, err := k.store.Get(sealedKeys, id, &sealed)
	if err != nil || !found {
		return "", err
	}
	key, err := k.aead.Open(nil, nil, sealed, []byte(id))
	if err != nil {
		return "", fmt.Errorf("private key of certificate %q: %w", certificate, err)
	}
	return string(key), nil
}

func (k *keyring) remove(lb, certificate string) error {
	return k.store.Delete(sealedKeys, lb+"/"+certificate)
}

// removeAll forgets the keys of a load balancer.
func (k *keyring) removeAll(lb string) error {
	var ids []string
	err := k.store.Scan(sealedKeys, lb+"/", func(id string, _ json.RawMessage) error {
		ids = append(ids, id)
		return nil
	})
	for _, id := range ids {
		err = errors.Join(err, k.store.Delete(sealedKeys, id))
	}
	return err
}
