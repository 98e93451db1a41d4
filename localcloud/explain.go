package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"

	"oci-media-pipelines/localcloud/api"
)

type explainCmd struct {
	Request string `arg:"" optional:"" help:"The request's id (opc-request-id, as logs --requests shows it). Default: the newest that policies or the network refused."`
}

// Run tells which policy statements let a request through, or which of them, or of
// the network's rules and routes, are missing for it.
func (x *explainCmd) Run(ctx context.Context, g *globals) error {
	e, err := g.running(ctx)
	if err != nil {
		return err
	}
	var entries []api.Entry
	if err := e.Control(ctx, http.MethodGet, "/journal?"+url.Values{"id": {x.Request}}.Encode(), &entries); err != nil {
		return err
	}
	if x.Request == "" {
		last := len(entries) - 1
		for last >= 0 && !slices.ContainsFunc(entries[last].Decisions, refused) {
			last--
		}
		if last < 0 {
			fmt.Println("Policies and network have refused nothing.")
			return nil
		}
		entries = entries[last : last+1]
	}
	if len(entries) == 0 {
		return errors.New("the journal has no request " + x.Request + "; see: localcloud logs --requests")
	}
	for _, entry := range entries {
		explain(os.Stdout, entry)
	}
	return nil
}

func refused(d api.Decision) bool { return !d.Allowed }

// explain writes a request and what was decided about it.
func explain(w io.Writer, entry api.Entry) {
	caller := "nobody who signed"
	if entry.Principal.ID != "" {
		caller = string(entry.Principal.Type) + " " + entry.Principal.ID
	}
	fmt.Fprintf(w, "%s %s of %s by %s\n", entry.Time.Format("15:04:05.000"), entry.Operation, entry.Service, caller)
	if entry.Method != "" {
		fmt.Fprintf(w, "  %s https://%s%s\n", entry.Method, entry.Host, entry.Path)
	}
	if entry.Error != "" {
		fmt.Fprintf(w, "  %d %s\n", entry.Status, entry.Error)
	}
	for _, d := range entry.Decisions {
		if d.Allowed {
			fmt.Fprintf(w, "  allowed: %s\n    by: %s\n", d.Asked, d.By)
		} else {
			fmt.Fprintf(w, "  refused: %s\n    what would allow it: %s\n", d.Asked, d.Missing)
		}
	}
	if len(entry.Decisions) == 0 {
		fmt.Fprintln(w, "  Policies and network were not asked.")
	}
}
