// Command pulumi-language-go runs Pulumi programs in Go for Pulumi's command line, as
// the language host that comes with Pulumi's archive does: it builds the program and
// starts it, told of the engine by the same variables. It is for tests on machines that
// have Pulumi's engine from source, whose module lacks the host.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

func main() {
	if err := serve(os.Args[len(os.Args)-1]); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-go:", err)
		os.Exit(1)
	}
}

// serve tells the port on standard output, which is how the engine finds it.
func serve(engine string) error {
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{Init: func(server *grpc.Server) error {
		pulumirpc.RegisterLanguageRuntimeServer(server, &host{engine: engine})
		return nil
	}})
	if err != nil {
		return err
	}
	fmt.Println(handle.Port)
	return <-handle.Done
}

type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	engine string
}

// GetPluginInfo says which host this is.
func (*host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "1.0.0"}, nil
}

// GetRequiredPackages names none: plugins are on PATH.
func (*host) GetRequiredPackages(context.Context, *pulumirpc.GetRequiredPackagesRequest) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// Run builds the program and waits for its end.
func (h *host) Run(ctx context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	dir, err := os.MkdirTemp("", "pulumi-program")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) // a temporary folder
	binary := filepath.Join(dir, "program")
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", binary, request.GetInfo().GetEntryPoint())
	build.Dir = request.GetInfo().GetProgramDirectory()
	if said, err := build.CombinedOutput(); err != nil {
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("build the program: %v\n%s", err, said)}, nil
	}
	environment, err := h.environment(request)
	if err != nil {
		return nil, err
	}
	program := exec.CommandContext(ctx, binary)
	program.Dir, program.Env = build.Dir, environment
	program.Stdout, program.Stderr = os.Stderr, os.Stderr // standard output was the port's
	err = program.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return &pulumirpc.RunResponse{Error: "the program failed: " + exit.Error()}, nil
	}
	return &pulumirpc.RunResponse{}, err
}

func (h *host) environment(request *pulumirpc.RunRequest) ([]string, error) {
	config, err := json.Marshal(request.GetConfig())
	if err != nil {
		return nil, err
	}
	secrets, err := json.Marshal(request.GetConfigSecretKeys())
	if err != nil {
		return nil, err
	}
	environment := os.Environ()
	for name, value := range map[string]string{
		pulumi.EnvOrganization: request.GetOrganization(), pulumi.EnvProject: request.GetProject(), pulumi.EnvStack: request.GetStack(),
		pulumi.EnvConfig: string(config), pulumi.EnvConfigSecretKeys: string(secrets), pulumi.EnvDryRun: strconv.FormatBool(request.GetDryRun()),
		pulumi.EnvParallel: strconv.Itoa(int(request.GetParallel())), pulumi.EnvMonitor: request.GetMonitorAddress(), pulumi.EnvEngine: h.engine,
		pulumi.EnvPulumiRootDirectory: request.GetInfo().GetRootDirectory(),
	} {
		environment = append(environment, name+"="+value)
	}
	return environment, nil
}
