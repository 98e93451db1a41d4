package conformance_test

import (
	"testing"

	"github.com/oracle/oci-go-sdk/v65/artifacts"
	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/devops"
	"github.com/oracle/oci-go-sdk/v65/functions"

	"oci-media-pipelines/localcloud/runtime/imagetest"
)

// testPipelines makes what a project has of each kind, and returns it in the order in
// which it can be deleted.
func testPipelines(t *testing.T, client *devops.DevopsClient, compartment *string, project, other *resource) []*resource {
	build := func(name string) *resource {
		return create(t, client, "BuildPipeline", devops.CreateBuildPipelineDetails{ProjectId: &project.id, DisplayName: &name,
			BuildPipelineParameters: &devops.BuildPipelineParameterCollection{Items: []devops.BuildPipelineParameter{{Name: str("imageVersion"), DefaultValue: str("manual")}}}})
	}
	second, first := build("second"), build("first")
	exactly(t, client.ListBuildPipelines, devops.ListBuildPipelinesRequest{ProjectId: &project.id, SortBy: devops.ListBuildPipelinesSortByDisplayname}, first, second)
	exactly(t, client.ListBuildPipelines, devops.ListBuildPipelinesRequest{ProjectId: &other.id})
	exactly(t, client.ListBuildPipelines, devops.ListBuildPipelinesRequest{CompartmentId: compartment, DisplayName: str("first")}, first)
	second.update(devops.UpdateBuildPipelineDetails{Description: str("d")})

	deploy := create(t, client, "DeployPipeline", devops.CreateDeployPipelineDetails{ProjectId: &project.id, DisplayName: str("deploy")})
	deploy.update(devops.UpdateDeployPipelineDetails{Description: str("d")})
	exactly(t, client.ListDeployPipelines, devops.ListDeployPipelinesRequest{ProjectId: &project.id}, deploy)

	artifact := create(t, client, "DeployArtifact", devops.CreateDeployArtifactDetails{ProjectId: &project.id, DisplayName: str("image"),
		DeployArtifactType: devops.DeployArtifactDeployArtifactTypeDockerImage, ArgumentSubstitutionMode: devops.DeployArtifactArgumentSubstitutionModeSubstitutePlaceholders,
		DeployArtifactSource: devops.OcirDeployArtifactSource{ImageUri: str("iad.ocir.io/localcloud/app/function:${imageVersion}")}})
	artifact.update(devops.UpdateDeployArtifactDetails{Description: str("d")})
	exactly(t, client.ListDeployArtifacts, devops.ListDeployArtifactsRequest{ProjectId: &project.id}, artifact)

	code := create(t, client, "Repository", devops.CreateRepositoryDetails{ProjectId: &project.id, Name: str("pipelines"), RepositoryType: devops.RepositoryRepositoryTypeHosted})
	made := testBuildStages(t, client, first, deploy, artifact, code)
	made = append(made, testDeployStages(t, client, project, deploy, artifact, newFunction(t, compartment))...)
	return append(made, testTriggers(t, client, project, first, code), artifact, deploy, first, second, code)
}

