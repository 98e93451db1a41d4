package devops

import (
	"fmt"
	"strings"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
)

// triggerEvent is the member of a build run that says which event started it.
const triggerEvent = "triggerEvent"

// progressSummary is the member that lists of build runs have, and build runs do not.
const progressSummary = "buildRunProgressSummary"

func (s *Service) buildRunKind() kind.Kind {
	return kind.Kind{
		Name: "BuildRun", Type: typeBuildRun, Path: "/buildRuns", Access: runAccess("DEVOPS_BUILD_RUN", "buildPipelineId", "DEVOPS_BUILD_PIPELINE_READ"),
		Create: sdk.CreateBuildRunDetails{}, Update: sdk.UpdateBuildRunDetails{},
		Only: []string{"Create", "List", "Get", "Update"}, ListCollection: true,
		Active: accepted, Hidden: []string{sequence, triggerEvent},
		Check: s.checkBuildRun, Defaults: s.buildRunDefaults,
		Shown: func(_ *api.Call, o kind.Object) error {
			delete(o, progressSummary)
			return nil
		},
		Created: func(_ *api.Call, o kind.Object) error {
			go s.builds.next(o.Str("buildPipelineId"))
			return nil
		},
	}
}

func (s *Service) checkBuildRun(_ *api.Call, old, o kind.Object) error {
	if old != nil {
		return nil // Only its name and tags can change.
	}
	if err := checkArguments("buildRunArguments", o.Object("buildRunArguments")); err != nil {
		return err
	}
	pipeline, err := s.pipelineOf(o, "buildPipelineId", typeBuildPipeline)
	if err != nil {
		return err
	}
	if len(s.stagesOfBuild(pipeline.Str("id"))) == 0 {
		return api.InvalidParameter("buildPipelineId: the build pipeline %s has no stages.", nameOf(pipeline))
	}
	return nil
}

func (s *Service) buildRunDefaults(c *api.Call, o kind.Object) error {
	pipeline, err := s.pipelineOf(o, "buildPipelineId", typeBuildPipeline)
	if err != nil {
		return err
	}
	adopt(o, pipeline)
	o.Default("displayName", "build-run-"+time.Now().UTC().Format("20060102150405"))
	o.Default("buildRunArguments", collection(nil))
	o["buildRunSource"] = kind.Object{"sourceType": "MANUAL"}
	if trigger, found := s.Engine.Get(c.Principal.ID); found && c.Principal.Type == iam.Resource && c.Principal.ResourceType == typeTrigger {
		o["buildRunSource"] = kind.Object{
			"sourceType": trigger.Str("triggerSource"), "triggerId": trigger.Str("id"), "repositoryId": trigger.Str("repositoryId"),
			"triggerInfo": kind.Object{"displayName": trigger.Str("displayName"), "actions": trigger["actions"]},
		}
		if event, _, marked := strings.Cut(c.Header.Get("opc-retry-token"), eventMark); marked {
			o[triggerEvent] = event
		}
	}
	o["buildRunProgress"] = kind.Object{"buildPipelineStageRunProgress": s.pending(s.stagesOfBuild(pipeline.Str("id")))}
	return nil
}

// stagesOfBuild returns the stages of a build pipeline.
func (s *Service) stagesOfBuild(pipelineID string) []kind.Object {
	return s.Engine.List(typeBuildPipelineStage, func(o kind.Object) bool { return o.Str("buildPipelineId") == pipelineID })
}

// pending is the progress of a build pipeline's stages before they begin.
func (*Service) pending(stages []kind.Object) kind.Object {
	progress := kind.Object{}
	for _, stage := range stages {
		p := kind.Object{
			"buildPipelineStageId": stage.Str("id"), "buildPipelineStageType": stage.Str("buildPipelineStageType"), "stageDisplayName": stage.Str("displayName"),
			"buildPipelineStagePredecessors": stage["buildPipelineStagePredecessorCollection"], "status": accepted,
		}
		if stage.Str("buildPipelineStageType") == stageBuild {
			for _, name := range []string{"buildSourceCollection", "image", "stageExecutionTimeoutInSeconds", "primaryBuildSource", "privateAccessConfig"} {
				if stage[name] != nil {
					p[name] = stage[name]
				}
			}
			p["buildSpecFile"], p["steps"] = specFile(stage), []any{}
		}
		progress[stage.Str("id")] = p
	}
	return progress
}

func (s *Service) cancelBuildRun(c *api.Call) (*api.Response, error) {
	reason, err := cancelReason[sdk.CancelBuildRunDetails](c, func(d sdk.CancelBuildRunDetails) *string { return d.Reason })
	if err != nil {
		return nil, err
	}
	return s.builds.stop(c, reason)
}

// cancelReason reads the reason that an operation which cancels a run asks for.
func cancelReason[T any](c *api.Call, reason func(T) *string) (string, error) {
	var details T
	if err := c.Decode(&details); err != nil {
		return "", err
	}
	if r := reason(details); r != nil && *r != "" {
		return *r, nil
	}
	return "", api.MissingParameter("reason is required in %s.", fmt.Sprintf("%T", details)[len("devops."):])
}
