package iam

import (
	"crypto/hmac"
	"crypto/md5" // #nosec: OCI defines an API key's fingerprint as the MD5 of its public key.
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// The local cloud's fixed identity, so that a committed stack configuration can
// name its compartment.
const (
	TenancyID     = "ocid1.tenancy.oc1..aaaaaaaalocalcloud"
	UserID        = "ocid1.user.oc1..aaaaaaaalocalcloud"
	CompartmentID = "ocid1.compartment.oc1..aaaaaaaalocalcloud"
	Namespace     = "localcloud"
	HomeRegion    = "us-ashburn-1"
)

// Tenancy is the local cloud's one tenancy with its administrator.
type Tenancy struct {
	ID, UserID, Namespace, HomeRegion string
	// Fingerprint is that of the administrator's API key.
	Fingerprint string
	// KeyFile is the administrator's private key (PEM).
	KeyFile string

	apiKey *rsa.PrivateKey
	users  APIKeys
	// tokenKey signs the session tokens of resource principals.
	tokenKey *rsa.PrivateKey

	mu       sync.Mutex
	sessions map[string]*rsa.PrivateKey
}

// OpenTenancy loads the tenancy's keys from dir, making them on first use, and
// writes an OCI configuration file named config beside them.
func OpenTenancy(dir string) (*Tenancy, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create identity folder: %w", err)
	}
	t := &Tenancy{
		ID: TenancyID, UserID: UserID, Namespace: Namespace, HomeRegion: HomeRegion,
		KeyFile: filepath.Join(dir, "api-key.pem"), sessions: map[string]*rsa.PrivateKey{},
	}
	// Making keys is most of a first start's time.
	var keys errgroup.Group
	keys.Go(func() (err error) { t.apiKey, err = loadKey(t.KeyFile); return err })
	keys.Go(func() (err error) { t.tokenKey, err = loadKey(filepath.Join(dir, "token-key.pem")); return err })
	if err := keys.Wait(); err != nil {
		return nil, err
	}
	var err error
	if t.Fingerprint, err = Fingerprint(&t.apiKey.PublicKey); err != nil {
		return nil, err
	}
	config := fmt.Sprintf("[DEFAULT]\nuser=%s\nfingerprint=%s\ntenancy=%s\nregion=%s\nkey_file=%s\n",
		t.UserID, t.Fingerprint, t.ID, t.HomeRegion, t.KeyFile)
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600); err != nil {
		return nil, fmt.Errorf("write OCI configuration: %w", err)
	}
	return t, nil
}

// APIKeys finds the API keys that users have uploaded.
type APIKeys interface {
	APIKey(userID, fingerprint string) (*rsa.PublicKey, bool)
}

// UseAPIKeys lets users sign with the keys that they have uploaded, beside the
// administrator with the tenancy's own. It is called before the tenancy is asked for
// keys.
func (t *Tenancy) UseAPIKeys(keys APIKeys) { t.users = keys }

// PublicKey is the public half of the administrator's API key.
func (t *Tenancy) PublicKey() *rsa.PublicKey { return &t.apiKey.PublicKey }

// KeyID is the key id with which the administrator signs requests.
func (t *Tenancy) KeyID() string {
	return strings.Join([]string{t.ID, t.UserID, t.Fingerprint}, "/")
}

// SecretKey is the secret of a customer secret key: a function of its access key and of
// the tenancy's own key, so that it need not be kept.
func (t *Tenancy) SecretKey(accessKey string) string {
	h := hmac.New(sha256.New, x509.MarshalPKCS1PrivateKey(t.tokenKey))
	h.Write([]byte("customer secret key " + accessKey))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

func loadKey(path string) (*rsa.PrivateKey, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return createKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM block; remove it to have a new key made", path)
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; remove it to have a new key made", path, err)
	}
	return key, nil
}

func createKey(path string) (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("generate key: %w", err)
	}
	// The label is for OCI's clients, the CLI among them, which warn without it
	// (documentation: Required Keys and OCIDs).
	if err := os.WriteFile(path, append(encodeKey(key), "OCI_API_KEY\n"...), 0o600); err != nil {
		return nil, fmt.Errorf("write key: %w", err)
	}
	return key, nil
}

func encodeKey(key *rsa.PrivateKey) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
}

// Fingerprint is what OCI names a public key by.
func Fingerprint(key *rsa.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", fmt.Errorf("encode public key: %w", err)
	}
	sum := md5.Sum(der) // #nosec
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = fmt.Sprintf("%02x", b)
	}
	return strings.Join(parts, ":"), nil
}
