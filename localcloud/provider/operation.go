package provider

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// errGone is what reading a resource that no longer exists gives.
var errGone = errors.New("the resource does not exist")

// operation is one create, read, update or delete under way.
type operation struct {
	ctx    context.Context
	inst   *instance
	kind   *kind
	client any
	id     string               // "" until created
	inputs resource.PropertyMap // what the program wants; on read and delete, what it last wanted
	state  resource.PropertyMap // the outputs last stored; nil on create
}

// newOperation opens the client that the row names.
func newOperation(ctx context.Context, inst *instance, k *kind, id string, inputs, state resource.PropertyMap) (*operation, error) {
	op := &operation{ctx: ctx, inst: inst, kind: k, id: id, inputs: inputs, state: state}
	client, err := inst.client(k.client, op.stringOf(k.endpoint))
	if err != nil {
		return nil, err
	}
	op.client = client
	return op, nil
}

// stringOf reads a string input, or output where the inputs have none.
func (op *operation) stringOf(name string) string {
	return stringIn(name, op.inputs, op.state)
}

// stringIn reads a string property from the first that has it, "" if none has.
func stringIn(name string, sources ...resource.PropertyMap) string {
	for _, values := range sources {
		if value := plain(values[resource.PropertyKey(name)]); value.IsString() {
			return value.StringValue()
		}
	}
	return ""
}

// call prepares and sends one request. Its path parameters come from the id and
// the inputs; fields are the inputs that it is to carry.
func (op *operation) call(method string, fields resource.PropertyMap) (response, error) {
	r, _, err := op.request(method, fields)
	if err != nil {
		return response{}, err
	}
	return op.send(r)
}

// request builds a request. It also returns which of fields it has a place for;
// the caller decides what it means if that is not all.
func (op *operation) request(method string, fields resource.PropertyMap) (*request, map[string]bool, error) {
	r, err := newRequest(op.client, method)
	if err != nil {
		return nil, nil, err
	}
	placed := map[string]bool{}
	if err := op.fillParameters(r, fields, placed); err != nil {
		return nil, nil, err
	}
	if err := op.fillBody(r, fields, placed); err != nil {
		return nil, nil, err
	}
	if op.kind.amend != nil {
		if err := op.kind.amend(op, r); err != nil {
			return nil, nil, err
		}
	}
	return r, placed, r.validate()
}

func (op *operation) fillParameters(r *request, fields resource.PropertyMap, placed map[string]bool) error {
	fromID, err := op.kind.parseID(op.id)
	if err != nil && op.id != "" {
		return err
	}
	for _, field := range r.parameters() {
		name := wireName(field)
		if name == "opc-retry-token" {
			// One token per attempt at creating: repeats of a lost answer are
			// recognised, a fresh attempt is not.
			if err := r.set(field, uuid.NewString()); err != nil {
				return err
			}
			continue
		}
		inPath := field.Tag.Get("contributesTo") == "path"
		content, ok := fromID[name]
		if inPath && op.id != "" && name == op.kind.idParameter {
			content, ok = op.id, true
		}
		if !ok && (inPath || op.given(name, fields)) {
			content, ok = op.parameter(name)
		}
		if !ok && inPath && op.id != "" && op.kind.id == "" {
			content, ok = op.id, true
		}
		// The path of a resource that exists says which one it is, and changes
		// nothing about it.
		if input, is := op.kind.parameterInput(name); is && (!inPath || op.id == "") {
			placed[input] = true
		}
		if !ok {
			if inPath && !unknown(op.inputs) {
				return fmt.Errorf("%s: no value for %s", r.name, name)
			}
			continue
		}
		if err := r.set(field, content); err != nil {
			return err
		}
	}
	return nil
}

// given says whether a query or header parameter is among the fields to send.
func (op *operation) given(name string, fields resource.PropertyMap) bool {
	input, ok := op.kind.parameterInput(name)
	return ok && fields.HasValue(resource.PropertyKey(input))
}

func (op *operation) parameter(name string) (string, bool) {
	for _, values := range []resource.PropertyMap{op.inputs, op.state} {
		if content, ok := op.kind.parameter(name, values); ok {
			return content, true
		}
	}
	return "", false
}

