// Command archive builds the container image of a Go main package, as the
// program's deployments do, and writes it to an archive that docker load reads:
//
//	go run ./infra/image/archive -platform linux/amd64 -tag demo:1 -output demo.tar ./function/analyze
//
// It prints the image's digest. Neither building nor writing needs a container
// engine. build_spec.yaml builds with it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"oci-media-pipelines/infra/image"
)

func main() {
	log.SetOutput(io.Discard) // ko tells of every build
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "archive:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, out, errOut io.Writer) error {
	flags := flag.NewFlagSet("archive", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.Usage = func() {
		fmt.Fprintln(errOut, "usage: archive -platform <os>/<arch> -tag <name>:<tag> -output <file> [-base <image>@<digest>] <import path>")
		flags.PrintDefaults()
	}
	platform := flags.String("platform", "", `platform of the image, such as linux/amd64, or "host" for this machine's`)
	tag := flags.String("tag", "", "name and tag that the image has in the archive")
	output := flags.String("output", "", "file to write the archive to")
	base := flags.String("base", "", "image to build on, by digest; empty for none")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	for name, value := range map[string]string{"platform": *platform, "tag": *tag, "output": *output} {
		if value == "" {
			return fmt.Errorf("-%s is missing; see -help", name)
		}
	}
	if flags.NArg() != 1 {
		return fmt.Errorf("want one import path after the flags, got %q", flags.Args())
	}
	img, err := image.Build(ctx, image.Spec{ImportPath: flags.Arg(0), Platform: *platform, Base: *base})
	if err != nil {
		return err
	}
	if err := write(img, *tag, *output); err != nil {
		return err
	}
	fmt.Fprintln(out, img.Digest())
	return nil
}

// write leaves nothing under the file's name that is not whole.
func write(img *image.Image, tag, output string) (err error) {
	file, err := os.CreateTemp(filepath.Dir(output), filepath.Base(output)+".*")
	if err != nil {
		return fmt.Errorf("-output: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	if err := errors.Join(img.WriteArchive(file, tag), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), output)
}
