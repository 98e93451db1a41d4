package loadbalancer

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
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

// memory is how long OCI remembers an opc-retry-token and, about, a work request
// that has ended.
const memory = 24 * time.Hour

// saveWorkRequest stores a work request and forgets old ones.
func (s *Service) saveWorkRequest(w *workRequest) error {
	limit := kind.Timestamp(time.Now().Add(-memory))
	return s.store.Update(func(tx *store.Tx) error {
		err := tx.Prune(workRequests, "", func(_ string, raw json.RawMessage) bool {
			var old workRequest
			return json.Unmarshal(raw, &old) != nil || old.TimeFinished != "" && old.TimeFinished < limit
		})
		if err != nil {
			return err
		}
		return tx.Put(workRequests, w.ID, w)
	})
}

// retry is what an opc-retry-token brought about.
type retry struct {
	WorkRequest string    `json:"workRequestId"`
	Time        time.Time `json:"time"`
}

// saveRetry stores a retry token and forgets old ones.
func (s *Service) saveRetry(key, workRequest string) error {
	return s.store.Update(func(tx *store.Tx) error {
		err := tx.Prune(retryTokens, "", func(_ string, raw json.RawMessage) bool {
			var old retry
			return json.Unmarshal(raw, &old) != nil || time.Since(old.Time) > memory
		})
		if err != nil {
			return err
		}
		return tx.Put(retryTokens, key, retry{workRequest, time.Now()})
	})
}

func accepted(id string) *api.Response { return api.NoContent().With("opc-work-request-id", id) }

// accept stores the work request and answers its id.
func (s *Service) accept(c *api.Call, w *workRequest) (*api.Response, error) {
	if err := s.saveWorkRequest(w); err != nil {
		return nil, err
	}
	if token := c.Header.Get("opc-retry-token"); token != "" {
		if err := s.saveRetry(c.Principal.ID+"/"+token, w.ID); err != nil {
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
	var earlier retry
	ok, err := s.store.Get(retryTokens, c.Principal.ID+"/"+token, &earlier)
	if err != nil {
		logFailure("retry token cannot be read", token, err)
	}
	return earlier.WorkRequest, ok && time.Since(earlier.Time) < memory
}

func logFailure(what, id string, err error) {
	slog.Error("load balancer: "+what, "id", id, "error", err)
}

// endWorkRequests ends those that are left of a load balancer, or after a stop of the
// local cloud of all (""): their change is stored, only a wait was left.
func (s *Service) endWorkRequests(id string) error {
	left, err := s.workRequests(func(w workRequest) bool {
		return w.TimeFinished == "" && (id == "" || w.LoadBalancerID == id)
	})
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
	all, err := store.All[workRequest](s.store, workRequests, "")
	found := slices.DeleteFunc(all, func(w workRequest) bool { return !keep(w) })
	slices.SortStableFunc(found, func(a, b workRequest) int { return strings.Compare(b.TimeAccepted, a.TimeAccepted) })
	return found, err
}

func (s *Service) routeWorkRequests(a operations) {
	a.Route("GetLoadBalancerWorkRequest", "GET /loadBalancerWorkRequests/{id}", func(c *api.Call) (*api.Response, error) {
		w, err := s.workRequest(c.Param("id"))
		if err != nil {
			return nil, err
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

func (s *Service) workRequest(id string) (workRequest, error) {
	var w workRequest
	found, err := s.store.Get(workRequests, id, &w)
	if err == nil && !found {
		err = api.NotAuthorizedOrNotFound("Work request %s was not found.", id)
	}
	return w, err
}
