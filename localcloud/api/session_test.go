package api_test

import "crypto/rsa"

// session signs with a workload's key and session token.
type session struct {
	key   *rsa.PrivateKey
	token string
}

// PrivateRSAKey returns the workload's key.
func (s session) PrivateRSAKey() (*rsa.PrivateKey, error) { return s.key, nil }

// KeyID names the session token.
func (s session) KeyID() (string, error) { return "ST$" + s.token, nil }
