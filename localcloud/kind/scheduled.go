package kind

import (
	"log/slog"
	"time"

	"oci-media-pipelines/localcloud/api"
)

// PendingDeletion is the state of a resource whose deletion is scheduled.
const PendingDeletion = "PENDING_DELETION"

// defaultScheduleDays is how far ahead OCI schedules a deletion without a time.
const defaultScheduleDays = 30

// registerScheduled adds the operations that schedule and cancel a deletion.
func (e *Engine) registerScheduled(s *api.Service, k *Kind) {
	s.Route("Schedule"+k.Name+"Deletion", "POST "+k.Path+"/{id}/actions/scheduleDeletion", func(c *api.Call) (*api.Response, error) {
		var body struct{ TimeOfDeletion *time.Time }
		if c.ContentLength > 0 {
			if err := c.Decode(&body); err != nil {
				return nil, err
			}
		}
		at := time.Now().AddDate(0, 0, min(defaultScheduleDays, k.Scheduled.Max))
		if body.TimeOfDeletion != nil {
			at = *body.TimeOfDeletion
		}
		earliest, latest := time.Now().AddDate(0, 0, k.Scheduled.Min), time.Now().AddDate(0, 0, k.Scheduled.Max).Add(time.Hour)
		if at.Before(earliest.Add(-time.Hour)) || at.After(latest) {
			return nil, api.InvalidParameter("timeOfDeletion must be %d to %d days from now.", k.Scheduled.Min, k.Scheduled.Max)
		}
		return e.setState(c, k, func(o Object) error {
			if o.Str(k.StateField) == PendingDeletion {
				return api.IncorrectState("%s %s is already scheduled for deletion.", k.Name, o.Str("id"))
			}
			o[k.StateField], o["timeOfDeletion"] = PendingDeletion, Timestamp(at)
			return nil
		})
	})
	s.Route("Cancel"+k.Name+"Deletion", "POST "+k.Path+"/{id}/actions/cancelDeletion", func(c *api.Call) (*api.Response, error) {
		return e.setState(c, k, func(o Object) error {
			if o.Str(k.StateField) != PendingDeletion {
				return api.IncorrectState("%s %s is not scheduled for deletion.", k.Name, o.Str("id"))
			}
			o[k.StateField] = k.Active
			delete(o, "timeOfDeletion")
			return nil
		})
	})
}

func (e *Engine) setState(c *api.Call, k *Kind, change func(Object) error) (*api.Response, error) {
	if _, err := e.find(c, k); err != nil {
		return nil, err
	}
	if _, err := e.Change(c.Param("id"), change); err != nil {
		return nil, err
	}
	rec, err := e.find(c, k)
	if err != nil {
		return nil, err
	}
	return e.show(k, rec), nil
}

// purge removes a resource whose time of deletion has come.
func (e *Engine) purge(k *Kind, o Object) {
	at, err := time.Parse(time.RFC3339, o.Str("timeOfDeletion"))
	if err != nil || time.Now().Before(at) {
		return
	}
	if err := e.finish(k, o); err != nil {
		slog.Error("resource cannot be removed at its time of deletion", "id", o.Str("id"), "error", err)
	}
}
