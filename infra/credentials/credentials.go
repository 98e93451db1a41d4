// Package credentials finds the OCI credentials that a Pulumi program runs
// with, in the same places and order as the official OCI provider, so that
// what the program does itself (registry tokens, look-ups) is done as the
// same principal as what the provider does.
//
// For each setting the first place that has it wins:
//
//  1. Pulumi configuration, namespace "oci" (oci:tenancyOcid, …);
//  2. the environment variable TF_VAR_<name> (TF_VAR_tenancy_ocid, …);
//  3. the environment variable OCI_<NAME> (OCI_TENANCY_OCID, …);
//  4. the profile in ~/.oci/config that oci:configFileProfile names, or DEFAULT.
//
// (Names and order: terraform-provider-oci, internal/provider/provider.go.)
package credentials

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/common/auth"
)

// Config looks a key of the Pulumi configuration namespace "oci" up, for
// example "tenancyOcid". In a Pulumi program it is
//
//	func(key string) (string, bool) { return ctx.GetConfig("oci:" + key) }
type Config func(key string) (value string, ok bool)

// The kinds of authentication, as oci:auth spells them. Case does not matter.
const (
	APIKey              = "ApiKey" // the default
	SecurityToken       = "SecurityToken"
	InstancePrincipal   = "InstancePrincipal"
	ResourcePrincipal   = "ResourcePrincipal"
	OKEWorkloadIdentity = "OKEWorkloadIdentity"
)

// Resolve returns the credentials to sign requests with. The returned
// provider's Region is the region to work in. For ApiKey and SecurityToken the
// settings are checked at once, without the network, and an error names every
// missing one and where it may be set; the other kinds ask the machine that
// they run on.
func Resolve(config Config) (common.ConfigurationProvider, error) {
	s := settings{config: config}
	kind, err := s.authKind()
	if err != nil {
		return nil, err
	}
	chain, err := s.principal(kind)
	if err != nil {
		return nil, fmt.Errorf("OCI credentials (oci:auth is %s): %w", kind, err)
	}
	chain = append(chain, s)
	profile, ok, err := s.profile()
	if err != nil {
		return nil, fmt.Errorf("OCI credentials: %w", err)
	}
	if ok {
		chain = append(chain, profile)
	}
	provider, err := common.ComposingConfigurationProvider(chain)
	if err != nil {
		return nil, fmt.Errorf("OCI credentials: %w", err)
	}
	if err := check(kind, s, provider); err != nil {
		return nil, fmt.Errorf("OCI credentials (oci:auth is %s): %w", kind, err)
	}
	return provider, nil
}

func (s settings) authKind() (string, error) {
	kinds := []string{APIKey, SecurityToken, InstancePrincipal, ResourcePrincipal, OKEWorkloadIdentity}
	value, ok := s.lookup(authSetting)
	if !ok {
		return APIKey, nil
	}
	for _, kind := range kinds {
		if strings.EqualFold(kind, value) {
			return kind, nil
		}
	}
	return "", fmt.Errorf("OCI credentials: oci:auth is %q, want one of %s", value, strings.Join(kinds, ", "))
}

// principal returns what comes before the plain settings for a kind of
// authentication. A configured region goes before the principal's own.
func (s settings) principal(kind string) ([]common.ConfigurationProvider, error) {
	region, hasRegion := s.lookup(regionSetting)
	var chain []common.ConfigurationProvider
	if hasRegion {
		chain = append(chain, common.NewRawConfigurationProvider("", "", region, "", "", nil))
	}
	var own common.ConfigurationProvider
	var err error
	switch kind {
	case APIKey:
		return nil, nil
	case SecurityToken:
		own, err = s.sessionToken()
	case InstancePrincipal:
		if !hasRegion {
			return nil, fmt.Errorf("missing %s", regionSetting.places())
		}
		own, err = auth.InstancePrincipalConfigurationProviderForRegion(common.StringToRegion(region))
	case ResourcePrincipal:
		if hasRegion {
			own, err = auth.ResourcePrincipalConfigurationProviderForRegion(common.StringToRegion(region))
		} else {
			own, err = auth.ResourcePrincipalConfigurationProvider()
		}
	case OKEWorkloadIdentity:
		own, err = auth.OkeWorkloadIdentityConfigurationProvider()
	}
	if err != nil {
		return nil, err
	}
	return append(chain, own), nil
}

