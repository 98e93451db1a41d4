package conformance_test

import (
	"testing"

	"github.com/oracle/oci-go-sdk/v65/devops"
	"github.com/oracle/oci-go-sdk/v65/logging"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
)

// testRuns runs pipelines that wait, for a command and for an approval.
func testRuns(t *testing.T, client *devops.DevopsClient, compartment *string, project *resource) []*resource {
	logs := connect(t, logging.NewLoggingManagementClientWithConfigurationProvider)
	group := create(t, logs, "LogGroup", logging.CreateLogGroupDetails{CompartmentId: compartment, DisplayName: str("delivery")})
	log := create(t, logs, "Log", logging.CreateLogDetails{DisplayName: str("delivery"), LogType: logging.CreateLogDetailsLogTypeService, IsEnabled: yes,
		Configuration: &logging.Configuration{Source: logging.OciService{Service: str("devops"), Resource: &project.id, Category: str("all")}}}, "LogGroupId", group.id)
	made := append(testBuildRuns(t, client, project), testDeployments(t, client, project)...)
	return append(made, log, group)
}

func testBuildRuns(t *testing.T, client *devops.DevopsClient, project *resource) []*resource {
	code := create(t, client, "Repository", devops.CreateRepositoryDetails{ProjectId: &project.id, Name: str("waits"), RepositoryType: devops.RepositoryRepositoryTypeHosted})
	address, clone := code.answer.Interface().(devops.GetRepositoryResponse).HttpUrl, t.TempDir()
	gitWriter.git(t, clone, "init", "--quiet", "--initial-branch=main")
	gitWriter.commit(t, clone, "build_spec.yaml", "version: 0.1\ncomponent: build\nsteps:\n  - type: Command\n    name: Wait\n    command: sleep 3600\n")
	gitWriter.git(t, clone, "push", "--quiet", *address, "main")
	pipeline := create(t, client, "BuildPipeline", devops.CreateBuildPipelineDetails{ProjectId: &project.id, DisplayName: str("waits")})
	wait := create(t, client, "BuildPipelineStage", devops.CreateBuildStageDetails{BuildPipelineId: &pipeline.id, DisplayName: str("wait"),
		BuildPipelineStagePredecessorCollection: &devops.BuildPipelineStagePredecessorCollection{Items: []devops.BuildPipelineStagePredecessor{{Id: &pipeline.id}}},
		Image:                                   devops.BuildStageImageOl8X8664Standard10,
		BuildSourceCollection: &devops.BuildSourceCollection{Items: []devops.BuildSource{devops.DevopsCodeRepositoryBuildSource{
			Name: str("source"), Branch: str("main"), RepositoryUrl: address, RepositoryId: &code.id}}}})
	run := func(name string) *resource {
		return create(t, client, "BuildRun", devops.CreateBuildRunDetails{BuildPipelineId: &pipeline.id, DisplayName: &name})
	}
	cancel := func(r *resource) devops.CancelBuildRunRequest {
		return devops.CancelBuildRunRequest{BuildRunId: &r.id, CancelBuildRunDetails: devops.CancelBuildRunDetails{Reason: str("tried")}}
	}
	first, second := run("first"), run("second")
	gatewaytest.Eventually(t, "the first build run waits", func() bool {
		first.get()
		stage, began := first.answer.Interface().(devops.GetBuildRunResponse).BuildRunProgress.BuildPipelineStageRunProgress[wait.id].(devops.BuildStageRunProgress)
		return began && len(stage.Steps) == 1 && stage.Steps[0].State == devops.BuildStageRunStepStateInProgress
	})
	exactly(t, client.ListBuildRuns, devops.ListBuildRunsRequest{BuildPipelineId: &pipeline.id, SortBy: devops.ListBuildRunsSortByDisplayname}, first, second)
	for _, r := range []*resource{second, first} {
		do(t, client.CancelBuildRun, cancel(r))
		gatewaytest.Eventually(t, "the build run is canceled", func() bool {
			r.get()
			return r.answer.Interface().(devops.GetBuildRunResponse).LifecycleState == devops.BuildRunLifecycleStateCanceled
		})
	}
	exactly(t, client.ListBuildRuns, devops.ListBuildRunsRequest{ProjectId: &project.id, LifecycleState: devops.BuildRunLifecycleStateCanceled, DisplayName: str("second")}, second)
	first.update(devops.UpdateBuildRunDetails{DisplayName: str("the first")})
	return []*resource{wait, pipeline, code}
}

func testDeployments(t *testing.T, client *devops.DevopsClient, project *resource) []*resource {
	pipeline := create(t, client, "DeployPipeline", devops.CreateDeployPipelineDetails{ProjectId: &project.id, DisplayName: str("waits")})
	approval := create(t, client, "DeployStage", devops.CreateManualApprovalDeployStageDetails{DeployPipelineId: &pipeline.id, DisplayName: str("approve"),
		DeployStagePredecessorCollection: &devops.DeployStagePredecessorCollection{Items: []devops.DeployStagePredecessor{{Id: &pipeline.id}}},
		ApprovalPolicy:                   devops.CountBasedApprovalPolicy{NumberOfApprovalsRequired: num(1)}})
	approve := func(r *resource) devops.ApproveDeploymentRequest {
		return devops.ApproveDeploymentRequest{DeploymentId: &r.id, ApproveDeploymentDetails: devops.ApproveDeploymentDetails{
			DeployStageId: &approval.id, Action: devops.ApproveDeploymentDetailsActionApprove}}
	}
	awaits := func(r *resource, state devops.DeploymentLifecycleStateEnum, stage devops.DeployStageExecutionProgressStatusEnum) {
		t.Helper()
		gatewaytest.Eventually(t, "the deployment is "+string(state), func() bool {
			r.get()
			d := r.answer.Interface().(devops.GetDeploymentResponse).Deployment
			return d.GetLifecycleState() == state && d.GetDeploymentExecutionProgress().DeployStageExecutionProgress[approval.id].GetStatus() == stage
		})
	}
	const running, waits = devops.DeploymentLifecycleStateInProgress, devops.DeployStageExecutionProgressStatusInProgress
	first := create(t, client, "Deployment", devops.CreateDeployPipelineDeploymentDetails{DeployPipelineId: &pipeline.id, DisplayName: str("first")})
	awaits(first, running, waits)
	do(t, client.ApproveDeployment, approve(first))
	awaits(first, devops.DeploymentLifecycleStateSucceeded, devops.DeployStageExecutionProgressStatusSucceeded)
	first.update(devops.UpdateDeployPipelineDeploymentDetails{DisplayName: str("the first")})

	second := create(t, client, "Deployment", devops.CreateSingleDeployStageDeploymentDetails{DeployPipelineId: &pipeline.id, DeployStageId: &approval.id, DisplayName: str("second")})
	awaits(second, running, waits)
	do(t, client.CancelDeployment, devops.CancelDeploymentRequest{DeploymentId: &second.id, CancelDeploymentDetails: devops.CancelDeploymentDetails{Reason: str("tried")}})
	awaits(second, devops.DeploymentLifecycleStateCanceled, devops.DeployStageExecutionProgressStatusCanceled)
	exactly(t, client.ListDeployments, devops.ListDeploymentsRequest{DeployPipelineId: &pipeline.id, SortBy: devops.ListDeploymentsSortByDisplayname, SortOrder: devops.ListDeploymentsSortOrderAsc}, second, first)
	return []*resource{approval, pipeline}
}
