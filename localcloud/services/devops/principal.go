package devops

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/runtime"
)

// principal is a pipeline, trigger, repository or connection as a caller of OCI's
// APIs: its OCID's type is the resource type that dynamic groups match.
type principal struct {
	runtime.Subject
	service *Service
}

var _ common.ConfigurationProvider = principal{}

// principalOf is a resource as a caller.
func (s *Service) principalOf(o kind.Object) principal {
	id := o.Str("id")
	return principal{service: s, Subject: runtime.Subject{
		ID: id, ResourceType: kind.TypeOf(id), CompartmentID: o.Str("compartmentId"), Region: regionOf(id),
	}}
}

// regionOf reads an OCID's region: ocid1.devopsproject.oc1.us-ashburn-1.abc.
func regionOf(id string) string {
	if parts := strings.Split(id, "."); len(parts) > 3 {
		return parts[3]
	}
	return ""
}

// caller is the principal in the words of policies.
func (p principal) caller() iam.Principal {
	return iam.Principal{Type: iam.Resource, ID: p.ID, ResourceType: p.ResourceType, TenancyID: p.service.Tenancy.ID, CompartmentID: p.CompartmentID}
}

// KeyID is the session token, which OCI's signatures name as ST$<token>.
func (p principal) KeyID() (string, error) {
	token, _, err := p.service.Identity.Credentials(p.service.ctx, p.Subject)
	if err != nil {
		return "", fmt.Errorf("session token of %s: %w", p.ID, err)
	}
	return "ST$" + token, nil
}

// PrivateRSAKey is the session's key.
func (p principal) PrivateRSAKey() (*rsa.PrivateKey, error) {
	_, pem, err := p.service.Identity.Credentials(p.service.ctx, p.Subject)
	if err != nil {
		return nil, fmt.Errorf("session key of %s: %w", p.ID, err)
	}
	return common.PrivateKeyFromBytes(pem, nil)
}

// TenancyOCID is where the principal is.
func (p principal) TenancyOCID() (string, error) { return p.service.Tenancy.ID, nil }

// UserOCID is empty: a resource is no user.
func (principal) UserOCID() (string, error) { return "", nil }

// KeyFingerprint is empty: the token names the key.
func (principal) KeyFingerprint() (string, error) { return "", nil }

// Region is that of the resource's OCID.
func (p principal) Region() (string, error) { return p.Subject.Region, nil }

// AuthType says that the requests are signed by no user.
func (principal) AuthType() (common.AuthConfig, error) {
	return common.AuthConfig{AuthType: common.UnknownAuthenticationType}, errors.New("a resource principal has no authentication type of a configuration file")
}

// prepare lets an SDK client reach the cloud as any client of it does, and repeat
// what a fault struck.
func (s *Service) prepare(client *common.BaseClient) {
	policy := common.NewRetryPolicyWithOptions(
		common.ReplaceWithValuesFromRetryPolicy(common.DefaultRetryPolicyWithoutEventualConsistency()),
		common.WithMaximumNumberAttempts(attempts),
		common.WithShouldRetryOperation(retryable),
		common.WithNextDuration(pause),
	)
	client.SetCustomClientConfiguration(common.CustomClientConfiguration{RetryPolicy: &policy})
	// The circuit breaker would make all pipelines wait for the failures of one.
	client.Configuration.CircuitBreaker = nil
	client.HTTPClient = dispatcher{s.client}
}

// endKey is the key of the context that ends a call.
type endKey struct{}

// whole is a context for a call of the SDK, whose requests end with ctx. The SDK itself
// must not see that end: it would then read an answer that it is still writing
// (oci-go-sdk v65.129.0, common.Retry).
func whole(ctx context.Context) context.Context {
	return context.WithValue(context.WithoutCancel(ctx), endKey{}, ctx)
}

// dispatcher sends the requests of calls.
type dispatcher struct{ client *http.Client }

// Do sends a request, which ends with the context that the call was made for.
func (d dispatcher) Do(r *http.Request) (*http.Response, error) {
	if ctx, ok := r.Context().Value(endKey{}).(context.Context); ok {
		r = r.WithContext(ctx)
	}
	return d.client.Do(r)
}

// attempts bounds how often a pipeline sends one request.
const attempts = 6

// retryable tells failures that a repetition may heal: no answer, throttling and
// the server's own.
func retryable(response common.OCIOperationResponse) bool {
	if response.Error == nil || errors.Is(response.Error, context.Canceled) || errors.Is(response.Error, context.DeadlineExceeded) {
		return false
	}
	if failure, ok := common.IsServiceError(response.Error); ok {
		status := failure.GetHTTPStatusCode()
		return status == http.StatusTooManyRequests || status >= 500 && status != http.StatusNotImplemented
	}
	return true
}

// pause doubles from about 100 ms.
func pause(response common.OCIOperationResponse) time.Duration {
	base := 50 * time.Millisecond << min(response.AttemptNumber, 6)
	return base/2 + rand.N(base)
}

// newClient makes the client through which pipelines reach the cloud's own APIs.
func newClient(proxyURL, caFile string) (*http.Client, error) {
	proxy, err := url.Parse(proxyURL)
	if err != nil {
		return nil, fmt.Errorf("proxy of the pipelines: %w", err)
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("authority of the pipelines' client: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("authority of the pipelines' client: %s holds no certificate", caFile)
	}
	return &http.Client{Transport: &http.Transport{
		Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute,
	}}, nil
}
