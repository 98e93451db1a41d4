package identity

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"strings"

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
	s.api.Route("ListApiKeys", "GET /users/{id}/apiKeys", api.On(s.onUser, s.listCredentials(typeAPIKey, without("id"))), "USER_READ")
	s.api.Route("DeleteApiKey", "DELETE /users/{id}/apiKeys/{fingerprint}", api.On(s.onUser, s.deleteAPIKey), "USER_UPDATE", "USER_APIKEY_REMOVE")
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
	userID := c.Param("id")
	o, err := s.newAPIKey(userID, key)
	if err != nil {
		return nil, err
	}
	err = s.addCredential(limits.APIKeys, o, func(others []kind.Object) error {
		for _, other := range others {
			if other.Str("fingerprint") == o.Str("fingerprint") {
				return api.Conflict("Conflict", "User %s already has the API key %s.", userID, o.Str("fingerprint"))
			}
		}
		return nil
	})
	if err != nil {
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
	o := newCredential(kind.NewID(typeAPIKey, ""), userID)
	o["keyId"], o["fingerprint"] = strings.Join([]string{s.tenancy.ID, userID, fingerprint}, "/"), fingerprint
	o["keyValue"] = string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	return o, nil
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
	for _, key := range s.credentials(typeAPIKey, userID) {
		if key.Str("fingerprint") == fingerprint {
			err := s.engine.Remove(key.Str("id"))
			s.people.changed()
			return api.NoContent(), err
		}
	}
	return nil, api.NotAuthorizedOrNotFound("API key %s was not found.", fingerprint)
}
