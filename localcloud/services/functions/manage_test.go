package functions_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/functions"

	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/runtime/imagetest"
)

func TestRefusals(t *testing.T) {
	c := newCloud(t, nil)
	c.registry.push(t, "foreign", imagetest.ImageFor(t, "linux", "s390x", v1.Config{}))
	other := digest(t, image(t, "OTHER=1"))
	tests := []struct {
		name    string
		change  func(*sdk.CreateFunctionDetails)
		status  int
		code    string
		message string
	}{
		{"memory between the steps", func(d *sdk.CreateFunctionDetails) { d.MemoryInMBs = common.Int64(200) }, 400, "InvalidParameter", "memoryInMBs must be one of"},
		{"time-out too long", func(d *sdk.CreateFunctionDetails) { d.TimeoutInSeconds = common.Int(301) }, 400, "InvalidParameter", "from 5 to 300"},
		{"config key", func(d *sdk.CreateFunctionDetails) { d.Config = map[string]string{"1X": "x"} }, 400, "InvalidParameter", `"1X"`},
		{"config value", func(d *sdk.CreateFunctionDetails) { d.Config = map[string]string{"X": "a\nb"} }, 400, "InvalidParameter", "U+000A"},
		{"config too large", func(d *sdk.CreateFunctionDetails) { d.Config = map[string]string{"X": strings.Repeat("x", 4<<10)} }, 400, "InvalidParameter", "4097 bytes"},
		{"no such image", func(d *sdk.CreateFunctionDetails) { d.SourceDetails = source("none", "") }, 404, "NotAuthorizedOrNotFound", "fn:none was not found"},
		{"other platform", func(d *sdk.CreateFunctionDetails) { d.SourceDetails = source("foreign", "") }, 400, "InvalidParameter", "built for linux/s390x"},
		{"digest of another image", func(d *sdk.CreateFunctionDetails) { d.SourceDetails = source("1", other) }, 400, "InvalidParameter", other},
		{"digest in the image", func(d *sdk.CreateFunctionDetails) { d.SourceDetails = source("1@"+other, "") }, 400, "InvalidParameter", "imageDigest"},
		{"pre-built", func(d *sdk.CreateFunctionDetails) {
			d.SourceDetails = sdk.CreatePreBuiltFunctionSourceDetails{PbfListingId: common.String("ocid1.pbf")}
		}, 400, "InvalidParameter", "CONTAINER_IMAGE only"},
		{"destination", func(d *sdk.CreateFunctionDetails) {
			d.FailureDestination = sdk.QueueFailureDestinationDetails{QueueId: common.String("q")}
		}, 400, "InvalidParameter", "failureDestination"},
		{"no such application", func(d *sdk.CreateFunctionDetails) { d.ApplicationId = common.String("ocid1.fnapp.oc1..none") }, 404, "NotAuthorizedOrNotFound", "applicationId"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := c.client.CreateFunction(t.Context(), sdk.CreateFunctionRequest{CreateFunctionDetails: details(c, tt.change)})
			wantFailure(t, err, tt.status, tt.code, tt.message)
		})
	}
	c.create(t, nil)
	_, err := c.client.CreateFunction(t.Context(), sdk.CreateFunctionRequest{CreateFunctionDetails: details(c, nil)})
	wantFailure(t, err, 409, "Conflict", "already exists")
	_, err = c.client.DeleteApplication(t.Context(), sdk.DeleteApplicationRequest{ApplicationId: c.application.Id})
	wantFailure(t, err, 409, "Conflict", "refers to it")
	_, err = c.client.UpdateApplication(t.Context(), sdk.UpdateApplicationRequest{ApplicationId: c.application.Id,
		UpdateApplicationDetails: sdk.UpdateApplicationDetails{Config: map[string]string{"A-B": ""}}})
	wantFailure(t, err, 400, "InvalidParameter", `"A-B"`)
}

func TestFunctionResource(t *testing.T) {
	c := newCloud(t, nil)
	want := digest(t, image(t))
	function := c.create(t, func(d *sdk.CreateFunctionDetails) { d.SourceDetails = source("1", want) })
	from, ok := function.SourceDetails.(sdk.ContainerImageFunctionSourceDetails)
	if !ok || *from.ImageDigest != want || *from.Image != repository+":1" {
		t.Errorf("source %v", function.SourceDetails)
	}
	if *function.TimeoutInSeconds != 30 || *function.CompartmentId != iam.CompartmentID || function.LifecycleState != sdk.FunctionLifecycleStateActive ||
		!strings.HasSuffix(*function.InvokeEndpoint, ".us-ashburn-1.functions.oci.oraclecloud.com") {
		t.Errorf("function %v", function)
	}
	for what, same := range map[string]sdk.UpdateContainerImageFunctionSourceDetails{
		"the image it has": {Image: common.String(repository + ":1")}, "the digest it has": {ImageDigest: &want},
	} {
		_, err := c.client.UpdateFunction(t.Context(), sdk.UpdateFunctionRequest{FunctionId: function.Id, UpdateFunctionDetails: sdk.UpdateFunctionDetails{SourceDetails: same}})
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		updated, err := c.client.GetFunction(t.Context(), sdk.GetFunctionRequest{FunctionId: function.Id})
		if err != nil {
			t.Fatal(err)
		}
		if from, ok := updated.SourceDetails.(sdk.ContainerImageFunctionSourceDetails); !ok || from.Image == nil || from.ImageDigest == nil || *from.ImageDigest != want || *from.Image != repository+":1" {
			t.Errorf("given %s, it has the source %v", what, updated.SourceDetails)
		}
	}
	list, err := c.client.ListFunctions(t.Context(), sdk.ListFunctionsRequest{ApplicationId: c.application.Id})
	if err != nil || len(list.Items) != 1 {
		t.Errorf("list %v, %v", list.Items, err)
	}
	c.ask(t, function, "pid")
	_, err = c.client.DeleteFunction(t.Context(), sdk.DeleteFunctionRequest{FunctionId: function.Id})
	must(t, err)
	_, _, err = c.call(t, function, "pid")
	wantFailure(t, err, 404, "NotAuthorizedOrNotFound", "")
	_, err = c.client.DeleteApplication(t.Context(), sdk.DeleteApplicationRequest{ApplicationId: c.application.Id})
	must(t, err)
}

