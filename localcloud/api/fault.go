package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// Faults says what goes wrong with requests, so that clients can be tried.
type Faults interface {
	// OfRequest is asked once for each request. member returns a member of its JSON
	// body that is a string, empty without one.
	OfRequest(service, operation string, member func(name string) string) Fault
}

// Fault is what goes wrong with one request; the zero value is nothing.
type Fault struct {
	// Names tell the journal.
	Names []string
	// Delay is waited before anything happens.
	Delay time.Duration
	// Before and After are called before the request happens, and between that and its
	// answer.
	Before, After func()
	// Refusal is answered instead of doing anything.
	Refusal *Error
	// Lost: the connection is closed without an answer.
	Lost bool
}

// Disturb makes requests fail as faults says. It is called once, before the service
// answers.
func (s *Service) Disturb(faults Faults) { s.faults = faults }

func (s *Service) fault(c *Call) Fault {
	if s.faults == nil {
		return Fault{}
	}
	return s.faults.OfRequest(s.Name, c.operation, c.member)
}

// member reads a string in the JSON body and leaves the body as it was.
func (c *Call) member(name string) string {
	if c.Body == nil {
		return ""
	}
	rest := c.Body
	head, err := io.ReadAll(io.LimitReader(rest, MaxBody))
	c.Body = &rereadBody{io.MultiReader(bytes.NewReader(head), failing{err}, rest), rest}
	var members map[string]any
	if json.Unmarshal(head, &members) != nil {
		return "" // The operation says what is wrong with it.
	}
	value, _ := members[name].(string)
	return value
}

// rereadBody is a body whose beginning was read before.
type rereadBody struct {
	io.Reader
	io.Closer
}

// failing gives the error, if any, that ended the first reading.
type failing struct{ err error }

// Read fails, or is at its end.
func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// around lets a fault happen with a request.
func (f Fault) around(handler Handler) Handler {
	if len(f.Names) == 0 {
		return handler
	}
	return func(c *Call) (*Response, error) {
		if f.Delay > 0 {
			timer := time.NewTimer(f.Delay)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-c.Context().Done():
				return nil, errors.Join(errors.New("the client did not wait for the slow answer"), c.Context().Err())
			}
		}
		if f.Before != nil {
			f.Before()
		}
		if f.Refusal != nil {
			return nil, f.Refusal
		}
		response, err := handler(c)
		if f.After != nil {
			f.After()
		}
		return response, err
	}
}

// lose ends a request without an answer, unless it has none to lose.
func (f Fault) lose(response *Response) {
	if !f.Lost {
		return
	}
	for _, body := range []interface{ Close() error }{response.Stream, response.File} {
		if body != nil {
			_ = body.Close() // Nobody reads it.
		}
	}
	panic(http.ErrAbortHandler)
}

func (f Fault) String() string { return strings.Join(f.Names, ", ") }
