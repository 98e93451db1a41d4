package runtime

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common/auth"
)

// Subject is the resource on whose behalf a process runs.
type Subject struct {
	// ID is the resource's OCID.
	ID string
	// ResourceType is what dynamic groups match as resource.type, for example
	// "fnfunc" or "computecontainerinstance".
	ResourceType string
	// CompartmentID is the OCID of the resource's compartment.
	CompartmentID string
	// Region is the resource's region, for example "us-ashburn-1".
	Region string
}

// Identity issues resource principal session tokens.
type Identity interface {
	// Credentials returns a signed token (a JWT with an "exp" claim) for the
	// subject and the PEM of the private key whose public half it certifies.
	Credentials(ctx context.Context, subject Subject) (rpst string, privatePEM []byte, err error)
}

// IdentityFunc is an [Identity] made of a function.
type IdentityFunc func(ctx context.Context, subject Subject) (rpst string, privatePEM []byte, err error)

// Credentials calls the function.
func (f IdentityFunc) Credentials(ctx context.Context, subject Subject) (string, []byte, error) {
	return f(ctx, subject)
}

// retryRefresh is the wait after a refresh that failed.
const retryRefresh = 5 * time.Second

// credentials keeps one subject's token and key as files for the SDK to read.
type credentials struct {
	identity Identity
	subject  Subject
	dir      string
}

// variables are those of version 2.2, as
// auth.ResourcePrincipalConfigurationProvider reads them.
func (c *credentials) variables() map[string]string {
	return map[string]string{
		auth.ResourcePrincipalVersionEnvVar:    auth.ResourcePrincipalVersion2_2,
		auth.ResourcePrincipalRPSTEnvVar:       c.tokenFile(),
		auth.ResourcePrincipalPrivatePEMEnvVar: c.keyFile(),
		auth.ResourcePrincipalRegionEnvVar:     c.subject.Region,
	}
}

func (c *credentials) tokenFile() string { return filepath.Join(c.dir, "rpst") }
func (c *credentials) keyFile() string   { return filepath.Join(c.dir, "private.pem") }

// write fetches a new pair, stores it and returns when it wants refreshing:
// after two thirds of what is left of the token's life.
func (c *credentials) write(ctx context.Context) (next time.Duration, err error) {
	token, key, err := c.identity.Credentials(ctx, c.subject)
	if err != nil {
		return 0, fmt.Errorf("resource principal of %s: %w", c.subject.ID, err)
	}
	expiry, err := tokenExpiry(token)
	if err != nil {
		return 0, fmt.Errorf("resource principal of %s: %w", c.subject.ID, err)
	}
	// The key first: the SDK looks at the token to see whether to read both.
	if err := replaceFile(c.keyFile(), key); err != nil {
		return 0, fmt.Errorf("resource principal of %s: %w", c.subject.ID, err)
	}
	if err := replaceFile(c.tokenFile(), []byte(token)); err != nil {
		return 0, fmt.Errorf("resource principal of %s: %w", c.subject.ID, err)
	}
	return time.Until(expiry) * 2 / 3, nil
}

// keepFresh renews the files until ctx ends. Failures are reported as text and
// tried again: the old token serves until it expires.
func (c *credentials) keepFresh(ctx context.Context, next time.Duration, report func(error)) {
	for {
		timer := time.NewTimer(max(next, 100*time.Millisecond))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		var err error
		if next, err = c.write(ctx); err != nil {
			if ctx.Err() != nil {
				return
			}
			report(err)
			next = retryRefresh
		}
	}
}

// tokenExpiry reads the "exp" claim; the signature is the gateway's concern.
func tokenExpiry(token string) (time.Time, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}, errors.New("the token is not a JWT")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return time.Time{}, fmt.Errorf("the token's claims: %w", err)
	}
	var claims struct {
		Expiry int64 `json:"exp"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return time.Time{}, fmt.Errorf("the token's claims: %w", err)
	}
	if claims.Expiry == 0 {
		return time.Time{}, errors.New("the token never expires: it has no exp claim")
	}
	return time.Unix(claims.Expiry, 0), nil
}

// replaceFile writes a private file in one step, so that no reader sees half.
func replaceFile(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	return os.Rename(f.Name(), name)
}
