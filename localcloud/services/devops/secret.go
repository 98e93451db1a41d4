package devops

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/oracle/oci-go-sdk/v65/secrets"
)

// secret reads the current content of a Vault secret.
func (p principal) secret(ctx context.Context, secretID string) (string, error) {
	client, err := secrets.NewSecretsClientWithConfigurationProvider(p)
	if err != nil {
		return "", fmt.Errorf("client of Secrets: %w", err)
	}
	p.service.prepare(&client.BaseClient)
	response, err := client.GetSecretBundle(whole(ctx), secrets.GetSecretBundleRequest{SecretId: &secretID})
	if err != nil {
		return "", p.refused(err, "read secret "+secretID, "read", "secret-bundles")
	}
	content, ok := response.SecretBundleContent.(secrets.Base64SecretBundleContentDetails)
	if !ok || content.Content == nil {
		return "", fmt.Errorf("read secret %s: it has no content", secretID)
	}
	raw, err := base64.StdEncoding.DecodeString(*content.Content)
	if err != nil {
		return "", fmt.Errorf("read secret %s: %w", secretID, err)
	}
	return string(raw), nil
}
