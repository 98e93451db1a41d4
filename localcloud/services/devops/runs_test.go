package devops_test

import (
	"net/http"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/devops"
)

func TestPushToDeployUnderFaults(t *testing.T) {
	p := newPlant(t)
	p.trigger(nil, nil)
	const plan = `{seed: 3, rules: [
		{fault: throttle, share: 0.15, operations: [CreateBuildRun, CreateDeployment, GetDeployArtifact, GetDeployEnvironment, GetFunction, UpdateFunction, PublishMessage, GetToken]},
		{fault: error, share: 0.15, status: 503, operations: [CreateBuildRun, CreateDeployment, GetDeployArtifact, GetDeployEnvironment, GetFunction, UpdateFunction, PublishMessage, GetToken]},
		{fault: lost, nth: [1], operations: [CreateBuildRun, CreateDeployment, UpdateFunction]}]}`
	must(t, p.endpoint.Send(t.Context(), http.MethodPut, "/faults", []byte(plan), nil))
	commit := p.push("main", map[string]string{"build_spec.yaml": deliverySpec(), "image.tar": imageFile(t, "v1")})
	id := *p.runs(1)[0].Id
	run := p.want(id, devops.BuildRunLifecycleStateSucceeded, "")
	p.deployed(deploymentOf(t, run), devops.DeploymentLifecycleStateSucceeded, "")
	must(t, p.endpoint.Control(t.Context(), http.MethodDelete, "/faults", nil))
	if runs := p.runs(1); len(runs) != 1 || *runs[0].CommitInfo.CommitHash != commit {
		t.Errorf("one push made %d build runs", len(runs))
	}
	deployments, err := p.client.ListDeployments(t.Context(), devops.ListDeploymentsRequest{DeployPipelineId: &p.deploy})
	must(t, err)
	if len(deployments.Items) != 1 {
		t.Errorf("one build made %d deployments", len(deployments.Items))
	}
	if now := p.answers(); now != "v1" {
		t.Errorf("the function answers %s", now)
	}
}

func TestManualBuildRunOfACommit(t *testing.T) {
	s := newSite(t)
	first := s.push("main", map[string]string{"build_spec.yaml": spec("", "echo first of $OCI_PRIMARY_SOURCE_COMMIT_HASH")})
	s.push("main", map[string]string{"build_spec.yaml": spec("", "echo second")})
	pipeline := s.buildPipeline(nil)
	s.buildStage(pipeline, nil, pipeline)
	run, err := s.client.CreateBuildRun(t.Context(), devops.CreateBuildRunRequest{CreateBuildRunDetails: devops.CreateBuildRunDetails{BuildPipelineId: &pipeline,
		CommitInfo: &devops.CommitInfo{RepositoryUrl: &s.codeURL, RepositoryBranch: new("main"), CommitHash: &first}}})
	must(t, err)
	s.want(*run.Id, devops.BuildRunLifecycleStateSucceeded, "")
	if !s.logged(*run.Id, "first of "+first) {
		t.Errorf("another commit was built: %v", s.lines())
	}
	missing := "0123456789012345678901234567890123456789"
	run, err = s.client.CreateBuildRun(t.Context(), devops.CreateBuildRunRequest{CreateBuildRunDetails: devops.CreateBuildRunDetails{BuildPipelineId: &pipeline,
		CommitInfo: &devops.CommitInfo{RepositoryUrl: &s.codeURL, RepositoryBranch: new("main"), CommitHash: &missing}}})
	must(t, err)
	s.want(*run.Id, devops.BuildRunLifecycleStateFailed, missing)
}

func TestInvokeFunctionStage(t *testing.T) {
	p := newPlant(t)
	environments, err := p.client.ListDeployEnvironments(t.Context(), devops.ListDeployEnvironmentsRequest{ProjectId: &p.project})
	must(t, err)
	pipeline, err := p.client.CreateDeployPipeline(t.Context(), devops.CreateDeployPipelineRequest{CreateDeployPipelineDetails: devops.CreateDeployPipelineDetails{
		ProjectId: &p.project, DisplayName: new("invoke")}})
	must(t, err)
	stage := p.deployStage(devops.CreateInvokeFunctionDeployStageDetails{DeployPipelineId: pipeline.Id, DisplayName: new("invoke"), DeployStagePredecessorCollection: afterDeploy(*pipeline.Id),
		FunctionDeployEnvironmentId: environments.Items[0].GetId(), IsAsync: common.Bool(false), IsValidationEnabled: common.Bool(false)})
	run := func() string {
		return p.deployWith(devops.CreateDeployPipelineDeploymentDetails{DeployPipelineId: pipeline.Id})
	}
	p.deployed(run(), devops.DeploymentLifecycleStateSucceeded, "")
	if !p.logged(stage, "The function answered") {
		t.Errorf("the log lacks the answer: %v", p.lines())
	}
	p.take("invoke functions")
	p.deployed(run(), devops.DeploymentLifecycleStateFailed, "to use fn-invocation")
}
