package devops

import (
	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// deployPipelineKind: a pipeline goes after its stages and the build stages that start
// it.
func (s *Service) deployPipelineKind() kind.Kind {
	place := s.inside("projectId")
	return kind.Kind{
		Name: "DeployPipeline", Type: typeDeployPipeline, Path: "/deployPipelines", Access: access("DEVOPS_DEPLOY_PIPELINE"),
		Create: sdk.CreateDeployPipelineDetails{}, Update: sdk.UpdateDeployPipelineDetails{}, References: []string{"projectId"},
		ListCollection: true, WorkRequests: true, UpdateBody: true,
		Check: func(_ *api.Call, _, o kind.Object) error {
			if err := checkDescription("description", o.Str("description")); err != nil {
				return err
			}
			return checkParameters("deployPipelineParameters", o.Object("deployPipelineParameters"), maxDeployDefault)
		},
		Defaults: func(c *api.Call, o kind.Object) error {
			o.Default("deployPipelineParameters", map[string]any{"items": []any{}})
			o["deployPipelineArtifacts"], o["deployPipelineEnvironments"] = map[string]any{"items": []any{}}, map[string]any{"items": []any{}}
			return place(c, o)
		},
		Deleted: func(o kind.Object) error { return s.forgetRuns(typeDeployment, "deployPipelineId", o.Str("id")) },
	}
}
