package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"math/big"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// maxAuthTokens is how many auth tokens a user may have (documentation: Service
// Limits).
const maxAuthTokens = 2

func (s *Service) routeUsers() {
	s.api.Route("GetUser", "GET /users/{id}", func(c *api.Call) (*api.Response, error) {
		if err := s.checkUser(c); err != nil {
			return nil, err
		}
		return api.OK(s.user()), nil
	})
	s.api.Route("ListUsers", "GET /users", func(c *api.Call) (*api.Response, error) {
		return api.Page(c, []kind.Object{s.user()}, false)
	})
}

// user is the tenancy's one user.
func (s *Service) user() kind.Object {
	return kind.Object{
		"id": s.tenancy.UserID, "compartmentId": s.tenancy.ID, "name": "localcloud", "description": "The local cloud's administrator",
		"timeCreated": kind.Timestamp(time.Unix(0, 0)), "lifecycleState": "ACTIVE", "isMfaActivated": false,
		"freeformTags": map[string]any{}, "definedTags": map[string]any{},
	}
}

func (s *Service) checkUser(c *api.Call) error {
	if c.Param("id") != s.tenancy.UserID {
		return api.NotAuthorizedOrNotFound("User %s was not found.", c.Param("id"))
	}
	return nil
}

func (s *Service) routeAuthTokens() {
	s.api.Route("CreateAuthToken", "POST /users/{id}/authTokens", s.createAuthToken)
	s.api.Route("ListAuthTokens", "GET /users/{id}/authTokens", func(c *api.Call) (*api.Response, error) {
		if err := s.checkUser(c); err != nil {
			return nil, err
		}
		tokens := s.authTokens()
		for _, t := range tokens {
			delete(t, "hash")
		}
		return api.Page(c, tokens, false)
	})
	s.api.Route("UpdateAuthToken", "PUT /users/{id}/authTokens/{token}", s.updateAuthToken)
	s.api.Route("DeleteAuthToken", "DELETE /users/{id}/authTokens/{token}", func(c *api.Call) (*api.Response, error) {
		if _, err := s.authToken(c); err != nil {
			return nil, err
		}
		return api.NoContent(), s.engine.Remove(c.Param("token"))
	})
}

func (s *Service) authTokens() []kind.Object { return s.engine.List(typeAuthToken, nil) }

// authToken returns the token that a path names, for a change.
func (s *Service) authToken(c *api.Call) (kind.Object, error) {
	if err := s.home(c); err != nil {
		return nil, err
	}
	if err := s.checkUser(c); err != nil {
		return nil, err
	}
	o, ok := s.engine.Get(c.Param("token"))
	if !ok || o["hash"] == nil {
		return nil, api.NotAuthorizedOrNotFound("Auth token %s was not found.", c.Param("token"))
	}
	return o, nil
}

// createAuthToken answers the token, once: only its hash is kept.
func (s *Service) createAuthToken(c *api.Call) (*api.Response, error) {
	if err := s.home(c); err != nil {
		return nil, err
	}
	if err := s.checkUser(c); err != nil {
		return nil, err
	}
	var details sdk.CreateAuthTokenDetails
	if err := c.Decode(&details); err != nil {
		return nil, err
	}
	if details.Description == nil || *details.Description == "" {
		return nil, api.MissingParameter("description is required in CreateAuthTokenDetails.")
	}
	s.tokens.Lock()
	defer s.tokens.Unlock()
	if n := len(s.authTokens()); n >= maxAuthTokens {
		return nil, api.LimitExceeded("User %s already has %d auth tokens; the limit is %d. Delete one that is not used.", s.tenancy.UserID, n, maxAuthTokens)
	}
	token := newToken()
	o := kind.Object{
		"id": kind.NewID(typeAuthToken, ""), "userId": s.tenancy.UserID, "description": *details.Description,
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

// CheckAuthToken reports whether token is one of the user's, for services that a
// user logs in to with a password, such as the container registry.
func (s *Service) CheckAuthToken(token string) bool {
	given, found := []byte(hash(token)), 0
	for _, o := range s.authTokens() {
		found |= subtle.ConstantTimeCompare(given, []byte(o.Str("hash")))
	}
	return found == 1
}
