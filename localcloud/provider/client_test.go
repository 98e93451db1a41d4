package provider_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"oci-media-pipelines/localcloud/provider"
)

// engine is what Pulumi's engine is to one provider instance: one connection.
type engine struct {
	pulumirpc.ResourceProviderClient
	t *testing.T
}

// start serves a provider for the length of the test.
func start(t *testing.T) (port int) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	port, err := provider.Serve(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// attach connects like the engine does and configures the instance.
func attach(t *testing.T, port int, region string) *engine {
	t.Helper()
	conn, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", port), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) // the test is over
	e := &engine{pulumirpc.NewResourceProviderClient(conn), t}
	if _, err := e.Handshake(t.Context(), &pulumirpc.ProviderHandshakeRequest{}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Attach(t.Context(), &pulumirpc.PluginAttach{Address: "127.0.0.1:1"}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Configure(t.Context(), &pulumirpc.ConfigureRequest{Args: wire(t, object{
		"region": region, "tenancyOcid": "ocid1.tenancy.oc1..t", "userOcid": "ocid1.user.oc1..u", "fingerprint": "aa:bb", "privateKey": privateKey,
	})}); err != nil {
		t.Fatal(err)
	}
	return e
}

// ready is a provider with one instance, for us-ashburn-1.
func ready(t *testing.T) *engine {
	t.Helper()
	return attach(t, start(t), "us-ashburn-1")
}

type (
	object = map[string]any
	list   = []any
)

// wire turns plain Go values into the protocol's; unknown stands for a value
// that a preview does not know.
func wire(t *testing.T, values object) *structpb.Struct {
	t.Helper()
	s, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(values), plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var unknown = resource.MakeComputed(resource.NewProperty(""))

// properties reads the protocol's values, secrets and unknowns kept.
func properties(t *testing.T, s *structpb.Struct) resource.PropertyMap {
	t.Helper()
	m, err := plugin.UnmarshalProperties(s, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// plainly reads the protocol's values as plain Go values.
func plainly(t *testing.T, s *structpb.Struct) object {
	t.Helper()
	m, err := plugin.UnmarshalProperties(s, plugin.MarshalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return m.Mappable()
}

func urnOf(token string) string { return "urn:pulumi:dev::shop::" + token + "::thing" }

// check validates inputs; failures are "property: reason".
func (e *engine) check(token string, inputs object) (checked object, failures []string) {
	e.t.Helper()
	answer, err := e.Check(e.t.Context(), &pulumirpc.CheckRequest{Urn: urnOf(token), News: wire(e.t, inputs), RandomSeed: make([]byte, 32)})
	if err != nil {
		e.t.Fatal(err)
	}
	for _, f := range answer.GetFailures() {
		failures = append(failures, f.GetProperty()+": "+f.GetReason())
	}
	return plainly(e.t, answer.GetInputs()), failures
}

// create makes a resource and returns its id and outputs.
func (e *engine) create(token string, inputs object) (string, object) {
	e.t.Helper()
	if _, failures := e.check(token, inputs); len(failures) > 0 {
		e.t.Fatalf("check of %s: %v", token, failures)
	}
	answer, err := e.Create(e.t.Context(), &pulumirpc.CreateRequest{Urn: urnOf(token), Properties: wire(e.t, inputs)})
	if err != nil {
		e.t.Fatalf("create %s: %v", token, err)
	}
	return answer.GetId(), plainly(e.t, answer.GetProperties())
}

// look reads a resource; an empty id means that it is gone.
func (e *engine) look(token, id string, inputs, state object) (found string, outputs, refreshed object) {
	e.t.Helper()
	answer, err := e.Read(e.t.Context(), &pulumirpc.ReadRequest{Id: id, Urn: urnOf(token), Properties: wire(e.t, state), Inputs: wire(e.t, inputs)})
	if err != nil {
		e.t.Fatalf("read %s: %v", token, err)
	}
	return answer.GetId(), plainly(e.t, answer.GetProperties()), plainly(e.t, answer.GetInputs())
}

func (e *engine) diff(token, id string, old, inputs, state object) *pulumirpc.DiffResponse {
	e.t.Helper()
	answer, err := e.Diff(e.t.Context(), &pulumirpc.DiffRequest{
		Id: id, Urn: urnOf(token), Olds: wire(e.t, state), OldInputs: wire(e.t, old), News: wire(e.t, inputs),
	})
	if err != nil {
		e.t.Fatalf("diff %s: %v", token, err)
	}
	return answer
}

func (e *engine) update(token, id string, old, inputs, state object) (object, error) {
	e.t.Helper()
	answer, err := e.Update(e.t.Context(), &pulumirpc.UpdateRequest{
		Id: id, Urn: urnOf(token), Olds: wire(e.t, state), OldInputs: wire(e.t, old), News: wire(e.t, inputs),
	})
	if err != nil {
		return nil, err
	}
	return plainly(e.t, answer.GetProperties()), nil
}

func (e *engine) delete(token, id string, inputs, state object) error {
	e.t.Helper()
	_, err := e.Delete(e.t.Context(), &pulumirpc.DeleteRequest{Id: id, Urn: urnOf(token), Properties: wire(e.t, state), OldInputs: wire(e.t, inputs)})
	return err
}

// halfDone returns the resource that a failed create left behind.
func halfDone(t *testing.T, err error) *pulumirpc.ErrorResourceInitFailed {
	t.Helper()
	for _, detail := range status.Convert(err).Details() {
		if left, ok := detail.(*pulumirpc.ErrorResourceInitFailed); ok {
			return left
		}
	}
	t.Fatalf("no initialisation failure in %v", err)
	return nil
}

// with returns a copy with some values changed; nil removes one.
func with(values, changes object) object {
	result := object{}
	for key, value := range values {
		result[key] = value
	}
	for key, value := range changes {
		if value == nil {
			delete(result, key)
			continue
		}
		result[key] = value
	}
	return result
}
