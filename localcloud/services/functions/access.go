package functions

import (
	"oci-media-pipelines/localcloud/kind"
)

// policyReference is where OCI documents the permissions of Functions.
const policyReference = "https://docs.oracle.com/iaas/Content/Identity/policyreference/functionspolicyreference.htm"

// invocation is the permission to call a function.
const invocation = "FN_INVOCATION"

var applicationAccess = kind.Access{
	Source: policyReference, List: []string{"FN_APP_LIST"}, Get: []string{"FN_APP_READ"},
	Create: []string{"FN_APP_CREATE", "SUBNET_ATTACH@subnetIds"}, Update: []string{"FN_APP_UPDATE", "SUBNET_ATTACH@subnetIds"}, Delete: []string{"FN_APP_DELETE"},
	Target: func(o kind.Object) map[string]string {
		return map[string]string{"target.app.id": o.Str("id"), "target.app.name": o.Str("displayName")}
	},
}

var functionAccess = kind.Access{
	Source: policyReference, Parent: "applicationId", List: []string{"FN_FUNCTION_LIST"}, Get: []string{"FN_FUNCTION_READ"},
	Create: []string{"FN_FUNCTION_CREATE", "FN_APP_READ@applicationId"}, Update: []string{"FN_FUNCTION_UPDATE"}, Delete: []string{"FN_FUNCTION_DELETE"},
	Target: func(o kind.Object) map[string]string {
		return map[string]string{"target.function.id": o.Str("id"), "target.function.name": o.Str("displayName"), "target.app.id": o.Str("applicationId")}
	},
}

// mayUseSubnets asks whether Functions may give a container an interface in the
// application's subnet (documentation: Creating Policies to Control Access to
// Network and Function-Related Resources).
func (s *Service) mayUseSubnets(p *plan) error {
	application, _ := s.Engine.Get(p.applicationID)
	for _, id := range application.Strings("subnetIds") {
		subnet, _ := s.Engine.Get(id)
		needs := s.Engine.Target("subnet", subnet).Needs("SUBNET_READ", "SUBNET_ATTACH", "VNIC_CREATE", "VNIC_ATTACH")
		if err := s.Guard.Authorize(itself(), "core", "CreateVnic", regionOf(p.functionID), needs...); err != nil {
			return subnetNotAvailable(id)
		}
	}
	return nil
}
