package containerinstances

import (
	"encoding/json"
	"fmt"

	sdk "github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// Limits of the API (API reference, CreateContainerInstanceDetails and
// CreateContainerDetails).
const (
	maxContainers  = 60
	maxEnvironment = 64 << 10 // bytes of all names and values of a container
	maxArguments   = 64 << 10 // bytes of a container's arguments
)

// checkInstance checks what the SDK's tags on the outermost struct do not say.
func (s *Service) checkInstance(c *api.Call, old, o kind.Object) error {
	if old != nil {
		return nil // Only names and tags can change.
	}
	shape, known := findShape(o.Str("shape"))
	if !known {
		return api.InvalidParameter("shape %q is not a shape of container instances; see ListContainerInstanceShapes.", o.Str("shape"))
	}
	if err := shape.configure(o.Object("shapeConfig")); err != nil {
		return err
	}
	if err := s.checkPlace(c.Region, o); err != nil {
		return err
	}
	if err := checkPullSecrets(o); err != nil {
		return err
	}
	containers := o.Objects("containers")
	if len(containers) == 0 || len(containers) > maxContainers {
		return api.InvalidParameter("containers must be 1 to %d, they are %d.", maxContainers, len(containers))
	}
	vnics := o.Objects("vnics")
	if len(vnics) != 1 {
		return api.InvalidParameter("vnics must be exactly one, they are %d.", len(vnics))
	}
	if err := validate("vnics[0]", vnics[0], sdk.CreateContainerVnicDetails{}); err != nil {
		return err
	}
	o[vnicDetails] = newVnicDetails(o)
	if err := s.Network.CheckVnic(o.Object(vnicDetails)); err != nil {
		return err
	}
	volumes, err := checkVolumes(o)
	if err != nil {
		return err
	}
	for i, container := range containers {
		if err := checkContainer(fmt.Sprintf("containers[%d]", i), container, volumes, o, shape); err != nil {
			return err
		}
	}
	return nil
}

func checkContainer(where string, container kind.Object, volumes map[string]string, instance kind.Object, s shape) error {
	if err := validate(where, container, sdk.CreateContainerDetails{}); err != nil {
		return err
	}
	size := 0
	for name, value := range environment(container) {
		size += len(name) + len(value)
	}
	if size > maxEnvironment {
		return api.InvalidParameter("%s.environmentVariables are larger than %d bytes.", where, maxEnvironment)
	}
	size = 0
	for _, argument := range container.Strings("arguments") {
		size += len(argument)
	}
	if size > maxArguments {
		return api.InvalidParameter("%s.arguments are larger than %d bytes.", where, maxArguments)
	}
	if err := checkResources(where, container, instance, s); err != nil {
		return err
	}
	if err := checkSecurity(where, container); err != nil {
		return err
	}
	if err := checkMounts(where, container, volumes); err != nil {
		return err
	}
	for i, check := range container.Objects("healthChecks") {
		if err := checkHealthCheck(fmt.Sprintf("%s.healthChecks[%d]", where, i), check); err != nil {
			return err
		}
	}
	return nil
}

func checkHealthCheck(where string, check kind.Object) error {
	fields := check.Clone()
	delete(fields, "healthCheckType")
	switch checkType := check.Str("healthCheckType"); checkType {
	case "HTTP":
		return validate(where, fields, sdk.CreateContainerHttpHealthCheckDetails{})
	case "TCP":
		return validate(where, fields, sdk.CreateContainerTcpHealthCheckDetails{})
	default:
		return api.InvalidParameter("%s.healthCheckType must be HTTP or TCP, it is %q.", where, checkType)
	}
}

// validate checks a nested object by the SDK's struct.
func validate(where string, o kind.Object, details any) error {
	raw, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if err := kind.Validate(raw, details); err != nil {
		return api.InvalidParameter("%s: %v", where, err)
	}
	return nil
}

// environment returns a container's own variables.
func environment(container kind.Object) map[string]string {
	given := container.Object("environmentVariables")
	env := make(map[string]string, len(given))
	for name, value := range given {
		env[name], _ = value.(string)
	}
	return env
}
