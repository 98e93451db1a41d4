package provider

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Finder looks for resources that a deployment made without getting to know their
// ids, because it was killed or an answer was lost. Whichever provider made them,
// this one or the official plugin: both give the same ids.
type Finder struct{ inst *instance }

// NewFinder makes a Finder with a provider's configuration (keys without "oci:",
// filled up from the environment and ~/.oci/config as for any provider).
func NewFinder(config map[string]string) (*Finder, error) {
	inst := newInstance(context.Background())
	if err := inst.configure(config); err != nil {
		return nil, err
	}
	return &Finder{inst}, nil
}

// Found is a resource that Find found.
type Found struct {
	// ID is the id that Pulumi knows the resource by.
	ID string
	// Usable is false for one that failed, or that told a secret only to whoever
	// created it: it can only be deleted.
	Usable bool
}

// Find looks for a resource of a Pulumi type that a create with these inputs made,
// and that is not known by its id. It waits until the resource is ready. Nothing
// found is no error, and gives no ID. Inputs that are missing, such as secrets, are
// not compared.
func (f *Finder) Find(ctx context.Context, token string, inputs resource.PropertyMap, known func(id string) bool) (Found, error) {
	k, ok := kinds[token]
	if !ok {
		return Found{}, fmt.Errorf("resources of type %s are not among those that can be looked for", token)
	}
	if k.lists == nothingStays {
		return Found{}, nil
	}
	ctx, done := f.inst.bound(ctx, limitOf(0))
	defer done()
	op, err := newOperation(ctx, f.inst, k, "", inputs, nil)
	if err != nil {
		return Found{}, err
	}
	if err := op.awaitWork(); err != nil {
		return Found{}, err
	}
	op.id, err = op.trace(known)
	if err != nil || op.id == "" {
		return Found{}, err
	}
	return op.found()
}

// found waits for the resource to be ready.
func (op *operation) found() (Found, error) {
	_, err := op.settle()
	var unready failure
	switch {
	case errors.Is(err, errGone):
		return Found{}, nil
	case errors.As(err, &unready):
		return Found{ID: op.id}, nil
	case err != nil:
		return Found{}, err
	}
	return Found{ID: op.id, Usable: len(op.kind.keeps) == 0}, nil
}

// trace returns the id of what a create with op's inputs made, "" if there is none.
func (op *operation) trace(known func(string) bool) (string, error) {
	if op.kind.exists != "" {
		if id := op.stringOf(op.kind.exists); !known(id) {
			return id, nil
		}
		return "", nil
	}
	if !op.kind.listed() {
		return op.traceByID(known)
	}
	models, err := op.siblings()
	if notFound(err) {
		return "", nil // What it would be in is gone.
	}
	if err != nil {
		return "", err
	}
	var newest, made string
	for _, model := range models {
		id, err := op.kind.newID(op.inputs, model)
		if err != nil {
			return "", err
		}
		if known(id) || !op.resembles(model) {
			continue
		}
		// Of several that nobody knows the last is the one that was asked for last.
		if created, ok := parseTime(modelText(model, "timeCreated")); newest == "" || ok && created.UTC().Format(sortable) > made {
			newest, made = id, created.UTC().Format(sortable)
		}
	}
	return newest, nil
}

// sortable is a layout of times whose order is that of the texts.
const sortable = "2006-01-02T15:04:05.000000000"

// traceByID finds what has no id but its parent's and its own name.
func (op *operation) traceByID(known func(string) bool) (string, error) {
	id, err := op.kind.newID(op.inputs, reflect.Value{})
	if err != nil || known(id) {
		return "", err
	}
	op.id = id
	model, err := op.get()
	if errors.Is(err, errGone) || err == nil && !op.resembles(model) {
		return "", nil
	}
	return id, err
}

// siblings lists the resources among which the looked-for one would be.
func (op *operation) siblings() ([]reflect.Value, error) {
	r, err := newRequest(op.client, op.kind.listMethod())
	if err != nil {
		return nil, err
	}
	fields := resource.PropertyMap{}
	for _, field := range r.parameters() {
		input, ok := op.kind.parameterInput(wireName(field))
		if key := resource.PropertyKey(input); ok && (mandatory(field) || slices.Contains(listFilters, input)) {
			fields[key] = op.inputs[key]
		}
	}
	if r, _, err = op.request(op.kind.listMethod(), fields); err != nil {
		return nil, err
	}
	return allPages(r, op.send)
}

// listFilters are the inputs that a list is narrowed by beside those it insists on.
var listFilters = []string{"compartmentId", "displayName", "name", "projectId", "buildPipelineId", "deployPipelineId"}

// resembles says whether a living resource, or its summary in a list, is what a
// create with op's inputs makes: all that it tells of them is as it was asked for.
func (op *operation) resembles(model reflect.Value) bool {
	if state := stateOf(model); slices.Contains(leavingStates, state) || slices.Contains(goneStates, state) {
		return false
	}
	props := op.kind.schema().inputs
	live := op.kind.encode(model, props)
	for key, wanted := range op.inputs {
		now, told := live[key]
		if told && !now.IsNull() && !same(plain(wanted), project(wanted, now, props[string(key)].shape)) {
			return false
		}
	}
	return true
}

// awaitWork waits until the work requests under way among the resource's siblings
// have ended: what one of them creates appears only then. (A load balancer, whose
// work requests are its own, appears at once.)
func (op *operation) awaitWork() error {
	if !op.kind.viaWorkRequest || op.kind.noun == "LoadBalancer" {
		return nil
	}
	var pace pacer
	for {
		r, _, err := op.request("ListWorkRequests", resource.PropertyMap{"compartmentId": op.inputs["compartmentId"]})
		var requests []reflect.Value
		if err == nil {
			requests, err = allPages(r, op.send)
		}
		if notFound(err) {
			return nil // What it would be in is gone.
		}
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(requests, underWay) {
			return nil
		}
		if err := pace.pause(op.ctx); err != nil {
			return fmt.Errorf("work requests are still under way: %w", err)
		}
	}
}

func underWay(work reflect.Value) bool {
	status := modelText(work, "status")
	if status == "" {
		status = stateOf(work)
	}
	return slices.Contains([]string{"ACCEPTED", "IN_PROGRESS", "WAITING", "CANCELING"}, status)
}

// nothingStays says of a row that a create that nobody heard the end of leaves
// nothing: it is done again.
const nothingStays = "-"

// listed says whether the row's resources are found in a list. Others have an id
// that follows from the inputs.
func (k *kind) listed() bool { return k.id == "" || strings.Contains(k.id, "=") }

// listMethod is the SDK method that lists the row's resources.
func (k *kind) listMethod() string {
	if k.lists != "" {
		return k.lists
	}
	if stem, ok := strings.CutSuffix(k.noun, "y"); ok && !strings.ContainsAny(stem[len(stem)-1:], "aeo") {
		return "List" + stem + "ies"
	}
	return "List" + k.noun + "s"
}
