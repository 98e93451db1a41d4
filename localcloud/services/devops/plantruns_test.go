package devops_test

import (
	"io"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/devops"
	"github.com/oracle/oci-go-sdk/v65/functions"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
)

// rollOut starts a deployment of a version.
func (p *plant) rollOut(version string) string {
	p.t.Helper()
	return p.deployWith(devops.CreateDeployPipelineDeploymentDetails{DeployPipelineId: &p.deploy, DeploymentArguments: &devops.DeploymentArgumentCollection{
		Items: []devops.DeploymentArgument{{Name: new("imageVersion"), Value: &version}}}})
}

func (p *plant) deployWith(details devops.CreateDeploymentDetails) string {
	p.t.Helper()
	response, err := p.client.CreateDeployment(p.t.Context(), devops.CreateDeploymentRequest{CreateDeploymentDetails: details})
	must(p.t, err)
	return *response.GetId()
}

func (p *plant) deploymentNow(id string) devops.Deployment {
	p.t.Helper()
	response, err := p.client.GetDeployment(p.t.Context(), devops.GetDeploymentRequest{DeploymentId: &id})
	must(p.t, err)
	return response.Deployment
}

// deployed waits for the end of a deployment, which must be in a state with details
// that hold a text.
func (p *plant) deployed(id string, state devops.DeploymentLifecycleStateEnum, details string) devops.Deployment {
	p.t.Helper()
	var d devops.Deployment
	gatewaytest.Eventually(p.t, "the deployment ends", func() bool {
		d = p.deploymentNow(id)
		s := d.GetLifecycleState()
		return s == devops.DeploymentLifecycleStateSucceeded || s == devops.DeploymentLifecycleStateFailed || s == devops.DeploymentLifecycleStateCanceled
	})
	p.expect(string(d.GetLifecycleState()), d.GetLifecycleDetails(), string(state), details)
	return d
}

// runs returns the build runs of the pipeline, oldest first, once there are as many.
func (p *plant) runs(want int) []devops.BuildRunSummary {
	p.t.Helper()
	var runs []devops.BuildRunSummary
	gatewaytest.Eventually(p.t, "the build runs are there", func() bool {
		response, err := p.client.ListBuildRuns(p.t.Context(), devops.ListBuildRunsRequest{BuildPipelineId: &p.build})
		must(p.t, err)
		runs = response.Items
		return len(runs) >= want
	})
	return runs
}

// deploymentOf is the deployment that a build run has started.
func deploymentOf(t testing.TB, run devops.BuildRun) string {
	t.Helper()
	for _, stage := range run.BuildRunProgress.BuildPipelineStageRunProgress {
		if started, is := stage.(devops.TriggerDeploymentPipelineStageRunProgress); is && started.DeploymentId != nil {
			return *started.DeploymentId
		}
	}
	t.Fatalf("run %s has started no deployment", *run.Id)
	return ""
}

// answers is what the function says that it is.
func (p *plant) answers() string {
	p.t.Helper()
	client := connect(p.site, func(c common.ConfigurationProvider) (functions.FunctionsInvokeClient, error) {
		return functions.NewFunctionsInvokeClientWithConfigurationProvider(c, *p.function.InvokeEndpoint)
	}, func(c *functions.FunctionsInvokeClient) *common.BaseClient { return &c.BaseClient })
	response, err := client.InvokeFunction(p.t.Context(), functions.InvokeFunctionRequest{FunctionId: p.function.Id, InvokeFunctionBody: io.NopCloser(strings.NewReader("env WHAT"))})
	must(p.t, err)
	answer, err := io.ReadAll(response.Content)
	must(p.t, err)
	return string(answer)
}
