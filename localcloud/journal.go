package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/journal"
)

type journalCmd struct {
	Export exportCmd `cmd:"" help:"Write the requests that the local cloud keeps into a file."`
	Diff   diffCmd   `cmd:"" help:"Compare the requests of two exports, or of two state folders' journal.jsonl."`
}

type exportCmd struct {
	File string `arg:"" help:"File to write." type:"path"`
}

// Run writes the journal of the running cloud.
func (x *exportCmd) Run(ctx context.Context, g *globals) (err error) {
	e, err := g.running(ctx)
	if err != nil {
		return err
	}
	var entries []api.Entry
	if err := e.Control(ctx, http.MethodGet, "/journal", &entries); err != nil {
		return err
	}
	file, err := os.OpenFile(x.File, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("export the journal: %w", err)
	}
	if err := errors.Join(journal.Write(file, entries), file.Close()); err != nil {
		return fmt.Errorf("export the journal: %w", err)
	}
	fmt.Printf("%d requests are in %s.\n", len(entries), x.File)
	return nil
}

type diffCmd struct {
	A      string `arg:"" help:"The one journal." type:"existingfile"`
	B      string `arg:"" help:"The other." type:"existingfile"`
	Strict bool   `help:"Accept nothing, not even what is known to differ between the local cloud's provider and Pulumi's own."`
}

// Run lists what differs, and fails if anything does.
func (d *diffCmd) Run() error {
	a, err := journal.Read(d.A)
	if err != nil {
		return err
	}
	b, err := journal.Read(d.B)
	if err != nil {
		return err
	}
	exceptions := journal.Providers
	if d.Strict {
		exceptions = nil
	}
	report := journal.Compare(a, b, exceptions)
	if err := report.Print(os.Stdout, "A", "B"); err != nil {
		return err
	}
	if left := report.Left(); left > 0 {
		return fmt.Errorf("the journals differ in %d requests", left)
	}
	return nil
}
