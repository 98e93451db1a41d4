package devops

import (
	"fmt"
	"regexp"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// Limits of pipelines' parameters (API reference, BuildPipelineParameter and
// DeployPipelineParameter).
const (
	maxParameters    = 100
	maxParameterName = 255
	maxBuildDefault  = 1024
	maxDeployDefault = 512
)

// parameterName is the API reference's own expression.
var parameterName = regexp.MustCompile(`^[a-zA-Z][a-zA-Z_0-9]*$`)

// checkParameters checks the parameters that a pipeline declares.
func checkParameters(where string, collection kind.Object, maxDefault int) error {
	parameters, named := collection.Objects("items"), map[string]bool{}
	if len(parameters) > maxParameters {
		return api.InvalidParameter("%s.items are up to %d, they are %d.", where, maxParameters, len(parameters))
	}
	for i, p := range parameters {
		at, name := fmt.Sprintf("%s.items[%d]", where, i), p.Str("name")
		if !parameterName.MatchString(name) || len(name) > maxParameterName {
			return api.InvalidParameter("%s.name must begin with a letter and have up to %d letters, digits and underscores, it is %q.", at, maxParameterName, name)
		}
		if named[name] {
			return api.InvalidParameter("%s.name: %s is declared twice.", at, name)
		}
		named[name] = true
		if value, given := p["defaultValue"].(string); given {
			if err := within(at+".defaultValue", value, maxDefault); err != nil {
				return err
			}
		}
		if err := checkDescription(at+".description", p.Str("description")); err != nil {
			return err
		}
	}
	return nil
}
