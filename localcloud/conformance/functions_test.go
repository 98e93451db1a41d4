package conformance_test

import (
	"io"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/artifacts"
	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/functions"

	"oci-media-pipelines/localcloud/runtime/imagetest"
)

func testFunctions(t *testing.T, compartment *string) {
	n := newNetwork(t, compartment)
	repositories := connect(t, artifacts.NewArtifactsClientWithConfigurationProvider)
	repository, path := newRepository(t, repositories, compartment, "conformance/fn")
	push(t, path+":1", imagetest.ProgramImage(t, imagetest.Program(t, "../services/functions/testdata/fn")))

	client := connect(t, functions.NewFunctionsManagementClientWithConfigurationProvider)
	application := func(name string) *resource {
		return create(t, client, "Application", functions.CreateApplicationDetails{CompartmentId: compartment, DisplayName: &name, SubnetIds: []string{n.private}, Config: map[string]string{"WHERE": "app"}})
	}
	b, a := application("b"), application("a")
	exactly(t, client.ListApplications, functions.ListApplicationsRequest{CompartmentId: compartment, SortBy: functions.ListApplicationsSortByDisplayname}, a, b)
	exactly(t, client.ListApplications, functions.ListApplicationsRequest{CompartmentId: compartment, Id: &b.id, LifecycleState: functions.ApplicationLifecycleStateActive}, b)
	b.update(functions.UpdateApplicationDetails{Config: map[string]string{"WHERE": "here"}})

	function := func(name string) *resource {
		return create(t, client, "Function", functions.CreateFunctionDetails{ApplicationId: &b.id, DisplayName: &name, MemoryInMBs: common.Int64(128),
			SourceDetails: functions.CreateContainerImageFunctionSourceDetails{Image: str(path + ":1")}})
	}
	second, first := function("second"), function("first")
	exactly(t, client.ListFunctions, functions.ListFunctionsRequest{ApplicationId: &b.id, SortBy: functions.ListFunctionsSortByDisplayname}, first, second)
	exactly(t, client.ListFunctions, functions.ListFunctionsRequest{ApplicationId: &b.id, SortBy: functions.ListFunctionsSortByDisplayname, SortOrder: functions.ListFunctionsSortOrderDesc}, second, first)
	exactly(t, client.ListFunctions, functions.ListFunctionsRequest{ApplicationId: &b.id, DisplayName: str("first")}, first)
	first.update(functions.UpdateFunctionDetails{TimeoutInSeconds: num(60)})

	endpoint := first.answer.Interface().(functions.GetFunctionResponse).InvokeEndpoint
	invoker := connect(t, func(p common.ConfigurationProvider) (functions.FunctionsInvokeClient, error) {
		return functions.NewFunctionsInvokeClientWithConfigurationProvider(p, *endpoint)
	})
	for body, want := range map[string]string{"echo a word": "a word", "env WHERE": "here"} {
		answer := do(t, invoker.InvokeFunction, functions.InvokeFunctionRequest{FunctionId: &first.id, InvokeFunctionBody: io.NopCloser(strings.NewReader(body))})
		if text := read(t, answer.Content); text != want {
			t.Errorf("%s is answered with %q, want %q", body, text, want)
		}
	}
	detached := do(t, invoker.InvokeFunction, functions.InvokeFunctionRequest{FunctionId: &first.id, FnInvokeType: functions.InvokeFunctionFnInvokeTypeDetached,
		InvokeFunctionBody: io.NopCloser(strings.NewReader("echo"))})
	if detached.RawResponse.StatusCode != 202 {
		t.Errorf("detached: %s", detached.RawResponse.Status)
	}
	refused(t, 404, "NotAuthorizedOrNotFound", invoker.InvokeFunction, functions.InvokeFunctionRequest{FunctionId: str("ocid1.fnfunc.oc1..none")})
	refused(t, 409, "Conflict", client.DeleteApplication, functions.DeleteApplicationRequest{ApplicationId: &b.id})
	for _, r := range []*resource{first, second, b, a, repository} {
		r.delete()
	}
}
