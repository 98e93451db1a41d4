package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"oci-media-pipelines/localcloud/iam"
)

// MaxBody bounds the body of a JSON operation, in bytes.
const MaxBody = 8 << 20

// Call is one request to an operation.
type Call struct {
	*http.Request
	// Principal is who signed the request; zero for operations that are open.
	Principal iam.Principal
	// Region comes from the host name.
	Region string
	// ID is the opc-request-id.
	ID string

	service, operation string
	permissions        []string
	authorizer         Authorizer
	decisions          []Decision
	asked              bool
}

// Param returns a path parameter of the route's pattern.
func (c *Call) Param(name string) string { return c.PathValue(name) }

// Query returns a query parameter, empty when absent.
func (c *Call) Query(name string) string { return c.URL.Query().Get(name) }

// Decode reads the JSON body into value.
func (c *Call) Decode(value any) error {
	raw, err := c.ReadBody()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, value); err != nil {
		return CannotParseRequest("The request body is not valid: %v.", err)
	}
	return nil
}

// ReadBody reads the body whole, up to MaxBody.
func (c *Call) ReadBody() ([]byte, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(nil, c.Body, MaxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, NewError(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request body is larger than %d bytes.", MaxBody)
	}
	if err != nil {
		return nil, CannotParseRequest("The request body could not be read: %v.", err)
	}
	return raw, nil
}

// Response is what an operation answers.
type Response struct {
	// Status defaults to 200, or 204 without a body.
	Status int
	Header http.Header
	// JSON is encoded as the body, unless nil.
	JSON any
	// Stream is copied as the body and closed, unless nil; Header then says what it is.
	Stream io.ReadCloser
	// File is the body, served with byte ranges and closed, unless nil.
	File io.ReadSeekCloser
}

// OK answers 200 with a JSON body.
func OK(body any) *Response { return &Response{Status: http.StatusOK, JSON: body} }

// NoContent answers 204.
func NoContent() *Response { return &Response{Status: http.StatusNoContent} }

// With adds a header, unless the value is empty.
func (r *Response) With(name, value string) *Response {
	if value == "" {
		return r
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set(name, value)
	return r
}

// Handler performs an operation. Its error becomes OCI's error body.
type Handler func(*Call) (*Response, error)

func (r *Response) write(w http.ResponseWriter, request *http.Request) error {
	for name, values := range r.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	status := r.Status
	switch {
	case r.File != nil:
		defer r.File.Close()
		// OCI's ETags have no quotes: services check these conditions themselves.
		request.Header.Del("If-Match")
		request.Header.Del("If-None-Match")
		http.ServeContent(w, request, "", time.Time{}, r.File)
		return nil
	case r.Stream != nil:
		defer r.Stream.Close()
		if status == 0 {
			status = http.StatusOK
		}
		w.WriteHeader(status)
		if request.Method == http.MethodHead {
			return nil
		}
		_, err := io.Copy(w, r.Stream)
		return err
	case r.JSON != nil:
		if status == 0 {
			status = http.StatusOK
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		return json.NewEncoder(w).Encode(r.JSON)
	default:
		if status == 0 {
			status = http.StatusNoContent
		}
		w.WriteHeader(status)
		return nil
	}
}
