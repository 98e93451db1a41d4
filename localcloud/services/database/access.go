package database

import "oci-media-pipelines/localcloud/kind"

// databaseAccess is what operations on Autonomous Databases ask for. A password
// that comes from a secret needs the right to read it.
var databaseAccess = kind.Access{
	Source: "https://docs.oracle.com/iaas/autonomous-database-serverless/doc/iam-autonomous-database-policies.html",
	Create: []string{
		"AUTONOMOUS_DATABASE_CREATE", "SUBNET_ATTACH@subnetId", "VNIC_CREATE@subnetId", "NETWORK_SECURITY_GROUP_UPDATE_MEMBERS@nsgIds",
		secretRead,
	},
	List: []string{"AUTONOMOUS_DATABASE_INSPECT"}, Get: []string{"AUTONOMOUS_DATABASE_INSPECT"},
	Update: []string{"AUTONOMOUS_DATABASE_UPDATE", "NETWORK_SECURITY_GROUP_UPDATE_MEMBERS@nsgIds", secretRead},
	Delete: []string{"AUTONOMOUS_DATABASE_DELETE"},
	Target: func(o kind.Object) map[string]string {
		return map[string]string{"target.workloadType": o.Str("dbWorkload")}
	},
}

const secretRead = "SECRET_BUNDLE_READ@secretId"
