package kind

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/profile"
	"oci-media-pipelines/localcloud/store"
)

const workRequests = "work-requests"

// updating is the state of a resource that an action or update is changing.
const updating = "UPDATING"

// WorkRequest is the record of an asynchronous operation, in the members that
// most OCI services share. Its status is derived from the resource when read.
type WorkRequest struct {
	ID              string   `json:"id"`
	OperationType   string   `json:"operationType"`
	Status          string   `json:"status"`
	CompartmentID   string   `json:"compartmentId"`
	Resources       []Entity `json:"resources"`
	PercentComplete float32  `json:"percentComplete"`
	TimeAccepted    string   `json:"timeAccepted"`
	TimeStarted     string   `json:"timeStarted"`
	TimeFinished    string   `json:"timeFinished,omitempty"`
}

// Entity is a resource that a work request acts on.
type Entity struct {
	EntityType string `json:"entityType"`
	ActionType string `json:"actionType"`
	Identifier string `json:"identifier"`
	EntityURI  string `json:"entityUri,omitempty"`
}

func (e *Engine) workRequest(k *Kind, o Object, action string) (string, error) {
	// A create that is repeated with its retry token is the request that it was.
	if action == "CREATED" {
		if id, err := e.creation(o.Str("id")); err != nil || id != "" {
			return id, err
		}
	}
	verb := map[string]string{"CREATED": "CREATE_", "UPDATED": "UPDATE_", "DELETED": "DELETE_"}[action]
	return e.addWorkRequest(k, o, verb+screaming(k.Name), action)
}

// creation returns the work request that made a resource, if there is one.
func (e *Engine) creation(resourceID string) (id string, err error) {
	err = e.store.Scan(workRequests, "", func(_ string, raw json.RawMessage) error {
		var wr WorkRequest
		if err := json.Unmarshal(raw, &wr); err != nil {
			return err
		}
		if entity := wr.Resources[0]; entity.Identifier == resourceID && entity.ActionType == "CREATED" {
			id = wr.ID
		}
		return nil
	})
	return id, err
}

// WorkRequest records an action on a resource beyond create, update and delete,
// such as START_CONTAINER_INSTANCE, and returns the record's id.
func (e *Engine) WorkRequest(operation string, o Object) (string, error) {
	k := e.kinds[typeOf(o.Str("id"))]
	if k == nil {
		return "", fmt.Errorf("work request %s: %q is of no known kind", operation, o.Str("id"))
	}
	return e.addWorkRequest(k, o, operation, "UPDATED")
}

func (e *Engine) addWorkRequest(k *Kind, o Object, operation, action string) (string, error) {
	wr := WorkRequest{
		ID: NewID(strings.ToLower(k.Name)+"workrequest", ""), OperationType: operation, Status: "ACCEPTED", CompartmentID: o.Str("compartmentId"),
		TimeAccepted: now(), TimeStarted: now(),
		Resources: []Entity{{EntityType: strings.ToLower(k.Name), ActionType: action, Identifier: o.Str("id"), EntityURI: k.Path + "/" + o.Str("id")}},
	}
	return wr.ID, e.store.Update(func(tx *store.Tx) error {
		if err := tx.Prune(workRequests, "", outdated); err != nil {
			return err
		}
		return tx.Put(workRequests, wr.ID, wr)
	})
}

func outdated(_ string, raw json.RawMessage) bool {
	var wr WorkRequest
	return json.Unmarshal(raw, &wr) != nil || wr.TimeAccepted < Timestamp(time.Now().Add(-memory))
}

// screaming turns ContainerInstance into CONTAINER_INSTANCE.
func screaming(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}

// FindWorkRequest returns a work request with its present status.
func (e *Engine) FindWorkRequest(id string) (WorkRequest, bool, error) {
	var wr WorkRequest
	found, err := e.store.Get(workRequests, id, &wr)
	if err != nil || !found {
		return wr, false, err
	}
	e.settle(&wr)
	return wr, true, nil
}

// settle derives the status of a work request from its outcome, or from its resource's
// state.
func (e *Engine) settle(wr *WorkRequest) {
	if _, has, err := e.settleOutcome(wr); err != nil {
		slog.Error("outcome of a work request cannot be read", "id", wr.ID, "error", err)
	} else if has {
		return
	}
	entity := &wr.Resources[0]
	o, alive := e.Get(entity.Identifier)
	k := e.kinds[typeOf(entity.Identifier)]
	state := ""
	if alive && k != nil {
		state = o.Str(k.StateField)
	}
	wr.Status, wr.PercentComplete = "SUCCEEDED", 100
	switch {
	case wr.TimeFinished != "" && state != "FAILED":
	case entity.ActionType == "DELETED" && alive && k != nil && state == k.Deleting,
		entity.ActionType == "CREATED" && alive && k != nil && state == k.Creating,
		entity.ActionType == "UPDATED" && state == updating:
		wr.Status, wr.PercentComplete = "IN_PROGRESS", e.percent(wr, k)
		entity.ActionType = "IN_PROGRESS"
	case entity.ActionType == "CREATED" && state == "FAILED":
		wr.Status = "FAILED"
	}
	if wr.PercentComplete == 100 && wr.TimeFinished == "" {
		wr.TimeFinished = wr.TimeAccepted // What was not in transition was done at once.
	}
}