func (op *operation) fillBody(r *request, fields resource.PropertyMap, placed map[string]bool) error {
	field, ok := r.body()
	if !ok {
		return nil
	}
	target := r.v.FieldByIndex(field.Index)
	holder := reflect.New(target.Type())
	switch {
	case target.Kind() != reflect.Interface:
	case op.kind.union != nil:
		var err error
		if holder, err = op.kind.union.body(r.name, op.stringOf(op.kind.union.by)); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		placed[op.kind.union.by] = true
	case op.kind.body != nil:
		holder = reflect.ValueOf(op.kind.body(r.name, op.inputs))
	default:
		return fmt.Errorf("%s: the row names no body", r.name)
	}
	t := holder.Elem().Type()
	if t.Kind() != reflect.Struct {
		return fmt.Errorf("%s: body of type %s", r.name, t)
	}
	subset := resource.PropertyMap{}
	for key, value := range fields {
		if op.kind.fits(t, string(key)) {
			subset[key] = value
			placed[string(key)] = true
		}
	}
	if err := op.kind.decode(subset, op.kind.schema().inputs, holder.Interface(), ""); err != nil {
		return err
	}
	target.Set(holder.Elem())
	return nil
}

// fits says whether a struct has a field for an input.
func (k *kind) fits(t reflect.Type, input string) bool {
	p := k.schema().inputs[input]
	if _, ok := k.field(t, input, p); ok {
		return true
	}
	_, _, ok := k.inlined(t, input, p)
	return ok
}

// send sends a request, again while it meets a conflict that passes.
func (op *operation) send(r *request) (response, error) {
	deleting := r.name == op.kind.method("Delete")
	started := time.Now()
	var pace pacer
	for {
		answer, err := r.send(op.ctx)
		if err == nil {
			return answer, nil
		}
		if cause := context.Cause(op.ctx); cause != nil {
			return response{}, fmt.Errorf("%s: %w; last answer: %w", r.name, cause, explain(err))
		}
		if !worthRepeating(err, op.kind.serial, deleting) || !op.kind.serial && time.Since(started) > conflictLimit {
			return response{}, explain(err)
		}
		if cause := pace.pause(op.ctx); cause != nil {
			return response{}, fmt.Errorf("%s: %w; last answer: %w", r.name, cause, explain(err))
		}
	}
}

// find looks a resource up in a list where the API has no way to get one: the
// item whose named field has the value. It reads all pages.
func (op *operation) find(method, field, value string) (reflect.Value, error) {
	items, err := op.list(method)
	if err != nil {
		return reflect.Value{}, err
	}
	for _, item := range items {
		if modelText(item, field) == value {
			return item, nil
		}
	}
	return reflect.Value{}, errGone
}

// list reads all pages of a list.
func (op *operation) list(method string) ([]reflect.Value, error) {
	r, _, err := op.request(method, nil)
	if err != nil {
		return nil, err
	}
	return allPages(r, op.send)
}

// allPages repeats a list request until the service names no further page.
func allPages(r *request, send func(*request) (response, error)) ([]reflect.Value, error) {
	var items []reflect.Value
	for {
		answer, err := send(r)
		if err != nil {
			return nil, err
		}
		items = append(items, itemsOf(answer.body())...)
		next := answer.header("opc-next-page")
		if next == "" {
			return items, nil
		}
		page := slices.IndexFunc(r.parameters(), func(f reflect.StructField) bool { return wireName(f) == "page" })
		if page < 0 {
			return items, nil
		}
		if err := r.set(r.parameters()[page], next); err != nil {
			return nil, err
		}
	}
}

// itemsOf returns the elements of a list response: a plain list, or a
// collection with items.
func itemsOf(body reflect.Value) []reflect.Value {
	if body.IsValid() && body.Kind() == reflect.Struct {
		if field, ok := fieldsOf(body.Type())["items"]; ok {
			body = body.FieldByIndex(field.Index)
		}
	}
	if !body.IsValid() || body.Kind() != reflect.Slice {
		return nil
	}
	items := make([]reflect.Value, body.Len())
	for i := range items {
		items[i] = body.Index(i)
	}
	return items
}

// unknown says whether any value is not known yet, as in a preview.
func unknown(values resource.PropertyMap) bool {
	return values.ContainsUnknowns()
}
