package devops

import (
	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// environmentFunction is the type of environment that the local cloud deploys to.
const environmentFunction = "FUNCTION"

func (s *Service) deployEnvironmentKind() kind.Kind {
	unserved := []string{"OKE_CLUSTER", "COMPUTE_INSTANCE_GROUP"}
	return kind.Kind{
		Name: "DeployEnvironment", Type: typeDeployEnvironment, Path: "/deployEnvironments", Access: access("DEVOPS_DEPLOY_ENVIRONMENT"),
		Create: kind.Union{
			Name: "CreateDeployEnvironmentDetails", Field: "deployEnvironmentType",
			Of: map[string]any{environmentFunction: sdk.CreateFunctionDeployEnvironmentDetails{}}, Unserved: unserved,
		},
		Update: kind.Union{
			Name: "UpdateDeployEnvironmentDetails", Field: "deployEnvironmentType",
			Of: map[string]any{environmentFunction: sdk.UpdateFunctionDeployEnvironmentDetails{}}, Unserved: unserved,
		},
		References:     []string{"projectId"},
		ListCollection: true, WorkRequests: true, UpdateBody: true,
		Check: func(_ *api.Call, old, o kind.Object) error {
			if err := checkDescription("description", o.Str("description")); err != nil {
				return err
			}
			if old != nil && old.Str("functionId") == o.Str("functionId") {
				return nil // The function may be gone since.
			}
			return s.exists("functionId", o.Str("functionId"), "fnfunc")
		},
		Defaults: s.inside("projectId"),
	}
}
