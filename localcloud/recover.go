package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"oci-media-pipelines/localcloud/recovery"
)

type recoverCmd struct{}

// Run completes the state of a stack in any cloud: it reads what `pulumi stack
// export` prints and writes what `pulumi stack import` takes. Nothing of it is kept
// in a file, since it holds secrets.
func (*recoverCmd) Run(ctx context.Context) error {
	exported, err := io.ReadAll(os.Stdin)
	if err != nil {
		return fmt.Errorf("read the exported state from standard input: %w", err)
	}
	repaired, err := recovery.Repair(ctx, exported, nil, func(line string) { fmt.Fprintln(os.Stderr, line) })
	if err != nil {
		return fmt.Errorf("recover: %w", err)
	}
	_, err = os.Stdout.Write(repaired)
	return err
}
