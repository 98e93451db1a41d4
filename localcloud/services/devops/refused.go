package devops

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/localcloud/api"
)

// groupOf is what people call a principal's dynamic group.
var groupOf = map[string]string{
	typeBuildPipeline: "build pipelines", typeDeployPipeline: "deployment pipelines", typeTrigger: "triggers",
	typeRepository: "repositories", typeConnection: "connections",
}

// refused explains the error of a call: what was being done and, if the principal may
// lack a right, the statement that would give it. OCI does not tell a missing right
// from a missing resource. It is nil for nil.
func (p principal) refused(err error, doing, verb, resourceType string) error {
	switch {
	case err == nil:
		return nil
	case !isRefusal(err):
		return fmt.Errorf("unable to %s: %s", doing, reason(err))
	}
	return fmt.Errorf("unable to %s: %s; if it exists, a policy is missing: allow dynamic-group <%s> to %s %s in compartment id %s",
		doing, reason(err), groupOf[p.ResourceType], verb, resourceType, p.CompartmentID)
}

// isRefusal tells the answers that a missing policy gives.
func isRefusal(err error) bool {
	if failure, ok := common.IsServiceError(err); ok {
		return failure.GetHTTPStatusCode() == http.StatusNotFound || failure.GetHTTPStatusCode() == http.StatusUnauthorized
	}
	if failure, ok := errors.AsType[*transport.Error](err); ok {
		return failure.StatusCode == http.StatusNotFound || failure.StatusCode == http.StatusUnauthorized || failure.StatusCode == http.StatusForbidden
	}
	failure, ok := errors.AsType[*api.Error](err)
	return ok && failure.Status == http.StatusNotFound
}

// reason is what a service said, without the SDK's page of advice.
func reason(err error) string {
	if failure, ok := common.IsServiceError(err); ok {
		return fmt.Sprintf("%s: %s", failure.GetCode(), strings.TrimSuffix(failure.GetMessage(), "."))
	}
	return strings.TrimSuffix(err.Error(), ".")
}
