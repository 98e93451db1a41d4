package functions

import (
	"net/http"

	"oci-media-pipelines/localcloud/api"
)

// The failures of an invocation, in OCI's codes (documentation: Troubleshooting
// OCI Functions, "Invoking a function returns a FunctionInvoke… message"; the
// status and text of the init failure as seen in
// github.com/micronaut-projects/micronaut-oracle-cloud issue 891).

func executionFailed(format string, args ...any) *api.Error {
	return api.NewError(http.StatusBadGateway, "FunctionInvokeExecutionFailed", "function failed: "+format, args...)
}

func executionTimeout(seconds float64) *api.Error {
	return api.NewError(http.StatusGatewayTimeout, "FunctionInvokeExecutionTimeout", "Container invocation timed out after %g seconds; the container was stopped", seconds)
}

func initFailed(reason error) *api.Error {
	return api.NewError(http.StatusGatewayTimeout, "FunctionInvokeContainerInitFail",
		"Container failed to initialize, please ensure you are using the latest fdk and check the logs (local cloud: %v)", reason)
}

func imageNotAvailable(reason error) *api.Error {
	return api.NewError(http.StatusBadGateway, "FunctionInvokeImageNotAvailable", "Failed to pull function image (local cloud: %v)", reason)
}

func tooManyRequests(reason string) *api.Error {
	return api.NewError(http.StatusTooManyRequests, "TooManyRequests", "Too many requests: %s", reason)
}

func tooLarge() *api.Error {
	return api.NewError(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request body is larger than %d bytes.", maxBody)
}

func subnetNotAvailable(id string) *api.Error {
	return api.NewError(http.StatusBadGateway, "FunctionInvokeSubnetNotAvailable", "Failed to enter subnet %s: the policies of the tenancy do not let service FaaS use it", id)
}
