package image

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/oracle/oci-go-sdk/v65/common"
)

// bearerTokenUser is the user name that tells OCIR that the password is a
// token from a signed request.
const bearerTokenUser = "BEARER_TOKEN"

// defaultLifetime is how long a token is used that does not say how long it
// lives. The token specification's minimum is a minute.
const defaultLifetime = time.Minute

// signedLogin logs in to OCIR without an auth token: a GET of the registry's
// token URL, signed like any OCI API call, answers a short-lived token, and
// that is the password of the user BEARER_TOKEN. Whatever can sign a request
// can log in: API key, session token, instance or resource principal.
// (Oracle A-Team, "Authentication Mechanisms for OCI Container Registry".)
type signedLogin struct {
	registry  name.Registry
	signer    common.HTTPRequestSigner
	transport http.RoundTripper

	mu      sync.Mutex
	token   string
	expires time.Time
}

var (
	_ authn.Authenticator        = (*signedLogin)(nil)
	_ authn.ContextAuthenticator = (*signedLogin)(nil)
)

// Authorization implements authn.Authenticator.
func (l *signedLogin) Authorization() (*authn.AuthConfig, error) {
	return l.AuthorizationContext(context.Background())
}

// AuthorizationContext implements authn.ContextAuthenticator. The token is
// kept for its lifetime, less a margin in which a request could be under way.
func (l *signedLogin) AuthorizationContext(ctx context.Context) (*authn.AuthConfig, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Now().After(l.expires) {
		token, lifetime, err := l.fetch(ctx)
		if err != nil {
			return nil, fmt.Errorf("logging in to registry %s: %w", l.registry.RegistryStr(), err)
		}
		l.token, l.expires = token, time.Now().Add(lifetime*9/10)
	}
	return &authn.AuthConfig{Username: bearerTokenUser, Password: l.token}, nil
}

// fetch asks the token URL that the registry itself names. The guard in the
// transport refuses one that is not the registry's own.
func (l *signedLogin) fetch(ctx context.Context) (token string, lifetime time.Duration, err error) {
	challenge, err := transport.Ping(ctx, l.registry, l.transport)
	if err != nil {
		return "", 0, fmt.Errorf("asking for the token URL: %w", err)
	}
	realm := challenge.Parameters["realm"]
	if !strings.EqualFold(challenge.Scheme, "bearer") || realm == "" {
		return "", 0, fmt.Errorf("the registry names no token URL (its challenge is %q)", challenge.Scheme)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, realm, nil)
	if err != nil {
		return "", 0, fmt.Errorf("token URL: %w", err)
	}
	request.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	if err := l.signer.Sign(request); err != nil {
		return "", 0, fmt.Errorf("signing the token request: %w", err)
	}
	// No redirects: the signature is for this URL only.
	response, err := l.transport.RoundTrip(request)
	if err != nil {
		return "", 0, fmt.Errorf("requesting a token: %w", err)
	}
	defer response.Body.Close()
	if err := transport.CheckError(response, http.StatusOK); err != nil {
		return "", 0, fmt.Errorf("requesting a token: %w", err)
	}
	var answer struct {
		Token     string `json:"token"`
		ExpiresIn int    `json:"expires_in"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&answer); err != nil {
		return "", 0, fmt.Errorf("reading the token: %w", err)
	}
	if answer.Token == "" {
		return "", 0, fmt.Errorf("requesting a token: the answer holds none")
	}
	if answer.ExpiresIn > 0 {
		return answer.Token, time.Duration(answer.ExpiresIn) * time.Second, nil
	}
	return answer.Token, lifetimeOf(answer.Token), nil
}

// lifetimeOf reads the expiry that a JSON web token carries. The token is not
// verified: it is the registry's own, and only the registry judges it.
func lifetimeOf(token string) time.Duration {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return defaultLifetime
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return defaultLifetime
	}
	var claims struct {
		Expires float64 `json:"exp"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil || claims.Expires == 0 {
		return defaultLifetime
	}
	return time.Until(time.Unix(int64(claims.Expires), 0))
}
