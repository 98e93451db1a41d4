package logging

import "oci-media-pipelines/localcloud/kind"

// policyReference is where OCI documents the permissions of Logging.
const policyReference = "https://docs.oracle.com/iaas/Content/Identity/policyreference/loggingpolicyreference.htm"

var groupAccess = kind.Access{
	Source: policyReference, Create: []string{"LOG_GROUP_CREATE"}, List: []string{"LOG_GROUP_INSPECT"}, Get: []string{"LOG_GROUP_READ"},
	Update: []string{"LOG_GROUP_UPDATE"}, Delete: []string{"LOG_GROUP_DELETE"},
}

// logAccess: a log is a part of its group.
var logAccess = kind.Access{
	Source: policyReference, Create: []string{"LOG_GROUP_UPDATE@logGroupId"}, List: []string{"LOG_GROUP_INSPECT"}, Get: []string{"LOG_GROUP_READ"},
	Update: []string{"LOG_GROUP_UPDATE"}, Delete: []string{"LOG_GROUP_UPDATE"},
}