func testBuildStages(t *testing.T, client *devops.DevopsClient, pipeline, deploy, artifact, code *resource) []*resource {
	after := func(r *resource) *devops.BuildPipelineStagePredecessorCollection {
		return &devops.BuildPipelineStagePredecessorCollection{Items: []devops.BuildPipelineStagePredecessor{{Id: &r.id}}}
	}
	build := create(t, client, "BuildPipelineStage", devops.CreateBuildStageDetails{BuildPipelineId: &pipeline.id, DisplayName: str("build"),
		BuildPipelineStagePredecessorCollection: after(pipeline), Image: devops.BuildStageImageOl8X8664Standard10,
		BuildSourceCollection: &devops.BuildSourceCollection{Items: []devops.BuildSource{devops.DevopsCodeRepositoryBuildSource{
			Name: str("source"), Branch: str("main"), RepositoryUrl: code.answer.Interface().(devops.GetRepositoryResponse).HttpUrl, RepositoryId: &code.id}}},
		BuildRunnerShapeConfig: devops.CustomBuildRunnerShapeConfig{Ocpus: num(2), MemoryInGBs: num(8)}})
	deliver := create(t, client, "BuildPipelineStage", devops.CreateDeliverArtifactStageDetails{BuildPipelineId: &pipeline.id, DisplayName: str("deliver"),
		BuildPipelineStagePredecessorCollection: after(build), DeliverArtifactCollection: &devops.DeliverArtifactCollection{
			Items: []devops.DeliverArtifact{{ArtifactName: str("function-image"), ArtifactId: &artifact.id}}}})
	wait := create(t, client, "BuildPipelineStage", devops.CreateWaitStageDetails{BuildPipelineId: &pipeline.id, DisplayName: str("wait"),
		BuildPipelineStagePredecessorCollection: after(deliver), WaitCriteria: devops.CreateAbsoluteWaitCriteriaDetails{WaitDuration: str("PT5S")}})
	trigger := create(t, client, "BuildPipelineStage", devops.CreateTriggerDeploymentStageDetails{BuildPipelineId: &pipeline.id, DisplayName: str("trigger"),
		BuildPipelineStagePredecessorCollection: after(wait), DeployPipelineId: &deploy.id, IsPassAllParametersEnabled: yes})
	exactly(t, client.ListBuildPipelineStages, devops.ListBuildPipelineStagesRequest{BuildPipelineId: &pipeline.id}, build, deliver, wait, trigger)
	build.update(devops.UpdateBuildStageDetails{BuildSpecFile: str("build_spec.yaml"), StageExecutionTimeoutInSeconds: num(1800)})
	deliver.update(devops.UpdateDeliverArtifactStageDetails{Description: str("d")})
	wait.update(devops.UpdateWaitStageDetails{WaitCriteria: devops.UpdateAbsoluteWaitCriteriaDetails{WaitDuration: str("PT1M")}})
	trigger.update(devops.UpdateTriggerDeploymentStageDetails{IsPassAllParametersEnabled: no})
	refused(t, 409, "Conflict", client.DeleteBuildPipelineStage, devops.DeleteBuildPipelineStageRequest{BuildPipelineStageId: &deliver.id})
	refused(t, 409, "Conflict", client.DeleteBuildPipeline, devops.DeleteBuildPipelineRequest{BuildPipelineId: &pipeline.id})
	return []*resource{trigger, wait, deliver, build}
}

