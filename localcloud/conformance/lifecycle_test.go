package conformance_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
)

// resource is one that a test made, with the operations that its client has for
// its noun: CreateVcn, GetVcn, UpdateVcn, DeleteVcn. The SDK names them and the
// fields of their requests by rule, so that they can be called by reflection.
type resource struct {
	t      *testing.T
	client reflect.Value
	noun   string
	// parents are path parameters beside the resource's own id, by the field.
	parents map[string]string
	id      string
	etag    string
	// answer is that of the last Get.
	answer reflect.Value
}

// create makes a resource, twice with the same retry token where the API has one,
// and waits until it is ready.
func create(t *testing.T, client any, noun string, details any, parents ...string) *resource {
	t.Helper()
	r := &resource{t: t, client: reflect.ValueOf(client), noun: noun, parents: map[string]string{}}
	for i := 0; i+1 < len(parents); i += 2 {
		r.parents[parents[i]] = parents[i+1]
	}
	request := r.request("Create")
	setDetails(request, details)
	set(request, "OpcRetryToken", uuid.NewString())
	r.id = r.idOf(perform(t, r.method("Create"), request))
	if request.FieldByName("OpcRetryToken").IsValid() {
		if again := r.idOf(perform(t, r.method("Create"), request)); again != r.id {
			t.Fatalf("Create%s with one opc-retry-token made %s and %s", noun, r.id, again)
		}
	}
	r.settle()
	return r
}

func (r *resource) method(verb string) reflect.Value {
	r.t.Helper()
	method := r.client.MethodByName(verb + r.noun)
	if !method.IsValid() {
		r.t.Fatalf("%s has no %s%s", r.client.Type(), verb, r.noun)
	}
	return method
}

// request makes the request of an operation on the resource.
func (r *resource) request(verb string) reflect.Value {
	r.t.Helper()
	request := reflect.New(r.method(verb).Type().In(1)).Elem()
	for i := range request.NumField() {
		field := request.Type().Field(i)
		if field.Tag.Get("contributesTo") != "path" {
			continue
		}
		if parent := r.parents[field.Name]; parent != "" {
			set(request, field.Name, parent)
		} else {
			set(request, field.Name, r.id)
		}
	}
	return request
}

// setDetails sets the field that is the request's body.
func setDetails(request reflect.Value, details any) {
	for i := range request.NumField() {
		if request.Type().Field(i).Tag.Get("contributesTo") == "body" {
			request.Field(i).Set(reflect.ValueOf(details))
		}
	}
}

// idOf finds the resource's id in the answer to a create: in its body, or in the
// work request that it names.
func (r *resource) idOf(answer reflect.Value) string {
	r.t.Helper()
	for _, field := range []string{"Id", "TopicId"} {
		if id, _ := member(answer, field); id != "" {
			return id
		}
	}
	work, _ := member(answer, "OpcWorkRequestId")
	if work == "" {
		r.t.Fatalf("%s has neither an id nor a work request", answer.Type())
	}
	operation := r.client.MethodByName("GetWorkRequest")
	request := reflect.New(operation.Type().In(1)).Elem()
	set(request, "WorkRequestId", work)
	repeat(request, func(a common.OCIOperationResponse) bool {
		status, _ := member(reflect.ValueOf(a.Response), "Status")
		return a.Error == nil && status != "SUCCEEDED"
	})
	return perform(r.t, operation, request).FieldByName("Resources").Index(0).FieldByName("Identifier").Elem().String()
}

// get reads the resource.
func (r *resource) get() {
	r.t.Helper()
	r.answer = perform(r.t, r.method("Get"), r.request("Get"))
	if etag, _ := member(r.answer, "Etag"); etag != "" {
		r.etag = etag
	}
}

// settle waits until the resource is in no state of passage.
func (r *resource) settle() {
	r.t.Helper()
	passage := []string{"CREATING", "PROVISIONING", "UPDATING", "SCALE_IN_PROGRESS"}
	gatewaytest.Eventually(r.t, r.noun+" "+r.id+" is ready", func() bool {
		r.get()
		state, _ := member(r.answer, "LifecycleState")
		return !slices.Contains(passage, state)
	})
}

// update changes the resource: not when the client knows another version.
func (r *resource) update(details any) {
	r.t.Helper()
	request := r.request("Update")
	setDetails(request, details)
	r.versioned("Update", request)
	r.settle()
}

// versioned performs an operation on the version of the resource that the client
// knows, and is refused for another.
func (r *resource) versioned(verb string, request reflect.Value) {
	r.t.Helper()
	if request.FieldByName("IfMatch").IsValid() {
		set(request, "IfMatch", "another")
		refuse(r.t, 412, "NoEtagMatch", r.method(verb), request)
		set(request, "IfMatch", r.etag)
	}
	perform(r.t, r.method(verb), request)
}

// delete deletes the resource and waits until it is answered with 404.
func (r *resource) delete() {
	r.t.Helper()
	r.get()
	r.versioned("Delete", r.request("Delete"))
	r.gone()
}

// gone waits until the resource is answered with 404.
func (r *resource) gone() {
	r.t.Helper()
	request := r.request("Get")
	repeat(request, func(a common.OCIOperationResponse) bool { return a.Error == nil })
	refuse(r.t, 404, "NotAuthorizedOrNotFound", r.method("Get"), request)
}

// listed checks that a list, which is read page by page, holds each of the
// resources once.
func listed[Q, A any](t *testing.T, list operation[Q, A], request Q, want ...*resource) {
	t.Helper()
	found := ids(pages(t, list, request))
	for _, r := range want {
		if n := len(found) - len(slices.DeleteFunc(slices.Clone(found), func(id string) bool { return id == r.id })); n != 1 {
			t.Errorf("%T lists %s %d times: %v", request, r.id, n, found)
		}
	}
}

// exactly is listed for a list of nothing else, in this order.
func exactly[Q, A any](t *testing.T, list operation[Q, A], request Q, want ...*resource) {
	t.Helper()
	wanted := make([]string, len(want))
	for i, r := range want {
		wanted[i] = r.id
	}
	if found := ids(pages(t, list, request)); !slices.Equal(found, wanted) {
		t.Errorf("%T lists %v, want %v", request, found, wanted)
	}
}
