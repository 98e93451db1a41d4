package retry

import (
	"errors"

	"github.com/oracle/oci-go-sdk/v65/common"
)

// Once is for requests whose repetition is a Loop's matter: the SDK's would be silent.
func Once() common.RequestMetadata {
	return common.RequestMetadata{RetryPolicy: new(common.NoRetryPolicy())}
}

// Status returns the HTTP status of an SDK error, 0 if it has none.
func Status(err error) int {
	if failure := service(err); failure != nil {
		return failure.GetHTTPStatusCode()
	}
	return 0
}

// Code returns the error code of an SDK error, "" if it has none.
func Code(err error) string {
	if failure := service(err); failure != nil {
		return failure.GetCode()
	}
	return ""
}

// Message returns what the service says in an SDK error, or the error's own text.
func Message(err error) string {
	if failure := service(err); failure != nil {
		return failure.GetMessage()
	}
	return err.Error()
}

func service(err error) common.ServiceError {
	var failure common.ServiceError
	errors.As(err, &failure)
	return failure
}