// percent is how far a work request in progress has come: by the time that it takes
// where that is known, half way otherwise.
func (e *Engine) percent(wr *WorkRequest, k *Kind) float32 {
	action := map[string]profile.Action{"CREATED": profile.Create, "UPDATED": profile.Update, "DELETED": profile.Delete}[wr.Resources[0].ActionType]
	takes := e.Profile.Lasts(k.Type, action)
	accepted, err := time.Parse(time.RFC3339, wr.TimeAccepted)
	if takes == 0 || err != nil {
		return 50
	}
	// All is not done before it is done.
	return min(99, float32(int(100*time.Since(accepted)/takes)))
}

// endWorkRequests notes that the work requests on a resource have ended.
func (e *Engine) endWorkRequests(k *Kind, resourceID string) {
	if !k.WorkRequests {
		return
	}
	var open []WorkRequest
	err := e.store.Scan(workRequests, "", func(_ string, raw json.RawMessage) error {
		var wr WorkRequest
		if err := json.Unmarshal(raw, &wr); err != nil {
			return err
		}
		if wr.TimeFinished == "" && wr.Resources[0].Identifier == resourceID {
			open = append(open, wr)
		}
		return nil
	})
	for _, wr := range open {
		wr.TimeFinished = now()
		err = errors.Join(err, e.store.Put(workRequests, wr.ID, wr))
	}
	if err != nil {
		slog.Error("work requests cannot be ended", "resource", resourceID, "error", err)
	}
}

// RegisterWorkRequests adds the operations that read work requests to a service, for
// callers with a permission in the request's compartment: that to read what the
// request is about. Its lists are arrays, or within {"items": …} when collections
// is true. A service tells of its own kinds' work requests, and of those of kinds whose
// service has no such operations.
func (e *Engine) RegisterWorkRequests(s *api.Service, collections bool, permission string) {
	e.telling[s] = true
	s.Route("GetWorkRequest", "GET /workRequests/{id}", api.On(e.workRequestTarget, func(c *api.Call) (*api.Response, error) {
		wr, err := e.namedWorkRequest(c)
		if err != nil {
			return nil, err
		}
		return api.OK(wr), nil
	}), permission)
	s.Route("ListWorkRequests", "GET /workRequests", api.On(api.InCompartment, func(c *api.Call) (*api.Response, error) {
		var all []WorkRequest
		err := e.store.Scan(workRequests, "", func(_ string, raw json.RawMessage) error {
			var wr WorkRequest
			if err := json.Unmarshal(raw, &wr); err != nil {
				return err
			}
			if c.Query("compartmentId") == wr.CompartmentID && e.tells(s, wr) {
				if e.settle(&wr); wr.wanted(c) {
					all = append(all, wr)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		return pageWorkRequests(c, all, collections)
	}), permission)
	s.Route("ListWorkRequestErrors", "GET /workRequests/{id}/errors", api.On(e.workRequestTarget, func(c *api.Call) (*api.Response, error) {
		wr, err := e.namedWorkRequest(c)
		if err != nil {
			return nil, err
		}
		errors := []map[string]string{}
		if wr.Status == "FAILED" {
			message, has, err := e.settleOutcome(&wr)
			if err != nil {
				return nil, err
			}
			if !has {
				o, _ := e.Get(wr.Resources[0].Identifier)
				message = o.Str("lifecycleDetails")
			}
			errors = append(errors, map[string]string{"code": "FAILED", "message": message, "timestamp": wr.TimeFinished})
		}
		return api.Page(c, errors, collections)
	}), permission)
	s.Route("ListWorkRequestLogs", "GET /workRequests/{id}/logs", api.On(e.workRequestTarget, func(c *api.Call) (*api.Response, error) {
		if _, err := e.namedWorkRequest(c); err != nil {
			return nil, err
		}
		return api.Page(c, []map[string]string{}, collections)
	}), permission)
}

// tells reports whether a service's lists have a work request.
func (e *Engine) tells(s *api.Service, wr WorkRequest) bool {
	owner := e.served[typeOf(wr.Resources[0].Identifier)]
	return owner == s || !e.telling[owner]
}

// wanted reports whether a work request is what a list's parameters ask for.
func (wr WorkRequest) wanted(c *api.Call) bool {
	for parameter, value := range map[string]string{
		"id": wr.ID, "workRequestId": wr.ID, "status": wr.Status, "resourceId": wr.Resources[0].Identifier,
	} {
		if asked := c.Query(parameter); asked != "" && asked != value {
			return false
		}
	}
	operations := c.URL.Query()["operationTypeMultiValueQuery"] // DevOps' name
	return len(operations) == 0 || slices.Contains(operations, wr.OperationType)
}

// pageWorkRequests answers the newest first, unless it is asked otherwise.
func pageWorkRequests(c *api.Call, all []WorkRequest, collections bool) (*api.Response, error) {
	newestFirst := !strings.EqualFold(c.Query("sortOrder"), "ASC")
	return pageSorted(c, all, collections, newestFirst, func(wr WorkRequest) position { return position{wr.TimeAccepted, wr.ID} })
}

func (e *Engine) workRequestTarget(c *api.Call) (api.Target, error) {
	wr, err := e.namedWorkRequest(c)
	return api.Target{CompartmentID: wr.CompartmentID}, err
}

// namedWorkRequest returns the work request that the path names.
func (e *Engine) namedWorkRequest(c *api.Call) (WorkRequest, error) {
	wr, found, err := e.FindWorkRequest(c.Param("id"))
	if err == nil && !found {
		err = api.NotAuthorizedOrNotFound("Work request %s was not found.", c.Param("id"))
	}
	return wr, err
}
