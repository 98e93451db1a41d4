package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// version is that of the official plugin whose schema this provider follows.
const version = "2.20.0"

// providerServer answers the engine. Calls it does not have (Construct, Call,
// Parameterize, …) answer "unimplemented", as the engine expects.
type providerServer struct {
	pulumirpc.UnimplementedResourceProviderServer
}

// Handshake tells the engine what it may send. Secrets are not among it: the
// engine then keeps track of which values are secret by itself, and marks
// outputs like the inputs they repeat.
func (*providerServer) Handshake(context.Context, *pulumirpc.ProviderHandshakeRequest) (*pulumirpc.ProviderHandshakeResponse, error) {
	return &pulumirpc.ProviderHandshakeResponse{SupportsAutonamingConfiguration: true}, nil
}

// Attach is called after Handshake by an engine that did not start the provider.
func (*providerServer) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// GetPluginInfo names the version that this provider stands in for.
func (*providerServer) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version}, nil
}

// Cancel ends the operations under way on this connection.
func (*providerServer) Cancel(ctx context.Context, _ *emptypb.Empty) (*emptypb.Empty, error) {
	instanceOf(ctx).cancel()
	return &emptypb.Empty{}, nil
}

// Check validates a resource's inputs against the schema and names the resource
// where the program does not.
func (*providerServer) Check(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	k, given, err := open(req.GetUrn(), req.GetOlds(), req.GetNews())
	if err != nil {
		return nil, err
	}
	old, inputs := given[0], given[1]
	for key, value := range k.defaults {
		if inputs[key].IsNull() {
			inputs[key] = value
		}
	}
	if err := autoname(req, old, inputs, k.schema().inputs); err != nil {
		return nil, err
	}
	failures := check(inputs, k.schema().inputs, k.unsupported)
	checked, err := write(inputs, nil)
	return &pulumirpc.CheckResponse{Inputs: checked, Failures: failures}, err
}

// Create makes a resource, or foresees its outputs in a preview. A preview
// builds the request as well, so that what could not be sent fails there.
func (*providerServer) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	k, given, err := open(req.GetUrn(), req.GetProperties())
	if err != nil {
		return nil, err
	}
	inputs := given[0]
	inst := instanceOf(ctx)
	ctx, done := inst.bound(ctx, limitOf(req.GetTimeout()))
	defer done()
	if req.GetPreview() {
		if err := foreseeable(ctx, inst, k, inputs); err != nil {
			return nil, fmt.Errorf("%s: %w", req.GetUrn(), err)
		}
		outputs, err := write(foresee(inputs, k.schema().outputs), k.schema().outputs)
		return &pulumirpc.CreateResponse{Properties: outputs}, err
	}
	op, err := newOperation(ctx, inst, k, "", inputs, nil)
	if err != nil {
		return nil, err
	}
	outputs, err := op.makeResource()
	if err != nil && op.id != "" {
		return nil, halfDone(op, outputs, fmt.Errorf("created, but not ready: %w", err))
	}
	if err != nil {
		return nil, fmt.Errorf("creating: %w", err)
	}
	written, err := write(outputs, k.schema().outputs)
	return &pulumirpc.CreateResponse{Id: op.id, Properties: written}, err
}

// foreseeable builds the create request without sending it. Where the client's
// endpoint is not known yet there is nothing to build it with.
func foreseeable(ctx context.Context, inst *instance, k *kind, inputs resource.PropertyMap) error {
	if k.create != nil || k.endpoint != "" && absent(inputs[resource.PropertyKey(k.endpoint)]) {
		return nil
	}
	op, err := newOperation(ctx, inst, k, "", inputs, nil)
	if err != nil {
		return err
	}
	_, err = op.createRequest()
	return err
}

// Read brings outputs and inputs up to date. An empty id in the answer means
// that the resource is gone.
func (*providerServer) Read(ctx context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	k, given, err := open(req.GetUrn(), req.GetProperties(), req.GetInputs())
	if err != nil {
		return nil, err
	}
	op, done, err := begin(ctx, req, k, given[0], given[1])
	if err != nil {
		return nil, err
	}
	defer done()
	outputs, inputs, err := op.look()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", req.GetId(), err)
	}
	if outputs == nil {
		return &pulumirpc.ReadResponse{}, nil
	}
	writtenOutputs, err := write(outputs, k.schema().outputs)
	if err != nil {
		return nil, err
	}
	writtenInputs, err := write(inputs, k.schema().inputs)
	return &pulumirpc.ReadResponse{Id: req.GetId(), Properties: writtenOutputs, Inputs: writtenInputs}, err
}

