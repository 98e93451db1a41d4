package provider

import (
	"context"
	"fmt"
	"net"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"
)

// maxMessage is the largest gRPC message accepted, in bytes: the engine's own
// limit (pulumi sdk, rpcutil.GrpcChannelOptions).
const maxMessage = 400 << 20

// Serve starts the provider on a free loopback port and returns the port. It
// serves until ctx is done: operations under way are then cancelled and their
// connections closed. The error is that of listening.
func Serve(ctx context.Context) (port int, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("oci provider: %w", err)
	}
	server := grpc.NewServer(
		grpc.StatsHandler(connections{ctx}),
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.MaxSendMsgSize(maxMessage),
	)
	pulumirpc.RegisterResourceProviderServer(server, &providerServer{})
	go server.Serve(listener) // ends with Stop, and then says only that it was stopped
	context.AfterFunc(ctx, server.Stop)
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// connections gives each gRPC connection a provider instance of its own. The
// engine attaches every provider resource of a program (the default one, one
// for the home region, …) to the same port, and tells them apart by nothing but
// the connection: it dials one per instance and keeps it for the instance's
// life.
type connections struct{ serving context.Context }

type instanceKey struct{}

func (c connections) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return context.WithValue(ctx, instanceKey{}, newInstance(c.serving))
}

func (c connections) HandleConn(ctx context.Context, event stats.ConnStats) {
	if _, ended := event.(*stats.ConnEnd); ended {
		instanceOf(ctx).cancel()
	}
}

func (connections) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

func (connections) HandleRPC(context.Context, stats.RPCStats) {}

// instanceOf returns the instance of the connection that a call came through.
func instanceOf(ctx context.Context) *instance {
	return ctx.Value(instanceKey{}).(*instance)
}
