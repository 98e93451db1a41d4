package identity

import (
	"crypto/rand"
	"encoding/hex"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

func (s *Service) routeCustomerSecretKeys() {
	s.api.Route("CreateCustomerSecretKey", "POST /users/{id}/customerSecretKeys", api.On(s.onUser, s.createCustomerSecretKey), "USER_UPDATE", "USER_SECRETKEY_ADD")
	s.api.Route("ListCustomerSecretKeys", "GET /users/{id}/customerSecretKeys", api.On(s.onUser, func(c *api.Call) (*api.Response, error) {
		keys := s.customerSecretKeys(c.Param("id"))
		for i := range keys {
			keys[i] = showSecretKey(keys[i])
		}
		return api.Page(c, keys, false)
	}), "USER_READ")
	s.api.Route("UpdateCustomerSecretKey", "PUT /users/{id}/customerSecretKeys/{key}", api.On(s.onUser, s.updateCustomerSecretKey), "USER_UPDATE", "USER_SECRETKEY_UPDATE")
	s.api.Route("DeleteCustomerSecretKey", "DELETE /users/{id}/customerSecretKeys/{key}", api.On(s.onUser, func(c *api.Call) (*api.Response, error) {
		o, err := s.customerSecretKey(c)
		if err != nil {
			return nil, err
		}
		return api.NoContent(), s.engine.Remove(o.Str("id"))
	}), "USER_UPDATE", "USER_SECRETKEY_REMOVE")
}

// secretKeyID is what the engine knows a key by. In OCI's API an access key is the id,
// and no OCID.
func secretKeyID(accessKey string) string {
	return "ocid1." + typeCustomerSecretKey + ".oc1.." + accessKey
}

func showSecretKey(o kind.Object) kind.Object {
	o["id"] = o["accessKey"]
	delete(o, "accessKey")
	return o
}

func (s *Service) customerSecretKeys(userID string) []kind.Object {
	return s.engine.List(typeCustomerSecretKey, func(o kind.Object) bool { return o.Str("userId") == userID })
}

// customerSecretKey returns the key that a path names, for a change.
func (s *Service) customerSecretKey(c *api.Call) (kind.Object, error) {
	if err := s.home(c); err != nil {
		return nil, err
	}
	o, ok := s.engine.Get(secretKeyID(c.Param("key")))
	if !ok || o.Str("userId") != c.Param("id") {
		return nil, api.NotAuthorizedOrNotFound("Customer secret key %s was not found.", c.Param("key"))
	}
	return o, nil
}

// createCustomerSecretKey answers the secret key, once.
func (s *Service) createCustomerSecretKey(c *api.Call) (*api.Response, error) {
	if err := s.home(c); err != nil {
		return nil, err
	}
	var details sdk.CreateCustomerSecretKeyDetails
	if err := c.Decode(&details); err != nil {
		return nil, err
	}
	if details.DisplayName == nil {
		return nil, api.MissingParameter("displayName is required in CreateCustomerSecretKeyDetails.")
	}
	s.credentials.Lock()
	defer s.credentials.Unlock()
	userID := c.Param("id")
	if err := s.engine.Limits().Tenancy(limits.CustomerSecretKeys, len(s.customerSecretKeys(userID))); err != nil {
		return nil, err
	}
	// Access keys of OCI have 40 hexadecimal digits.
	random := make([]byte, 20)
	_, _ = rand.Read(random) // It never fails (crypto/rand).
	accessKey := hex.EncodeToString(random)
	o := kind.Object{
		"id": secretKeyID(accessKey), "accessKey": accessKey, "userId": userID, "displayName": *details.DisplayName,
		"timeCreated": kind.Timestamp(time.Now()), "lifecycleState": "ACTIVE",
	}
	if err := s.engine.Put(o); err != nil {
		return nil, err
	}
	o = showSecretKey(o)
	o["key"] = s.tenancy.SecretKey(accessKey)
	return api.OK(o), nil
}

func (s *Service) updateCustomerSecretKey(c *api.Call) (*api.Response, error) {
	o, err := s.customerSecretKey(c)
	if err != nil {
		return nil, err
	}
	var details sdk.UpdateCustomerSecretKeyDetails
	if err := c.Decode(&details); err != nil {
		return nil, err
	}
	if details.DisplayName != nil {
		o["displayName"] = *details.DisplayName
	}
	if err := s.engine.Put(o); err != nil {
		return nil, err
	}
	return api.OK(showSecretKey(o)), nil
}

// SecretKey returns the secret of an access key, and whose it is, for Object Storage's
// Amazon S3 Compatibility API.
func (s *Service) SecretKey(accessKey string) (secret string, who iam.Principal, found bool) {
	o, ok := s.engine.Get(secretKeyID(accessKey))
	if !ok || !s.engine.Acts(o) {
		return "", iam.Principal{}, false
	}
	return s.tenancy.SecretKey(accessKey), iam.Principal{Type: iam.User, ID: o.Str("userId"), TenancyID: s.tenancy.ID}, true
}
