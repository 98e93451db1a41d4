package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"math/big"
	"strings"

	sdk "github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

func (s *Service) routeAuthTokens() {
	s.api.Route("CreateAuthToken", "POST /users/{id}/authTokens", api.On(s.onUser, s.createAuthToken), "USER_UPDATE", "USER_AUTHTOKEN_SET")
	s.api.Route("ListAuthTokens", "GET /users/{id}/authTokens", api.On(s.onUser, s.listCredentials(typeAuthToken, without("hash"))), "USER_READ")
	s.api.Route("UpdateAuthToken", "PUT /users/{id}/authTokens/{token}", api.On(s.onUser, updateCredential(s, s.authToken, "description",
		func(d sdk.UpdateAuthTokenDetails) *string { return d.Description }, without("hash"))), "USER_UPDATE", "USER_AUTHTOKEN_RESET")
	s.api.Route("DeleteAuthToken", "DELETE /users/{id}/authTokens/{token}", api.On(s.onUser, s.deleteCredential(s.authToken)), "USER_UPDATE", "USER_AUTHTOKEN_REMOVE")
}

func (s *Service) authToken(c *api.Call) (kind.Object, error) {
	return s.credential(c, typeAuthToken, c.Param("token"), "Auth token "+c.Param("token"))
}

// createAuthToken answers the token, once: only its hash is kept.
func (s *Service) createAuthToken(c *api.Call) (*api.Response, error) {
	if err := s.home(c); err != nil {
		return nil, err
	}
	var details sdk.CreateAuthTokenDetails
	if err := c.Decode(&details); err != nil {
		return nil, err
	}
	if details.Description == nil || *details.Description == "" {
		return nil, api.MissingParameter("description is required in CreateAuthTokenDetails.")
	}
	token := newToken()
	o := newCredential(kind.NewID(typeAuthToken, ""), c.Param("id"))
	o["description"], o["hash"] = *details.Description, hash(token)
	if err := s.addCredential(limits.AuthTokens, o, nil); err != nil {
		return nil, err
	}
	delete(o, "hash")
	o["token"] = token
	return api.OK(o), nil
}

// newToken makes a token in OCI's form: 20 characters.
func newToken() string {
	const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:;_-#<>+"
	token := make([]byte, 20)
	for i := range token {
		n, _ := rand.Int(rand.Reader, big.NewInt(int64(len(characters)))) // It never fails (crypto/rand).
		token[i] = characters[n.Int64()]
	}
	return string(token)
}

func hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Login returns the user of a name, if token is one of their auth tokens: for
// services that users log in to with a password, such as the container registry.
func (s *Service) Login(name, token string) (iam.Principal, bool) {
	given := []byte(hash(token))
	for _, user := range s.engine.List(typeUser, func(o kind.Object) bool { return strings.EqualFold(o.Str("name"), name) }) {
		for _, o := range s.credentials(typeAuthToken, user.Str("id")) {
			if s.engine.Acts(o) && subtle.ConstantTimeCompare(given, []byte(o.Str("hash"))) == 1 {
				return iam.Principal{Type: iam.User, ID: user.Str("id"), TenancyID: s.tenancy.ID}, true
			}
		}
	}
	return iam.Principal{}, false
}
