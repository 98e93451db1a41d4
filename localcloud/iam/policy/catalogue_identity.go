package policy

// identity is what statements say of IAM itself.
var identity = reference{
	Page: Page{"Details for IAM with Identity Domains", "https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/iampolicyreference.htm"},
	types: []resourceType{
		{name: "authentication-policies", inspect: "AUTHENTICATION_POLICY_INSPECT", manage: "AUTHENTICATION_POLICY_UPDATE"},
		{
			name:    "compartments",
			inspect: "COMPARTMENT_INSPECT",
			use:     "COMPARTMENT_UPDATE",
			manage:  "COMPARTMENT_CREATE COMPARTMENT_DELETE COMPARTMENT_RECOVER",
		},
		{name: "credentials", inspect: "CREDENTIAL_INSPECT", manage: "CREDENTIAL_ADD CREDENTIAL_UPDATE CREDENTIAL_REMOVE"},
		{
			name:    "domains",
			inspect: "DOMAIN_INSPECT",
			read:    "DOMAIN_READ DOMAIN_LICENSETYPE_READ",
			use:     "DOMAIN_UPDATE IAM_WORKREQUEST_READ",
			manage:  "DOMAIN_CREATE DOMAIN_DELETE DOMAIN_MOVE DOMAIN_REPLICATE DOMAIN_ACTIVATE DOMAIN_DEACTIVATE",
		},
		{
			name:    "dynamic-groups",
			inspect: "DYNAMIC_GROUP_INSPECT",
			use:     "DYNAMIC_GROUP_UPDATE",
			manage:  "DYNAMIC_GROUP_CREATE DYNAMIC_GROUP_DELETE",
		},
		{name: "groups", inspect: "GROUP_INSPECT", use: "GROUP_UPDATE", manage: "GROUP_CREATE GROUP_DELETE"},
		{
			name:    "identity-providers",
			inspect: "IDENTITY_PROVIDER_INSPECT",
			manage:  "IDENTITY_PROVIDER_UPDATE IDENTITY_PROVIDER_CREATE IDENTITY_PROVIDER_DELETE",
		},
		{
			name:    "network-sources",
			inspect: "NETWORK_SOURCE_INSPECT",
			use:     "NETWORK_SOURCE_UPDATE",
			manage:  "NETWORK_SOURCE_CREATE NETWORK_SOURCE_DELETE",
		},
		{name: "policies", inspect: "POLICY_READ", manage: "POLICY_UPDATE POLICY_CREATE POLICY_DELETE"},
		{
			name:    "tag-namespaces",
			inspect: "TAG_NAMESPACE_INSPECT",
			use:     "TAG_NAMESPACE_USE",
			manage:  "TAG_NAMESPACE_UPDATE TAG_NAMESPACE_CREATE TAG_NAMESPACE_MOVE TAG_NAMESPACE_DELETE",
		},
		{
			name:    "tag-defaults",
			inspect: "TAG_DEFAULT_INSPECT TAG_NAMESPACE_READ",
			manage:  "TAG_DEFAULT_CREATE TAG_DEFAULT_UPDATE TAG_DEFAULT_DELETE",
		},
		{name: "tenancies", inspect: "TENANCY_INSPECT", use: "TENANCY_UPDATE"},
		{
			name:    "users",
			inspect: "USER_INSPECT",
			read:    "USER_READ",
			use:     "USER_UPDATE",
			manage: "USER_CREATE USER_DELETE USER_UNBLOCK USER_APIKEY_ADD USER_APIKEY_REMOVE USER_UIPASS_SET " +
				"USER_UIPASS_RESET USER_SWIFTPASS_SET USER_SWIFTPASS_RESET USER_SWIFTPASS_REMOVE USER_AUTHTOKEN_SET " +
				"USER_AUTHTOKEN_RESET USER_AUTHTOKEN_REMOVE USER_OAUTH2_CLIENT_CRED_CREATE " +
				"USER_OAUTH2_CLIENT_CRED_UPDATE USER_OAUTH2_CLIENT_CRED_REMOVE USER_SECRETKEY_ADD " +
				"USER_SECRETKEY_UPDATE USER_SECRETKEY_REMOVE USER_SUPPORT_ACCOUNT_LINK USER_SUPPORT_ACCOUNT_UNLINK " +
				"USER_TOTPDEVICE_ADD USER_TOTPDEVICE_REMOVE USER_TOTPDEVICE_UPDATE",
		},
	},
}
