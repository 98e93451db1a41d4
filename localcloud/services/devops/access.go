package devops

import "oci-media-pipelines/localcloud/kind"

// policyReference is where OCI documents the permissions of DevOps.
const policyReference = "https://docs.oracle.com/en-us/iaas/Content/devops/using/devops_iampolicies.htm"

// access is the access to a kind whose permissions are a noun and the operations'
// names. What belongs to a project is in the project's compartment.
func access(noun string) kind.Access {
	return kind.Access{
		Source: policyReference, Parent: "projectId",
		Create: []string{noun + "_CREATE"}, List: []string{noun + "_INSPECT"}, Get: []string{noun + "_READ"},
		Update: []string{noun + "_UPDATE"}, Delete: []string{noun + "_DELETE"},
	}
}
