package vault

import "oci-media-pipelines/localcloud/kind"

// bundleRead is the permission to read a secret's content.
const bundleRead = "SECRET_BUNDLE_READ"

// secretAccess is what operations on secrets ask for; who makes one needs its vault
// and its key, too.
var secretAccess = kind.Access{
	Source: "https://docs.oracle.com/iaas/Content/Identity/policyreference/keypolicyreference.htm",
	Create: []string{"SECRET_CREATE", "VAULT_CREATE_SECRET@vaultId", "KEY_ENCRYPT@keyId"}, List: []string{"SECRET_INSPECT"}, Get: []string{"SECRET_READ"},
	Update: []string{"SECRET_UPDATE"}, Delete: []string{"SECRET_DELETE"},
	Target: func(o kind.Object) map[string]string {
		return map[string]string{"target.secret.id": o.Str("id"), "target.secret.name": o.Str("secretName"), "target.vault.id": o.Str("vaultId")}
	},
}
