package policy

// objectStorage is what statements say of buckets and objects.
var objectStorage = reference{
	Page: Page{"Details for Object Storage and Archive Storage", "https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/objectstoragepolicyreference.htm"},
	types: []resourceType{
		{name: "objectstorage-namespaces", manage: "OBJECTSTORAGE_NAMESPACE_READ OBJECTSTORAGE_NAMESPACE_UPDATE"},
		{
			name: "buckets", inspect: "BUCKET_INSPECT", read: "BUCKET_READ", use: "BUCKET_UPDATE",
			manage: "BUCKET_CREATE BUCKET_DELETE PAR_MANAGE RETENTION_RULE_MANAGE RETENTION_RULE_LOCK",
		},
		{
			name: "objects", inspect: "OBJECT_INSPECT", read: "OBJECT_READ", use: "OBJECT_OVERWRITE",
			manage: "OBJECT_CREATE OBJECT_DELETE OBJECT_VERSION_DELETE OBJECT_RESTORE OBJECT_UPDATE_TIER",
		},
	},
	families: map[string][]string{"object-family": nil},
}

// registry is what statements say of container repositories. "use" adds nothing to
// "read": a push needs "manage".
var registry = reference{
	Page: Page{"Details for Container Registry", "https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/registrypolicyreference.htm"},
	types: []resourceType{
		{name: "repos", inspect: "REPOSITORY_INSPECT", read: "REPOSITORY_READ", manage: "REPOSITORY_CREATE REPOSITORY_DELETE REPOSITORY_UPDATE REPOSITORY_MANAGE"},
	},
}

// vault is what statements say of vaults, keys and secrets. The families are named
// by Common Policies ("vaults, keys, and secret components"); that key-family is
// keys and their delegation is our reading, no page lists its members.
var vault = reference{
	Page: Page{"Details for the Vault Service", "https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/keypolicyreference.htm"},
	types: []resourceType{
		{
			name: "vaults", inspect: "VAULT_INSPECT", read: "VAULT_READ", use: "VAULT_CREATE_KEY VAULT_IMPORT_KEY VAULT_CREATE_SECRET",
			manage: "VAULT_CREATE VAULT_UPDATE VAULT_DELETE VAULT_MOVE VAULT_BACKUP VAULT_RESTORE VAULT_REPLICATE",
		},
		{
			name: "keys", inspect: "KEY_INSPECT", read: "KEY_READ", use: "KEY_ENCRYPT KEY_DECRYPT KEY_EXPORT KEY_SIGN KEY_VERIFY",
			manage: "KEY_CREATE KEY_UPDATE KEY_ROTATE KEY_DELETE KEY_MOVE KEY_IMPORT KEY_BACKUP KEY_RESTORE",
		},
		{name: "key-delegate", use: "KEY_ASSOCIATE KEY_DISASSOCIATE"},
		{name: "hsm-cluster", inspect: "HSM_CLUSTER_INSPECT", read: "HSM_CLUSTER_READ", use: "HSM_CLUSTER_UPDATE", manage: "HSM_CLUSTER_DELETE HSM_CLUSTER_CREATE HSM_CLUSTER_MOVE"},
		{name: "secrets", inspect: "SECRET_INSPECT", read: "SECRET_READ", use: "SECRET_UPDATE SECRET_ROTATE", manage: "SECRET_CREATE SECRET_DELETE SECRET_MOVE"},
		{name: "secret-versions", inspect: "SECRET_VERSION_INSPECT", read: "SECRET_VERSION_READ", manage: "SECRET_VERSION_DELETE"},
		{name: "secret-bundles", inspect: "SECRET_BUNDLE_INSPECT", read: "SECRET_BUNDLE_READ"},
	},
	families: map[string][]string{
		"secret-family": {"secrets", "secret-versions", "secret-bundles"},
		"key-family":    {"keys", "key-delegate"},
	},
}

// autonomousDatabase is what statements say of autonomous databases.
// database-connections is named by the page, without permissions that anything here
// asks for.
var autonomousDatabase = reference{
	Page: Page{"Policy Details for Autonomous Database Serverless", "https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/adbpolicyreference.htm"},
	types: []resourceType{
		{
			name: "autonomous-databases", inspect: "AUTONOMOUS_DATABASE_INSPECT", read: "AUTONOMOUS_DATABASE_CONTENT_READ",
			use: "AUTONOMOUS_DATABASE_CONTENT_WRITE AUTONOMOUS_DATABASE_UPDATE", manage: "AUTONOMOUS_DATABASE_CREATE AUTONOMOUS_DATABASE_DELETE",
		},
		{
			name: "autonomous-backups", inspect: "AUTONOMOUS_DB_BACKUP_INSPECT", read: "AUTONOMOUS_DB_BACKUP_CONTENT_READ",
			manage: "AUTONOMOUS_DB_BACKUP_CREATE AUTONOMOUS_DB_BACKUP_DELETE",
		},
		{name: "database-connections"},
	},
	families: map[string][]string{"autonomous-database-family": nil},
}
