package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"oci-media-pipelines/infra/pipeline"
	"oci-media-pipelines/localcloud/deploy"
	"oci-media-pipelines/localcloud/endpoint"
)

type outputsCmd struct {
	Stack   string `help:"Stack, as in Pulumi.<stack>.yaml." default:"local"`
	Project string `help:"Folder of Pulumi.yaml." default:"." type:"existingdir"`
}

// Validate refuses what is no stack's name before anything is named after it.
func (o outputsCmd) Validate() error { return deploy.CheckStack(o.Stack) }

// Run prints the stack's outputs as `pulumi stack output --json` does.
func (o *outputsCmd) Run(ctx context.Context, g *globals) error {
	outputs, _, err := o.read(ctx, g)
	if err != nil {
		return err
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

// read returns the outputs, and where the cloud that they are of listens.
func (o *outputsCmd) read(ctx context.Context, g *globals) (outputs auto.OutputMap, e endpoint.Endpoint, err error) {
	e, err = g.running(ctx)
	if err != nil {
		return nil, e, err
	}
	dir, err := g.dir()
	if err != nil {
		return nil, e, err
	}
	project, err := filepath.Abs(o.Project)
	if err != nil {
		return nil, e, fmt.Errorf("project folder: %w", err)
	}
	d, err := deploy.Open(ctx, deploy.Options{
		Project: project, State: dir, Stack: o.Stack, Program: pipeline.Deploy, Endpoint: e, Progress: os.Stderr, Colour: "never",
	})
	if err != nil {
		return nil, e, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if outputs, err = d.Outputs(ctx); err != nil {
		return nil, e, fmt.Errorf("reading the outputs of stack %s: %w", o.Stack, err)
	}
	return outputs, e, nil
}
