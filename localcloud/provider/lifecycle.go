package provider

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// makeResource creates the resource, waits until it is ready and returns its outputs.
// After an error with op.id set the resource exists all the same.
func (op *operation) makeResource() (resource.PropertyMap, error) {
	first, err := op.start()
	if err != nil {
		return op.outputs(first), err
	}
	model, err := op.settle()
	if errors.Is(err, errGone) {
		// Some answers reach their creator before every reader can see them.
		model, err = op.appear()
	}
	if err != nil {
		if !model.IsValid() {
			model = first
		}
		return op.outputs(model), err
	}
	if !model.IsValid() {
		model = first
	}
	op.state = op.outputs(first) // what is told only once
	outputs := op.outputs(model)
	return outputs, op.complete(model, outputs)
}

// start sends the create request and finds the id.
func (op *operation) start() (model reflect.Value, err error) {
	if op.kind.create != nil {
		return op.kind.create(op)
	}
	r, err := op.createRequest()
	if err != nil {
		return model, err
	}
	answer, err := op.send(r)
	if err != nil {
		return model, err
	}
	model = answer.body()
	if work := answer.header("opc-work-request-id"); op.kind.viaWorkRequest && work != "" {
		done, failed := op.work(work)
		if id := op.idAfterWork(done); id != "" && (failed == nil || op.kind.id == "") {
			op.id = id
		}
		if failed != nil {
			return model, failed
		}
		if op.id == "" {
			return model, fmt.Errorf("work request %s names nothing created", work)
		}
		return model, nil
	}
	op.id, err = op.kind.newID(op.inputs, model)
	return model, err
}

func (op *operation) idAfterWork(work reflect.Value) string {
	if op.kind.id == "" {
		if !work.IsValid() {
			return ""
		}
		return created(work)
	}
	id, err := op.kind.newID(op.inputs, reflect.Value{})
	if err != nil {
		return ""
	}
	return id
}

// createRequest builds the create request from all inputs, and refuses inputs
// that it has no place for.
func (op *operation) createRequest() (*request, error) {
	r, placed, err := op.request(op.kind.method("Create"), op.inputs)
	if err != nil {
		return nil, err
	}
	var problems []error
	for _, key := range op.inputs.StableKeys() {
		name := string(key)
		if _, local := op.kind.local[name]; !placed[name] && !local && !absent(op.inputs[key]) {
			problems = append(problems, fmt.Errorf("%s: %s takes no such field", name, r.name))
		}
	}
	return r, errors.Join(problems...)
}

// appear waits for a new resource to become readable.
func (op *operation) appear() (reflect.Value, error) {
	var pace pacer
	for pace.waited < appearLimit {
		if err := pace.pause(op.ctx); err != nil {
			return reflect.Value{}, err
		}
		if model, err := op.settle(); !errors.Is(err, errGone) {
			return model, err
		}
	}
	return reflect.Value{}, failure{"it was created, but then could not be found"}
}

// change brings the resource from the old inputs to op.inputs.
func (op *operation) change(old resource.PropertyMap) (resource.PropertyMap, error) {
	changed := op.kind.changed(old, op.inputs, op.state)
	if err := op.send1by1(changed); err != nil {
		return nil, err
	}
	model, err := op.settle()
	if errors.Is(err, errGone) {
		return nil, fmt.Errorf("%w any more", errGone)
	}
	outputs := op.outputs(model)
	if err != nil {
		return outputs, err
	}
	return outputs, op.complete(model, outputs)
}

// send1by1 sends the requests that a set of changed inputs needs.
func (op *operation) send1by1(changed []string) error {
	if op.kind.update != nil {
		return op.kind.update(op, changed)
	}
	requests, left, err := op.updateRequests(changed)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("%s cannot be changed by this provider", strings.Join(left, ", "))
	}
	for _, r := range requests {
		if err := op.finishRequest(r); err != nil {
			return err
		}
	}
	return nil
}

