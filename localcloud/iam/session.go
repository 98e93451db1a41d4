package iam

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// SessionLifetime is how long a resource principal's session token is valid.
const SessionLifetime = 15 * time.Minute

// ErrUnknownKey means that a key id names no key of this tenancy, or a session
// token that is expired or was not issued here.
var ErrUnknownKey = errors.New("unknown or expired key")

// sessionClaims are the claims of OCI's resource principal session tokens that
// its SDKs read, and jwk, the public half of the key that signs the requests.
type sessionClaims struct {
	jwt.RegisteredClaims
	ResourceType  string `json:"res_type"`
	CompartmentID string `json:"res_compartment"`
	TenancyID     string `json:"res_tenant"`
	JWK           string `json:"jwk"`
}

type jwk struct {
	Kty string `json:"kty"`
	N   string `json:"n"`
	E   string `json:"e"`
}

// Session issues a session token for a workload and returns it with the private
// key (PEM) that the workload signs its requests with.
func (t *Tenancy) Session(resourceID, resourceType, compartmentID string) (token string, privateKey []byte, err error) {
	key, err := t.sessionKey(resourceID)
	if err != nil {
		return "", nil, err
	}
	public, err := json.Marshal(jwk{
		Kty: "RSA",
		N:   base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		E:   base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	})
	if err != nil {
		return "", nil, fmt.Errorf("encode session key: %w", err)
	}
	now := time.Now()
	token, err = jwt.NewWithClaims(jwt.SigningMethodRS256, sessionClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: resourceID, IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(SessionLifetime)),
		},
		ResourceType: resourceType, CompartmentID: compartmentID, TenancyID: t.ID, JWK: string(public),
	}).SignedString(t.tokenKey)
	if err != nil {
		return "", nil, fmt.Errorf("sign session token: %w", err)
	}
	return token, encodeKey(key), nil
}

// sessionKey keeps one key per workload while the process lives: making an RSA
// key takes longer than starting a function.
func (t *Tenancy) sessionKey(resourceID string) (*rsa.PrivateKey, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if key := t.sessions[resourceID]; key != nil {
		return key, nil
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("generate session key: %w", err)
	}
	t.sessions[resourceID] = key
	return key, nil
}

// Key returns the public key and the caller that a signature's key id stands
// for: `<tenancy>/<user>/<fingerprint>`, or `ST$` and a session token.
func (t *Tenancy) Key(keyID string) (*rsa.PublicKey, Principal, error) {
	if token, ok := strings.CutPrefix(keyID, "ST$"); ok {
		return t.session(token)
	}
	if keyID == t.KeyID() {
		return &t.apiKey.PublicKey, Principal{Type: User, ID: t.UserID, TenancyID: t.ID}, nil
	}
	parts := strings.Split(keyID, "/")
	if len(parts) == 3 && parts[0] == t.ID && t.users != nil {
		if key, ok := t.users.APIKey(parts[1], parts[2]); ok {
			return key, Principal{Type: User, ID: parts[1], TenancyID: t.ID}, nil
		}
	}
	return nil, Principal{}, fmt.Errorf("%w: %s", ErrUnknownKey, keyID)
}

func (t *Tenancy) session(token string) (*rsa.PublicKey, Principal, error) {
	var claims sessionClaims
	_, err := jwt.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return &t.tokenKey.PublicKey, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Alg()}), jwt.WithExpirationRequired())
	if err != nil {
		return nil, Principal{}, fmt.Errorf("%w: session token: %v", ErrUnknownKey, err)
	}
	var public jwk
	if err := json.Unmarshal([]byte(claims.JWK), &public); err != nil {
		return nil, Principal{}, fmt.Errorf("%w: session token's jwk: %v", ErrUnknownKey, err)
	}
	n, errN := base64.RawURLEncoding.DecodeString(public.N)
	e, errE := base64.RawURLEncoding.DecodeString(public.E)
	if errN != nil || errE != nil {
		return nil, Principal{}, fmt.Errorf("%w: session token's jwk is malformed", ErrUnknownKey)
	}
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	return key, Principal{
		Type: Resource, ID: claims.Subject, ResourceType: claims.ResourceType,
		TenancyID: claims.TenancyID, CompartmentID: claims.CompartmentID,
	}, nil
}
