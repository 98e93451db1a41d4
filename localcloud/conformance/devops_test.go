package conformance_test

import (
	"slices"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/devops"
	"github.com/oracle/oci-go-sdk/v65/logging"
	"github.com/oracle/oci-go-sdk/v65/ons"
)

func testDevOps(t *testing.T, compartment *string) {
	client := connect(t, devops.NewDevopsClientWithConfigurationProvider)
	topic := create(t, connect(t, ons.NewNotificationControlPlaneClientWithConfigurationProvider), "Topic",
		ons.CreateTopicDetails{CompartmentId: compartment, Name: str(unique("delivery"))})
	project := func(name string) *resource {
		return create(t, client, "Project", devops.CreateProjectDetails{CompartmentId: compartment, Name: str(unique(name)),
			NotificationConfig: &devops.NotificationConfig{TopicId: &topic.id}})
	}
	b, a := project("b"), project("a")
	exactly(t, client.ListProjects, devops.ListProjectsRequest{CompartmentId: compartment, SortBy: devops.ListProjectsSortByDisplayname}, a, b)
	exactly(t, client.ListProjects, devops.ListProjectsRequest{CompartmentId: compartment, Name: str(unique("b")), LifecycleState: devops.ProjectLifecycleStateActive}, b)
	b.update(devops.UpdateProjectDetails{Description: str("d")})
	refused(t, 409, "Conflict", client.CreateProject, devops.CreateProjectRequest{CreateProjectDetails: devops.CreateProjectDetails{
		CompartmentId: compartment, Name: str(unique("b")), NotificationConfig: &devops.NotificationConfig{TopicId: &topic.id}}})

	made := append(testPipelines(t, client, compartment, b, a), testRuns(t, client, compartment, a)...)
	testDevOpsWorkRequests(t, client, compartment)
	moved := compartmentOf("devopsmoved")
	do(t, client.ChangeProjectCompartment, devops.ChangeProjectCompartmentRequest{ProjectId: &b.id, ChangeProjectCompartmentDetails: devops.ChangeProjectCompartmentDetails{CompartmentId: moved}})
	exactly(t, client.ListProjects, devops.ListProjectsRequest{CompartmentId: moved}, b)
	if pipelines := pages(t, client.ListBuildPipelines, devops.ListBuildPipelinesRequest{CompartmentId: moved, DisplayName: str("first")}); len(pipelines) != 1 {
		t.Errorf("moved with its project: %v", pipelines)
	}
	for _, r := range append(made, b, a, topic) {
		r.delete()
	}
}

func testDevOpsWorkRequests(t *testing.T, client *devops.DevopsClient, compartment *string) {
	// Another service's are not among them.
	group := create(t, connect(t, logging.NewLoggingManagementClientWithConfigurationProvider), "LogGroup", logging.CreateLogGroupDetails{CompartmentId: compartment, DisplayName: str("group")})
	requests := pages(t, client.ListWorkRequests, devops.ListWorkRequestsRequest{CompartmentId: compartment})
	for _, request := range requests {
		if operation := request.(devops.WorkRequestSummary).OperationType; !slices.Contains(devops.GetOperationTypeEnumValues(), operation) {
			t.Errorf("%s is no operation of DevOps", operation)
		}
	}
	if made := pages(t, client.ListWorkRequests, devops.ListWorkRequestsRequest{CompartmentId: compartment, OperationTypeMultiValueQuery: []string{"CREATE_PROJECT", "DELETE_PROJECT"}}); len(made) != 2 {
		t.Errorf("two projects were made, and these are their work requests: %v", made)
	}
	group.delete()
	id := requests[0].(devops.WorkRequestSummary).Id
	exactlyIDs(t, pages(t, client.ListWorkRequests, devops.ListWorkRequestsRequest{CompartmentId: compartment, WorkRequestId: id}), *id)
	got := do(t, client.GetWorkRequest, devops.GetWorkRequestRequest{WorkRequestId: id})
	if got.Status != devops.OperationStatusSucceeded || *got.PercentComplete != 100 {
		t.Errorf("work request %v", got)
	}
	if errors := pages(t, client.ListWorkRequestErrors, devops.ListWorkRequestErrorsRequest{WorkRequestId: id}); len(errors) > 0 {
		t.Errorf("errors %v", errors)
	}
	pages(t, client.ListWorkRequestLogs, devops.ListWorkRequestLogsRequest{WorkRequestId: id})
}
