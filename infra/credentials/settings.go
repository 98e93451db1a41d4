package credentials

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/oracle/oci-go-sdk/v65/common"
)

// setting is one of the official provider's, by its Pulumi key and the name
// that its environment variables and the configuration file derive from.
type setting struct{ key, name, file string }

var (
	authSetting        = setting{"auth", "auth", ""}
	tenancySetting     = setting{"tenancyOcid", "tenancy_ocid", "tenancy"}
	userSetting        = setting{"userOcid", "user_ocid", "user"}
	fingerprintSetting = setting{"fingerprint", "fingerprint", "fingerprint"}
	privateKeySetting  = setting{"privateKey", "private_key", ""}
	keyPathSetting     = setting{"privateKeyPath", "private_key_path", "key_file"}
	passwordSetting    = setting{"privateKeyPassword", "private_key_password", "pass_phrase"}
	regionSetting      = setting{"region", "region", "region"}
	profileSetting     = setting{"configFileProfile", "config_file_profile", ""}
)

// environment returns the setting's variables, in the order they are asked.
func (s setting) environment() [2]string {
	return [2]string{"TF_VAR_" + s.name, "OCI_" + strings.ToUpper(s.name)}
}

// places tells a user where the setting may be given.
func (s setting) places() string {
	variables := s.environment()
	text := fmt.Sprintf("oci:%s (or %s, or %s", s.key, variables[0], variables[1])
	if s.file != "" {
		text += fmt.Sprintf(", or %s in a profile of ~/.oci/config", s.file)
	}
	return text + ")"
}

// settings are the values given by Pulumi configuration and environment. They
// are a provider of whatever subset they hold.
type settings struct{ config Config }

var _ common.ConfigurationProvider = settings{}

// errNotSet says that a value is not given here and may be given elsewhere.
var errNotSet = errors.New("not set")

// lookup returns a setting's value; an empty one counts as not set.
func (s settings) lookup(which setting) (string, bool) {
	if s.config != nil {
		if value, ok := s.config(which.key); ok && value != "" {
			return value, true
		}
	}
	for _, variable := range which.environment() {
		if value := os.Getenv(variable); value != "" {
			return value, true
		}
	}
	return "", false
}

func (s settings) get(which setting) (string, error) {
	if value, ok := s.lookup(which); ok {
		return value, nil
	}
	return "", fmt.Errorf("%s: %w", which.key, errNotSet)
}

// TenancyOCID implements common.ConfigurationProvider.
func (s settings) TenancyOCID() (string, error) { return s.get(tenancySetting) }

// UserOCID implements common.ConfigurationProvider.
func (s settings) UserOCID() (string, error) { return s.get(userSetting) }

// KeyFingerprint implements common.ConfigurationProvider.
func (s settings) KeyFingerprint() (string, error) { return s.get(fingerprintSetting) }

// Region implements common.ConfigurationProvider.
func (s settings) Region() (string, error) { return s.get(regionSetting) }

// KeyID implements common.KeyProvider: "<tenancy>/<user>/<fingerprint>".
func (s settings) KeyID() (string, error) {
	var parts [3]string
	for i, which := range []setting{tenancySetting, userSetting, fingerprintSetting} {
		value, err := s.get(which)
		if err != nil {
			return "", err
		}
		parts[i] = value
	}
	return strings.Join(parts[:], "/"), nil
}

// PrivateRSAKey implements common.KeyProvider. A key in the configuration goes
// before a path; its line ends may be written as \n, which is how a key fits
// into an environment variable.
func (s settings) PrivateRSAKey() (*rsa.PrivateKey, error) {
	var password []byte // nil: the SDK says that one is needed
	if text, ok := s.lookup(passwordSetting); ok {
		password = []byte(text)
	}
	if text, ok := s.lookup(privateKeySetting); ok {
		text = strings.ReplaceAll(text, `\n`, "\n")
		key, err := common.PrivateKeyFromBytesWithPassword([]byte(text), password)
		if err != nil {
			return nil, fmt.Errorf("oci:%s: %w", privateKeySetting.key, err)
		}
		return key, nil
	}
	path, err := s.get(keyPathSetting)
	if err != nil {
		return nil, err
	}
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, fmt.Errorf("oci:%s: %w", keyPathSetting.key, err)
		}
		path = filepath.Join(home, rest)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("oci:%s: %w", keyPathSetting.key, err)
	}
	key, err := common.PrivateKeyFromBytesWithPassword(content, password)
	if err != nil {
		return nil, fmt.Errorf("oci:%s %s: %w", keyPathSetting.key, path, err)
	}
	return key, nil
}

// AuthType implements common.ConfigurationProvider. The kind is settled by
// Resolve, not here.
func (s settings) AuthType() (common.AuthConfig, error) {
	return common.AuthConfig{AuthType: common.UnknownAuthenticationType}, errNotSet
}
