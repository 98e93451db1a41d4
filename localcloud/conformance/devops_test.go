package conformance_test

import (
	"testing"

	"github.com/oracle/oci-go-sdk/v65/devops"
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
	for _, r := range append(made, b, a, topic) {
		r.delete()
	}
}

func testDevOpsWorkRequests(t *testing.T, client *devops.DevopsClient, compartment *string) {
	requests := pages(t, client.ListWorkRequests, devops.ListWorkRequestsRequest{CompartmentId: compartment})
	if len(requests) < 2 {
		t.Fatalf("work requests %v", requests)
	}
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
