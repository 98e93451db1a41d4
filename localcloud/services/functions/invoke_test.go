package functions_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/functions"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/services/functions"
)

func TestInvoke(t *testing.T) {
	c := newCloud(t, nil)
	function := c.create(t, nil)
	answer, response, err := c.call(t, function, "echo hello")
	must(t, err)
	header := response.RawResponse.Header
	if answer != "hello" || header.Get("Content-Type") != "text/plain" || header.Get("Fn-Call-Id") == "" || !strings.HasPrefix(header.Get("Fn-Fdk-Version"), "fdk-go") {
		t.Errorf("answer %q, header %v", answer, header)
	}
	want := map[string]string{
		"env FN_FN_ID": *function.Id, "env FN_APP_ID": *c.application.Id, "env FN_FN_NAME": "fn", "env FN_APP_NAME": "app",
		"env FN_MEMORY": "128", "env FN_TMPSIZE": "32", "env FROM_APP": "app", "env BOTH": "fn",
		"env OCI_RESOURCE_PRINCIPAL_VERSION": "2.2", "env OCI_RESOURCE_PRINCIPAL_REGION": "us-ashburn-1",
		"env HTTPS_PROXY": strings.Replace(c.ProxyURL, "http://", "http://fn:secret@", 1), "env SSL_CERT_FILE": c.CertFile, "env HOME": "",
		"header Oci-Subject-Id": iam.UserID, "header Fn-Invoke-Type": "", "deadline": "true true",
	}
	for ask, answer := range want {
		if got := c.ask(t, function, ask); got != answer {
			t.Errorf("%s: %q, want %q", ask, got, answer)
		}
	}
}

func TestContainerIsUsedAgainAndStoppedWhenIdle(t *testing.T) {
	c := newCloud(t, func(c *functions.Config) { c.IdleTimeout = 100 * time.Millisecond })
	function := c.create(t, nil)
	first := c.ask(t, function, "pid")
	if second := c.ask(t, function, "pid"); second != first {
		t.Errorf("container %s, then %s", first, second)
	}
	gatewaytest.Eventually(t, "the idle container is gone", func() bool {
		_, err := os.Stat("/proc/" + first)
		return os.IsNotExist(err)
	})
	if third := c.ask(t, function, "pid"); third == first {
		t.Error("the stopped container answered")
	}
}

func TestOneRequestAtATimePerContainer(t *testing.T) {
	c := newCloud(t, nil)
	meeting := t.TempDir()
	function := c.create(t, func(d *sdk.CreateFunctionDetails) { d.Config = map[string]string{"MEETING": meeting} })
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if _, _, err := c.call(t, function, "meet"); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if there, err := os.ReadDir(meeting); err != nil || len(there) != 2 {
		t.Errorf("there were %v, %v", there, err)
	}
}

func TestMemoryForFunctionsIsShared(t *testing.T) {
	c := newCloud(t, func(c *functions.Config) { c.MemoryMB = 256 })
	one := c.create(t, nil)
	two := c.create(t, func(d *sdk.CreateFunctionDetails) {
		d.DisplayName, d.MemoryInMBs = common.String("two"), common.Int64(256)
	})
	big := c.create(t, func(d *sdk.CreateFunctionDetails) {
		d.DisplayName, d.MemoryInMBs = common.String("big"), common.Int64(512)
	})
	c.ask(t, one, "pid")
	c.ask(t, two, "pid") // has the idle container of the other stopped
	_, _, err := c.call(t, big, "pid")
	wantFailure(t, err, 429, "TooManyRequests", "512 MB")

	gate := filepath.Join(t.TempDir(), "gate")
	var waiting sync.WaitGroup
	waiting.Go(func() {
		if _, _, err := c.call(t, two, "until "+gate); err != nil {
			t.Error(err)
		}
	})
	waiting.Go(func() {
		if _, _, err := c.call(t, one, "pid"); err != nil { // waits for memory, if it comes second
			t.Error(err)
		}
	})
	must(t, os.WriteFile(gate, nil, 0o600))
	waiting.Wait()
}

func TestTimeOut(t *testing.T) {
	c := newCloud(t, nil)
	function := c.create(t, func(d *sdk.CreateFunctionDetails) { d.TimeoutInSeconds = common.Int(5) })
	pid := c.ask(t, function, "pid")
	started := time.Now()
	_, _, err := c.call(t, function, "sleep 1m")
	wantFailure(t, err, 504, "FunctionInvokeExecutionTimeout", "after 5 seconds")
	if took := time.Since(started); took < 5*time.Second || took > 8*time.Second {
		t.Errorf("took %s", took)
	}
	if again := c.ask(t, function, "pid"); again == pid {
		t.Error("the container that timed out answers")
	}
}

