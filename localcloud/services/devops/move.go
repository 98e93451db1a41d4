package devops

import (
	"net/http"

	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// projectTypes are the OCID types of what belongs to a project.
var projectTypes = []string{
	typeRepository, typeConnection, typeBuildPipeline, typeBuildPipelineStage, typeBuildRun,
	typeDeployPipeline, typeDeployStage, typeDeployArtifact, typeDeployEnvironment, typeDeployment, typeTrigger,
}

// routeMove adds the operation that moves a project to another compartment.
func (s *Service) routeMove() {
	s.api.Route("ChangeProjectCompartment", "POST /projects/{id}/actions/changeCompartment", s.changeCompartment, "DEVOPS_PROJECT_MOVE")
}

// changeCompartment moves a project with all that belongs to it. The project is the
// last: a move that was cut short can be asked for again.
func (s *Service) changeCompartment(c *api.Call) (*api.Response, error) {
	raw, err := c.ReadBody()
	if err != nil {
		return nil, err
	}
	details, err := kind.Decode(raw, sdk.ChangeProjectCompartmentDetails{})
	if err != nil {
		return nil, err
	}
	var moved kind.Object
	_, err = s.Engine.Act(c, typeProject, func(project kind.Object) error {
		for _, ocidType := range projectTypes {
			for _, o := range s.Engine.List(ocidType, func(o kind.Object) bool { return o.Str("projectId") == project.Str("id") }) {
				o["compartmentId"] = details.Str("compartmentId")
				if err := s.Engine.Put(o); err != nil {
					return err
				}
			}
		}
		project["compartmentId"] = details.Str("compartmentId")
		moved = project.Clone()
		return nil
	})
	if err != nil {
		return nil, err
	}
	request, err := s.Engine.WorkRequest("MOVE_PROJECT", moved)
	if err != nil {
		return nil, err
	}
	return (&api.Response{Status: http.StatusAccepted}).With("opc-work-request-id", request), nil
}
