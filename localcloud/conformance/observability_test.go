package conformance_test

import (
	"slices"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/events"
	"github.com/oracle/oci-go-sdk/v65/logging"
	"github.com/oracle/oci-go-sdk/v65/loggingsearch"
	"github.com/oracle/oci-go-sdk/v65/monitoring"
	"github.com/oracle/oci-go-sdk/v65/ons"
)

func testLogging(t *testing.T, compartment *string) {
	client := connect(t, logging.NewLoggingManagementClientWithConfigurationProvider)
	group := func(name string) *resource {
		return create(t, client, "LogGroup", logging.CreateLogGroupDetails{CompartmentId: compartment, DisplayName: &name})
	}
	b, a := group("b"), group("a")
	exactly(t, client.ListLogGroups, logging.ListLogGroupsRequest{CompartmentId: compartment, SortBy: logging.ListLogGroupsSortByDisplayname}, a, b)
	exactly(t, client.ListLogGroups, logging.ListLogGroupsRequest{CompartmentId: compartment, DisplayName: str("b"), IsCompartmentIdInSubtree: no}, b)
	b.update(logging.UpdateLogGroupDetails{Description: str("d")})
	refused(t, 409, "Conflict", client.CreateLogGroup, logging.CreateLogGroupRequest{CreateLogGroupDetails: logging.CreateLogGroupDetails{CompartmentId: compartment, DisplayName: str("b")}})

	log := func(name, source string) *resource {
		return create(t, client, "Log", logging.CreateLogDetails{DisplayName: &name, LogType: logging.CreateLogDetailsLogTypeService, IsEnabled: yes,
			Configuration: &logging.Configuration{CompartmentId: compartment, Source: logging.OciService{Service: str("functions"), Resource: &source, Category: str("invoke")}}},
			"LogGroupId", b.id)
	}
	first, second := log("first", "ocid1.fnapp.oc1..one"), log("second", "ocid1.fnapp.oc1..two")
	exactly(t, client.ListLogs, logging.ListLogsRequest{LogGroupId: &b.id}, first, second)
	exactly(t, client.ListLogs, logging.ListLogsRequest{LogGroupId: &b.id, SourceResource: str("ocid1.fnapp.oc1..two"), SourceService: str("functions")}, second)
	exactly(t, client.ListLogs, logging.ListLogsRequest{LogGroupId: &b.id, LogType: logging.ListLogsLogTypeService, LifecycleState: logging.ListLogsLifecycleStateActive, DisplayName: str("first")}, first)
	first.update(logging.UpdateLogDetails{RetentionDuration: num(60)})
	refused(t, 409, "Conflict", client.DeleteLogGroup, logging.DeleteLogGroupRequest{LogGroupId: &b.id})

	now := time.Now()
	records := do(t, connect(t, loggingsearch.NewLogSearchClientWithConfigurationProvider).SearchLogs, loggingsearch.SearchLogsRequest{SearchLogsDetails: loggingsearch.SearchLogsDetails{
		TimeStart: &common.SDKTime{Time: now.Add(-time.Hour)}, TimeEnd: &common.SDKTime{Time: now}, SearchQuery: str(`search "` + *compartment + "/" + b.id + `" | sort by datetime desc`),
	}})
	if len(records.Results) > 0 || *records.Summary.ResultCount != 0 {
		t.Errorf("records %v", records)
	}

	requests := pages(t, client.ListWorkRequests, logging.ListWorkRequestsRequest{CompartmentId: compartment})
	if len(requests) < 4 {
		t.Fatalf("work requests %v", requests)
	}
	id := requests[0].(logging.WorkRequestSummary).Id
	exactlyIDs(t, pages(t, client.ListWorkRequests, logging.ListWorkRequestsRequest{CompartmentId: compartment, Id: id}), *id)
	if failed := pages(t, client.ListWorkRequests, logging.ListWorkRequestsRequest{CompartmentId: compartment, Status: logging.ListWorkRequestsStatusFailed}); len(failed) > 0 {
		t.Errorf("failed %v", failed)
	}
	got := do(t, client.GetWorkRequest, logging.GetWorkRequestRequest{WorkRequestId: id})
	if got.Status != logging.OperationStatusSucceeded || *got.PercentComplete != 100 {
		t.Errorf("work request %v", got)
	}
	if errors := pages(t, client.ListWorkRequestErrors, logging.ListWorkRequestErrorsRequest{WorkRequestId: id}); len(errors) > 0 {
		t.Errorf("errors %v", errors)
	}
	pages(t, client.ListWorkRequestLogs, logging.ListWorkRequestLogsRequest{WorkRequestId: id})
	for _, r := range []*resource{first, second, b, a} {
		r.delete()
	}
}

// exactlyIDs compares listed items with ids.
func exactlyIDs(t *testing.T, items []any, want ...string) {
	t.Helper()
	if found := ids(items); !slices.Equal(found, want) {
		t.Errorf("listed %v, want %v", found, want)
	}
}

