package kind

import (
	"encoding/json"
	"time"

	"oci-media-pipelines/localcloud/store"
)

// outcomes keeps how actions ended whose work requests do not follow a resource's state.
const outcomes = "work-request-outcomes"

// outcome is the end of an action.
type outcome struct {
	TimeAccepted string `json:"timeAccepted"`
	// TimeFinished is empty while the action is under way.
	TimeFinished string `json:"timeFinished"`
	// Failure says why it failed; empty if it did not.
	Failure string `json:"failure"`
}

// BeginWorkRequest is WorkRequest for an action that is under way until EndWorkRequest,
// whatever the resource's state.
func (e *Engine) BeginWorkRequest(operation string, o Object) (string, error) {
	id, err := e.WorkRequest(operation, o)
	if err != nil {
		return "", err
	}
	return id, e.store.Update(func(tx *store.Tx) error {
		err := tx.Prune(outcomes, "", func(_ string, raw json.RawMessage) bool {
			var old outcome
			return json.Unmarshal(raw, &old) != nil || old.TimeAccepted < Timestamp(time.Now().Add(-memory))
		})
		if err != nil {
			return err
		}
		return tx.Put(outcomes, id, outcome{TimeAccepted: now()})
	})
}

// EndWorkRequest ends what BeginWorkRequest began; a failure is told by the work
// request's errors.
func (e *Engine) EndWorkRequest(id string, failure error) error {
	return e.store.Update(func(tx *store.Tx) error {
		var o outcome
		if found, err := tx.Get(outcomes, id, &o); err != nil || !found {
			return err
		}
		if o.TimeFinished = now(); failure != nil {
			o.Failure = failure.Error()
		}
		return tx.Put(outcomes, id, o)
	})
}

// settleOutcome sets the status of a work request that has an outcome.
func (e *Engine) settleOutcome(wr *WorkRequest) (failure string, has bool, err error) {
	var o outcome
	if has, err = e.store.Get(outcomes, wr.ID, &o); err != nil || !has {
		return "", false, err
	}
	switch {
	case o.TimeFinished == "":
		wr.Status, wr.PercentComplete = "IN_PROGRESS", 50
		wr.Resources[0].ActionType = "IN_PROGRESS"
	case o.Failure != "":
		wr.Status, wr.PercentComplete, wr.TimeFinished = "FAILED", 100, o.TimeFinished
	default:
		wr.Status, wr.PercentComplete, wr.TimeFinished = "SUCCEEDED", 100, o.TimeFinished
	}
	return o.Failure, true, nil
}
