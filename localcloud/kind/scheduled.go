package kind

import (
	"log/slog"
	"time"

	"oci-media-pipelines/localcloud/api"
)

// PendingDeletion is the state of a resource whose deletion is scheduled.
const PendingDeletion = "PENDING_DELETION"

// earlierState is the member that keeps the state to which a cancelled deletion
// returns; answers never show it.
const earlierState = "stateBeforeDeletion"

// defaultScheduleDays is how far ahead OCI schedules a deletion without a time.
const defaultScheduleDays = 30

// Schedule says how a kind's deletion is scheduled. What is due is removed at the
// next start of the local cloud.
type Schedule struct {
	// MinDays and MaxDays bound how far ahead it is.
	MinDays, MaxDays int
	// With takes along what is deleted with a resource, by SchedulePending; an error
	// refuses. Nil: nothing.
	With func(o Object, at time.Time) error
	// Back brings that back, by CancelPending. Nil: nothing.
	Back func(o Object) error
}

// SchedulePending puts a resource, whose state is in lifecycleState, into
// PENDING_DELETION. It does not store it.
func SchedulePending(o Object, at time.Time) {
	o[earlierState], o["lifecycleState"], o["timeOfDeletion"] = o["lifecycleState"], PendingDeletion, Timestamp(at)
}

// CancelPending takes a resource back to the state that it had before. It does
// not store it.
func CancelPending(o Object) {
	o["lifecycleState"] = o[earlierState]
	delete(o, earlierState)
	delete(o, "timeOfDeletion")
}

// registerScheduled adds the operations that schedule and cancel a deletion.
func (e *Engine) registerScheduled(s *api.Service, k *Kind) {
	s.Route("Schedule"+k.Name+"Deletion", "POST "+k.Path+"/{id}/actions/scheduleDeletion", func(c *api.Call) (*api.Response, error) {
		at, err := k.Scheduled.time(c)
		if err != nil {
			return nil, err
		}
		return e.Act(c, k.Type, func(o Object) error {
			if state := o.Str("lifecycleState"); state == PendingDeletion || state == k.Creating {
				return api.IncorrectState("%s %s is %s.", k.Name, o.Str("id"), state)
			}
			if k.Scheduled.With != nil {
				if err := k.Scheduled.With(o, at); err != nil {
					return err
				}
			}
			SchedulePending(o, at)
			return nil
		})
	}, declared(k.Access.Delete)...)
	s.Route("Cancel"+k.Name+"Deletion", "POST "+k.Path+"/{id}/actions/cancelDeletion", func(c *api.Call) (*api.Response, error) {
		return e.Act(c, k.Type, func(o Object) error {
			if o.Str("lifecycleState") != PendingDeletion {
				return api.IncorrectState("%s %s is not scheduled for deletion.", k.Name, o.Str("id"))
			}
			if k.Scheduled.Back != nil {
				if err := k.Scheduled.Back(o); err != nil {
					return err
				}
			}
			CancelPending(o)
			return nil
		})
	}, declared(k.Access.Delete)...)
}

// time reads the time of deletion that a request asks for.
func (s *Schedule) time(c *api.Call) (time.Time, error) {
	var body struct{ TimeOfDeletion *time.Time }
	if c.ContentLength != 0 {
		if err := c.Decode(&body); err != nil {
			return time.Time{}, err
		}
	}
	now := time.Now()
	if body.TimeOfDeletion == nil {
		return now.AddDate(0, 0, min(defaultScheduleDays, s.MaxDays)), nil
	}
	// An hour's grace for clocks and for the way of the request.
	at := *body.TimeOfDeletion
	if at.Before(now.AddDate(0, 0, s.MinDays).Add(-time.Hour)) || at.After(now.AddDate(0, 0, s.MaxDays).Add(time.Hour)) {
		return time.Time{}, api.InvalidParameter("timeOfDeletion must be %d to %d days from now.", s.MinDays, s.MaxDays)
	}
	return at, nil
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
