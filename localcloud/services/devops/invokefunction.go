package devops

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	sdk "github.com/oracle/oci-go-sdk/v65/devops"
	"github.com/oracle/oci-go-sdk/v65/functions"

	"oci-media-pipelines/localcloud/kind"
)

// shownAnswer is how much of a function's answer the log tells, in bytes.
const shownAnswer = 4 << 10

// invokeFunction runs an INVOKE_FUNCTION stage: it calls the environment's function
// with the artifact's content, and waits for the answer unless the stage is
// asynchronous.
func (d *deployment) invokeFunction(ctx context.Context, stage kind.Object) error {
	t, err := d.target(ctx, stage)
	if err != nil {
		return err
	}
	body, err := d.body(ctx, stage.Str("deployArtifactId"))
	if err != nil {
		return err
	}
	client, err := functions.NewFunctionsInvokeClientWithConfigurationProvider(d.as, *t.before.InvokeEndpoint)
	if err != nil {
		return fmt.Errorf("client of Functions: %w", err)
	}
	d.service.prepare(&client.BaseClient)
	request := functions.InvokeFunctionRequest{FunctionId: t.before.Id, InvokeFunctionBody: io.NopCloser(bytes.NewReader(body))}
	if stage.Bool("isAsync") {
		request.FnInvokeType = functions.InvokeFunctionFnInvokeTypeDetached
	}
	return t.step("Invoke function", func() error {
		response, err := client.InvokeFunction(whole(ctx), request)
		if err != nil {
			return d.as.refused(err, "invoke function "+*t.before.Id, "use", "fn-invocation")
		}
		answer, err := io.ReadAll(io.LimitReader(response.Content, shownAnswer))
		if err := errors.Join(err, response.Content.Close()); err != nil {
			return fmt.Errorf("read the answer of function %s: %w", *t.before.Id, err)
		}
		d.log.line(t.stageID, fmt.Sprintf("The function answered: %s", answer))
		return nil
	})
}

// body is what a function is invoked with: the content of an inline artifact, with
// placeholders replaced if it wants that. Without an artifact it is empty.
func (d *deployment) body(ctx context.Context, artifactID string) ([]byte, error) {
	if artifactID == "" {
		return nil, nil
	}
	artifact, err := d.service.artifact(ctx, d.as, artifactID)
	if err != nil {
		return nil, err
	}
	source, inline := artifact.DeployArtifactSource.(sdk.InlineDeployArtifactSource)
	if !inline {
		return nil, fmt.Errorf("deployment artifact %s is not inline, and the local cloud has no Artifact Registry", artifactID)
	}
	if artifact.ArgumentSubstitutionMode != sdk.DeployArtifactArgumentSubstitutionModeSubstitutePlaceholders {
		return source.Base64EncodedContent, nil
	}
	text, err := substitute(string(source.Base64EncodedContent), d.values(artifactID))
	if err != nil {
		return nil, fmt.Errorf("deployment artifact %s: %w", artifactID, err)
	}
	return []byte(text), nil
}
