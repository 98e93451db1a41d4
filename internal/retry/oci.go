package retry

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
)

// OCI prepares an error of an oci-go-sdk call for Loop.Do. It is Final unless a later attempt may succeed:
//   - 429 and 5xx, a connection that failed, an open circuit breaker;
//   - 401, and 404 with a code that may mean a missing permission: IAM changes take seconds to minutes, and the
//     resource principal's token may lag behind them by 15 minutes ("Accessing Other Oracle Cloud Infrastructure
//     Resources from Running Functions"), so the first refusal is no verdict.
//
// The text is one line with status, code, message and opc-request-id; errors.As still finds common.ServiceError.
func OCI(err error) error {
	if err == nil {
		return nil
	}
	var failure common.ServiceError
	if !errors.As(err, &failure) {
		return err
	}
	short := &serviceError{failure, err}
	switch status := failure.GetHTTPStatusCode(); {
	case status == http.StatusTooManyRequests, status >= 500, status == http.StatusUnauthorized:
		return short
	case status == http.StatusNotFound && Unsettled(failure.GetCode()):
		return short
	default:
		return Final(short)
	}
}

// Passing prepares an error like OCI, for a caller who knows that a later attempt may succeed whatever the error is:
// other resources' deletion makes room under a limit, for one.
func Passing(err error) error {
	var failure common.ServiceError
	if !errors.As(err, &failure) {
		return err
	}
	return &serviceError{failure, err}
}

// Unsettled reports whether an OCI error code of a 404 may mean "not permitted (yet)" rather than "not there".
// Object Storage answers a caller without permission with BucketNotFound, other services with
// NotAuthorizedOrNotFound (API Errors).
func Unsettled(code string) bool {
	return code == "NotAuthorizedOrNotFound" || code == "BucketNotFound" || code == "NotAuthorized"
}

// FromHeader reads a Retry-After header, in seconds or as an HTTP date; 0 when absent or in the past.
func FromHeader(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.Atoi(v); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

type serviceError struct {
	common.ServiceError
	cause error
}

func (e *serviceError) Error() string {
	text := fmt.Sprintf("%d %s: %s", e.GetHTTPStatusCode(), e.GetCode(), strings.TrimSpace(e.GetMessage()))
	if rich, ok := e.ServiceError.(common.ServiceErrorRichInfo); ok && rich.GetOperationName() != "" {
		text = rich.GetOperationName() + ": " + text
	}
	if id := e.GetOpcRequestID(); id != "" {
		text += " (opc-request-id " + id + ")"
	}
	return text
}

func (e *serviceError) Unwrap() error { return e.cause }