// TestFirstVersionOfTheAPI speaks 20181201, as the official provider does: the
// image stands at the top.
func TestFirstVersionOfTheAPI(t *testing.T) {
	c := newCloud(t, nil)
	send := func(method, path string, body any) map[string]any {
		t.Helper()
		raw, err := json.Marshal(body)
		must(t, err)
		request, err := http.NewRequestWithContext(t.Context(), method, "https://functions.us-ashburn-1.oci.oraclecloud.com/20181201"+path, strings.NewReader(string(raw)))
		must(t, err)
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
		must(t, common.DefaultRequestSigner(c.Credentials()).Sign(request))
		response, err := c.Client.Do(request)
		must(t, err)
		defer response.Body.Close()
		var answer map[string]any
		must(t, json.NewDecoder(response.Body).Decode(&answer))
		if response.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: %v", method, path, answer)
		}
		return answer
	}
	function := send("POST", "/functions", map[string]any{"displayName": "old", "applicationId": c.application.Id, "memoryInMBs": 256, "image": repository + ":1"})
	first := digest(t, image(t))
	if function["imageDigest"] != first || function["image"] != repository+":1" {
		t.Errorf("function %v", function)
	}
	path := "/functions/" + function["id"].(string)
	second := image(t, "SECOND=2")
	c.registry.push(t, "1", second)
	if kept := send("PUT", path, map[string]any{"image": repository + ":1", "memoryInMBs": 512}); kept["imageDigest"] != first || kept["memoryInMBs"] != 512.0 {
		t.Errorf("same image, no digest: %v", kept)
	}
	if resolved := send("PUT", path, map[string]any{"image": repository + ":1", "imageDigest": ""}); resolved["imageDigest"] != digest(t, second) {
		t.Errorf("same image, empty digest: %v", resolved)
	}
	third := image(t, "THIRD=3")
	c.registry.push(t, "3", third)
	if changed := send("PUT", path, map[string]any{"image": repository + ":3"}); changed["imageDigest"] != digest(t, third) {
		t.Errorf("other image, no digest: %v", changed)
	}
	if source := send("GET", path, nil)["sourceDetails"].(map[string]any); source["image"] != repository+":3" || source["imageDigest"] != digest(t, third) {
		t.Errorf("source %v", source)
	}
}

func TestUpdateReplacesTheContainers(t *testing.T) {
	c := newCloud(t, nil)
	c.registry.push(t, "2", image(t, "VERSION=2"))
	function := c.create(t, nil)
	pid := c.ask(t, function, "pid")
	c.update(t, function, sdk.UpdateFunctionDetails{TimeoutInSeconds: common.Int(60)})
	c.update(t, function, sdk.UpdateFunctionDetails{Config: map[string]string{"NEW": "config"}})
	if got := c.ask(t, function, "env NEW"); got != "config" {
		t.Errorf("NEW is %q", got)
	}
	c.update(t, function, sdk.UpdateFunctionDetails{SourceDetails: sdk.UpdateContainerImageFunctionSourceDetails{Image: common.String(repository + ":2")}})
	if got := c.ask(t, function, "env VERSION"); got != "2" {
		t.Errorf("VERSION is %q", got)
	}
	_, err := c.client.UpdateApplication(t.Context(), sdk.UpdateApplicationRequest{ApplicationId: c.application.Id,
		UpdateApplicationDetails: sdk.UpdateApplicationDetails{Config: map[string]string{"FROM_APP": "changed"}}})
	must(t, err)
	if got := c.ask(t, function, "env FROM_APP"); got != "changed" {
		t.Errorf("FROM_APP is %q", got)
	}
	if again := c.ask(t, function, "pid"); again == pid {
		t.Error("the first container still answers")
	}
}

func TestDeletedImageIsNoticed(t *testing.T) {
	c := newCloud(t, nil)
	function := c.create(t, nil)
	c.registry.clear()
	_, _, err := c.call(t, function, "pid")
	wantFailure(t, err, 502, "FunctionInvokeImageNotAvailable", "was not found")
}

// A function's image is pulled through the application's subnet, not through its
// groups (documentation: Issues invoking functions, FunctionInvokeImageNotAvailable).
func TestImageIsPulledThroughTheSubnet(t *testing.T) {
	c := newCloud(t, nil)
	function := c.create(t, nil)
	c.network.mu.Lock()
	c.network.unreachable = "ocir.us-ashburn-1.oci.oraclecloud.com"
	c.network.mu.Unlock()
	_, _, err := c.call(t, function, "pid")
	wantFailure(t, err, 502, "FunctionInvokeImageNotAvailable", "missing: a route")
	c.network.mu.Lock()
	from := c.network.from
	c.network.unreachable = ""
	c.network.mu.Unlock()
	if from.Str("subnetId") != c.application.SubnetIds[0] || len(from.Strings("nsgIds")) != 0 || !from.Bool("privately") {
		t.Errorf("it is pulled from %v", from)
	}
	c.ask(t, function, "pid")
}
