package provider

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// The life-cycle states of OCI's services fall into few groups. A state in none
// of them is a state to stay in (ACTIVE, AVAILABLE, ENABLED, INACTIVE, …; for a
// subscription also PENDING: it waits for a person).
var (
	pendingStates = []string{
		"CREATING", "PROVISIONING", "UPDATING", "STARTING", "STOPPING", "RESTARTING", "ENABLING", "DISABLING", "MOVING",
		"CHANGING_COMPARTMENT", "SCALE_IN_PROGRESS", "BACKUP_IN_PROGRESS", "RESTORE_IN_PROGRESS", "MAINTENANCE_IN_PROGRESS",
		"ROLE_CHANGE_IN_PROGRESS", "UPGRADING", "CANCELLING_DELETION",
	}
	leavingStates = []string{"DELETING", "TERMINATING", "SCHEDULING_DELETION"}
	// PENDING_DELETION is the end as far as a stack is concerned: vaults, keys
	// and secrets are only ever scheduled for deletion.
	goneStates = []string{"DELETED", "TERMINATED", "PENDING_DELETION"}
)

func stateOf(model reflect.Value) string { return modelText(model, "lifecycleState") }

// failure is a resource that exists but did not become what was asked for.
type failure struct{ reason string }

func (f failure) Error() string { return f.reason }

// get reads the resource once, errGone if the service does not know it.
func (op *operation) get() (reflect.Value, error) {
	if op.kind.read != nil {
		model, err := op.kind.read(op)
		if notFound(err) {
			err = errGone
		}
		return model, err
	}
	method := op.kind.method("Get")
	if method == "" {
		return reflect.Value{}, nil
	}
	answer, err := op.call(method, nil)
	if notFound(err) {
		return reflect.Value{}, errGone
	}
	if err != nil {
		return reflect.Value{}, err
	}
	return answer.body(), nil
}

// settle reads the resource until it is in a state to stay in, and returns it.
func (op *operation) settle() (reflect.Value, error) {
	var pace pacer
	var last reflect.Value
	for {
		model, err := op.get()
		if ended := context.Cause(op.ctx); err != nil && ended != nil && last.IsValid() {
			return last, failure{fmt.Sprintf("still in state %s: %v", stateOf(last), ended)}
		}
		if err != nil {
			return model, err
		}
		last = model
		state := stateOf(model)
		switch {
		case slices.Contains(pendingStates, state):
		case state == "FAILED" || slices.Contains(op.kind.failed, state):
			return model, failure{"it is in state " + state + details(model)}
		case slices.Contains(leavingStates, state), slices.Contains(goneStates, state):
			return model, failure{"it went into state " + state + details(model)}
		default:
			return model, nil
		}
		if err := pace.pause(op.ctx); err != nil {
			return model, failure{fmt.Sprintf("still in state %s: %v", state, err)}
		}
	}
}

// vanish waits until the resource is gone, or only scheduled for deletion.
func (op *operation) vanish() error {
	var pace pacer
	for {
		model, err := op.get()
		if errors.Is(err, errGone) {
			return nil
		}
		if err != nil {
			return err
		}
		state := stateOf(model)
		if slices.Contains(goneStates, state) {
			return nil
		}
		if state == "FAILED" {
			return fmt.Errorf("deleting failed%s", details(model))
		}
		if err := pace.pause(op.ctx); err != nil {
			return fmt.Errorf("still in state %s: %w", state, err)
		}
	}
}

// details is what the service says about the state.
func details(model reflect.Value) string {
	if text := modelText(model, "lifecycleDetails"); text != "" {
		return ": " + text
	}
	return ""
}

// work waits for a work request and returns it. Its error is a failure if the
// request ended badly.
func (op *operation) work(id string) (reflect.Value, error) {
	var pace pacer
	for {
		r, err := newRequest(op.client, "GetWorkRequest")
		if err != nil {
			return reflect.Value{}, err
		}
		if err := r.set(r.parameters()[0], id); err != nil {
			return reflect.Value{}, err
		}
		answer, err := op.send(r)
		if err != nil {
			return reflect.Value{}, fmt.Errorf("work request %s: %w", id, err)
		}
		work := answer.body()
		status := modelText(work, "status")
		if status == "" {
			status = stateOf(work)
		}
		switch status {
		case "SUCCEEDED":
			return work, nil
		case "FAILED", "CANCELED", "CANCELLED", "CANCELING":
			return work, failure{fmt.Sprintf("work request %s: %s%s", id, status, op.workErrors(id, work))}
		}
		if err := pace.pause(op.ctx); err != nil {
			return work, failure{fmt.Sprintf("work request %s is still %s: %v", id, status, err)}
		}
	}
}

// workErrors collects what a failed work request says: within itself (load
// balancer), or in a list of its own.
func (op *operation) workErrors(id string, work reflect.Value) string {
	var messages []string
	if field, ok := fieldsOf(work.Type())["errordetails"]; ok {
		for _, item := range itemsOf(work.FieldByIndex(field.Index)) {
			messages = append(messages, modelText(item, "message"))
		}
	}
	if r, err := newRequest(op.client, "ListWorkRequestErrors"); err == nil {
		if err := r.set(r.parameters()[0], id); err == nil {
			items, _ := allPages(r, op.send) // the failure itself is what is reported
			for _, item := range items {
				messages = append(messages, modelText(item, "message"))
			}
		}
	}
	if len(messages) == 0 {
		return ""
	}
	return ": " + strings.Join(messages, "; ")
}

// created returns the id of what a work request made: the resource it lists as
// created, or the load balancer it belongs to.
func created(work reflect.Value) string {
	if id := modelText(work, "loadBalancerId"); id != "" {
		return id
	}
	field, ok := fieldsOf(work.Type())["resources"]
	if !ok {
		return ""
	}
	var first string
	for _, item := range itemsOf(work.FieldByIndex(field.Index)) {
		id := modelText(item, "identifier")
		if modelText(item, "actionType") == "CREATED" {
			return id
		}
		if first == "" {
			first = id
		}
	}
	return first
}
