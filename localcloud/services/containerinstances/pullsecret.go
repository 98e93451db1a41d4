package containerinstances

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/google/go-containerregistry/pkg/name"
	sdk "github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
)

// Logins knows who logs in to the registry with a name and a password.
type Logins interface {
	// Login returns who that is.
	Login(user, password string) (iam.Principal, error)
}

// Secrets reads the passwords that are kept in Vault.
type Secrets interface {
	// Content returns the decoded content of a version of a secret; version 0
	// stands for the current one.
	Content(secretID string, version int64) ([]byte, error)
}

// pullSecrets is a hidden member: the secrets with their user names and passwords,
// which OCI never shows again.
const pullSecrets = "pullSecrets"

func checkPullSecrets(instance kind.Object) error {
	for i, secret := range instance.Objects("imagePullSecrets") {
		where := fmt.Sprintf("imagePullSecrets[%d]", i)
		fields := secret.Clone()
		delete(fields, "secretType")
		switch secretType := secret.Str("secretType"); secretType {
		case "BASIC":
			if err := validate(where, fields, sdk.CreateBasicImagePullSecretDetails{}); err != nil {
				return err
			}
			for _, field := range []string{"username", "password"} {
				if _, err := base64.StdEncoding.DecodeString(secret.Str(field)); err != nil {
					return api.InvalidParameter("%s.%s must be base64: %v.", where, field, err)
				}
			}
		case "VAULT":
			if err := validate(where, fields, sdk.CreateVaultImagePullSecretDetails{}); err != nil {
				return err
			}
		default:
			return api.InvalidParameter("%s.secretType must be BASIC or VAULT, it is %q.", where, secretType)
		}
	}
	return nil
}

// hidePullSecrets keeps the secrets apart and takes away what OCI does not show.
func hidePullSecrets(instance kind.Object) {
	secrets := instance.Objects("imagePullSecrets")
	if len(secrets) == 0 {
		return
	}
	instance[pullSecrets] = instance.Clone()["imagePullSecrets"]
	for _, secret := range secrets {
		delete(secret, "username")
		delete(secret, "password")
	}
}

// puller is in whose name a container's image is pulled: that of the secret for
// its registry, otherwise the instance's own.
func (s *Service) puller(instance kind.Object, image string) (iam.Principal, error) {
	reference, err := name.ParseReference(image)
	if err != nil {
		return principal(instance), nil // The pull will say so.
	}
	for i, secret := range instance.Objects(pullSecrets) {
		if secret.Str("registryEndpoint") != reference.Context().RegistryStr() {
			continue
		}
		user, password, err := s.credentials(instance, secret)
		if err == nil {
			var who iam.Principal
			if who, err = s.Logins.Login(user, password); err == nil {
				return who, nil
			}
		}
		return iam.Principal{}, fmt.Errorf("imagePullSecrets[%d]: %w", i, err)
	}
	return principal(instance), nil
}

// credentials reads the user name and password of a secret, always of a Vault
// secret's latest version (documentation: Vault Secrets for Image Pull
// Authorization), which the instance must be allowed to read.
func (s *Service) credentials(instance, secret kind.Object) (user, password string, err error) {
	if secret.Str("secretType") == "VAULT" {
		id := secret.Str("secretId")
		kept, _ := s.Engine.Get(id)
		needs := s.Engine.Target("vaultsecret", kept).Needs("SECRET_BUNDLE_READ")
		if err := s.Guard.Authorize(principal(instance), "secrets", "GetSecretBundle", regionOf(id), needs...); err != nil {
			return "", "", err
		}
		content, err := s.Secrets.Content(id, 0)
		if err != nil {
			return "", "", err
		}
		var login struct{ Username, Password string }
		if err := json.Unmarshal(content, &login); err != nil || login.Username == "" {
			return "", "", fmt.Errorf("secret %s must be JSON with the members username and password", secret.Str("secretId"))
		}
		return login.Username, login.Password, nil
	}
	rawUser, err := base64.StdEncoding.DecodeString(secret.Str("username"))
	if err != nil {
		return "", "", err
	}
	rawPassword, err := base64.StdEncoding.DecodeString(secret.Str("password"))
	return string(rawUser), string(rawPassword), err
}
