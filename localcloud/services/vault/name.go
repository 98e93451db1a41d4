package vault

import (
	"regexp"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// maxContent is the largest content of a secret, in bytes (documentation: Overview
// of Vault, Secrets: 25 KB).
const maxContent = 25 << 10

// secretName is what OCI allows (API reference, CreateSecretDetails.secretName).
var secretName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,255}$`)

func checkName(o kind.Object) error {
	if name := o.Str("secretName"); !secretName.MatchString(name) {
		return api.InvalidParameter("secretName must be 1 to 255 letters, digits, hyphens, underscores and periods, it is %q.", name)
	}
	return nil
}

// duplicate is what OCI answers to a name that is taken, also by a secret that is
// only pending deletion (github.com/oracle/terraform-provider-oci issue 1765).
func duplicate(o kind.Object) error {
	return api.InvalidParameter("The secret with name %s already exists in vault %s. A secret that is pending deletion keeps its name.", o.Str("secretName"), o.Str("vaultId"))
}
