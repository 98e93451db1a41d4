package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"

	"oci-media-pipelines/localcloud/cloud"
)

type operationsCmd struct{}

// Run prints a table of the operations and their number.
func (*operationsCmd) Run(ctx context.Context, g *globals) error {
	e, err := g.running(ctx)
	if err != nil {
		return err
	}
	var all []cloud.Operation
	if err := e.Control(ctx, http.MethodGet, "/operations", &all); err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SERVICE\tOPERATION\tPERMISSIONS")
	for _, o := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\n", o.Service, o.Operation, strings.Join(o.Permissions, ", "))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Printf("%d operations\n", len(all))
	return nil
}
