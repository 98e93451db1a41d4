package containerinstances

import (
	"net/http"

	sdk "github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// changeCompartment moves an instance with its containers to another compartment.
func (s *Service) changeCompartment(c *api.Call) (*api.Response, error) {
	raw, err := c.ReadBody()
	if err != nil {
		return nil, err
	}
	details, err := kind.Decode(raw, sdk.ChangeContainerInstanceCompartmentDetails{})
	if err != nil {
		return nil, err
	}
	var moved kind.Object
	_, err = s.Engine.Act(c, typeInstance, func(o kind.Object) error {
		if state := o.Str("lifecycleState"); state != "ACTIVE" && state != "INACTIVE" {
			return api.IncorrectState("ChangeContainerInstanceCompartment needs a container instance that is ACTIVE or INACTIVE; %s is %s.", o.Str("id"), state)
		}
		o["compartmentId"] = details.Str("compartmentId")
		moved = o.Clone()
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, container := range s.containers(moved.Str("id")) {
		s.change(container.Str("id"), func(o kind.Object) { o["compartmentId"] = details.Str("compartmentId") })
	}
	request, err := s.Engine.WorkRequest("MOVE_CONTAINER_INSTANCE", moved)
	if err != nil {
		return nil, err
	}
	return (&api.Response{Status: http.StatusAccepted}).With("opc-work-request-id", request), nil
}
