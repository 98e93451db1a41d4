package devops

import (
	"fmt"

	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// codeRepository is the source of triggers that the local cloud serves: one of the
// project's own repositories.
const codeRepository = "DEVOPS_CODE_REPOSITORY"

// otherSources are those that call a trigger's address from the internet.
var otherSources = []string{"GITHUB", "GITLAB", "GITLAB_SERVER", "BITBUCKET_CLOUD", "BITBUCKET_SERVER", "VBS"}

func (s *Service) triggerKind() kind.Kind {
	return kind.Kind{
		Name: "Trigger", Type: typeTrigger, Path: "/triggers", Access: access("DEVOPS_TRIGGER"),
		Create: kind.Union{
			Name: "CreateTriggerDetails", Field: "triggerSource", Unserved: otherSources,
			Of: map[string]any{codeRepository: sdk.CreateDevopsCodeRepositoryTriggerDetails{}},
		},
		Update: kind.Union{
			Name: "UpdateTriggerDetails", Field: "triggerSource", Unserved: otherSources,
			Of: map[string]any{codeRepository: sdk.UpdateDevopsCodeRepositoryTriggerDetails{}},
		},
		References:     []string{"projectId", "repositoryId", "actions.buildPipelineId"},
		ListCollection: true, WorkRequests: true, UpdateBody: true,
		Check: s.checkTrigger, Defaults: s.inside("projectId"),
	}
}

// Limits of triggers (API reference, CreateTriggerDetails, FileFilter and
// DevopsCodeRepositoryFilterAttributes).
const (
	maxActions   = 20
	maxFilePaths = 10
	maxFilePath  = 512
	maxRef       = 255
)

var (
	triggerActions = kind.Union{Name: "TriggerAction", Field: "type", Of: map[string]any{"TRIGGER_BUILD_PIPELINE": sdk.TriggerBuildPipelineAction{}}}
	triggerFilters = kind.Union{
		Name: "Filter", Field: "triggerSource", Unserved: otherSources,
		Of: map[string]any{codeRepository: sdk.DevopsCodeRepositoryFilter{}},
	}
)

func (s *Service) checkTrigger(_ *api.Call, _, o kind.Object) error {
	if err := checkDescription("description", o.Str("description")); err != nil {
		return err
	}
	if o.Str("repositoryId") == "" {
		return api.MissingParameter("repositoryId is required for the trigger source %s.", codeRepository)
	}
	if t := kind.TypeOf(o.Str("repositoryId")); t != typeRepository {
		return api.InvalidParameter("repositoryId must be a repository's OCID, it is %q.", o.Str("repositoryId"))
	}
	actions := o.Objects("actions")
	if len(actions) == 0 || len(actions) > maxActions {
		return api.InvalidParameter("actions must be 1 to %d, they are %d.", maxActions, len(actions))
	}
	for i, action := range actions {
		at := fmt.Sprintf("actions[%d]", i)
		if err := triggerActions.Validate(at, action); err != nil {
			return err
		}
		if err := s.exists(at+".buildPipelineId", action.Str("buildPipelineId"), typeBuildPipeline); err != nil {
			return err
		}
		if filter := action.Object("filter"); filter != nil {
			if err := checkFilter(at+".filter", filter); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkFilter(at string, filter kind.Object) error {
	if err := triggerFilters.Validate(at, filter); err != nil {
		return err
	}
	include := filter.Object("include")
	for _, ref := range []string{"headRef", "baseRef"} {
		if text, given := include[ref].(string); given {
			if err := within(at+".include."+ref, text, maxRef); err != nil {
				return err
			}
		}
	}
	if err := checkFiles(at+".include.fileFilter", include.Object("fileFilter")); err != nil {
		return err
	}
	return checkFiles(at+".exclude.fileFilter", filter.Object("exclude").Object("fileFilter"))
}

func checkFiles(at string, filter kind.Object) error {
	if filter == nil {
		return nil
	}
	paths := filter.Strings("filePaths")
	if len(paths) == 0 || len(paths) > maxFilePaths {
		return api.InvalidParameter("%s.filePaths must be 1 to %d, they are %d.", at, maxFilePaths, len(paths))
	}
	for i, path := range paths {
		if err := within(fmt.Sprintf("%s.filePaths[%d]", at, i), path, maxFilePath); err != nil {
			return err
		}
	}
	return nil
}
