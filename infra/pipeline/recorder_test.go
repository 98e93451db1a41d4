package pipeline

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// recorder is an oci provider for the real engine that remembers what it was asked to
// do and answers like the mocks.
type recorder struct {
	pulumirpc.UnimplementedResourceProviderServer
	rig  *rig
	port int

	mu     sync.Mutex
	log    []string
	count  int
	living map[string]bool
}

var plain = plugin.MarshalOptions{KeepUnknowns: true, SkipNulls: true}

func startRecorder(t *testing.T, r *rig) *recorder {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &recorder{rig: r, port: listener.Addr().(*net.TCPAddr).Port, living: map[string]bool{}}
	server := grpc.NewServer()
	pulumirpc.RegisterResourceProviderServer(server, p)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		server.Stop()
		<-done
	})
	return p
}

// runs remembers the image of a function, which the program may ask for.
func (p *recorder) runs(urn resource.URN, properties resource.PropertyMap) {
	if strings.HasSuffix(string(urn.Type()), ":Function") {
		p.rig.rollOut(properties["displayName"].StringValue(), [2]string{properties["image"].StringValue(), properties["imageDigest"].StringValue()})
	}
}

func (p *recorder) note(step string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.log = append(p.log, step)
}

func (p *recorder) notes() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.log)
}

func (p *recorder) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.log = nil
}

func (p *recorder) left() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var ids []string
	for id := range p.living {
		ids = append(ids, id)
	}
	return ids
}

func (p *recorder) Create(_ context.Context, q *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	if q.GetPreview() {
		return &pulumirpc.CreateResponse{Properties: q.GetProperties()}, nil
	}
	urn := resource.URN(q.GetUrn())
	properties, err := plugin.UnmarshalProperties(q.GetProperties(), plain)
	if err != nil {
		return nil, err
	}
	for key, value := range cloudOutputs(pulumi.MockResourceArgs{TypeToken: string(urn.Type()), Name: urn.Name(), Inputs: properties}) {
		properties[resource.PropertyKey(key)] = resource.NewPropertyValue(value)
	}
	p.runs(urn, properties)
	p.mu.Lock()
	p.count++
	id := fmt.Sprintf("ocid1.%s.%d", urn.Name(), p.count)
	p.living[id] = true
	p.log = append(p.log, "create "+urn.Name())
	p.mu.Unlock()
	if strings.HasSuffix(string(urn.Type()), ":ContainerInstance") { // each gets an address of its own
		properties["vnics"] = resource.NewPropertyValue([]any{map[string]any{"subnetId": "s", "privateIp": fmt.Sprintf("10.0.64.%d", p.count)}})
	}
	state, err := plugin.MarshalProperties(properties, plain)
	return &pulumirpc.CreateResponse{Id: id, Properties: state}, err
}

func (p *recorder) Diff(_ context.Context, q *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	olds, err := plugin.UnmarshalProperties(q.GetOldInputs(), plain)
	if err != nil {
		return nil, err
	}
	news, err := plugin.UnmarshalProperties(q.GetNews(), plain)
	if err != nil {
		return nil, err
	}
	diff := olds.Diff(news)
	if diff == nil {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
	}
	answer := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_SOME}
	kind := resource.URN(q.GetUrn()).Type()
	for _, key := range diff.ChangedKeys() {
		answer.Diffs = append(answer.Diffs, string(key))
		// What is replaced on nearly every change (schema of pulumi-oci 2.20.0).
		if strings.HasSuffix(string(kind), ":ContainerInstance") || strings.HasSuffix(string(kind), ":Backend") {
			answer.Replaces = append(answer.Replaces, string(key))
		}
	}
	return answer, nil
}

func (p *recorder) Update(_ context.Context, q *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	if !q.GetPreview() {
		p.note("update " + resource.URN(q.GetUrn()).Name())
	}
	// What the cloud added stays.
	olds, err := plugin.UnmarshalProperties(q.GetOlds(), plain)
	if err != nil {
		return nil, err
	}
	news, err := plugin.UnmarshalProperties(q.GetNews(), plain)
	if err != nil {
		return nil, err
	}
	for key, value := range news {
		olds[key] = value
	}
	if !q.GetPreview() {
		p.runs(resource.URN(q.GetUrn()), olds)
	}
	state, err := plugin.MarshalProperties(olds, plain)
	return &pulumirpc.UpdateResponse{Properties: state}, err
}

func (p *recorder) Delete(_ context.Context, q *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.log = append(p.log, "delete "+resource.URN(q.GetUrn()).Name())
	delete(p.living, q.GetId())
	p.rig.mu.Lock()
	defer p.rig.mu.Unlock()
	delete(p.rig.images, testProject+"-dev-"+resource.URN(q.GetUrn()).Name())
	return &emptypb.Empty{}, nil
}

func (p *recorder) Invoke(_ context.Context, q *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	args, err := plugin.UnmarshalProperties(q.GetArgs(), plain)
	if err != nil {
		return nil, err
	}
	answer, err := p.rig.Call(pulumi.MockCallArgs{Token: q.GetTok(), Args: args})
	if err != nil {
		return nil, err
	}
	state, err := plugin.MarshalProperties(answer, plain)
	return &pulumirpc.InvokeResponse{Return: state}, err
}

func (p *recorder) Handshake(context.Context, *pulumirpc.ProviderHandshakeRequest) (*pulumirpc.ProviderHandshakeResponse, error) {
	return &pulumirpc.ProviderHandshakeResponse{}, nil
}

func (p *recorder) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (p *recorder) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: providerVersion}, nil
}

func (p *recorder) CheckConfig(_ context.Context, q *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: q.GetNews()}, nil
}

func (p *recorder) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
}

func (p *recorder) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return &pulumirpc.ConfigureResponse{SupportsPreview: true}, nil
}

func (p *recorder) Check(_ context.Context, q *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: q.GetNews()}, nil
}

func (p *recorder) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}