func testNotifications(t *testing.T, compartment *string) {
	client := connect(t, ons.NewNotificationControlPlaneClientWithConfigurationProvider)
	topic := func(name string) *resource {
		return create(t, client, "Topic", ons.CreateTopicDetails{CompartmentId: compartment, Name: str("conformance-" + name)})
	}
	b, a := topic("b"), topic("a")
	exactly(t, client.ListTopics, ons.ListTopicsRequest{CompartmentId: compartment, SortBy: ons.ListTopicsSortByTimecreated, SortOrder: ons.ListTopicsSortOrderAsc}, b, a)
	exactly(t, client.ListTopics, ons.ListTopicsRequest{CompartmentId: compartment, Name: str("conformance-a")}, a)
	exactly(t, client.ListTopics, ons.ListTopicsRequest{CompartmentId: compartment, Id: &b.id}, b)
	b.update(ons.TopicAttributesDetails{Description: str("d")})

	plane := connect(t, ons.NewNotificationDataPlaneClientWithConfigurationProvider)
	subscription := func(address string) *resource {
		return create(t, plane, "Subscription", ons.CreateSubscriptionDetails{CompartmentId: compartment, TopicId: &b.id, Protocol: str("EMAIL"), Endpoint: &address})
	}
	first, second := subscription("a@example.com"), subscription("b@example.com")
	listed(t, plane.ListSubscriptions, ons.ListSubscriptionsRequest{CompartmentId: compartment, TopicId: &b.id}, first, second)
	first.update(ons.UpdateSubscriptionDetails{FreeformTags: map[string]string{"a": "b"}})
	published := do(t, plane.PublishMessage, ons.PublishMessageRequest{TopicId: &b.id, MessageDetails: ons.MessageDetails{Title: str("t"), Body: str("b")}})
	if published.MessageId == nil || published.TimeStamp == nil {
		t.Errorf("published %v", published)
	}
	refused(t, 404, "NotAuthorizedOrNotFound", plane.PublishMessage, ons.PublishMessageRequest{TopicId: str("ocid1.onstopic.oc1..none"), MessageDetails: ons.MessageDetails{Body: str("b")}})
	for _, r := range []*resource{first, second, b, a} {
		r.delete()
	}
}

func testMonitoring(t *testing.T, compartment *string) {
	topics := connect(t, ons.NewNotificationControlPlaneClientWithConfigurationProvider)
	topic := create(t, topics, "Topic", ons.CreateTopicDetails{CompartmentId: compartment, Name: str("alarms")})
	client := connect(t, monitoring.NewMonitoringClientWithConfigurationProvider)
	alarm := func(name string, severity monitoring.AlarmSeverityEnum) *resource {
		return create(t, client, "Alarm", monitoring.CreateAlarmDetails{CompartmentId: compartment, MetricCompartmentId: compartment, DisplayName: &name, Namespace: str("oci_faas"),
			Query: str("FunctionResponseCount[1m]{responseType = \"error\"}.sum() > 0"), Severity: severity, Destinations: []string{topic.id}, IsEnabled: yes})
	}
	b, a := alarm("b", monitoring.AlarmSeverityCritical), alarm("a", monitoring.AlarmSeverityInfo)
	exactly(t, client.ListAlarms, monitoring.ListAlarmsRequest{CompartmentId: compartment, SortBy: monitoring.ListAlarmsSortByDisplayname}, a, b)
	exactly(t, client.ListAlarms, monitoring.ListAlarmsRequest{CompartmentId: compartment, SortBy: monitoring.ListAlarmsSortBySeverity, SortOrder: monitoring.ListAlarmsSortOrderAsc}, b, a)
	exactly(t, client.ListAlarms, monitoring.ListAlarmsRequest{CompartmentId: compartment, DisplayName: str("b"), LifecycleState: monitoring.AlarmLifecycleStateActive}, b)
	b.update(monitoring.UpdateAlarmDetails{Body: str("look")})
	exactly(t, client.ListAlarmsStatus, monitoring.ListAlarmsStatusRequest{CompartmentId: compartment, DisplayName: str("b"), Status: monitoring.ListAlarmsStatusStatusOk}, b)
	listed(t, client.ListAlarmsStatus, monitoring.ListAlarmsStatusRequest{CompartmentId: compartment}, a, b)
	for _, r := range []*resource{b, a, topic} {
		r.delete()
	}
}

func testEvents(t *testing.T, compartment *string) {
	topics := connect(t, ons.NewNotificationControlPlaneClientWithConfigurationProvider)
	topic := create(t, topics, "Topic", ons.CreateTopicDetails{CompartmentId: compartment, Name: str("events")})
	client := connect(t, events.NewEventsClientWithConfigurationProvider)
	rule := func(name string) *resource {
		return create(t, client, "Rule", events.CreateRuleDetails{CompartmentId: compartment, DisplayName: &name, IsEnabled: yes,
			Condition: str(`{"eventType": ["com.oraclecloud.objectstorage.createobject"]}`),
			Actions:   &events.ActionDetailsList{Actions: []events.ActionDetails{events.CreateNotificationServiceActionDetails{IsEnabled: yes, TopicId: &topic.id}}}})
	}
	b, a := rule("b"), rule("a")
	exactly(t, client.ListRules, events.ListRulesRequest{CompartmentId: compartment, SortBy: events.ListRulesSortByDisplayName}, a, b)
	exactly(t, client.ListRules, events.ListRulesRequest{CompartmentId: compartment, SortBy: events.ListRulesSortByTimeCreated}, a, b)
	exactly(t, client.ListRules, events.ListRulesRequest{CompartmentId: compartment, DisplayName: str("b"), LifecycleState: events.RuleLifecycleStateActive}, b)
	b.update(events.UpdateRuleDetails{IsEnabled: no})
	for _, r := range []*resource{b, a, topic} {
		r.delete()
	}
}
