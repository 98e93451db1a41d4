package devops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/oracle/oci-go-sdk/v65/common"
)

// bearerTokenUser is the user name that tells OCIR that the password is a token from
// a signed request (Oracle A-Team, "Authentication Mechanisms for OCI Container
// Registry").
const bearerTokenUser = "BEARER_TOKEN"

// registryLogin logs a pipeline in to OCIR with its own signature.
type registryLogin struct {
	as     principal
	client *http.Client
	host   string
}

// registryKeychain finds the login for whichever registry an image names.
type registryKeychain struct {
	as     principal
	client *http.Client
}

// Resolve implements authn.Keychain.
func (k registryKeychain) Resolve(resource authn.Resource) (authn.Authenticator, error) {
	return registryLogin{as: k.as, client: k.client, host: resource.RegistryStr()}, nil
}

// registryOptions let a pipeline reach OCIR as itself.
func (s *Service) registryOptions(ctx context.Context, as principal) []remote.Option {
	return []remote.Option{
		remote.WithContext(ctx), remote.WithTransport(s.client.Transport), remote.WithAuthFromKeychain(registryKeychain{as: as, client: s.client}),
		remote.WithRetryStatusCodes(http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout),
	}
}

// Authorization implements authn.Authenticator.
func (l registryLogin) Authorization() (*authn.AuthConfig, error) {
	token, err := l.token()
	if err != nil {
		return nil, fmt.Errorf("log in to registry %s: %w", l.host, err)
	}
	return &authn.AuthConfig{Username: bearerTokenUser, Password: token}, nil
}

// token asks for one, again where a failure may heal.
func (l registryLogin) token() (string, error) {
	return backoff.Retry(l.as.service.ctx, func() (string, error) {
		token, err := l.ask()
		if failure, ok := errors.AsType[*transport.Error](err); ok && failure.StatusCode != http.StatusTooManyRequests && failure.StatusCode < 500 {
			return "", backoff.Permanent(err)
		}
		return token, err
	}, backoff.WithMaxTries(attempts))
}

func (l registryLogin) ask() (string, error) {
	request, err := http.NewRequestWithContext(l.as.service.ctx, http.MethodGet, "https://"+l.host+"/20180419/docker/token", nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	if err := common.DefaultRequestSigner(l.as).Sign(request); err != nil {
		return "", fmt.Errorf("sign the request for a token: %w", err)
	}
	response, err := l.client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if err := transport.CheckError(response, http.StatusOK); err != nil {
		return "", err
	}
	var answer struct {
		Token string `json:"token"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&answer); err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	return answer.Token, nil
}

// digestOf resolves an image's tag to the digest that it has now.
func (s *Service) digestOf(ctx context.Context, as principal, uri string) (string, error) {
	tag, err := name.NewTag(uri, name.StrictValidation)
	if err != nil {
		return "", fmt.Errorf("the image URI %s: %w", uri, err)
	}
	descriptor, err := remote.Head(tag, s.registryOptions(ctx, as)...)
	if err != nil {
		return "", as.refused(err, "read image "+uri, "read", "repos")
	}
	return descriptor.Digest.String(), nil
}
