package identity

import (
	"crypto/rand"
	"encoding/hex"

	sdk "github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

func (s *Service) routeCustomerSecretKeys() {
	s.api.Route("CreateCustomerSecretKey", "POST /users/{id}/customerSecretKeys", api.On(s.onUser, s.createCustomerSecretKey), "USER_UPDATE", "USER_SECRETKEY_ADD")
	s.api.Route("ListCustomerSecretKeys", "GET /users/{id}/customerSecretKeys", api.On(s.onUser, s.listCredentials(typeCustomerSecretKey, showSecretKey)), "USER_READ")
	s.api.Route("UpdateCustomerSecretKey", "PUT /users/{id}/customerSecretKeys/{key}", api.On(s.onUser, updateCredential(s, s.customerSecretKey, "displayName",
		func(d sdk.UpdateCustomerSecretKeyDetails) *string { return d.DisplayName }, showSecretKey)), "USER_UPDATE", "USER_SECRETKEY_UPDATE")
	s.api.Route("DeleteCustomerSecretKey", "DELETE /users/{id}/customerSecretKeys/{key}", api.On(s.onUser, s.deleteCredential(s.customerSecretKey)), "USER_UPDATE", "USER_SECRETKEY_REMOVE")
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

func (s *Service) customerSecretKey(c *api.Call) (kind.Object, error) {
	return s.credential(c, typeCustomerSecretKey, secretKeyID(c.Param("key")), "Customer secret key "+c.Param("key"))
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
	// Access keys of OCI have 40 hexadecimal digits.
	random := make([]byte, 20)
	_, _ = rand.Read(random) // It never fails (crypto/rand).
	accessKey := hex.EncodeToString(random)
	o := newCredential(secretKeyID(accessKey), c.Param("id"))
	o["accessKey"], o["displayName"] = accessKey, *details.DisplayName
	if err := s.addCredential(limits.CustomerSecretKeys, o, nil); err != nil {
		return nil, err
	}
	o = showSecretKey(o)
	o["key"] = s.tenancy.SecretKey(accessKey)
	return api.OK(o), nil
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
