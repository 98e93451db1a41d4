package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/oracle/oci-go-sdk/v65/common"
)

// request is one typed request of the SDK under construction, and the method
// that sends it.
type request struct {
	method reflect.Value
	name   string
	v      reflect.Value // the request struct, addressable
}

// newRequest prepares a call of a client's method. A client without it is a
// mistake in the table.
func newRequest(client any, name string) (*request, error) {
	method := reflect.ValueOf(client).MethodByName(name)
	if !method.IsValid() {
		return nil, fmt.Errorf("%T has no method %s", client, name)
	}
	if method.Type().NumIn() == 1 { // ListRegions takes no request at all
		return &request{method, name, reflect.ValueOf(&struct{}{}).Elem()}, nil
	}
	return &request{method, name, reflect.New(method.Type().In(1)).Elem()}, nil
}

// body is the field that becomes the request's JSON body.
func (r *request) body() (field reflect.StructField, ok bool) {
	for _, field := range reflect.VisibleFields(r.v.Type()) {
		if len(field.Index) == 1 && field.Tag.Get("contributesTo") == "body" && field.Tag.Get("encoding") != "binary" {
			return field, true
		}
	}
	return reflect.StructField{}, false
}

// parameters are the fields that go into the path, query and headers.
func (r *request) parameters() []reflect.StructField {
	var fields []reflect.StructField
	for _, field := range reflect.VisibleFields(r.v.Type()) {
		in := field.Tag.Get("contributesTo")
		if len(field.Index) == 1 && (in == "path" || in == "query" || in == "header") {
			fields = append(fields, field)
		}
	}
	return fields
}

// set fills a path, query or header parameter from text.
func (r *request) set(field reflect.StructField, content string) error {
	target := r.v.FieldByIndex(field.Index)
	t := target.Type()
	pointer := t.Kind() == reflect.Pointer
	if pointer {
		t = t.Elem()
	}
	value := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.String:
		value.SetString(content)
	case reflect.Bool:
		b, err := strconv.ParseBool(content)
		if err != nil {
			return fmt.Errorf("%s: %q is not true or false", wireName(field), content)
		}
		value.SetBool(b)
	case reflect.Int, reflect.Int64:
		i, err := strconv.ParseInt(content, 10, 64)
		if err != nil {
			return fmt.Errorf("%s: %q is not an integer", wireName(field), content)
		}
		value.SetInt(i)
	default:
		return fmt.Errorf("%s: parameters of type %s are not supported", wireName(field), t)
	}
	if pointer {
		value = value.Addr()
	}
	target.Set(value)
	return nil
}

// validate checks the request's enum values, as sending it would.
func (r *request) validate() error {
	checked, ok := r.v.Interface().(interface{ ValidateEnumValue() (bool, error) })
	if !ok {
		return nil
	}
	_, err := checked.ValidateEnumValue()
	return err
}

// send makes the call, and repeats it as the SDK would by default.
//
// A call that is under way is not cut off when ctx ends, it is only not
// repeated: the answer to a create is what says which resource there now is. (And
// the SDK's own reaction to an ending context is a data race: common.Retry hands
// out a response that another goroutine still writes.)
func (r *request) send(ctx context.Context) (response, error) {
	if ended := context.Cause(ctx); ended != nil {
		return response{}, fmt.Errorf("%s: not sent: %w", r.name, ended)
	}
	whole, metadata := uncut(ctx, r.idempotent())
	arguments := []reflect.Value{reflect.ValueOf(whole)}
	if field := r.v.FieldByName("RequestMetadata"); field.IsValid() {
		field.Set(reflect.ValueOf(metadata))
		arguments = append(arguments, r.v)
	}
	results := r.method.Call(arguments)
	if err, failed := results[1].Interface().(error); failed {
		return response{}, err
	}
	return response{results[0]}, nil
}

// idempotent reports whether the call may be repeated although it may have taken
// effect: it has a retry token, which the SDK keeps, or does the same again.
func (r *request) idempotent() bool {
	if r.v.FieldByName("OpcRetryToken").IsValid() {
		return true
	}
	return slices.ContainsFunc([]string{"Get", "Head", "List", "Update", "Delete"}, func(verb string) bool { return strings.HasPrefix(r.name, verb) })
}

// uncut returns what a call of an SDK method takes: a context that does not end
// while the call is under way, and the policy of repeating it.
func uncut(ctx context.Context, idempotent bool) (context.Context, common.RequestMetadata) {
	policy := sdkRetries(ctx, idempotent)
	return context.WithoutCancel(ctx), common.RequestMetadata{RetryPolicy: &policy}
}

// response is one typed response of the SDK.
type response struct{ v reflect.Value }

// body is the model, or for lists the slice, in the response; invalid when the
// operation answers with none.
func (r response) body() reflect.Value {
	for _, field := range reflect.VisibleFields(r.v.Type()) {
		if len(field.Index) == 1 && field.Tag.Get("presentIn") == "body" {
			return indirect(r.v.FieldByIndex(field.Index))
		}
	}
	return reflect.Value{}
}

func (r response) header(name string) string {
	for _, field := range reflect.VisibleFields(r.v.Type()) {
		if len(field.Index) == 1 && field.Tag.Get("presentIn") == "header" && strings.EqualFold(field.Tag.Get("name"), name) {
			return text(r.v.FieldByIndex(field.Index))
		}
	}
	return ""
}

// modelText reads a scalar field of a model by its JSON name; "" when the model
// has no such field or it is empty.
func modelText(model reflect.Value, name string) string {
	model = indirect(model)
	if !model.IsValid() {
		return ""
	}
	field, ok := fieldsOf(model.Type())[strings.ToLower(name)]
	if !ok {
		return ""
	}
	return text(model.FieldByIndex(field.Index))
}

// statusOf returns the HTTP status and OCI error code of a failed call, 0 and ""
// when the failure was none of the service's.
func statusOf(err error) (status int, code string) {
	var failure common.ServiceError
	if errors.As(err, &failure) {
		return failure.GetHTTPStatusCode(), failure.GetCode()
	}
	return 0, ""
}

func notFound(err error) bool {
	status, _ := statusOf(err)
	return status == http.StatusNotFound
}

// explain shortens the SDK's error to what a reader of a deployment's output
// needs: the message, the code, the call, and the id that Oracle's support and
// the local cloud's journal know the request by.
func explain(err error) error {
	var failure common.ServiceErrorRichInfo
	if !errors.As(err, &failure) {
		return err
	}
	return explained{fmt.Sprintf("%s (%d %s, %s %s, opc-request-id %s)", failure.GetMessage(), failure.GetHTTPStatusCode(), failure.GetCode(),
		failure.GetOperationName(), failure.GetRequestTarget(), failure.GetOpcRequestID()), err}
}

type explained struct {
	message string
	cause   error
}

func (e explained) Error() string { return e.message }
func (e explained) Unwrap() error { return e.cause }
