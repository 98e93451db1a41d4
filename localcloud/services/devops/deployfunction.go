package devops

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/devops"
	"github.com/oracle/oci-go-sdk/v65/functions"

	"oci-media-pipelines/localcloud/kind"
)

// rollbackTime bounds how long putting a function back may take.
const rollbackTime = 2 * time.Minute

// functionTarget is a function that a stage deploys to or invokes.
type functionTarget struct {
	deployment *deployment
	stageID    string
	client     functions.FunctionsManagementClient
	before     functions.Function
}

// target finds the function of a stage's environment.
func (d *deployment) target(ctx context.Context, stage kind.Object) (*functionTarget, error) {
	id := stage.Str("functionDeployEnvironmentId")
	devops, err := d.service.devopsClient(d.as)
	if err != nil {
		return nil, err
	}
	environment, err := devops.GetDeployEnvironment(ctx, sdk.GetDeployEnvironmentRequest{DeployEnvironmentId: &id})
	if err != nil {
		return nil, d.as.refused(err, "read deployment environment "+id, "read", "devops-deploy-environment")
	}
	function, is := environment.DeployEnvironment.(sdk.FunctionDeployEnvironment)
	if !is {
		return nil, fmt.Errorf("deployment environment %s is no function", id)
	}
	client, err := functions.NewFunctionsManagementClientWithConfigurationProvider(d.as)
	if err != nil {
		return nil, fmt.Errorf("client of Functions: %w", err)
	}
	d.service.prepare(&client.BaseClient)
	response, err := client.GetFunction(whole(ctx), functions.GetFunctionRequest{FunctionId: function.FunctionId})
	if err != nil {
		return nil, d.as.refused(err, "read function "+*function.FunctionId, "read", "fn-function")
	}
	return &functionTarget{deployment: d, stageID: stage.Str("id"), client: client, before: response.Function}, nil
}

// deployFunction runs a DEPLOY_FUNCTION stage: the function gets the artifact's image,
// by the digest that its tag has now. If that fails half-way, the function gets back
// what it had.
func (d *deployment) deployFunction(ctx context.Context, stage kind.Object) error {
	t, err := d.target(ctx, stage)
	if err != nil {
		return err
	}
	image, digest, err := d.image(ctx, stage)
	if err != nil {
		return err
	}
	change, err := d.functionChange(stage, image, digest)
	if err != nil {
		return err
	}
	updated := false
	failure := t.step("Update function", func() error {
		d.log.line(t.stageID, fmt.Sprintf("Updating function %s to image %s, digest %s.", *t.before.Id, image, digest))
		_, err := t.client.UpdateFunction(whole(ctx), functions.UpdateFunctionRequest{FunctionId: t.before.Id, UpdateFunctionDetails: change})
		updated = mayHaveHappened(err)
		return d.as.refused(err, "update function "+*t.before.Id, "manage", "fn-function")
	})
	if failure == nil {
		failure = t.step("Wait until the function is active", func() error { return t.awaitActive(ctx, digest) })
	}
	if failure == nil || !updated || d.service.ctx.Err() != nil {
		return failure
	}
	return errors.Join(failure, t.rollBack())
}

// mayHaveHappened reports whether a request with such an end may have changed
// something: one that was lost on the way may, one that was refused has not.
func mayHaveHappened(err error) bool {
	failure, answered := common.IsServiceError(err)
	return err == nil || !answered || failure.GetHTTPStatusCode() >= http.StatusInternalServerError
}

// image is what a stage deploys, resolved to a digest.
func (d *deployment) image(ctx context.Context, stage kind.Object) (uri, digest string, err error) {
	id := stage.Str("dockerImageDeployArtifactId")
	artifact, err := d.service.artifact(ctx, d.as, id)
	if err != nil {
		return "", "", err
	}
	if uri, digest, err = imageOf(artifact, d.values(id)); err != nil || digest != "" {
		return uri, digest, err
	}
	digest, err = d.service.digestOf(ctx, d.as, uri)
	return uri, digest, err
}

