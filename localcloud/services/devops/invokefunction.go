package devops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/oracle/oci-go-sdk/v65/functions"

	"oci-media-pipelines/localcloud/kind"
)

// shownAnswer is how much of a function's answer the log tells, in bytes.
const shownAnswer = 4 << 10

// invokeFunction runs an INVOKE_FUNCTION stage: it calls the environment's function and
// waits for the answer, unless the stage is asynchronous. A function that fails fails
// the stage.
func (d *deployment) invokeFunction(ctx context.Context, stage kind.Object) error {
	t, err := d.target(ctx, stage)
	if err != nil {
		return err
	}
	client, err := functions.NewFunctionsInvokeClientWithConfigurationProvider(d.as, *t.before.InvokeEndpoint)
	if err != nil {
		return fmt.Errorf("client of Functions: %w", err)
	}
	d.service.prepare(&client.BaseClient)
	request := functions.InvokeFunctionRequest{FunctionId: t.before.Id, InvokeFunctionBody: io.NopCloser(strings.NewReader(""))}
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
