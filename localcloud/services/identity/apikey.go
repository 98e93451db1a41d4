package identity

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"strings"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

// minKeyBits is the least size of a key (documentation: Required Keys and OCIDs).
const minKeyBits = 2048

func (s *Service) routeAPIKeys() {
	s.api.Route("UploadApiKey", "POST /users/{id}/apiKeys", api.On(s.onUser, s.uploadAPIKey), "USER_UPDATE", "USER_APIKEY_ADD")
	s.api.Route("ListApiKeys", "GET /users/{id}/apiKeys", api.On(s.onUser, func(c *api.Call) (*api.Response, error) {
		keys := s.apiKeys(c.Param("id"))
		for _, k := range keys {
			delete(k, "id")
		}
		return api.Page(c, keys, false)
	}), "USER_READ")
	s.api.Route("DeleteApiKey", "DELETE /users/{id}/apiKeys/{fingerprint}", api.On(s.onUser, s.deleteAPIKey), "USER_UPDATE", "USER_APIKEY_REMOVE")
}

func (s *Service) apiKeys(userID string) []kind.Object {
	return s.engine.List(typeAPIKey, func(o kind.Object) bool { return o.Str("userId") == userID })
}

func (s *Service) uploadAPIKey(c *api.Call) (*api.Response, error) {
	if err := s.home(c); err != nil {
		return nil, err
	}
	var details sdk.CreateApiKeyDetails
	if err := c.Decode(&details); err != nil {
		return nil, err
	}
	if details.Key == nil {
		return nil, api.MissingParameter("key is required in CreateApiKeyDetails.")
	}
	key, err := readPublicKey(*details.Key)
	if err != nil {
		return nil, api.InvalidParameter("key is not a public key in PEM format: %v.", err)
	}
	s.credentials.Lock()
	defer s.credentials.Unlock()
	userID := c.Param("id")
	o, err := s.newAPIKey(userID, key)
	if err != nil {
		return nil, err
	}
	keys := s.apiKeys(userID)
	for _, other := range keys {
		if other.Str("fingerprint") == o.Str("fingerprint") {
			return nil, api.Conflict("Conflict", "User %s already has the API key %s.", userID, o.Str("fingerprint"))
		}
	}
	if err := s.engine.Limits().Tenancy(limits.APIKeys, len(keys)); err != nil {
		return nil, err
	}
	if err := s.engine.Put(o); err != nil {
		return nil, err
	}
	s.people.changed()
	delete(o, "id")
	return api.OK(o), nil
}

// newAPIKey is a user's key as it is kept; its id is not part of OCI's API, in which
// the fingerprint names a key.
func (s *Service) newAPIKey(userID string, key *rsa.PublicKey) (kind.Object, error) {
	fingerprint, err := iam.Fingerprint(key)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, err
	}
	return kind.Object{
		"id": kind.NewID(typeAPIKey, ""), "keyId": strings.Join([]string{s.tenancy.ID, userID, fingerprint}, "/"), "userId": userID,
		"fingerprint": fingerprint, "keyValue": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
		"timeCreated": kind.Timestamp(time.Now()), "lifecycleState": "ACTIVE",
	}, nil
}

func readPublicKey(text string) (*rsa.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("it has no PEM block")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok || key.N.BitLen() < minKeyBits {
		return nil, errors.New("it must be an RSA key of at least 2048 bits")
	}
	return key, nil
}

// deleteAPIKey revokes a key: what it signs from now on is refused. The key that the
// local cloud's own commands sign with stays.
func (s *Service) deleteAPIKey(c *api.Call) (*api.Response, error) {
	if err := s.home(c); err != nil {
		return nil, err
	}
	userID, fingerprint := c.Param("id"), c.Param("fingerprint")
	if userID == s.tenancy.UserID && fingerprint == s.tenancy.Fingerprint {
		return nil, api.NewError(http.StatusForbidden, "NotAllowed", "The key %s is the one that administers the local cloud and cannot be deleted.", fingerprint)
	}
	for _, key := range s.apiKeys(userID) {
		if key.Str("fingerprint") == fingerprint {
			err := s.engine.Remove(key.Str("id"))
			s.people.changed()
			return api.NoContent(), err
		}
	}
	return nil, api.NotAuthorizedOrNotFound("API key %s was not found.", fingerprint)
}
