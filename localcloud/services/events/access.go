package events

import "oci-media-pipelines/localcloud/kind"

// ruleAccess is what operations on rules ask for.
var ruleAccess = kind.Access{
	Source: "https://docs.oracle.com/iaas/Content/Identity/policyreference/cloudeventspolicyreference.htm",
	Create: []string{"EVENTRULE_CREATE"}, List: []string{"EVENTRULE_LIST"}, Get: []string{"EVENTRULE_READ"},
	Update: []string{"EVENTRULE_MODIFY"}, Delete: []string{"EVENTRULE_DELETE"},
}
