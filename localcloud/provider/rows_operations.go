package provider

import (
	"github.com/oracle/oci-go-sdk/v65/events"
	"github.com/oracle/oci-go-sdk/v65/logging"
	"github.com/oracle/oci-go-sdk/v65/monitoring"
	"github.com/oracle/oci-go-sdk/v65/ons"
)

var eventsRows = []*kind{{
	token: "oci:Events/rule:Rule", noun: "Rule", client: regional(events.NewEventsClientWithConfigurationProvider),
}}

var logs = regional(logging.NewLoggingManagementClientWithConfigurationProvider)

var loggingRows = []*kind{
	{token: "oci:Logging/logGroup:LogGroup", client: logs, noun: "LogGroup", viaWorkRequest: true},
	{token: "oci:Logging/log:Log", client: logs, noun: "Log", viaWorkRequest: true, amend: inGroupsCompartment},
}

// inGroupsCompartment completes the list of work requests, which is that of a
// compartment: a log says only which group it is in.
func inGroupsCompartment(op *operation, r *request) error {
	list, ok := r.v.Addr().Interface().(*logging.ListWorkRequestsRequest)
	if !ok {
		return nil
	}
	group := op.stringOf("logGroupId")
	ctx, metadata := uncut(op.ctx, true)
	answer, err := op.client.(logging.LoggingManagementClient).GetLogGroup(ctx, logging.GetLogGroupRequest{LogGroupId: &group, RequestMetadata: metadata})
	if err != nil {
		return explain(err)
	}
	list.CompartmentId = answer.CompartmentId
	return nil
}

var notificationRows = []*kind{
	{
		token: "oci:Ons/notificationTopic:NotificationTopic", noun: "Topic", idField: "topicId",
		client: regional(ons.NewNotificationControlPlaneClientWithConfigurationProvider),
	},
	{
		token: "oci:Ons/subscription:Subscription", noun: "Subscription",
		client:      regional(ons.NewNotificationDataPlaneClientWithConfigurationProvider),
		naming:      naming{renames: map[string]string{"deliveryPolicy": "deliverPolicy"}},
		unsupported: map[string]string{"deliveryPolicy": otherTool},
	},
}

var monitoringRows = []*kind{{
	token: "oci:Monitoring/alarm:Alarm", noun: "Alarm", client: regional(monitoring.NewMonitoringClientWithConfigurationProvider),
}}
