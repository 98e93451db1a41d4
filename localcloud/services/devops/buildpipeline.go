package devops

import (
	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// buildPipelineKind: a pipeline goes after its stages and the triggers that run it.
func (s *Service) buildPipelineKind() kind.Kind {
	place := s.inside("projectId")
	return kind.Kind{
		Name: "BuildPipeline", Type: typeBuildPipeline, Path: "/buildPipelines", Access: access("DEVOPS_BUILD_PIPELINE"),
		Create: sdk.CreateBuildPipelineDetails{}, Update: sdk.UpdateBuildPipelineDetails{}, References: []string{"projectId"},
		ListCollection: true, WorkRequests: true, UpdateBody: true,
		Check: func(_ *api.Call, _, o kind.Object) error {
			if err := checkDescription("description", o.Str("description")); err != nil {
				return err
			}
			return checkParameters("buildPipelineParameters", o.Object("buildPipelineParameters"), maxBuildDefault)
		},
		Defaults: func(c *api.Call, o kind.Object) error {
			o.Default("buildPipelineParameters", map[string]any{"items": []any{}})
			return place(c, o)
		},
		Deleted: func(o kind.Object) error { return s.forgetRuns(typeBuildRun, "buildPipelineId", o.Str("id")) },
	}
}