func TestFailures(t *testing.T) {
	c := newCloud(t, nil)
	function := c.create(t, nil)
	unable := c.create(t, func(d *sdk.CreateFunctionDetails) {
		d.DisplayName, d.Config = common.String("unable"), map[string]string{"REFUSE": "1"}
	})
	tests := []struct {
		name     string
		function sdk.Function
		body     string
		status   int
		code     string
		message  string
	}{
		{"crash", function, "crash", 502, "FunctionInvokeExecutionFailed", "exit code 4"},
		{"too much memory", function, "eat", 502, "FunctionInvokeExecutionFailed", "the limit is 128 MB"},
		{"response too large", function, "flood", 502, "FunctionInvokeExecutionFailed", "larger than"},
		{"request too large", function, "size " + strings.Repeat("x", 6<<20), 413, "RequestEntityTooLarge", "6291456"},
		{"does not start", unable, "pid", 504, "FunctionInvokeContainerInitFail", "exit code 3"},
		{"unknown", sdk.Function{Id: common.String("ocid1.fnfunc.oc1.iad.none"), InvokeEndpoint: function.InvokeEndpoint}, "pid", 404, "NotAuthorizedOrNotFound", "ocid1.fnfunc.oc1.iad.none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := c.call(t, tt.function, tt.body)
			wantFailure(t, err, tt.status, tt.code, tt.message)
		})
	}
	if got := c.ask(t, function, "size "+strings.Repeat("x", 6<<20-5)); got != "6291456" {
		t.Errorf("6 MB arrive as %s", got)
	}
	gatewaytest.Eventually(t, "the log tells why it does not start", func() bool {
		return c.recorder.has(*c.application.Id, "invoke", "unable: cannot start: REFUSE is set")
	})
	c.recorder.mu.Lock()
	defer c.recorder.mu.Unlock()
	if n := c.recorder.metrics["oci_faas FunctionResponseCount Error"]; n != 4 {
		t.Errorf("%d errors counted: %v", n, c.recorder.metrics)
	}
}

func TestLogs(t *testing.T) {
	c := newCloud(t, nil)
	function := c.create(t, nil)
	_, response, err := c.call(t, function, "log something happened")
	must(t, err)
	gatewaytest.Eventually(t, "the line is in the log", func() bool {
		return c.recorder.has(*c.application.Id, "invoke", "fn: something happened") &&
			c.recorder.has("call "+response.RawResponse.Header.Get("Fn-Call-Id"), "served in")
	})
	log, err := c.service.Runtime.Log(*function.Id)
	must(t, err)
	if content, err := log.Tail(1000); err != nil || string(content) != "something happened\n" {
		t.Errorf("log %q, %v", content, err)
	}
}

func TestDetached(t *testing.T) {
	c := newCloud(t, nil)
	function := c.create(t, nil)
	client := c.invoker(t, function)
	gate := filepath.Join(t.TempDir(), "gate")
	request := sdk.InvokeFunctionRequest{FunctionId: function.Id, FnInvokeType: sdk.InvokeFunctionFnInvokeTypeDetached}
	_, response, err := invoke(t, client, request, "until "+gate)
	must(t, err)
	if response.RawResponse.StatusCode != http.StatusAccepted {
		t.Errorf("status %s", response.RawResponse.Status)
	}
	call := response.RawResponse.Header.Get("Fn-Call-Id")
	if c.recorder.has(call) {
		t.Error("it has ended before it could")
	}
	must(t, os.WriteFile(gate, nil, 0o600))
	gatewaytest.Eventually(t, "it was not served", func() bool { return c.recorder.has(call, "served in") })
}

func TestInvokeForAnotherService(t *testing.T) {
	c := newCloud(t, nil)
	function := c.create(t, nil)
	principal := iam.Principal{Type: iam.Resource, ID: "ocid1.eventrule.oc1..r", TenancyID: iam.TenancyID}
	result, err := c.service.Invoke(t.Context(), *function.Id, []byte("header Oci-Subject-Id"), principal)
	must(t, err)
	if string(result.Body) != principal.ID {
		t.Errorf("called by %q", result.Body)
	}
}

func TestManyAtOnceWaitForTheirTurn(t *testing.T) {
	c := newCloud(t, func(c *functions.Config) { c.MemoryMB = 512 })
	function := c.create(t, nil)
	var pids sync.Map
	var all sync.WaitGroup
	for range 60 {
		all.Go(func() {
			result, err := c.service.Invoke(t.Context(), *function.Id, []byte("pid"), iam.Principal{})
			if err != nil {
				t.Error(err)
				return
			}
			pids.Store(string(result.Body), nil)
		})
	}
	all.Wait()
	containers := 0
	pids.Range(func(any, any) bool { containers++; return true })
	if containers == 0 || containers > 4 {
		t.Errorf("served by %d containers, memory is for 4", containers)
	}
}

func BenchmarkInvokeCold(b *testing.B) {
	c := newCloud(b, nil)
	function := c.create(b, nil)
	c.ask(b, function, "pid") // unpacks the image
	touch := sdk.UpdateFunctionDetails{}
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		touch.Config = map[string]string{"TOUCH": strings.Repeat("x", i%1000)}
		c.update(b, function, touch)
		client := c.invoker(b, function)
		b.StartTimer()
		if _, _, err := invoke(b, client, sdk.InvokeFunctionRequest{FunctionId: function.Id}, "echo x"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkInvokeWarm(b *testing.B) {
	c := newCloud(b, nil)
	function := c.create(b, nil)
	client := c.invoker(b, function)
	for range 2 { // start the container, open the connection
		_, _, err := invoke(b, client, sdk.InvokeFunctionRequest{FunctionId: function.Id}, "echo x")
		must(b, err)
	}
	for b.Loop() {
		if _, _, err := invoke(b, client, sdk.InvokeFunctionRequest{FunctionId: function.Id}, "echo x"); err != nil {
			b.Fatal(err)
		}
	}
}
