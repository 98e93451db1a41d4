package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/artifacts"
	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/devops"
)

// versionParameter is what the tag is in the image's address, and the parameter that
// the pipeline takes it by.
const versionParameter = "imageVersion"

// pipeline is a function's deployment pipeline.
type pipeline struct {
	id     string
	devops devops.DevopsClient
	images artifacts.ArtifactsClient
	out    io.Writer
	// interval is the time between two looks at a deployment.
	interval time.Duration
}

// open prepares the APIs of the region that the pipeline's OCID names.
func open(who common.ConfigurationProvider, id string, out io.Writer) (*pipeline, error) {
	parts := strings.Split(id, ".")
	if len(parts) < 5 || parts[0] != "ocid1" {
		return nil, fmt.Errorf("deployPipelineIds has %q, which is no OCID", id)
	}
	p := &pipeline{id: id, out: out, interval: 2 * time.Second}
	var err error
	if p.devops, err = devops.NewDevopsClientWithConfigurationProvider(who); err != nil {
		return nil, fmt.Errorf("opening the DevOps API: %w", err)
	}
	if p.images, err = artifacts.NewArtifactsClientWithConfigurationProvider(who); err != nil {
		return nil, fmt.Errorf("opening the registry's API: %w", err)
	}
	policy := common.DefaultRetryPolicy()
	for _, client := range []*common.BaseClient{&p.devops.BaseClient, &p.images.BaseClient} {
		client.SetCustomClientConfiguration(common.CustomClientConfiguration{RetryPolicy: &policy})
	}
	region := string(common.StringToRegion(parts[3]))
	p.devops.SetRegion(region)
	p.images.SetRegion(region)
	return p, nil
}

// roll deploys a version that the function's repository has.
func (p *pipeline) roll(ctx context.Context, function, version string) error {
	from, err := p.repository(ctx)
	if err != nil {
		return fmt.Errorf("finding the images of %s: %w", function, err)
	}
	if err := p.has(ctx, from, version); err != nil {
		return err
	}
	return p.deploy(ctx, function, version)
}

// repository is where the images that the pipeline deploys are.
type repository struct{ compartment, name string }

// repository follows the pipeline's stages to the artifact that they deploy.
func (p *pipeline) repository(ctx context.Context) (repository, error) {
	stages, err := p.devops.ListDeployStages(ctx, devops.ListDeployStagesRequest{DeployPipelineId: &p.id})
	if err != nil {
		return repository{}, err
	}
	for _, stage := range stages.Items {
		deploying, ok := stage.(devops.FunctionDeployStageSummary)
		if !ok {
			continue
		}
		artifact, err := p.devops.GetDeployArtifact(ctx, devops.GetDeployArtifactRequest{DeployArtifactId: deploying.DockerImageDeployArtifactId})
		if err != nil {
			return repository{}, err
		}
		source, ok := artifact.DeployArtifactSource.(devops.OcirDeployArtifactSource)
		if !ok {
			return repository{}, fmt.Errorf("artifact %s is no image", *artifact.Id)
		}
		// <host>/<namespace>/<repository>:${imageVersion}
		path, hasVersion := strings.CutSuffix(*source.ImageUri, ":${"+versionParameter+"}")
		parts := strings.SplitN(path, "/", 3)
		if !hasVersion || len(parts) != 3 {
			return repository{}, fmt.Errorf("artifact %s has the address %s, which leaves the version of the image to nobody", *artifact.Id, *source.ImageUri)
		}
		return repository{compartment: *artifact.CompartmentId, name: parts[2]}, nil
	}
	return repository{}, fmt.Errorf("pipeline %s has no stage that deploys a function", p.id)
}