// Update applies changed inputs, or foresees the outputs in a preview.
func (*providerServer) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	k, given, err := open(req.GetUrn(), req.GetOlds(), req.GetOldInputs(), req.GetNews())
	if err != nil {
		return nil, err
	}
	state, old, inputs := given[0], given[1], given[2]
	if req.GetPreview() {
		outputs, err := write(foreseeChange(state, inputs, k.changed(old, inputs, state), k.schema().outputs), k.schema().outputs)
		return &pulumirpc.UpdateResponse{Properties: outputs}, err
	}
	op, done, err := begin(ctx, req, k, state, inputs)
	if err != nil {
		return nil, err
	}
	defer done()
	outputs, err := op.change(old)
	if err != nil && outputs != nil {
		return nil, halfDone(op, outputs, fmt.Errorf("changed, but not ready: %w", err))
	}
	if err != nil {
		return nil, fmt.Errorf("updating %s: %w", req.GetId(), err)
	}
	written, err := write(outputs, k.schema().outputs)
	return &pulumirpc.UpdateResponse{Properties: written}, err
}

// Delete removes a resource. One that is gone already is no error.
func (*providerServer) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	k, given, err := open(req.GetUrn(), req.GetProperties(), req.GetOldInputs())
	if err != nil {
		return nil, err
	}
	op, done, err := begin(ctx, req, k, given[0], given[1])
	if err != nil {
		return nil, err
	}
	defer done()
	if err := op.remove(); err != nil {
		return nil, fmt.Errorf("deleting %s: %w", req.GetId(), err)
	}
	return &emptypb.Empty{}, nil
}

// halfDone reports a resource that exists without being what was asked for, in
// the form that makes the engine keep it in its state.
func halfDone(op *operation, outputs resource.PropertyMap, cause error) error {
	properties, err := write(outputs, op.kind.schema().outputs)
	if err != nil {
		return err
	}
	inputs, err := write(op.inputs, op.kind.schema().inputs)
	if err != nil {
		return err
	}
	detailed, err := status.New(codes.Unknown, cause.Error()).WithDetails(&pulumirpc.ErrorResourceInitFailed{
		Id: op.id, Properties: properties, Inputs: inputs, Reasons: []string{cause.Error()},
	})
	if err != nil {
		return fmt.Errorf("%w (and it could not be recorded: %w)", cause, err)
	}
	return detailed.Err()
}

// open finds the kind of the resource that a call is about, and takes the
// properties that the call carries from the wire, in their order.
func open(urn string, carried ...*structpb.Struct) (*kind, []resource.PropertyMap, error) {
	k, err := kindOf(urn)
	if err != nil {
		return nil, nil, err
	}
	given := make([]resource.PropertyMap, len(carried))
	for i, properties := range carried {
		if given[i], err = read(properties); err != nil {
			return nil, nil, err
		}
	}
	return k, given, nil
}

// begin starts the operation of a call about a resource that exists. The caller
// calls done when it is over.
func begin(ctx context.Context, call interface {
	GetId() string
	GetTimeout() float64
}, k *kind, state, inputs resource.PropertyMap) (op *operation, done func(), err error) {
	inst := instanceOf(ctx)
	ctx, done = inst.bound(ctx, limitOf(call.GetTimeout()))
	if op, err = newOperation(ctx, inst, k, call.GetId(), inputs, state); err != nil {
		done()
		return nil, nil, err
	}
	return op, done, nil
}

func kindOf(text string) (*kind, error) {
	token := tokenOf(text)
	k, ok := kinds[token]
	if !ok {
		return nil, status.Errorf(codes.InvalidArgument, "resource type %s is not among those that this provider serves; the official oci plugin has it", token)
	}
	return k, nil
}

// read takes properties from the wire.
func read(properties *structpb.Struct) (resource.PropertyMap, error) {
	if properties == nil {
		return resource.PropertyMap{}, nil
	}
	values, err := plugin.UnmarshalProperties(properties, plugin.MarshalOptions{KeepUnknowns: true, SkipNulls: true})
	if err != nil {
		return nil, err
	}
	return withoutNotes(resource.NewProperty(values)).ObjectValue(), nil
}

// withoutNotes leaves out what the official provider notes for itself between the
// properties (__defaults, __meta): a stack may change from that provider to this.
func withoutNotes(value resource.PropertyValue) resource.PropertyValue {
	switch {
	case value.IsObject():
		properties := resource.PropertyMap{}
		for key, member := range value.ObjectValue() {
			if !strings.HasPrefix(string(key), "__") {
				properties[key] = withoutNotes(member)
			}
		}
		return resource.NewProperty(properties)
	case value.IsArray():
		items := make([]resource.PropertyValue, len(value.ArrayValue()))
		for i, item := range value.ArrayValue() {
			items[i] = withoutNotes(item)
		}
		return resource.NewProperty(items)
	case value.IsSecret():
		return resource.MakeSecret(withoutNotes(value.SecretValue().Element))
	}
	return value
}

// write puts properties on the wire, with what the schema calls secret marked.
func write(properties resource.PropertyMap, props properties) (*structpb.Struct, error) {
	return plugin.MarshalProperties(conceal(properties, props), plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, SkipNulls: true})
}
