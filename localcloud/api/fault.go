package api

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

// Faults says what goes wrong with requests, so that clients can be tried.
type Faults interface {
	OfRequest(service, operation string) Fault
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

func (s *Service) fault(operation string) Fault {
	if s.faults == nil {
		return Fault{}
	}
	return s.faults.OfRequest(s.Name, operation)
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
