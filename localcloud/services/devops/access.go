package devops

import "oci-media-pipelines/localcloud/kind"

// policyReference is where OCI documents the permissions of DevOps.
const policyReference = "https://docs.oracle.com/en-us/iaas/Content/devops/using/devops_iampolicies.htm"

// access is the access to a kind whose permissions are a noun and the operations'
// names. What belongs to a project is in the project's compartment.
func access(noun string) kind.Access { return accessIn(noun, "projectId") }

// accessIn is access to what is in the compartment of the resource that a field names.
func accessIn(noun, parent string) kind.Access {
	return kind.Access{
		Source: policyReference, Parent: parent,
		Create: []string{noun + "_CREATE"}, List: []string{noun + "_INSPECT"}, Get: []string{noun + "_READ"},
		Update: []string{noun + "_UPDATE"}, Delete: []string{noun + "_DELETE"},
	}
}
