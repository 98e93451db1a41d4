package policy

// events is what statements say of the rules of the Events service.
var events = reference{
	Page: Page{"Details for the Events Service", "https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/cloudeventspolicyreference.htm"},
	types: []resourceType{
		{name: "cloudevents-rules", inspect: "EVENTRULE_LIST", read: "EVENTRULE_READ", manage: "EVENTRULE_CREATE EVENTRULE_DELETE EVENTRULE_MODIFY"},
	},
}

// logging is what statements say of logs.
var logging = reference{
	Page: Page{"Details for Logging", "https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/loggingpolicyreference.htm"},
	types: []resourceType{
		{name: "log-groups", inspect: "LOG_GROUP_INSPECT", read: "LOG_GROUP_READ", use: "LOG_GROUP_UPDATE", manage: "LOG_GROUP_CREATE LOG_GROUP_DELETE"},
		{name: "log-content", read: "LOG_CONTENT_READ", use: "LOG_CONTENT_PUSH UNIFIED_AGENT_CONFIG_GENERATE"},
		{
			name: "unified-configuration", inspect: "UNIFIED_AGENT_CONFIG_INSPECT", read: "UNIFIED_AGENT_CONFIG_READ",
			use: "UNIFIED_AGENT_CONFIG_UPDATE", manage: "UNIFIED_AGENT_CONFIG_CREATE UNIFIED_AGENT_CONFIG_DELETE",
		},
	},
	families: map[string][]string{"logging-family": nil},
}

// notifications is what statements say of topics and subscriptions.
var notifications = reference{
	Page: Page{"Details for Notifications", "https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/notificationpolicyreference.htm"},
	types: []resourceType{
		{
			name: "ons-topics", inspect: "ONS_TOPIC_INSPECT", read: "ONS_TOPIC_READ", use: "ONS_TOPIC_PUBLISH ONS_TOPIC_SUBSCRIBE",
			manage: "ONS_TOPIC_CREATE ONS_TOPIC_MOVE ONS_TOPIC_UPDATE ONS_TOPIC_DELETE",
		},
		{name: "ons-subscriptions", inspect: "ONS_SUBSCRIPTION_INSPECT", manage: "ONS_SUBSCRIPTION_MOVE ONS_TOPIC_SUBSCRIBE"},
	},
	families: map[string][]string{"ons-family": nil},
}

// monitoring is what statements say of metrics and alarms.
var monitoring = reference{
	Page: Page{"Details for Monitoring", "https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/monitoringpolicyreference.htm"},
	types: []resourceType{
		{name: "alarms", inspect: "ALARM_INSPECT", read: "ALARM_READ", manage: "ALARM_CREATE ALARM_UPDATE ALARM_DELETE ALARM_MOVE"},
		{name: "metrics", inspect: "METRIC_INSPECT", read: "METRIC_READ", use: "METRIC_WRITE"},
	},
}
