package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"oci-media-pipelines/infra/pipeline"
	"oci-media-pipelines/localcloud/cloud"
	"oci-media-pipelines/localcloud/deploy"
)

// urlOutput is the stack's output that a person opens.
const urlOutput = "applicationUrl"

// officialProvider is the value of --provider for Pulumi's own plugin.
const officialProvider = "official"

type upCmd struct{ stackFlags }

// Run deploys the stack and prints its URL last.
func (u *upCmd) Run(ctx context.Context, g *globals) error {
	return u.with(ctx, g, func(d *deploy.Deployment) error {
		result, err := d.Up(ctx)
		if err != nil {
			return fmt.Errorf("up: %w", err)
		}
		return printURL(result.Outputs)
	})
}

func printURL(outputs auto.OutputMap) error {
	url, ok := outputs[urlOutput]
	if !ok {
		return fmt.Errorf("the stack has no output %s", urlOutput)
	}
	_, err := fmt.Printf("\n%s: %v\n", urlOutput, url.Value)
	return err
}

type previewCmd struct{ stackFlags }

// Run shows what up would do.
func (p *previewCmd) Run(ctx context.Context, g *globals) error {
	return p.with(ctx, g, func(d *deploy.Deployment) error {
		_, err := d.Preview(ctx)
		return err
	})
}

type refreshCmd struct{ stackFlags }

// Run reads the stack's resources into its state.
func (r *refreshCmd) Run(ctx context.Context, g *globals) error {
	return r.with(ctx, g, func(d *deploy.Deployment) error {
		_, err := d.Refresh(ctx)
		return err
	})
}

type downCmd struct{ stackFlags }

// Run removes the stack; the cloud is stopped when nothing else is in it.
func (d *downCmd) Run(ctx context.Context, g *globals) error {
	err := d.with(ctx, g, func(deployment *deploy.Deployment) error {
		if _, err := deployment.Destroy(ctx); err != nil {
			return fmt.Errorf("down: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return stopIfEmpty(ctx, g)
}

func stopIfEmpty(ctx context.Context, g *globals) error {
	status, err := readStatus(ctx, g)
	if err != nil {
		return err
	}
	scheduled := 0
	for _, states := range status.Resources {
		for state, n := range states {
			if state != "PENDING_DELETION" {
				return nil
			}
			scheduled += n
		}
	}
	if scheduled > 0 {
		fmt.Printf("Removed, but for %d vaults, keys and secrets: OCI only schedules their deletion.\n", scheduled)
	}
	return (&stopCmd{}).Run(ctx, g)
}

func readStatus(ctx context.Context, g *globals) (cloud.Status, error) {
	var status cloud.Status
	e, err := g.running(ctx)
	if err != nil {
		return status, err
	}
	return status, e.Control(ctx, http.MethodGet, "/status", &status)
}

// with opens the stack in a running local cloud for fn.
func (f stackFlags) with(ctx context.Context, g *globals, fn func(*deploy.Deployment) error) (err error) {
	return f.open(ctx, g, nil, fn)
}

func (f stackFlags) open(ctx context.Context, g *globals, overrides map[string]string, fn func(*deploy.Deployment) error) (err error) {
	dir, err := g.dir()
	if err != nil {
		return err
	}
	project, err := filepath.Abs(f.Project)
	if err != nil {
		return fmt.Errorf("project folder: %w", err)
	}
	plugin, err := f.plugin(ctx)
	if err != nil {
		return err
	}
	e, err := start(ctx, dir, f.profileFlags, os.Stdout)
	if err != nil {
		return err
	}
	overrides, err = f.withSettleTime(ctx, e, project, overrides)
	if err != nil {
		return err
	}
	overrides, err = f.withOpenPort(ctx, e, dir, project, overrides)
	if err != nil {
		return err
	}
	d, err := deploy.Open(ctx, deploy.Options{
		Project: project, State: dir, Stack: f.Stack, Program: pipeline.Deploy, Endpoint: e,
		Overrides: overrides, Official: plugin, Progress: os.Stdout, Colour: colour(),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return fn(d)
}

// plugin is the official provider's, if that is the one to use. It is looked for
// before anything is started.
func (f stackFlags) plugin(ctx context.Context) (string, error) {
	if f.Provider != officialProvider {
		return "", nil
	}
	return deploy.FindOfficial(ctx, os.Stdout)
}

// colour is how the engine's display is coloured: as for any command, not when
// it does not go to a terminal.
func colour() string {
	info, err := os.Stdout.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 || os.Getenv("NO_COLOR") != "" {
		return "never"
	}
	return "always"
}
