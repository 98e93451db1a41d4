package devops

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common/auth"

	"oci-media-pipelines/localcloud/iam"
)

// environment is how a stage's steps reach the cloud, and as whom: with the variables
// of a resource principal, which OCI's command line and SDKs understand. The token is
// renewed until end is called.
func (b *build) environment(ctx context.Context, workspace string) (variables []string, end func(), err error) {
	token, key := filepath.Join(workspace, ".principal", "rpst"), filepath.Join(workspace, ".principal", "private.pem")
	if err := os.MkdirAll(filepath.Dir(token), 0o700); err != nil {
		return nil, nil, fmt.Errorf("resource principal of the build pipeline: %w", err)
	}
	if err := b.writePrincipal(ctx, token, key); err != nil {
		return nil, nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for waitUntil(ctx, time.Now().Add(iam.SessionLifetime/3)) == nil {
			if err := b.writePrincipal(ctx, token, key); err != nil && ctx.Err() == nil {
				b.log.line("", "The steps keep an old session token: "+err.Error())
			}
		}
	}()
	end = func() { stop(); <-done }
	s := b.service
	return []string{
		"HTTPS_PROXY=" + s.ProxyURL, "SSL_CERT_FILE=" + s.CAFile, "OCI_CLI_AUTH=resource_principal",
		auth.ResourcePrincipalVersionEnvVar + "=" + auth.ResourcePrincipalVersion2_2,
		auth.ResourcePrincipalRPSTEnvVar + "=" + token, auth.ResourcePrincipalPrivatePEMEnvVar + "=" + key,
		auth.ResourcePrincipalRegionEnvVar + "=" + b.as.Subject.Region,
	}, end, nil
}

// writePrincipal writes a new session token, and its key.
func (b *build) writePrincipal(ctx context.Context, tokenFile, keyFile string) error {
	token, key, err := b.service.Identity.Credentials(ctx, b.as.Subject)
	if err != nil {
		return fmt.Errorf("resource principal of the build pipeline: %w", err)
	}
	b.log.hide(token)
	// The key first: the SDK looks at the token to see whether to read both.
	if err := errors.Join(replaceFile(keyFile, key), replaceFile(tokenFile, []byte(token))); err != nil {
		return fmt.Errorf("resource principal of the build pipeline: %w", err)
	}
	return nil
}

// replaceFile writes a file that is read at any time.
func replaceFile(path string, content []byte) error {
	next := path + ".next"
	if err := os.WriteFile(next, content, 0o600); err != nil {
		return err
	}
	return os.Rename(next, path)
}
