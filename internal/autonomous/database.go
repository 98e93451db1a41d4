// Package autonomous opens the pipeline's collection in its Autonomous Database with the password that Vault keeps.
package autonomous

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/secrets"

	"oci-media-pipelines/internal/ords"
	"oci-media-pipelines/internal/retry"
	"oci-media-pipelines/internal/settings"
)

// Secrets is what is needed of secrets.SecretsClient.
type Secrets interface {
	GetSecretBundle(context.Context, secrets.GetSecretBundleRequest) (secrets.GetSecretBundleResponse, error)
}

// Open returns the collection of s in the database of s. Nothing is sent before the first operation, which reads
// the password from Vault; it is kept until the database refuses it, and then read again once, since it may have
// been rotated. log may be nil for slog.Default().
func Open(s settings.Pipeline, vault Secrets, log *slog.Logger) (*ords.Collection, error) {
	client, err := ords.New(ords.Config{
		URL:      s.ORDSURL,
		User:     s.DBUser,
		Password: Password(vault, s.PasswordSecretID, log),
		Log:      log,
	})
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return client.Collection(s.Collection), nil
}

// Password returns a source that reads the secret's current version at every call. A refusal is waited for within
// the caller's context: the workload's policy may not have settled.
func Password(vault Secrets, secretID string, log *slog.Logger) ords.Password {
	return func(ctx context.Context, _ bool) (string, error) {
		var bundle secrets.GetSecretBundleResponse
		loop := retry.Loop{Step: "read secret " + secretID, Log: log}
		err := loop.Do(ctx, func(ctx context.Context) (err error) {
			bundle, err = vault.GetSecretBundle(ctx, secrets.GetSecretBundleRequest{
				SecretId:        &secretID,
				Stage:           secrets.GetSecretBundleStageCurrent,
				RequestMetadata: common.RequestMetadata{RetryPolicy: new(common.NoRetryPolicy())},
			})
			return retry.OCI(err)
		})
		if err != nil {
			return "", fmt.Errorf("read secret %s: %w", secretID, err)
		}
		password, err := content(bundle.SecretBundleContent)
		if err != nil {
			return "", fmt.Errorf("secret %s: %w", secretID, err)
		}
		return password, nil
	}
}

// content decodes a bundle. Its errors quote nothing of it.
func content(details secrets.SecretBundleContentDetails) (string, error) {
	encoded, ok := details.(secrets.Base64SecretBundleContentDetails)
	if !ok || encoded.Content == nil {
		return "", errors.New("bundle has no base64 content")
	}
	plain, err := base64.StdEncoding.DecodeString(*encoded.Content)
	if err != nil {
		return "", errors.New("bundle's content is not base64")
	}
	if len(plain) == 0 {
		return "", errors.New("bundle's content is empty")
	}
	return string(plain), nil
}
