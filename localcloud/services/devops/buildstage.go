package devops

import (
	"fmt"
	"regexp"

	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// Types of build stages.
const (
	stageBuild   = "BUILD"
	stageDeliver = "DELIVER_ARTIFACT"
	stageTrigger = "TRIGGER_DEPLOYMENT_PIPELINE"
	stageWait    = "WAIT"
)

// buildStages: only a managed build comes first (documentation, Adding a Trigger
// Deployment Stage and Adding a Wait Stage: they "can't be added as the first stage";
// what is delivered comes from a build, too).
var buildStages = stages{
	ocidType: typeBuildPipelineStage, pipeline: "buildPipelineId", predecessors: "buildPipelineStagePredecessorCollection",
	first: func(stage kind.Object) error {
		if t := stage.Str("buildPipelineStageType"); t != stageBuild {
			return api.InvalidParameter("buildPipelineStagePredecessorCollection: a stage of type %s cannot be the pipeline's first; add a BUILD stage before it.", t)
		}
		return nil
	},
}

// buildPipelineStageKind: a stage goes after those that come after it.
func (s *Service) buildPipelineStageKind() kind.Kind {
	return kind.Kind{
		Name: "BuildPipelineStage", Type: typeBuildPipelineStage, Path: "/buildPipelineStages", Access: accessIn("DEVOPS_BUILD_PIPELINE_STAGE", "buildPipelineId"),
		Create: kind.Union{Name: "CreateBuildPipelineStageDetails", Field: "buildPipelineStageType", Of: map[string]any{
			stageBuild: sdk.CreateBuildStageDetails{}, stageDeliver: sdk.CreateDeliverArtifactStageDetails{},
			stageTrigger: sdk.CreateTriggerDeploymentStageDetails{}, stageWait: sdk.CreateWaitStageDetails{},
		}},
		Update: kind.Union{Name: "UpdateBuildPipelineStageDetails", Field: "buildPipelineStageType", Of: map[string]any{
			stageBuild: sdk.UpdateBuildStageDetails{}, stageDeliver: sdk.UpdateDeliverArtifactStageDetails{},
			stageTrigger: sdk.UpdateTriggerDeploymentStageDetails{}, stageWait: sdk.UpdateWaitStageDetails{},
		}},
		References: []string{
			"buildPipelineId", "buildPipelineStagePredecessorCollection.items.id", "buildSourceCollection.items.repositoryId",
			"deliverArtifactCollection.items.artifactId", "deployPipelineId",
		},
		ListCollection: true, WorkRequests: true, UpdateBody: true,
		Check: s.checkBuildStage, Defaults: s.inside("buildPipelineId"),
	}
}

func (s *Service) checkBuildStage(_ *api.Call, _, o kind.Object) error {
	if err := checkDescription("description", o.Str("description")); err != nil {
		return err
	}
	if err := buildStages.check(s.Engine, o); err != nil {
		return err
	}
	switch o.Str("buildPipelineStageType") {
	case stageBuild:
		return checkBuild(o)
	case stageDeliver:
		return s.checkDelivery(o)
	case stageWait:
		return checkWait(o, kind.Union{Name: "WaitCriteria", Field: "waitType", Of: map[string]any{"ABSOLUTE_WAIT": sdk.AbsoluteWaitCriteria{}}})
	default:
		return nil
	}
}

// buildSources are where a build may have its sources from. Sources elsewhere come
// through a mirrored repository.
var buildSources = kind.Union{
	Name: "BuildSource", Field: "connectionType",
	Of:       map[string]any{"DEVOPS_CODE_REPOSITORY": sdk.DevopsCodeRepositoryBuildSource{}},
	Unserved: []string{"GITHUB", "GITLAB", "GITLAB_SERVER", "BITBUCKET_CLOUD", "BITBUCKET_SERVER", "VBS"},
}

var runnerShapes = kind.Union{
	Name: "BuildRunnerShapeConfig", Field: "buildRunnerType",
	Of: map[string]any{"DEFAULT": sdk.DefaultBuildRunnerShapeConfig{}, "CUSTOM": sdk.CustomBuildRunnerShapeConfig{}},
}

// sourceName is the API reference's own expression.
var sourceName = regexp.MustCompile(`^[a-zA-Z_]+[a-zA-Z0-9_-]*$`)

// maxStageTimeout is the longest that a build stage may take, in seconds: the console's
// default, and what most Terraform configurations of live pipelines give. The API
// reference names no bound.
const maxStageTimeout = 10 * 60 * 60

func checkBuild(o kind.Object) error {
	sources, names := o.Object("buildSourceCollection").Objects("items"), map[string]bool{}
	if len(sources) == 0 {
		return api.InvalidParameter("buildSourceCollection.items must name a code repository at least.")
	}
	for i, source := range sources {
		at, name := fmt.Sprintf("buildSourceCollection.items[%d]", i), source.Str("name")
		if err := buildSources.Validate(at, source); err != nil {
			return err
		}
		if !sourceName.MatchString(name) || len(name) > maxParameterName {
			return api.InvalidParameter("%s.name must begin with a letter or underscore and have letters, digits, underscores and hyphens, it is %q.", at, name)
		}
		if names[name] {
			return api.InvalidParameter("%s.name: %s is the name of another source of the stage.", at, name)
		}
		names[name] = true
	}
	if primary := o.Str("primaryBuildSource"); primary != "" && !names[primary] {
		return api.InvalidParameter("primaryBuildSource: %s is not among the names in buildSourceCollection.", primary)
	}
	if timeout, given := o["stageExecutionTimeoutInSeconds"]; given {
		if seconds := o.Number("stageExecutionTimeoutInSeconds"); seconds < 1 || seconds > maxStageTimeout {
			return api.InvalidParameter("stageExecutionTimeoutInSeconds must be 1 to %d, it is %v.", maxStageTimeout, timeout)
		}
	}
	if o["privateAccessConfig"] != nil {
		return api.NotImplemented("privateAccessConfig: the local cloud runs builds on this machine, in no network of the tenancy.")
	}
	return checkRunnerShape(o.Object("buildRunnerShapeConfig"))
}

func checkRunnerShape(shape kind.Object) error {
	if shape == nil {
		return nil
	}
	if err := runnerShapes.Validate("buildRunnerShapeConfig", shape); err != nil || shape.Str("buildRunnerType") == "DEFAULT" {
		return err
	}
	// API reference, CustomBuildRunnerShapeConfig.
	for field, most := range map[string]float64{"ocpus": 64, "memoryInGBs": 1024} {
		if n := shape.Number(field); n < 1 || n > most {
			return api.InvalidParameter("buildRunnerShapeConfig.%s must be 1 to %v, it is %v.", field, most, n)
		}
	}
	return nil
}

// checkDelivery checks what a stage delivers: each artifact of the build once.
func (s *Service) checkDelivery(o kind.Object) error {
	items, names := o.Object("deliverArtifactCollection").Objects("items"), map[string]bool{}
	if len(items) == 0 {
		return api.InvalidParameter("deliverArtifactCollection.items must name an artifact at least.")
	}
	for i, item := range items {
		at, name := fmt.Sprintf("deliverArtifactCollection.items[%d]", i), item.Str("artifactName")
		if name == "" {
			return api.InvalidParameter("%s.artifactName must be the name of an output artifact in the build specification.", at)
		}
		if names[name] {
			return api.InvalidParameter("%s.artifactName: %s is delivered twice.", at, name)
		}
		names[name] = true
		if err := s.exists(at+".artifactId", item.Str("artifactId"), typeDeployArtifact); err != nil {
			return err
		}
	}
	return nil
}