func testDeployStages(t *testing.T, client *devops.DevopsClient, project, pipeline, artifact *resource, function *string) []*resource {
	environment := create(t, client, "DeployEnvironment", devops.CreateFunctionDeployEnvironmentDetails{ProjectId: &project.id,
		DisplayName: str("function"), FunctionId: function})
	environment.update(devops.UpdateFunctionDeployEnvironmentDetails{Description: str("d")})
	exactly(t, client.ListDeployEnvironments, devops.ListDeployEnvironmentsRequest{ProjectId: &project.id}, environment)

	after := func(r *resource) *devops.DeployStagePredecessorCollection {
		return &devops.DeployStagePredecessorCollection{Items: []devops.DeployStagePredecessor{{Id: &r.id}}}
	}
	approve := create(t, client, "DeployStage", devops.CreateManualApprovalDeployStageDetails{DeployPipelineId: &pipeline.id, DisplayName: str("approve"),
		DeployStagePredecessorCollection: after(pipeline), ApprovalPolicy: devops.CountBasedApprovalPolicy{NumberOfApprovalsRequired: num(1)}})
	deploy := create(t, client, "DeployStage", devops.CreateFunctionDeployStageDetails{DeployPipelineId: &pipeline.id, DisplayName: str("deploy"),
		DeployStagePredecessorCollection: after(approve), FunctionDeployEnvironmentId: &environment.id, DockerImageDeployArtifactId: &artifact.id})
	wait := create(t, client, "DeployStage", devops.CreateWaitDeployStageDetails{DeployPipelineId: &pipeline.id, DisplayName: str("wait"),
		DeployStagePredecessorCollection: after(deploy), WaitCriteria: devops.AbsoluteWaitCriteria{WaitDuration: str("PT5S")}})
	invoke := create(t, client, "DeployStage", devops.CreateInvokeFunctionDeployStageDetails{DeployPipelineId: &pipeline.id, DisplayName: str("invoke"),
		DeployStagePredecessorCollection: after(wait), FunctionDeployEnvironmentId: &environment.id, IsAsync: no, IsValidationEnabled: no})
	exactly(t, client.ListDeployStages, devops.ListDeployStagesRequest{DeployPipelineId: &pipeline.id}, approve, deploy, wait, invoke)
	approve.update(devops.UpdateManualApprovalDeployStageDetails{ApprovalPolicy: devops.CountBasedApprovalPolicy{NumberOfApprovalsRequired: num(2)}})
	deploy.update(devops.UpdateFunctionDeployStageDetails{FunctionTimeoutInSeconds: num(120)})
	wait.update(devops.UpdateWaitDeployStageDetails{Description: str("d")})
	invoke.update(devops.UpdateInvokeFunctionDeployStageDetails{IsAsync: yes})

	used := do(t, client.GetDeployPipeline, devops.GetDeployPipelineRequest{DeployPipelineId: &pipeline.id})
	if artifacts := used.DeployPipelineArtifacts.Items; len(artifacts) != 1 || *artifacts[0].DeployArtifactId != artifact.id || *artifacts[0].DeployPipelineStages.Items[0].DeployStageId != deploy.id {
		t.Errorf("the pipeline uses artifacts %v", artifacts)
	}
	if environments := used.DeployPipelineEnvironments.Items; len(environments) != 1 || len(environments[0].DeployPipelineStages.Items) != 2 {
		t.Errorf("the pipeline uses environments %v", environments)
	}
	return []*resource{invoke, wait, deploy, approve, environment}
}

// newFunction makes a function that can be deployed, and returns its OCID.
func newFunction(t *testing.T, compartment *string) *string {
	t.Helper()
	_, path := newRepository(t, connect(t, artifacts.NewArtifactsClientWithConfigurationProvider), compartment, "conformance/deployed")
	push(t, path+":1", imagetest.ProgramImage(t, imagetest.Program(t, "../services/functions/testdata/fn")))
	client := connect(t, functions.NewFunctionsManagementClientWithConfigurationProvider)
	application := create(t, client, "Application", functions.CreateApplicationDetails{CompartmentId: compartment, DisplayName: str("deployed"),
		SubnetIds: []string{newNetwork(t, compartment).private}})
	return &create(t, client, "Function", functions.CreateFunctionDetails{ApplicationId: &application.id, DisplayName: str("deployed"), MemoryInMBs: common.Int64(128),
		SourceDetails: functions.CreateContainerImageFunctionSourceDetails{Image: str(path + ":1")}}).id
}

func testTriggers(t *testing.T, client *devops.DevopsClient, project, pipeline, code *resource) *resource {
	filter := devops.DevopsCodeRepositoryFilter{Events: []devops.DevopsCodeRepositoryFilterEventsEnum{devops.DevopsCodeRepositoryFilterEventsPush},
		Include: &devops.DevopsCodeRepositoryFilterAttributes{HeadRef: str("main"), FileFilter: &devops.FileFilter{FilePaths: []string{"function/**"}}}}
	trigger := create(t, client, "Trigger", devops.CreateDevopsCodeRepositoryTriggerDetails{ProjectId: &project.id, DisplayName: str("push"),
		RepositoryId: &code.id, Actions: []devops.TriggerAction{devops.TriggerBuildPipelineAction{BuildPipelineId: &pipeline.id, Filter: filter}}})
	trigger.update(devops.UpdateDevopsCodeRepositoryTriggerDetails{Description: str("d")})
	exactly(t, client.ListTriggers, devops.ListTriggersRequest{ProjectId: &project.id}, trigger)
	return trigger
}
