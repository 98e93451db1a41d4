package functions

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
)

// Result is what a function answered.
type Result struct {
	// Header are the answer's headers as the FDK sent them.
	Header http.Header
	Body   []byte
}

// Invoke runs a function with body and returns its answer, as InvokeFunction
// does for another service. Failures are *api.Error with OCI's codes:
// NotAuthorizedOrNotFound, FunctionInvokeExecutionTimeout, …Failed,
// …ContainerInitFail, …ImageNotAvailable, TooManyRequests when no container got
// free while ctx (or the function's own time-out) lasted. ctx does not end a
// request that a container has begun.
func (s *Service) Invoke(ctx context.Context, functionID string, body []byte, principal iam.Principal) (*Result, error) {
	p, err := s.plan(functionID)
	if err != nil {
		return nil, err
	}
	function, _ := s.Engine.Get(functionID)
	needs := s.Engine.Target(typeFunction, function).Needs(invocation)
	if err := s.Guard.Authorize(principal, s.invocation.Name, "InvokeFunction", regionOf(functionID), needs...); err != nil {
		return nil, err
	}
	if len(body) > maxBody {
		return nil, tooLarge()
	}
	header := http.Header{"Content-Type": {"application/json"}}
	return s.perform(ctx, p, s.callHeader(header, "cloudevent", "sync", principal), body, p.timeout)
}

// invoke serves InvokeFunction.
func (s *Service) invoke(c *api.Call) (*api.Response, error) {
	p, err := s.plan(c.Param("id"))
	if err != nil {
		return nil, err
	}
	body, err := c.ReadBody()
	if err != nil {
		return nil, err
	}
	if len(body) > maxBody {
		return nil, tooLarge()
	}
	if strings.EqualFold(c.Header.Get("is-dry-run"), "true") {
		return &api.Response{Status: http.StatusOK}, nil
	}
	invokeType := c.Header.Get("fn-invoke-type")
	header := http.Header{}
	for name, values := range c.Header {
		if name == "Content-Type" || name == "Accept" || strings.HasPrefix(name, "Fn-Http-") {
			header[name] = values
		}
	}
	header.Set("Opc-Request-Id", c.ID)
	header = s.callHeader(header, c.Header.Get("fn-intent"), invokeType, c.Principal)
	callID := header.Get("Fn-Call-Id")
	switch invokeType {
	case "detached":
		s.calls.Go(func() {
			// Its failure is in the log and the metrics; nobody waits for it.
			_, _ = s.perform(s.ctx, p, header, body, p.detachedTimeout)
		})
		return (&api.Response{Status: http.StatusAccepted}).With("Fn-Call-Id", callID), nil
	case "", "sync":
	default:
		return nil, api.InvalidParameter("fn-invoke-type must be sync or detached, it is %q.", invokeType)
	}
	// A client that goes away does not end what the function has begun.
	result, err := s.perform(context.WithoutCancel(c.Context()), p, header, body, p.timeout)
	if err != nil {
		return nil, err
	}
	response := &api.Response{Status: http.StatusOK, Stream: io.NopCloser(bytes.NewReader(result.Body))}
	for name, values := range result.Header {
		if name == "Content-Type" || strings.HasPrefix(name, "Fn-") {
			response.With(name, strings.Join(values, ", "))
		}
	}
	return response.With("Fn-Call-Id", callID), nil
}

// callHeader adds what Functions tells every function about its invocation.
func (s *Service) callHeader(header http.Header, intent, invokeType string, principal iam.Principal) http.Header {
	for name, value := range map[string]string{
		"Fn-Call-Id": uuid.NewString(), "Fn-Intent": intent, "Fn-Invoke-Type": invokeType,
		"Oci-Subject-Id": principal.ID, "Oci-Subject-Type": string(principal.Type), "Oci-Subject-Tenancy-Id": principal.TenancyID,
	} {
		if value != "" {
			header.Set(name, value)
		}
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/octet-stream")
	}
	return header
}

// perform runs a request in a container and tells log and metrics.
func (s *Service) perform(ctx context.Context, p *plan, header http.Header, body []byte, timeout float64) (*Result, error) {
	received := time.Now()
	s.count(p, "FunctionInvocationCount", 1, "")
	result, err := s.run(ctx, p, header, body, timeout)
	took := time.Since(received)
	s.count(p, "FunctionExecutionDuration", float64(took.Milliseconds()), "")
	call := p.name + ": call " + header.Get("Fn-Call-Id")
	if err != nil {
		failure, isOurs := err.(*api.Error)
		kind := "Error"
		if isOurs && failure.Status == http.StatusTooManyRequests {
			kind = "Throttled"
		}
		s.count(p, "FunctionResponseCount", 1, kind)
		s.write(p.applicationID, call+" failed after "+took.Round(time.Millisecond).String()+": "+err.Error())
		return nil, err
	}
	s.count(p, "FunctionResponseCount", 1, "Success")
	s.write(p.applicationID, call+" served in "+took.Round(time.Millisecond).String())
	return result, nil
}

func (s *Service) run(ctx context.Context, p *plan, header http.Header, body []byte, timeout float64) (*Result, error) {
	queue, cancel := context.WithTimeout(ctx, s.StartTimeout+time.Duration(timeout*float64(time.Second)))
	defer cancel()
	w, _, err := s.pool.acquire(queue, p)
	if err != nil {
		return nil, err
	}
	result, fit, err := w.call(s.ctx, header, body, timeout)
	s.pool.release(w, fit)
	return result, err
}
