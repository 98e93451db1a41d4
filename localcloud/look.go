package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/endpoint"
	"oci-media-pipelines/localcloud/services/logging"
)

// running returns the endpoint of the local cloud, which must run.
func (g *globals) running(ctx context.Context) (endpoint.Endpoint, error) {
	dir, err := g.dir()
	if err != nil {
		return endpoint.Endpoint{}, err
	}
	e, err := endpoint.Find(ctx, dir)
	if err != nil {
		return e, fmt.Errorf("%w; start it with: localcloud serve", err)
	}
	return e, nil
}

type statusCmd struct{}

// Run prints the cloud's address and its resources.
func (*statusCmd) Run(ctx context.Context, g *globals) error {
	status, err := readStatus(ctx, g)
	if err != nil {
		return err
	}
	fmt.Printf("The local cloud runs at %s for %s (process %d).\n", status.Endpoint.ProxyURL, status.Uptime, status.PID)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, kind := range slices.Sorted(maps.Keys(status.Resources)) {
		for _, state := range slices.Sorted(maps.Keys(status.Resources[kind])) {
			fmt.Fprintf(table, "%s\t%d\t%s\n", kind, status.Resources[kind][state], state)
		}
	}
	return table.Flush()
}

type envCmd struct{}

// Run prints shell assignments for OCI clients.
func (*envCmd) Run(ctx context.Context, g *globals) error {
	e, err := g.running(ctx)
	if err != nil {
		return err
	}
	environment := e.Environment()
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		fmt.Printf("export %s='%s'\n", name, strings.ReplaceAll(environment[name], "'", `'\''`))
	}
	return nil
}

type logsCmd struct {
	Requests bool   `help:"Show the journal of API requests instead of what workloads wrote."`
	Failed   bool   `help:"Only requests that failed."`
	Service  string `help:"Only requests to this service, such as objectstorage."`
	Follow   bool   `short:"f" help:"Keep showing new entries."`
}

// Run prints the journal or the logs.
func (l *logsCmd) Run(ctx context.Context, g *globals) error {
	e, err := g.running(ctx)
	if err != nil {
		return err
	}
	var since time.Time
	for {
		if l.Requests || l.Failed || l.Service != "" {
			since, err = l.requests(ctx, e, since)
		} else {
			since, err = l.lines(ctx, e, since)
		}
		if err != nil || !l.Follow {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

func (l *logsCmd) requests(ctx context.Context, e endpoint.Endpoint, since time.Time) (time.Time, error) {
	// Requests are told when they end: a long one comes after a later, shorter one.
	query := url.Values{"ended": {since.Format(time.RFC3339Nano)}, "failed": {fmt.Sprint(l.Failed)}, "service": {l.Service}}
	var entries []api.Entry
	if err := e.Control(ctx, http.MethodGet, "/journal?"+query.Encode(), &entries); err != nil {
		return since, err
	}
	for _, entry := range entries {
		fmt.Printf("%s %3d %-8s %-30s %s %s%s %s\n", entry.Time.Format("15:04:05.000"), entry.Status, entry.Duration.Round(time.Millisecond), entry.Operation,
			entry.Method, entry.Host, entry.Path, entry.Error)
		if ended := entry.Time.Add(entry.Duration); ended.After(since) {
			since = ended
		}
	}
	return since, nil
}

func (l *logsCmd) lines(ctx context.Context, e endpoint.Endpoint, since time.Time) (time.Time, error) {
	var lines []logging.Line
	if err := e.Control(ctx, http.MethodGet, "/logs", &lines); err != nil {
		return since, err
	}
	newest := since
	for _, line := range lines {
		if line.Time.After(since) {
			fmt.Printf("%s %-8s %s\n", line.Time.Local().Format("15:04:05.000"), line.Category, line.Message)
			newest = line.Time
		}
	}
	return newest, nil
}
