package registry

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/store"
)

// TokenLifetime is how long a registry token is valid. OCIR's live an hour.
const TokenLifetime = time.Hour

// bearerTokenUser is the user name whose password is a registry token.
const bearerTokenUser = "BEARER_TOKEN"

type claims struct {
	jwt.RegisteredClaims
	Principal iam.Principal `json:"principal"`
}

// tokenKey loads the key that signs tokens, making it on first use, so that a
// token survives a restart.
func tokenKey(s *store.Store) ([]byte, error) {
	var key []byte
	found, err := s.Get("registry", "token-key", &key)
	if err != nil || found {
		return key, err
	}
	key = make([]byte, 32)
	rand.Read(key) // It never fails (crypto/rand).
	return key, s.Put("registry", "token-key", key)
}

// issue makes a token that says who its bearer is. Nobody is a principal too:
// who may pull from public repositories.
func (s *Service) issue(who iam.Principal, expires time.Time) (*api.Response, error) {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: who.ID, IssuedAt: jwt.NewNumericDate(time.Now()), ExpiresAt: jwt.NewNumericDate(expires)},
		Principal:        who,
	}).SignedString(s.key)
	if err != nil {
		return nil, fmt.Errorf("sign registry token: %w", err)
	}
	return api.OK(map[string]any{"token": token, "expires_in": int(time.Until(expires).Seconds())}), nil
}

// check returns who a token speaks for and when it ends.
func (s *Service) check(token string) (who iam.Principal, expires time.Time, err error) {
	var c claims
	_, err = jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return s.key, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithExpirationRequired())
	if err != nil {
		return iam.Principal{}, time.Time{}, fmt.Errorf("registry token: %w", err)
	}
	return c.Principal, c.ExpiresAt.Time, nil
}

// login answers GET /20180419/docker/token: a token for a signed request, for
// a user's name and auth token or the token of an earlier request as BEARER_TOKEN's
// password (docker login), or, without any credential, one for nobody.
func (s *Service) login(c *api.Call) (*api.Response, error) {
	user, password, basic := c.BasicAuth()
	switch {
	case c.Header.Get("Authorization") == "":
		return s.issue(iam.Principal{}, time.Now().Add(TokenLifetime))
	case basic:
		who, expires, err := s.password(user, password)
		if err != nil {
			return nil, unauthorized(err.Error())
		}
		c.Principal = who
		return s.issue(who, expires)
	}
	signed, err := s.auth.Authenticate(c.Request)
	if err != nil {
		return nil, unauthorized(err.Error())
	}
	c.Principal = signed.Principal
	return s.issue(signed.Principal, time.Now().Add(TokenLifetime))
}

// password tells whom a user name and password stand for, and until when:
// BEARER_TOKEN with a token, or <namespace>/<user> with one of the user's auth
// tokens (documentation: Logging in to Container Registry). Users of the Default
// domain may be named with it.
func (s *Service) password(user, password string) (who iam.Principal, expires time.Time, err error) {
	if user == bearerTokenUser {
		return s.check(password)
	}
	namespace, name, _ := strings.Cut(user, "/")
	name = strings.TrimPrefix(name, "Default/")
	if namespace != s.tenancy.Namespace || name == "" {
		return iam.Principal{}, time.Time{}, fmt.Errorf("the user name must be %s/<user>, it is %q", s.tenancy.Namespace, user)
	}
	who, ok := s.users.Login(name, password)
	if !ok {
		return iam.Principal{}, time.Time{}, fmt.Errorf("the password of %s must be one of the user's auth tokens (not the console password, not an API key)", user)
	}
	return who, time.Now().Add(TokenLifetime), nil
}

// Login returns whom a user name and password stand for, as in docker login.
func (s *Service) Login(user, password string) (iam.Principal, error) {
	who, _, err := s.password(user, password)
	return who, err
}

// bearer tells who sends a request to the registry itself.
func (s *Service) bearer(c *api.Call) error {
	if user, password, ok := c.BasicAuth(); ok {
		who, _, err := s.password(user, password)
		if err != nil {
			return unauthorized(err.Error())
		}
		c.Principal = who
		return nil
	}
	scheme, token, _ := strings.Cut(c.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return unauthorized("authentication required")
	}
	who, _, err := s.check(token)
	if err != nil {
		return unauthorized(err.Error())
	}
	c.Principal = who
	return nil
}

// challenge names the place to get a token from, as OCIR does.
func challenge(host string) string {
	return fmt.Sprintf(`Bearer realm="https://%s/20180419/docker/token",service="%s",scope=""`, host, host)
}

func unauthorized(message string) *refusal {
	return &refusal{Status: http.StatusUnauthorized, Code: "UNAUTHORIZED", Message: message}
}