// functionChange is what a stage makes of a function.
func (d *deployment) functionChange(stage kind.Object, image, digest string) (functions.UpdateFunctionDetails, error) {
	change := functions.UpdateFunctionDetails{SourceDetails: functions.UpdateContainerImageFunctionSourceDetails{Image: &image, ImageDigest: &digest}}
	if memory := stage.Number("maxMemoryInMBs"); memory > 0 {
		change.MemoryInMBs = new(int64(memory))
	}
	if seconds := stage.Number("functionTimeoutInSeconds"); seconds > 0 {
		change.TimeoutInSeconds = new(int(seconds))
	}
	if config := stage.Object("config"); len(config) > 0 {
		change.Config = map[string]string{}
		for name := range config {
			value, err := substitute(config.Str(name), d.stageValues(stage.Str("id")))
			if err != nil {
				return change, fmt.Errorf("config %s: %w", name, err)
			}
			change.Config[name] = value
		}
	}
	return change, nil
}

func (t *functionTarget) step(name string, run func() error) error {
	return t.deployment.step(t.stageID, *t.before.Id, "steps", name, run)
}

// awaitActive waits until the function serves a digest.
func (t *functionTarget) awaitActive(ctx context.Context, digest string) error {
	for {
		response, err := t.client.GetFunction(whole(ctx), functions.GetFunctionRequest{FunctionId: t.before.Id})
		if err != nil {
			return t.deployment.as.refused(err, "read function "+*t.before.Id, "read", "fn-function")
		}
		switch response.LifecycleState {
		case functions.FunctionLifecycleStateActive:
			if _, now := imageOfFunction(response.Function); now != digest {
				return fmt.Errorf("function %s has digest %s, not %s: somebody else changed it", *t.before.Id, now, digest)
			}
			return nil
		case functions.FunctionLifecycleStateUpdating, functions.FunctionLifecycleStateCreating:
		default:
			return fmt.Errorf("function %s became %s", *t.before.Id, response.LifecycleState)
		}
		if err := waitUntil(ctx, time.Now().Add(pollEvery)); err != nil {
			return err
		}
	}
}

// pollEvery is how often a deployment looks at what it waits for.
const pollEvery = 200 * time.Millisecond

// rollBack gives the function back what it had, also when the deployment was canceled.
func (t *functionTarget) rollBack() error {
	d := t.deployment
	ctx, stop := context.WithTimeout(d.service.ctx, rollbackTime)
	defer stop()
	image, digest := imageOfFunction(t.before)
	d.log.line(t.stageID, fmt.Sprintf("Rolling function %s back to image %s, digest %s.", *t.before.Id, image, digest))
	d.progress(t.stageID, func(p kind.Object) { p["status"] = rollbackInProgress })
	err := d.step(t.stageID, *t.before.Id, "rollbackSteps", "Restore function", func() error {
		_, err := t.client.UpdateFunction(whole(ctx), functions.UpdateFunctionRequest{FunctionId: t.before.Id, UpdateFunctionDetails: functions.UpdateFunctionDetails{
			SourceDetails: functions.UpdateContainerImageFunctionSourceDetails{Image: &image, ImageDigest: &digest},
			Config:        t.before.Config, MemoryInMBs: t.before.MemoryInMBs, TimeoutInSeconds: t.before.TimeoutInSeconds,
		}})
		if err != nil {
			return d.as.refused(err, "roll function "+*t.before.Id+" back", "manage", "fn-function")
		}
		return t.awaitActive(ctx, digest)
	})
	status := rollbackSucceeded
	if err != nil {
		status = rollbackFailed
	}
	d.progress(t.stageID, func(p kind.Object) { p["status"] = status })
	return err
}

// imageOfFunction is what a function runs.
func imageOfFunction(f functions.Function) (image, digest string) {
	source, is := f.SourceDetails.(functions.ContainerImageFunctionSourceDetails)
	if !is {
		return "", ""
	}
	if source.Image != nil {
		image = *source.Image
	}
	if source.ImageDigest != nil {
		digest = *source.ImageDigest
	}
	return image, digest
}
