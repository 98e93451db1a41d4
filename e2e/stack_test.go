package e2e

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"oci-media-pipelines/infra/pipeline"
	"oci-media-pipelines/localcloud/deploy"
	"oci-media-pipelines/localcloud/endpoint"
)

// operationTimeout bounds one operation of the engine.
const operationTimeout = 4 * time.Minute

// stack is a stack of the program in the shared local cloud.
type stack struct {
	t    testing.TB
	name string
	*deploy.Deployment
	progress *bytes.Buffer
}

// openStack opens a stack with the local stack's configuration and these
// settings on top (without their namespace). Unless they say otherwise its load
// balancer listens at a free port: 8080 may be that of another stack.
func openStack(t testing.TB, name string, settings map[string]string) *stack {
	t.Helper()
	return openStackAs(t, world.cloud, name, settings)
}

// openStackAs is openStack with an endpoint's credentials.
func openStackAs(t testing.TB, e endpoint.Endpoint, name string, settings map[string]string) *stack {
	t.Helper()
	raw, err := os.ReadFile("Pulumi.local.yaml")
	must(t, err)
	must(t, os.WriteFile("Pulumi."+name+".yaml", raw, 0o600))
	overrides := map[string]string{"oci-media-pipelines:listenerPort": listenerPort(t, name)}
	for key, value := range settings {
		overrides["oci-media-pipelines:"+key] = value
	}
	s := &stack{t: t, name: name, progress: &bytes.Buffer{}}
	s.Deployment, err = deploy.Open(context.Background(), deploy.Options{
		Project: world.project, State: world.state, Stack: name, Program: pipeline.Deploy, Endpoint: e,
		Overrides: overrides, Progress: s.progress, Colour: "never",
	})
	must(t, err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

var listenerPorts sync.Map

// listenerPort is a free port the first time and the same one whenever the stack
// is opened again.
func listenerPort(t testing.TB, stack string) string {
	t.Helper()
	port, ok := listenerPorts.Load(stack)
	if !ok {
		port, _ = listenerPorts.LoadOrStore(stack, freePort(t))
	}
	return port.(string)
}

// freePort returns a port of this machine that nobody listens at, and that the system
// gives nobody who asks for any: those begin at 32768 on Linux, at 49152 elsewhere.
func freePort(t testing.TB) string {
	t.Helper()
	for range 1000 {
		port := strconv.Itoa(20000 + rand.IntN(12000))
		if listener, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			must(t, listener.Close())
			return port
		}
	}
	t.Fatal("no port is free between 20000 and 32000")
	return ""
}

func (s *stack) context() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), operationTimeout)
}

// up deploys and returns the outputs, and how many resources were created,
// updated, … by operation.
func (s *stack) up() (outputs auto.OutputMap, changes map[string]int) {
	s.t.Helper()
	ctx, cancel := s.context()
	defer cancel()
	s.progress.Reset()
	result, err := s.Up(ctx)
	if err != nil {
		s.t.Fatalf("up of stack %s: %v\n%s\n%s", s.name, err, s.progress, serveLog())
	}
	return result.Outputs, changed(*result.Summary.ResourceChanges)
}

func (s *stack) preview() map[string]int {
	s.t.Helper()
	ctx, cancel := s.context()
	defer cancel()
	s.progress.Reset()
	result, err := s.Preview(ctx)
	if err != nil {
		s.t.Fatalf("preview of stack %s: %v\n%s", s.name, err, s.progress)
	}
	counts := map[string]int{}
	for operation, n := range result.ChangeSummary {
		counts[string(operation)] = n
	}
	return changed(counts)
}

func (s *stack) refresh() map[string]int {
	s.t.Helper()
	ctx, cancel := s.context()
	defer cancel()
	s.progress.Reset()
	result, err := s.Refresh(ctx)
	if err != nil {
		s.t.Fatalf("refresh of stack %s: %v\n%s", s.name, err, s.progress)
	}
	return changed(*result.Summary.ResourceChanges)
}

func (s *stack) destroy() {
	s.t.Helper()
	ctx, cancel := s.context()
	defer cancel()
	s.progress.Reset()
	if _, err := s.Destroy(ctx); err != nil {
		s.t.Fatalf("destroy of stack %s: %v\n%s", s.name, err, s.progress)
	}
}

// changed leaves out what stayed the same.
func changed(counts map[string]int) map[string]int {
	counts = maps.Clone(counts)
	delete(counts, "same")
	return counts
}

func wantChanges(t testing.TB, what string, got, want map[string]int, progress fmt.Stringer) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("%s changed %v, want %v\n%s", what, got, want, progress)
	}
}

// output returns a string output.
func output(t testing.TB, outputs auto.OutputMap, name string) string {
	t.Helper()
	value, ok := outputs[name].Value.(string)
	if !ok {
		t.Fatalf("output %s is %v; there are %v", name, outputs[name].Value, slices.Sorted(maps.Keys(outputs)))
	}
	return value
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// shared is the stack that tests use which do not change it. It is deployed by
// the first that asks for it.
var shared struct {
	sync.Once
	url     string
	outputs auto.OutputMap
	failure string
}

// sharedApp returns the URL of the shared stack's app.
func sharedApp(t testing.TB) (url string, outputs auto.OutputMap) {
	t.Helper()
	shared.Do(func() {
		shared.failure = "its deployment did not end"
		s := openStack(t, "shared", nil)
		shared.outputs, _ = s.up()
		must(t, s.Close()) // Tests may open it again.
		shared.url = strings.TrimRight(output(t, shared.outputs, "applicationUrl"), "/")
		shared.failure = ""
	})
	if shared.failure != "" {
		t.Fatal("the shared stack is not there: " + shared.failure)
	}
	return shared.url, shared.outputs
}
