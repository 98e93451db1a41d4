// Command localcloud is Oracle Cloud Infrastructure on one machine, and the
// commands that deploy this project's stacks into it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/alecthomas/kong"

	"oci-media-pipelines/localcloud/cloud"
	"oci-media-pipelines/localcloud/deploy"
	"oci-media-pipelines/localcloud/services/devops/docker"
)

// globals are the flags of every command.
type globals struct {
	State string `help:"State folder of the local cloud." default:".localcloud" env:"LOCALCLOUD_STATE" type:"path"`
}

// stackFlags are the flags of the commands that work on a stack.
type stackFlags struct {
	Stack    string `help:"Stack, as in Pulumi.<stack>.yaml." default:"local"`
	Project  string `help:"Folder of Pulumi.yaml." default:"." type:"existingdir"`
	Provider string `help:"OCI provider: local is the local cloud's own, official is Pulumi's plugin." enum:"local,official" default:"local"`
	profileFlags
}

// Validate refuses what is no stack's name before anything is named after it.
func (f stackFlags) Validate() error { return deploy.CheckStack(f.Stack) }

type cli struct {
	globals

	Up       upCmd       `cmd:"" help:"Deploy a stack into the local cloud, starting the cloud if it does not run."`
	Preview  previewCmd  `cmd:"" help:"Show what up would do."`
	Refresh  refreshCmd  `cmd:"" help:"Read the stack's resources from the local cloud into its state."`
	Down     downCmd     `cmd:"" help:"Remove a stack from the local cloud."`
	Outputs  outputsCmd  `cmd:"" help:"Print a stack's outputs as JSON."`
	Push     pushCmd     `cmd:"" help:"Push the project to a stack's code repository in the local cloud, which builds and rolls out what changed."`
	Rehearse rehearseCmd `cmd:"" help:"Deploy a stack's configuration into a local cloud of its own, test it, and remove it."`
	Serve    serveCmd    `cmd:"" help:"Run the local cloud in the foreground."`
	Stop     stopCmd     `cmd:"" help:"Stop the local cloud. Its state stays."`
	Status   statusCmd   `cmd:"" help:"Show whether the local cloud runs, and what is in it."`
	Logs     logsCmd     `cmd:"" help:"Show the requests that the local cloud answered, or what workloads wrote."`
	Explain  explainCmd  `cmd:"" help:"Show which policy statements let a request through, or which statement, network rule or route is missing."`
	Journal  journalCmd  `cmd:"" help:"Keep and compare what clients asked of the local cloud."`
	Recover  recoverCmd  `cmd:"" help:"Complete a stack's state after an interrupted run in any cloud: pulumi stack export | localcloud recover | pulumi stack import."`
	Env      envCmd      `cmd:"" help:"Print the environment for OCI clients: eval \"$(localcloud env)\"."`

	Operations operationsCmd `cmd:"" help:"Show the operations that the local cloud serves, and the permissions that they ask for."`
}

func main() {
	// The docker of build steps is this executable, too.
	if code, ok := docker.Main(); ok {
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	parsed := kong.Parse(&c, kong.Name("localcloud"), kong.UsageOnError(),
		kong.Description("Oracle Cloud Infrastructure on this machine."),
		kong.Vars{"port": strconv.Itoa(cloud.DefaultPort)}, kong.BindTo(ctx, (*context.Context)(nil)))
	if err := parsed.Run(&c.globals); err != nil {
		fmt.Fprintln(os.Stderr, "localcloud:", err)
		os.Exit(1)
	}
}

// dir is the state folder as an absolute path.
func (g *globals) dir() (string, error) {
	dir, err := filepath.Abs(g.State)
	if err != nil {
		return "", fmt.Errorf("state folder: %w", err)
	}
	return dir, nil
}
