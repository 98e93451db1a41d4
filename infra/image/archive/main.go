// Command archive builds the image of a main package and writes it to a file that
// `docker load` takes: for machines that push by their own means, such as the build
// runner of OCI DevOps (build_spec.yaml).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"oci-media-pipelines/infra/image"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "archive:", err)
		}
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("archive", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: archive -platform linux/amd64 -name localhost/function:built -o image.tar ./function/analyze")
		flags.PrintDefaults()
	}
	platform := flags.String("platform", image.HostPlatform, "what to build for, as `os/arch`")
	called := flags.String("name", "", "`name:tag` of the image in the file")
	output := flags.String("o", "", "`file` to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 || *output == "" {
		flags.Usage()
		return errors.New("it takes one main package, and -o with the file to write")
	}
	tag, err := name.NewTag(*called, name.StrictValidation)
	if err != nil {
		return fmt.Errorf("-name: %w", err)
	}
	built, err := image.Build(ctx, image.Spec{ImportPath: flags.Arg(0), Platform: *platform})
	if err != nil {
		return err
	}
	if err := tarball.WriteToFile(*output, tag, built.V1()); err != nil {
		return fmt.Errorf("writing %s: %w", *output, err)
	}
	fmt.Printf("%s for %s: %s, %.1f MB\n", built.ImportPath(), *platform, *output, float64(built.Size())/1e6)
	return nil
}
