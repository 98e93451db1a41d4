package provider

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// function is one row of the table of functions (data sources).
type function struct {
	token  string // Pulumi function token
	client *clientKind
	method string // the SDK's method
	naming
	// endpoint is the argument that names the client's endpoint; "" for a client whose
	// endpoint follows from the region.
	endpoint string
	// parameters holds the argument for a request parameter of another name.
	parameters map[string]string

	// list is the output that holds the answer's items, which filters apply to;
	// "" when the answer is one model. In a collection the items are one level
	// deeper: [{items: […]}].
	list       string
	collection bool

	// run replaces the generic call. It returns the outputs beside the arguments.
	run func(*query) (resource.PropertyMap, error)
}

// query is one call of a function.
type query struct {
	ctx      context.Context
	function *function
	client   any
	args     resource.PropertyMap
}

func (f *function) schema() resourceSchema { return schema().functions[f.token] }

func (f *function) parameterInput(parameter string) (string, bool) {
	if input, ok := f.parameters[parameter]; ok {
		return input, true
	}
	for input := range f.schema().inputs {
		if strings.EqualFold(input, parameter) {
			return input, true
		}
	}
	return "", false
}

// Invoke calls a function. Wrong arguments are failures, like a resource's.
func (*providerServer) Invoke(ctx context.Context, req *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	f, ok := invokable[req.GetTok()]
	if !ok {
		return nil, status.Errorf(codes.InvalidArgument, "function %s is not among those that this provider serves; the official oci plugin has it", req.GetTok())
	}
	args, err := read(req.GetArgs())
	if err != nil {
		return nil, err
	}
	if failures := check(args, f.schema().inputs, nil); len(failures) > 0 {
		return &pulumirpc.InvokeResponse{Failures: failures}, nil
	}
	inst := instanceOf(ctx)
	ctx, done := inst.bound(ctx, limitOf(0))
	defer done()
	client, err := inst.client(f.client, stringIn(f.endpoint, args))
	if err != nil {
		return nil, err
	}
	outputs, err := (&query{ctx, f, client, args}).answer()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", req.GetTok(), err)
	}
	written, err := write(outputs, f.schema().outputs)
	return &pulumirpc.InvokeResponse{Return: written}, err
}

// answer runs the query and adds the arguments, which every function repeats
// among its outputs, and an id.
func (q *query) answer() (resource.PropertyMap, error) {
	run := q.function.run
	if run == nil {
		run = (*query).call
	}
	own, err := run(q)
	if err != nil {
		return nil, err
	}
	outputs := q.args.Copy()
	maps.Copy(outputs, withoutNulls(own))
	if _, ok := outputs["id"]; !ok {
		outputs["id"] = resource.NewProperty(q.function.token)
	}
	return outputs, nil
}

func (q *query) call() (resource.PropertyMap, error) {
	r, err := q.request()
	if err != nil {
		return nil, err
	}
	outputs := q.function.schema().outputs
	if q.function.list == "" {
		answer, err := q.send(r)
		if err != nil {
			return nil, err
		}
		return q.function.encode(answer.body(), outputs), nil
	}
	models, err := allPages(r, q.send)
	if err != nil {
		return nil, err
	}
	s := outputs[q.function.list].shape
	if q.function.collection {
		s = s.nested()["items"].shape
	}
	items, err := q.filtered(models, s)
	if err != nil {
		return nil, err
	}
	list := resource.NewProperty(items)
	if q.function.collection {
		list = resource.NewProperty([]resource.PropertyValue{resource.NewProperty(resource.PropertyMap{"items": list})})
	}
	return resource.PropertyMap{resource.PropertyKey(q.function.list): list}, nil
}

// request fills the parameters from the arguments.
func (q *query) request() (*request, error) {
	r, err := newRequest(q.client, q.function.method)
	if err != nil {
		return nil, err
	}
	for _, field := range r.parameters() {
		input, ok := q.function.parameterInput(wireName(field))
		if !ok || absent(q.args[resource.PropertyKey(input)]) {
			continue
		}
		content, err := scalar(plain(q.args[resource.PropertyKey(input)]), reflect.TypeFor[string](), input)
		if err != nil {
			return nil, err
		}
		if err := r.set(field, content.(string)); err != nil {
			return nil, err
		}
	}
	return r, r.validate()
}

func (q *query) send(r *request) (response, error) {
	answer, err := r.send(q.ctx)
	if err != nil {
		return answer, explain(err)
	}
	return answer, nil
}

// filtered encodes the items and drops those that a filter argument excludes.
func (q *query) filtered(models []reflect.Value, s shape) ([]resource.PropertyValue, error) {
	filters, err := parseFilters(q.args["filters"])
	if err != nil {
		return nil, err
	}
	items := []resource.PropertyValue{}
	for _, model := range models {
		item := resource.NewProperty(withoutNulls(q.function.encode(model, s.nested())))
		if filters.match(item) {
			items = append(items, item)
		}
	}
	return items, nil
}
