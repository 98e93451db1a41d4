package devops_test

import (
	"net/http"
	"runtime"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/runtime/imagetest"
)

func TestDeploymentsAndTheirRepetition(t *testing.T) {
	p := newPlant(t)
	p.upload("v1")
	first := p.rollOut("v1")
	p.deployed(first, devops.DeploymentLifecycleStateSucceeded, "")
	if now := p.answers(); now != "v1" {
		t.Fatalf("the function answers %s", now)
	}
	p.deployed(p.rollOut("v0"), devops.DeploymentLifecycleStateSucceeded, "")
	if now := p.answers(); now != "v0" {
		t.Fatalf("the function answers %s after going back", now)
	}
	again := p.deployWith(devops.CreateDeployPipelineRedeploymentDetails{DeployPipelineId: &p.deploy, PreviousDeploymentId: &first})
	if d, is := p.deployed(again, devops.DeploymentLifecycleStateSucceeded, "").(devops.DeployPipelineRedeployment); !is || *d.PreviousDeploymentId != first {
		t.Errorf("redeployment %v", d)
	}
	if now := p.answers(); now != "v1" {
		t.Fatalf("the function answers %s after the redeployment", now)
	}
	single := p.deployWith(devops.CreateSingleDeployStageDeploymentDetails{DeployPipelineId: &p.deploy, DeployStageId: &p.deployment,
		DeployArtifactOverrideArguments: &devops.DeployArtifactOverrideArgumentCollection{Items: []devops.DeployArtifactOverrideArgument{
			{DeployArtifactId: &p.artifact, Name: new("imageVersion"), Value: new("v0")}}}})
	p.deployed(single, devops.DeploymentLifecycleStateSucceeded, "")
	if now := p.answers(); now != "v0" {
		t.Fatalf("the function answers %s after the stage's deployment", now)
	}
	repeated := p.deployWith(devops.CreateSingleDeployStageRedeploymentDetails{DeployPipelineId: &p.deploy, DeployStageId: &p.deployment, PreviousDeploymentId: &first})
	p.deployed(repeated, devops.DeploymentLifecycleStateSucceeded, "")
	if now := p.answers(); now != "v1" {
		t.Fatalf("the function answers %s after the stage's redeployment", now)
	}
}

func TestDeploymentsThatFailSayWhyAndChangeNothing(t *testing.T) {
	p := newPlant(t)
	other := map[string]string{"amd64": "arm64", "arm64": "amd64"}[runtime.GOARCH]
	p.uploadImage("other", imagetest.ImageFor(t, "linux", other, v1.Config{}))
	for version, details := range map[string]string{
		"none": "read repos", "other": "is built for linux/",
	} {
		d := p.deployed(p.rollOut(version), devops.DeploymentLifecycleStateFailed, details)
		if status := d.GetDeploymentExecutionProgress().DeployStageExecutionProgress[p.deployment].GetStatus(); status != devops.DeployStageExecutionProgressStatusFailed {
			t.Errorf("the stage of the deployment of %s is %s: there was nothing to roll back", version, status)
		}
	}
	p.deployed(p.deployWith(devops.CreateDeployPipelineDeploymentDetails{DeployPipelineId: &p.deploy}), devops.DeploymentLifecycleStateFailed, "${imageVersion}")
	if now := p.answers(); now != "v0" {
		t.Errorf("the function answers %s after failed deployments", now)
	}
	if _, err := p.client.CreateDeployment(t.Context(), devops.CreateDeploymentRequest{CreateDeploymentDetails: devops.CreateDeployPipelineDeploymentDetails{
		DeployPipelineId: &p.deploy, DeploymentArguments: &devops.DeploymentArgumentCollection{Items: []devops.DeploymentArgument{{Name: new("no name"), Value: new("v")}}}}}); err == nil {
		t.Error("an argument may be called anything")
	}
}

func TestAFailedDeploymentRollsTheFunctionBack(t *testing.T) {
	p := newPlant(t)
	p.upload("v1")
	// The function is updated, and then nobody can see whether it is active.
	const plan = "{seed: 1, rules: [{fault: error, status: 503, operations: [GetFunction], nth: [2, 3, 4, 5, 6, 7]}]}"
	must(t, p.endpoint.Send(t.Context(), http.MethodPut, "/faults", []byte(plan), nil))
	d := p.deployed(p.rollOut("v1"), devops.DeploymentLifecycleStateFailed, "nable to read function")
	stage := d.GetDeploymentExecutionProgress().DeployStageExecutionProgress[p.deployment].(devops.FunctionDeployStageExecutionProgress)
	if stage.Status != devops.DeployStageExecutionProgressStatusRollbackSucceeded || len(stage.DeployStageExecutionProgressDetails[0].RollbackSteps) != 1 {
		t.Errorf("the stage is %s: %v", stage.Status, stage.DeployStageExecutionProgressDetails)
	}
	if now := p.answers(); now != "v0" {
		t.Errorf("the function answers %s after the rollback", now)
	}
}

func TestApproval(t *testing.T) {
	p := newPlant(t)
	pipeline, err := p.client.CreateDeployPipeline(t.Context(), devops.CreateDeployPipelineRequest{CreateDeployPipelineDetails: devops.CreateDeployPipelineDetails{ProjectId: &p.project, DisplayName: new("approved")}})
	must(t, err)
	stage := p.deployStage(devops.CreateManualApprovalDeployStageDetails{DeployPipelineId: pipeline.Id, DisplayName: new("approve"),
		DeployStagePredecessorCollection: afterDeploy(*pipeline.Id), ApprovalPolicy: devops.CountBasedApprovalPolicy{NumberOfApprovalsRequired: common.Int(2)}})
	start := func() string {
		id := p.deployWith(devops.CreateDeployPipelineDeploymentDetails{DeployPipelineId: pipeline.Id})
		p.awaitsApproval(id, stage)
		return id
	}
	first := start()
	p.approve(first, stage, devops.ApproveDeploymentDetailsActionApprove)
	p.awaitsApproval(first, stage)
	_, err = p.client.ApproveDeployment(t.Context(), devops.ApproveDeploymentRequest{DeploymentId: &first, ApproveDeploymentDetails: devops.ApproveDeploymentDetails{
		DeployStageId: &stage, Action: devops.ApproveDeploymentDetailsActionApprove}})
	if failure, is := common.IsServiceError(err); !is || failure.GetHTTPStatusCode() != http.StatusConflict {
		t.Errorf("one person approves twice: %v", err)
	}
	_, err = p.client.CancelDeployment(t.Context(), devops.CancelDeploymentRequest{DeploymentId: &first, CancelDeploymentDetails: devops.CancelDeploymentDetails{Reason: new("enough")}})
	must(t, err)
	p.deployed(first, devops.DeploymentLifecycleStateCanceled, "enough")

	second := start()
	p.approve(second, stage, devops.ApproveDeploymentDetailsActionReject)
	d := p.deployed(second, devops.DeploymentLifecycleStateFailed, "looked at it")
	progress := d.GetDeploymentExecutionProgress().DeployStageExecutionProgress[stage].(devops.ManualApprovalDeployStageExecutionProgress)
	if progress.Status != devops.DeployStageExecutionProgressStatusFailed || len(progress.ApprovalActions) != 1 || progress.ApprovalActions[0].Action != devops.ApprovalActionActionReject {
		t.Errorf("progress %v", progress)
	}
}
