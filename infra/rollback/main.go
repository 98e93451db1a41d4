// Command rollback gives a function of a deployed stack an earlier image again, by
// running its deployment pipeline with that version. It reads the stack's outputs from
// standard input:
//
//	pulumi stack output --json --stack dev | rollback -function analyze -version 1a2b3c4d5e6f
//
// Without -version, or with one that there is not, it lists those that there are.
// Credentials are those of the official OCI provider: the environment's, or a profile
// of ~/.oci/config.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"oci-media-pipelines/infra/credentials"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "rollback:", err)
		}
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, outputs io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("rollback", flag.ContinueOnError)
	function := flags.String("function", "", "`name` of the function, such as analyze")
	version := flags.String("version", "", "`tag` of the image that it is to have")
	if err := flags.Parse(args); err != nil {
		return err
	}
	pipeline, err := pipelineOf(outputs, *function)
	if err != nil {
		return err
	}
	who, err := credentials.Resolve(func(string) (string, bool) { return "", false })
	if err != nil {
		return err
	}
	p, err := open(who, pipeline, out)
	if err != nil {
		return err
	}
	return p.roll(ctx, *function, *version)
}
