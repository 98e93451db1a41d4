package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/oracle/oci-go-sdk/v65/common"
)

// connect makes a client of the SDK, which finds the cloud and its credentials by
// the environment.
func connect[C any](t *testing.T, make func(common.ConfigurationProvider) (C, error)) *C {
	t.Helper()
	client, err := make(common.DefaultConfigProvider())
	if err != nil {
		t.Fatal(err)
	}
	return &client
}

// operation is a method of a client of the SDK.
type operation[Q, A any] func(context.Context, Q) (A, error)

// do performs an operation that must succeed.
func do[Q, A any](t *testing.T, o operation[Q, A], request Q) A {
	t.Helper()
	return perform(t, reflect.ValueOf(o), reflect.ValueOf(&request).Elem()).Interface().(A)
}

// perform is do for what is known at run time only. It checks that the answer
// names the request as the client named it.
func perform(t *testing.T, operation, request reflect.Value) reflect.Value {
	t.Helper()
	names := map[string]string{}
	for _, field := range []string{"OpcRequestId", "OpcClientRequestId"} {
		names[field] = nameRequest(request, field)
	}
	answer, err := call(t, operation, request)
	if err != nil {
		t.Fatalf("%s: %v", request.Type(), err)
	}
	for field, want := range names {
		got, present := member(answer, field)
		if want != "" && present && !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s is %q, want %q", answer.Type(), field, got, want)
		}
		if field == "OpcRequestId" && present && got == "" {
			t.Errorf("%s has no opc-request-id", answer.Type())
		}
	}
	return answer
}

func call(t *testing.T, operation, request reflect.Value) (reflect.Value, error) {
	results := operation.Call([]reflect.Value{reflect.ValueOf(t.Context()), request})
	err, _ := results[1].Interface().(error)
	return results[0], err
}

// nameRequest fills in an id of a request that has such a field, unless it is
// given.
func nameRequest(request reflect.Value, field string) string {
	f := request.FieldByName(field)
	if !f.IsValid() {
		return ""
	}
	if f.IsNil() {
		set(request, field, strings.ToUpper(strings.ReplaceAll(uuid.NewString(), "-", "")))
	}
	return f.Elem().String()
}

// set sets a field of a request, of type *string, if the request has it.
func set(request reflect.Value, field, value string) {
	if f := request.FieldByName(field); f.IsValid() {
		f.Set(reflect.ValueOf(&value))
	}
}

// member returns a member of an answer that is text.
func member(answer reflect.Value, field string) (value string, present bool) {
	f := answer.FieldByName(field)
	if !f.IsValid() {
		// An answer that is one of several structs has its members behind an interface.
		get := answer.MethodByName("Get" + field)
		if !get.IsValid() {
			return "", false
		}
		f = get.Call(nil)[0]
	}
	if f.Kind() == reflect.Pointer {
		if f.IsNil() {
			return "", true
		}
		f = f.Elem()
	}
	return f.String(), f.Kind() == reflect.String
}

// refused performs an operation that must fail.
func refused[Q, A any](t *testing.T, status int, code string, o operation[Q, A], request Q) {
	t.Helper()
	refuse(t, status, code, reflect.ValueOf(o), reflect.ValueOf(&request).Elem())
}

// refuse is refused for what is known at run time only.
func refuse(t *testing.T, status int, code string, operation, request reflect.Value) {
	t.Helper()
	id := nameRequest(request, "OpcRequestId")
	_, err := call(t, operation, request)
	var failure common.ServiceError
	if !errors.As(err, &failure) || failure.GetHTTPStatusCode() != status || failure.GetCode() != code {
		t.Fatalf("%s: error is %v, want %d %s", request.Type(), err, status, code)
	}
	if !strings.HasPrefix(failure.GetOpcRequestID(), id) || failure.GetOpcRequestID() == "" {
		t.Errorf("%s: the error's opc-request-id is %q, want %q", request.Type(), failure.GetOpcRequestID(), id)
	}
}

// until repeats a request until its answer is as wanted.
func until[Q, A any](t *testing.T, o operation[Q, A], request Q, wanted func(A) bool) A {
	t.Helper()
	repeat(reflect.ValueOf(&request).Elem(), func(r common.OCIOperationResponse) bool {
		answer, ok := r.Response.(A)
		return r.Error == nil && ok && !wanted(answer)
	})
	answer := do(t, o, request)
	if !wanted(answer) {
		t.Fatalf("%T: waited for another answer than %+v", request, answer)
	}
	return answer
}

// repeat makes a waiter of a request, by the SDK's own means: a retry policy.
func repeat(request reflect.Value, again func(common.OCIOperationResponse) bool) {
	waiter := common.NewRetryPolicy(2000, again, func(common.OCIOperationResponse) time.Duration { return 10 * time.Millisecond })
	request.FieldByName("RequestMetadata").Set(reflect.ValueOf(common.RequestMetadata{RetryPolicy: &waiter}))
}

// pages reads a list one item at a time to its last page.
func pages[Q, A any](t *testing.T, list operation[Q, A], request Q) []any {
	t.Helper()
	q := reflect.ValueOf(&request).Elem()
	limit, page := q.FieldByName("Limit"), q.FieldByName("Page")
	if limit.IsValid() {
		one := reflect.New(limit.Type().Elem())
		one.Elem().SetInt(1)
		limit.Set(one)
	}
	var all []any
	for range 1000 {
		answer := perform(t, reflect.ValueOf(list), q)
		items := itemsOf(answer)
		if limit.IsValid() && len(items) > 1 {
			t.Fatalf("%T: a page of one has %d items", request, len(items))
		}
		all = append(all, items...)
		next := answer.FieldByName("OpcNextPage")
		if !page.IsValid() || !next.IsValid() || next.IsNil() || next.Elem().String() == "" {
			return all
		}
		page.Set(next)
		set(q, "OpcRequestId", uuid.NewString())
	}
	t.Fatalf("%T does not end", request)
	return nil
}

// itemsOf finds the list in an answer: its field Items, or that of the collection
// in it.
func itemsOf(answer reflect.Value) []any {
	field := answer.FieldByName("Items")
	items := make([]any, field.Len())
	for i := range items {
		items[i] = field.Index(i).Interface()
	}
	return items
}

// ids returns the OCIDs, or else the names, of listed items.
func ids(items []any) []string {
	all := make([]string, len(items))
	for i, item := range items {
		v := reflect.Indirect(reflect.ValueOf(item))
		for _, field := range []string{"Id", "TopicId", "Name"} {
			if f := v.FieldByName(field); f.IsValid() {
				all[i] = fmt.Sprint(reflect.Indirect(f))
				break
			}
		}
	}
	return all
}
