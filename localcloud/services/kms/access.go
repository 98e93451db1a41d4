package kms

import "oci-media-pipelines/localcloud/kind"

// policyReference is where OCI documents the permissions of vaults, keys and
// secrets.
const policyReference = "https://docs.oracle.com/iaas/Content/Identity/policyreference/keypolicyreference.htm"

var vaultAccess = kind.Access{
	Source: policyReference, Create: []string{"VAULT_CREATE"}, List: []string{"VAULT_INSPECT"}, Get: []string{"VAULT_READ"},
	Update: []string{"VAULT_UPDATE"}, Delete: []string{"VAULT_DELETE"},
	Target: func(o kind.Object) map[string]string { return map[string]string{"target.vault.id": o.Str("id")} },
}

var keyAccess = kind.Access{
	Source: policyReference, Create: []string{"KEY_CREATE", "VAULT_CREATE_KEY@vaultId"}, List: []string{"KEY_INSPECT"}, Get: []string{"KEY_READ"},
	Update: []string{"KEY_UPDATE"}, Delete: []string{"KEY_DELETE"},
	Target: func(o kind.Object) map[string]string {
		return map[string]string{"target.key.id": o.Str("id"), "target.vault.id": o.Str("vaultId")}
	},
}
