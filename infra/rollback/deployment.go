package main

import (
	"context"
	"fmt"
	"time"

	"github.com/oracle/oci-go-sdk/v65/devops"
)

// deploy runs the pipeline with a version and waits for its end.
func (p *pipeline) deploy(ctx context.Context, function, version string) error {
	name := "rollback to " + version
	parameter := versionParameter
	started, err := p.devops.CreateDeployment(ctx, devops.CreateDeploymentRequest{CreateDeploymentDetails: devops.CreateDeployPipelineDeploymentDetails{
		DeployPipelineId:    &p.id,
		DisplayName:         &name,
		DeploymentArguments: &devops.DeploymentArgumentCollection{Items: []devops.DeploymentArgument{{Name: &parameter, Value: &version}}},
	}})
	if err != nil {
		return fmt.Errorf("starting the deployment of %s %s: %w", function, version, err)
	}
	id := *started.GetId()
	fmt.Fprintf(p.out, "deploying %s %s: %s\n", function, version, id)
	stages := map[string]devops.DeployStageExecutionProgressStatusEnum{}
	for {
		now, err := p.devops.GetDeployment(ctx, devops.GetDeploymentRequest{DeploymentId: &id})
		if err != nil {
			return fmt.Errorf("looking at deployment %s, which goes on: %w", id, err)
		}
		p.show(now.Deployment, stages)
		switch now.GetLifecycleState() {
		case devops.DeploymentLifecycleStateSucceeded:
			fmt.Fprintf(p.out, "%s is %s now\n", function, version)
			return nil
		case devops.DeploymentLifecycleStateFailed, devops.DeploymentLifecycleStateCanceled:
			why := "its log tells why"
			if details := now.GetLifecycleDetails(); details != nil && *details != "" {
				why = *details
			}
			return fmt.Errorf("deployment %s is %s: %s", id, now.GetLifecycleState(), why)
		}
		select {
		case <-ctx.Done():
		case <-time.After(p.interval):
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("deployment %s goes on without being watched: %w", id, err)
		}
	}
}

// show tells of what has changed since it was last called.
func (p *pipeline) show(now devops.Deployment, stages map[string]devops.DeployStageExecutionProgressStatusEnum) {
	progress := now.GetDeploymentExecutionProgress()
	if progress == nil {
		return
	}
	for id, stage := range progress.DeployStageExecutionProgress {
		status := stage.GetStatus()
		if status == "" || stages[id] == status {
			continue
		}
		stages[id] = status
		name := id
		if called := stage.GetDeployStageDisplayName(); called != nil {
			name = *called
		}
		fmt.Fprintf(p.out, "  %s: %s\n", name, status)
		if _, waits := stage.(devops.ManualApprovalDeployStageExecutionProgress); waits && status == devops.DeployStageExecutionProgressStatusInProgress {
			fmt.Fprintln(p.out, "  it waits for an approval: in the console, or oci devops deployment approve")
		}
	}
}
