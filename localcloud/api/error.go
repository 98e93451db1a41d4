// Package api holds what every OCI API of the local cloud shares: services and
// their hosts, routing, request signatures, error bodies, paging, and the
// journal of requests.
package api

import (
	"errors"
	"fmt"
	"net/http"
)

// Error is an OCI error: an HTTP status and the body {"code","message"} that
// OCI's SDKs decode into a ServiceError.
type Error struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error gives code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// The error catalogue, in OCI's words (documentation: API Errors).

// InvalidParameter is a 400: a field or query parameter has a wrong value. The
// message names it.
func InvalidParameter(format string, args ...any) *Error {
	return newError(http.StatusBadRequest, "InvalidParameter", format, args)
}

// MissingParameter is a 400: a mandatory field is absent. The message names it.
func MissingParameter(format string, args ...any) *Error {
	return newError(http.StatusBadRequest, "MissingParameter", format, args)
}

// CannotParseRequest is a 400: the body is not the JSON that the operation takes.
func CannotParseRequest(format string, args ...any) *Error {
	return newError(http.StatusBadRequest, "CannotParseRequest", format, args)
}

// LimitExceeded is a 400: a service limit is reached.
func LimitExceeded(format string, args ...any) *Error {
	return newError(http.StatusBadRequest, "LimitExceeded", format, args)
}

// NotAuthenticated is a 401: the signature is missing or wrong.
func NotAuthenticated(format string, args ...any) *Error {
	return newError(http.StatusUnauthorized, "NotAuthenticated", format, args)
}

// NotAuthorizedOrNotFound is a 404: OCI does not tell a missing permission from
// a missing resource.
func NotAuthorizedOrNotFound(format string, args ...any) *Error {
	return newError(http.StatusNotFound, "NotAuthorizedOrNotFound", format, args)
}

// NotFound is a 404 with a service's own code, such as BucketNotFound.
func NotFound(code, format string, args ...any) *Error {
	return newError(http.StatusNotFound, code, format, args)
}

// IncorrectState is a 409: the resource's state does not allow the operation.
func IncorrectState(format string, args ...any) *Error {
	return newError(http.StatusConflict, "IncorrectState", format, args)
}

// Conflict is a 409 with a service's own code, such as BucketAlreadyExists.
func Conflict(code, format string, args ...any) *Error {
	return newError(http.StatusConflict, code, format, args)
}

// NoEtagMatch is a 412: if-match names another version of the resource.
func NoEtagMatch() *Error {
	return newError(http.StatusPreconditionFailed, "NoEtagMatch", "The If-Match header does not match the current ETag of the resource.", nil)
}

// NotImplemented is a 501: OCI has the operation, the local cloud does not.
func NotImplemented(format string, args ...any) *Error {
	return newError(http.StatusNotImplemented, "MethodNotImplemented", format, args)
}

// NewError makes an error that the catalogue does not hold.
func NewError(status int, code, format string, args ...any) *Error {
	return newError(status, code, format, args)
}

func newError(status int, code, format string, args []any) *Error {
	message := format
	if len(args) > 0 {
		message = fmt.Sprintf(format, args...)
	}
	return &Error{Status: status, Code: code, Message: message}
}

// asError turns any error into an OCI error; what is not one is internal.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Status: http.StatusInternalServerError, Code: "InternalServerError", Message: err.Error()}
}
