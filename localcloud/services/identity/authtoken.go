package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"math/big"
	"strings"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

func (s *Service) routeAuthTokens() {
	s.api.Route("CreateAuthToken", "POST /users/{id}/authTokens", api.On(s.onUser, s.createAuthToken), "USER_UPDATE", "USER_AUTHTOKEN_SET")
	s.api.Route("ListAuthTokens", "GET /users/{id}/authTokens", api.On(s.onUser, func(c *api.Call) (*api.Response, error) {
		tokens := s.authTokens(c.Param("id"))
		for _, t := range tokens {
			delete(t, "hash")
		}
		return api.Page(c, tokens, false)
	}), "USER_READ")
	s.api.Route("UpdateAuthToken", "PUT /users/{id}/authTokens/{token}", api.On(s.onUser, s.updateAuthToken), "USER_UPDATE", "USER_AUTHTOKEN_RESET")
	s.api.Route("DeleteAuthToken", "DELETE /users/{id}/authTokens/{token}", api.On(s.onUser, func(c *api.Call) (*api.Response, error) {
		if _, err := s.authToken(c); err != nil {
			return nil, err
		}
		return api.NoContent(), s.engine.Remove(c.Param("token"))
	}), "USER_UPDATE", "USER_AUTHTOKEN_REMOVE")
}

// authTokens returns those of a user, or of all when userID is empty.
func (s *Service) authTokens(userID string) []kind.Object {
	return s.engine.List(typeAuthToken, func(o kind.Object) bool { return userID == "" || o.Str("userId") == userID })
}

// authToken returns the token that a path names, for a change.
func (s *Service) authToken(c *api.Call) (kind.Object, error) {
	if err := s.home(c); err != nil {
		return nil, err
	}
	o, ok := s.engine.Get(c.Param("token"))
	if !ok || o["hash"] == nil || o.Str("userId") != c.Param("id") {
		return nil, api.NotAuthorizedOrNotFound("Auth token %s was not found.", c.Param("token"))
	}
	return o, nil
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
	s.credentials.Lock()
	defer s.credentials.Unlock()
	userID := c.Param("id")
	if err := s.engine.Limits().Tenancy(limits.AuthTokens, len(s.authTokens(userID))); err != nil {
		return nil, err
	}
	token := newToken()
	o := kind.Object{
		"id": kind.NewID(typeAuthToken, ""), "userId": userID, "description": *details.Description,
		"timeCreated": kind.Timestamp(time.Now()), "lifecycleState": "ACTIVE", "hash": hash(token),
	}
	if err := s.engine.Put(o); err != nil {
		return nil, err
	}
	delete(o, "hash")
	o["token"] = token
	return api.OK(o), nil
}

func (s *Service) updateAuthToken(c *api.Call) (*api.Response, error) {
	o, err := s.authToken(c)
	if err != nil {
		return nil, err
	}
	var details sdk.UpdateAuthTokenDetails
	if err := c.Decode(&details); err != nil {
		return nil, err
	}
	if details.Description != nil {
		o["description"] = *details.Description
	}
	if err := s.engine.Put(o); err != nil {
		return nil, err
	}
	delete(o, "hash")
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
		for _, o := range s.authTokens(user.Str("id")) {
			if s.engine.Acts(o) && subtle.ConstantTimeCompare(given, []byte(o.Str("hash"))) == 1 {
				return iam.Principal{Type: iam.User, ID: user.Str("id"), TenancyID: s.tenancy.ID}, true
			}
		}
	}
	return iam.Principal{}, false
}
