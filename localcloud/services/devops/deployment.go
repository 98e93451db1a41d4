package devops

import (
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// The types of deployments: of a pipeline or of one of its stages, anew or with what
// an earlier one had.
const (
	pipelineDeployment      = "PIPELINE_DEPLOYMENT"
	pipelineRedeployment    = "PIPELINE_REDEPLOYMENT"
	singleStageDeployment   = "SINGLE_STAGE_DEPLOYMENT"
	singleStageRedeployment = "SINGLE_STAGE_REDEPLOYMENT"
)

func (s *Service) deploymentKind() kind.Kind {
	return kind.Kind{
		Name: "Deployment", Type: typeDeployment, Path: "/deployments", Access: runAccess("DEVOPS_DEPLOY_DEPLOYMENT", "deployPipelineId", "DEVOPS_DEPLOY_PIPELINE_READ"),
		Create: kind.Union{Name: "CreateDeploymentDetails", Field: "deploymentType", Of: map[string]any{
			pipelineDeployment: sdk.CreateDeployPipelineDeploymentDetails{}, pipelineRedeployment: sdk.CreateDeployPipelineRedeploymentDetails{},
			singleStageDeployment: sdk.CreateSingleDeployStageDeploymentDetails{}, singleStageRedeployment: sdk.CreateSingleDeployStageRedeploymentDetails{},
		}},
		Update: kind.Union{Name: "UpdateDeploymentDetails", Field: "deploymentType", Of: map[string]any{
			pipelineDeployment: sdk.UpdateDeployPipelineDeploymentDetails{}, pipelineRedeployment: sdk.UpdateDeployPipelineRedeploymentDetails{},
			singleStageDeployment: sdk.UpdateSingleDeployStageDeploymentDetails{}, singleStageRedeployment: sdk.UpdateSingleDeployStageRedeploymentDetails{},
		}},
		Only: []string{"Create", "List", "Get", "Update"}, ListCollection: true,
		Active: accepted, Hidden: []string{sequence},
		Check: s.checkDeployment, Defaults: s.deploymentDefaults,
		Created: func(_ *api.Call, o kind.Object) error {
			go s.deployments.next(o.Str("deployPipelineId"))
			return nil
		},
	}
}

func (s *Service) checkDeployment(_ *api.Call, old, o kind.Object) error {
	if old != nil {
		return nil // Only its name and tags can change.
	}
	if err := checkArguments("deploymentArguments", o.Object("deploymentArguments")); err != nil {
		return err
	}
	pipeline, err := s.pipelineOf(o, "deployPipelineId", typeDeployPipeline)
	if err != nil {
		return err
	}
	stages := s.stagesOfPipeline(pipeline.Str("id"))
	if len(stages) == 0 {
		return api.InvalidParameter("deployPipelineId: the deployment pipeline %s has no stages.", nameOf(pipeline))
	}
	if id := o.Str("deployStageId"); id != "" && len(s.stagesOf(o)) == 0 {
		return api.NotAuthorizedOrNotFound("deployStageId: %s is no stage of %s.", id, nameOf(pipeline))
	}
	if id := o.Str("previousDeploymentId"); id != "" {
		if previous, found := s.Engine.Get(id); !found || previous.Str("deployPipelineId") != pipeline.Str("id") {
			return api.NotAuthorizedOrNotFound("previousDeploymentId: %s is no deployment of %s.", id, nameOf(pipeline))
		}
	}
	return nil
}

func (s *Service) deploymentDefaults(_ *api.Call, o kind.Object) error {
	pipeline, err := s.pipelineOf(o, "deployPipelineId", typeDeployPipeline)
	if err != nil {
		return err
	}
	adopt(o, pipeline)
	o.Default("displayName", "deployment-"+time.Now().UTC().Format("20060102150405"))
	// A redeployment has the arguments of the deployment that it repeats (API
	// reference: CreateDeployPipelineRedeploymentDetails).
	if previous, found := s.Engine.Get(o.Str("previousDeploymentId")); found {
		for _, name := range []string{"deploymentArguments", "deployStageOverrideArguments", "deployArtifactOverrideArguments"} {
			o.Default(name, previous[name])
		}
	}
	o.Default("deploymentArguments", collection(nil))
	stages := s.stagesOf(o)
	o["deployPipelineArtifacts"] = s.used(stages, "deployArtifactId", "dockerImageDeployArtifactId")
	o["deployPipelineEnvironments"] = s.used(stages, "deployEnvironmentId", "functionDeployEnvironmentId")
	progress := kind.Object{}
	for _, stage := range stages {
		progress[stage.Str("id")] = kind.Object{
			"deployStageId": stage.Str("id"), "deployStageType": stage.Str("deployStageType"), "deployStageDisplayName": stage.Str("displayName"),
			"deployStagePredecessors": stage["deployStagePredecessorCollection"], "status": accepted,
		}
	}
	o["deploymentExecutionProgress"] = kind.Object{"deployStageExecutionProgress": progress}
	return nil
}

// stagesOfPipeline returns the stages of a deployment pipeline.
func (s *Service) stagesOfPipeline(pipelineID string) []kind.Object {
	return s.Engine.List(typeDeployStage, func(o kind.Object) bool { return o.Str("deployPipelineId") == pipelineID })
}

// stagesOf returns the stages that a deployment runs: its pipeline's, or the one that
// it names, which then waits for no other.
func (s *Service) stagesOf(deployment kind.Object) []kind.Object {
	stages := s.stagesOfPipeline(deployment.Str("deployPipelineId"))
	only := deployment.Str("deployStageId")
	if only == "" {
		return stages
	}
	for _, stage := range stages {
		if stage.Str("id") == only {
			stage["deployStagePredecessorCollection"] = collection([]kind.Object{{"id": deployment.Str("deployPipelineId")}})
			return []kind.Object{stage}
		}
	}
	return nil
}

func (s *Service) cancelDeployment(c *api.Call) (*api.Response, error) {
	reason, err := cancelReason[sdk.CancelDeploymentDetails](c, func(d sdk.CancelDeploymentDetails) *string { return d.Reason })
	if err != nil {
		return nil, err
	}
	return s.deployments.stop(c, reason)
}
