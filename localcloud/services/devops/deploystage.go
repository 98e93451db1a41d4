package devops

import (
	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// Types of deployment stages, beside stageWait.
const (
	stageDeployFunction = "DEPLOY_FUNCTION"
	stageInvokeFunction = "INVOKE_FUNCTION"
	stageApproval       = "MANUAL_APPROVAL"
)

// unservedStages are those that deploy to what the local cloud does not have.
var unservedStages = []string{
	"COMPUTE_INSTANCE_GROUP_ROLLING_DEPLOYMENT", "COMPUTE_INSTANCE_GROUP_BLUE_GREEN_DEPLOYMENT", "COMPUTE_INSTANCE_GROUP_BLUE_GREEN_TRAFFIC_SHIFT",
	"COMPUTE_INSTANCE_GROUP_CANARY_DEPLOYMENT", "COMPUTE_INSTANCE_GROUP_CANARY_TRAFFIC_SHIFT", "COMPUTE_INSTANCE_GROUP_CANARY_APPROVAL",
	"OKE_BLUE_GREEN_DEPLOYMENT", "OKE_BLUE_GREEN_TRAFFIC_SHIFT", "OKE_CANARY_DEPLOYMENT", "OKE_CANARY_TRAFFIC_SHIFT", "OKE_CANARY_APPROVAL",
	"OKE_DEPLOYMENT", "OKE_HELM_CHART_DEPLOYMENT", "LOAD_BALANCER_TRAFFIC_SHIFT", "SHELL",
}

var deployStages = stages{ocidType: typeDeployStage, pipeline: "deployPipelineId", predecessors: "deployStagePredecessorCollection"}

// deployStageKind: a stage goes after those that come after it.
func (s *Service) deployStageKind() kind.Kind {
	return kind.Kind{
		Name: "DeployStage", Type: typeDeployStage, Path: "/deployStages", Access: accessIn("DEVOPS_DEPLOY_STAGE", "deployPipelineId"),
		Create: kind.Union{Name: "CreateDeployStageDetails", Field: "deployStageType", Unserved: unservedStages, Of: map[string]any{
			stageDeployFunction: sdk.CreateFunctionDeployStageDetails{}, stageInvokeFunction: sdk.CreateInvokeFunctionDeployStageDetails{},
			stageApproval: sdk.CreateManualApprovalDeployStageDetails{}, stageWait: sdk.CreateWaitDeployStageDetails{},
		}},
		Update: kind.Union{Name: "UpdateDeployStageDetails", Field: "deployStageType", Unserved: unservedStages, Of: map[string]any{
			stageDeployFunction: sdk.UpdateFunctionDeployStageDetails{}, stageInvokeFunction: sdk.UpdateInvokeFunctionDeployStageDetails{},
			stageApproval: sdk.UpdateManualApprovalDeployStageDetails{}, stageWait: sdk.UpdateWaitDeployStageDetails{},
		}},
		References: []string{
			"deployPipelineId", "deployStagePredecessorCollection.items.id",
			"functionDeployEnvironmentId", "dockerImageDeployArtifactId", "deployArtifactId",
		},
		ListCollection: true, WorkRequests: true, UpdateBody: true,
		Check: s.checkDeployStage, Defaults: s.inside("deployPipelineId"),
		Created: func(_ *api.Call, o kind.Object) error { return s.showUsed(o) },
		Updated: func(_ *api.Call, _, o kind.Object) error { return s.showUsed(o) },
		Deleted: s.showUnused,
	}
}

func (s *Service) checkDeployStage(_ *api.Call, _, o kind.Object) error {
	if err := checkDescription("description", o.Str("description")); err != nil {
		return err
	}
	if err := deployStages.check(s.Engine, o); err != nil {
		return err
	}
	switch o.Str("deployStageType") {
	case stageDeployFunction:
		if err := s.exists("functionDeployEnvironmentId", o.Str("functionDeployEnvironmentId"), typeDeployEnvironment); err != nil {
			return err
		}
		return s.exists("dockerImageDeployArtifactId", o.Str("dockerImageDeployArtifactId"), typeDeployArtifact)
	case stageInvokeFunction:
		if o.Str("deployArtifactId") != "" {
			return api.NotImplemented("deployArtifactId: the local cloud invokes functions without a body; it has no artifacts of type GENERIC_FILE.")
		}
		return s.exists("functionDeployEnvironmentId", o.Str("functionDeployEnvironmentId"), typeDeployEnvironment)
	case stageApproval:
		return checkApproval(o.Object("approvalPolicy"))
	default:
		return checkWait(o, kind.Union{Name: "WaitCriteria", Field: "waitType", Of: map[string]any{"ABSOLUTE_WAIT": sdk.AbsoluteWaitCriteria{}}})
	}
}

var approvals = kind.Union{
	Name: "ApprovalPolicy", Field: "approvalPolicyType", Of: map[string]any{"COUNT_BASED_APPROVAL": sdk.CountBasedApprovalPolicy{}},
}

// maxApprovals is the API reference's (CountBasedApprovalPolicy).
const maxApprovals = 5

func checkApproval(policy kind.Object) error {
	if err := approvals.Validate("approvalPolicy", policy); err != nil {
		return err
	}
	if n := policy.Number("numberOfApprovalsRequired"); n < 1 || n > maxApprovals {
		return api.InvalidParameter("approvalPolicy.numberOfApprovalsRequired must be 1 to %d, it is %v.", maxApprovals, n)
	}
	return nil
}