// sessionToken reads the token that "oci session authenticate" wrote into a
// profile, anew for every request, since the token is renewed in place.
func (s settings) sessionToken() (common.ConfigurationProvider, error) {
	var missing []error
	for _, needed := range []setting{profileSetting, regionSetting} {
		if _, ok := s.lookup(needed); !ok {
			missing = append(missing, fmt.Errorf("missing %s", needed.places()))
		}
	}
	if len(missing) > 0 {
		return nil, errors.Join(missing...)
	}
	name, _ := s.lookup(profileSetting)
	password, _ := s.lookup(passwordSetting)
	path, err := configFile()
	if err != nil {
		return nil, err
	}
	session, err := common.ConfigurationProviderForSessionTokenWithProfile(path, name, password)
	if err != nil {
		return nil, err
	}
	// Asked of the session alone: the chain would go on to an API key, which is
	// another principal.
	if _, err := session.KeyID(); err != nil {
		return nil, fmt.Errorf("profile %q has no session token (make one with: oci session authenticate): %w", name, err)
	}
	if _, err := session.PrivateRSAKey(); err != nil {
		return nil, fmt.Errorf("profile %q, session key: %w", name, err)
	}
	return session, nil
}

// profile returns the profile of the OCI configuration file; ok is false when
// none is named and there is no file.
func (s settings) profile() (provider common.ConfigurationProvider, ok bool, err error) {
	path, err := configFile()
	if err != nil {
		return nil, false, err
	}
	name, named := s.lookup(profileSetting)
	if !named {
		name = "DEFAULT"
	}
	if _, err := os.Stat(path); err != nil {
		if named {
			return nil, false, fmt.Errorf("profile %q of %s: %w", name, path, err)
		}
		return nil, false, nil
	}
	password, _ := s.lookup(passwordSetting)
	provider, err = common.ConfigurationProviderFromFileWithProfile(path, name, password)
	if err != nil {
		return nil, false, fmt.Errorf("profile %q of %s: %w", name, path, err)
	}
	// A profile that cannot be read at all is the user's first problem. Other
	// gaps may be filled from elsewhere.
	if _, err := provider.AuthType(); err != nil && named {
		return nil, false, fmt.Errorf("profile %q of %s: %w", name, path, err)
	}
	return provider, true, nil
}

// configFile returns ~/.oci/config or, where that does not exist, the file
// that OCI_CONFIG_FILE names (as the SDK's default does).
func configFile() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("finding ~/.oci/config: %w", err)
	}
	path := filepath.Join(home, ".oci", "config")
	if _, err := os.Stat(path); err != nil {
		if other := os.Getenv("OCI_CONFIG_FILE"); other != "" {
			return other, nil
		}
	}
	return path, nil
}

// check asks for everything that signing needs, so that all gaps are told
// before anything is deployed, and an unreadable key with its reason.
func check(kind string, s settings, provider common.ConfigurationProvider) error {
	var problems []error
	need := func(which setting, get func() (string, error)) {
		if value, err := get(); err != nil || value == "" {
			problems = append(problems, fmt.Errorf("missing %s", which.places()))
		}
	}
	need(regionSetting, provider.Region)
	if kind != APIKey {
		return errors.Join(problems...)
	}
	need(tenancySetting, provider.TenancyOCID)
	if keyID, err := provider.KeyID(); err != nil || !strings.HasPrefix(keyID, "ST$") {
		need(userSetting, provider.UserOCID)
	}
	need(fingerprintSetting, provider.KeyFingerprint)
	if _, err := s.PrivateRSAKey(); err != nil && !errors.Is(err, errNotSet) {
		problems = append(problems, err)
	} else if _, err := provider.PrivateRSAKey(); err != nil {
		problems = append(problems, fmt.Errorf("missing or unreadable %s or %s", privateKeySetting.places(), keyPathSetting.places()))
	}
	return errors.Join(problems...)
}