// finishRequest sends a request and waits for its work request and for the
// resource to be ready for another.
func (op *operation) finishRequest(r *request) error {
	answer, err := op.send(r)
	if err != nil {
		return err
	}
	if work := answer.header("opc-work-request-id"); op.kind.viaWorkRequest && work != "" {
		if _, err := op.work(work); err != nil {
			return err
		}
	}
	_, err = op.settle()
	return err
}

// updateRequests builds the requests for changed inputs and returns those that
// no request takes.
func (op *operation) updateRequests(changed []string) (requests []*request, left []string, err error) {
	open := slices.DeleteFunc(slices.Clone(changed), func(name string) bool { _, local := op.kind.local[name]; return local })
	steps := slices.Clone(op.kind.updates)
	if move := "Change" + op.kind.noun + "Compartment"; reflect.ValueOf(op.client).MethodByName(move).IsValid() {
		steps = append(steps, updateStep{move, []string{"compartmentId"}})
	}
	for _, step := range steps {
		if !slices.ContainsFunc(open, func(name string) bool { return slices.Contains(step.properties, name) }) {
			continue
		}
		r, placed, err := op.request(step.method, op.pick(step.properties))
		if err != nil {
			return nil, nil, err
		}
		requests = append(requests, r)
		open = slices.DeleteFunc(open, func(name string) bool { return placed[name] && slices.Contains(step.properties, name) })
	}
	method := op.kind.method("Update")
	if len(open) == 0 || method == "" {
		return requests, open, nil
	}
	r, placed, err := op.request(method, op.updateFields(method, open))
	if err != nil {
		return nil, nil, err
	}
	left = slices.DeleteFunc(slices.Clone(open), func(name string) bool { return placed[name] })
	return append(requests, r), left, nil
}

// updateFields are the inputs an update request carries: what changed and what
// the API insists on, or everything where an update replaces the whole.
func (op *operation) updateFields(method string, changed []string) resource.PropertyMap {
	fields := op.pick(changed)
	r, err := newRequest(op.client, method)
	if err != nil {
		return fields
	}
	if body, ok := r.body(); ok && body.Type.Kind() == reflect.Struct {
		for name, p := range op.kind.schema().inputs {
			key := resource.PropertyKey(name)
			field, ok := op.kind.field(body.Type, name, p)
			if _, picked := fields[key]; !ok || picked || !mandatory(field) && !op.kind.whole {
				continue
			}
			if value, given := op.inputs[key]; given {
				fields[key] = value
			} else if value, stored := op.state[key]; stored {
				fields[key] = value
			}
		}
	}
	return fields
}

// pick returns some of the inputs; one that the program removed becomes empty.
func (op *operation) pick(names []string) resource.PropertyMap {
	fields := resource.PropertyMap{}
	for _, name := range names {
		key := resource.PropertyKey(name)
		value, given := op.inputs[key]
		if !given && slices.Contains(op.kind.clears, name) {
			value, given = resource.NewProperty([]resource.PropertyValue{}), true
			if op.kind.schema().inputs[name].mapping {
				value = resource.NewProperty(resource.PropertyMap{})
			}
		}
		if given {
			fields[key] = value
		}
	}
	return fields
}

// remove deletes the resource and waits until it is gone. Deleting what does
// not exist is done.
func (op *operation) remove() error {
	if op.kind.delete != nil {
		if err := op.kind.delete(op); err != nil && !notFound(err) && !errors.Is(err, errGone) {
			return err
		}
		return nil
	}
	method := op.kind.method("Delete")
	if method == "" {
		return nil
	}
	answer, err := op.call(method, op.inputs)
	if notFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if work := answer.header("opc-work-request-id"); op.kind.viaWorkRequest && work != "" {
		if _, err := op.work(work); err != nil {
			return err
		}
	}
	return op.vanish()
}
