package monitoring

import "oci-media-pipelines/localcloud/kind"

// alarmAccess is what operations on alarms ask for: who makes one needs to read the
// metrics that it looks at.
var alarmAccess = kind.Access{
	Source: "https://docs.oracle.com/iaas/Content/Identity/policyreference/monitoringpolicyreference.htm",
	Create: []string{"ALARM_CREATE", "METRIC_READ@metricCompartmentId"}, List: []string{"ALARM_INSPECT"}, Get: []string{"ALARM_READ"},
	Update: []string{"ALARM_UPDATE", "METRIC_READ@metricCompartmentId"}, Delete: []string{"ALARM_DELETE"},
}
