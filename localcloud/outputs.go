package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"oci-media-pipelines/infra/pipeline"
	"oci-media-pipelines/localcloud/deploy"
)

type outputsCmd struct {
	Stack   string `help:"Stack, as in Pulumi.<stack>.yaml." default:"local"`
	Project string `help:"Folder of Pulumi.yaml." default:"." type:"existingdir"`
}

// Validate refuses what is no stack's name before anything is named after it.
func (o outputsCmd) Validate() error { return deploy.CheckStack(o.Stack) }

// Run prints the stack's outputs as `pulumi stack output --json` does.
func (o *outputsCmd) Run(ctx context.Context, g *globals) (err error) {
	e, err := g.running(ctx)
	if err != nil {
		return err
	}
	dir, err := g.dir()
	if err != nil {
		return err
	}
	project, err := filepath.Abs(o.Project)
	if err != nil {
		return fmt.Errorf("project folder: %w", err)
	}
	d, err := deploy.Open(ctx, deploy.Options{
		Project: project, State: dir, Stack: o.Stack, Program: pipeline.Deploy, Endpoint: e, Progress: os.Stderr, Colour: "never",
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	outputs, err := d.Outputs(ctx)
	if err != nil {
		return fmt.Errorf("reading the outputs of stack %s: %w", o.Stack, err)
	}
	values := map[string]any{}
	for name, output := range outputs {
		values[name] = output.Value
		if output.Secret {
			values[name] = "[secret]"
		}
	}
	return json.NewEncoder(os.Stdout).Encode(values)
}
