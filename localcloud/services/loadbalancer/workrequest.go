package loadbalancer

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

const (
	workRequests = "loadbalancer-work-requests"
	retryTokens  = "loadbalancer-retry-tokens"
)

// workRequest is the record of a change, in the words of OCI's WorkRequest.
type workRequest struct {
	ID             string        `json:"id"`
	LoadBalancerID string        `json:"loadBalancerId"`
	CompartmentID  string        `json:"compartmentId"`
	Type           string        `json:"type"`
	State          string        `json:"lifecycleState"`
	Message        string        `json:"message"`
	TimeAccepted   string        `json:"timeAccepted"`
	TimeFinished   string        `json:"timeFinished,omitempty"`
	Errors         []errorDetail `json:"errorDetails"`
}

type errorDetail struct {
	Code    string `json:"errorCode"`
	Message string `json:"message"`
}

func (s *Service) newWorkRequest(c *api.Call, operation string, lb kind.Object) *workRequest {
	return &workRequest{
		ID: kind.NewID("loadbalancerworkrequest", c.Region), LoadBalancerID: lb.Str("id"), CompartmentID: lb.Str("compartmentId"),
		Type: operation, State: "ACCEPTED", Message: "ACCEPTED", TimeAccepted: kind.Timestamp(time.Now()), Errors: []errorDetail{},
	}
}

func (w *workRequest) succeed() {
	w.State, w.Message, w.TimeFinished = "SUCCEEDED", "OK", kind.Timestamp(time.Now())
}

func (w *workRequest) fail(err error) {
	w.State, w.Message, w.TimeFinished = "FAILED", err.Error(), kind.Timestamp(time.Now())
	w.Errors = []errorDetail{{Code: "BAD_INPUT", Message: err.Error()}}
}

func (s *Service) saveWorkRequest(w *workRequest) error { return s.store.Put(workRequests, w.ID, w) }

func accepted(id string) *api.Response { return api.NoContent().With("opc-work-request-id", id) }

// accept stores the work request and answers its id.
func (s *Service) accept(c *api.Call, w *workRequest) (*api.Response, error) {
	if err := s.saveWorkRequest(w); err != nil {
		return nil, err
	}
	if token := c.Header.Get("opc-retry-token"); token != "" {
		if err := s.store.Put(retryTokens, c.Principal.ID+"/"+token, w.ID); err != nil {
			return nil, err
		}
	}
	return accepted(w.ID), nil
}

// repeated returns the work request of an earlier request with the same
// opc-retry-token.
func (s *Service) repeated(c *api.Call) (id string, ok bool) {
	token := c.Header.Get("opc-retry-token")
	if token == "" {
		return "", false
	}
	ok, err := s.store.Get(retryTokens, c.Principal.ID+"/"+token, &id)
	if err != nil {
		logFailure("retry token cannot be read", token, err)
	}
	return id, ok
}

func logFailure(what, id string, err error) {
	slog.Error("load balancer: "+what, "id", id, "error", err)
}

// endWorkRequests ends those that a stopped local cloud left: their change is
// stored, only the wait for requests was left.
func (s *Service) endWorkRequests() error {
	left, err := s.workRequests(func(w workRequest) bool { return w.TimeFinished == "" })
	if err != nil {
		return err
	}
	for _, w := range left {
		w.succeed()
		if err := s.saveWorkRequest(&w); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) workRequests(keep func(workRequest) bool) ([]workRequest, error) {
	var found []workRequest
	err := s.store.Scan(workRequests, "", func(_ string, raw json.RawMessage) error {
		var w workRequest
		if err := json.Unmarshal(raw, &w); err != nil {
			return err
		}
		if keep(w) {
			found = append(found, w)
		}
		return nil
	})
	slices.SortStableFunc(found, func(a, b workRequest) int { return strings.Compare(b.TimeAccepted, a.TimeAccepted) })
	return found, err
}

func (s *Service) routeWorkRequests(a *api.Service) {
	a.Route("GetLoadBalancerWorkRequest", "GET /loadBalancerWorkRequests/{id}", func(c *api.Call) (*api.Response, error) {
		var w workRequest
		found, err := s.store.Get(workRequests, c.Param("id"), &w)
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, api.NotAuthorizedOrNotFound("Work request %s was not found.", c.Param("id"))
		}
		return api.OK(w), nil
	})
	a.Route("ListLoadBalancerWorkRequests", "GET /loadBalancers/{id}/workRequests", func(c *api.Call) (*api.Response, error) {
		found, err := s.workRequests(func(w workRequest) bool { return w.LoadBalancerID == c.Param("id") })
		if err != nil {
			return nil, err
		}
		return api.Page(c, found, false)
	})
}
