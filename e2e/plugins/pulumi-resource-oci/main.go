// Command pulumi-resource-oci is the local cloud's OCI provider as a plugin, for tests
// of Pulumi's own command line, which starts plugins that it finds on PATH.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"oci-media-pipelines/localcloud/provider"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	port, err := provider.Serve(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-oci:", err)
		os.Exit(1)
	}
	fmt.Println(port) // which is how the engine finds it
	<-ctx.Done()
}
