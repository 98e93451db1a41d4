package devops

import (
	"context"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/kind"
)

// triggerDeployment runs a TRIGGER_DEPLOYMENT_PIPELINE stage: it starts a deployment
// and passes the parameters on if the stage says so. It does not wait for the
// deployment's end: OCI documents that the stage "automatically triggers a
// deployment", and no way for it to fail with it.
func (b *build) triggerDeployment(ctx context.Context, stage kind.Object) error {
	client, err := b.service.devopsClient(b.as)
	if err != nil {
		return err
	}
	pipelineID := stage.Str("deployPipelineId")
	details := sdk.CreateDeployPipelineDeploymentDetails{DeployPipelineId: &pipelineID, DisplayName: common.String(b.run.Str("displayName"))}
	if stage.Bool("isPassAllParametersEnabled") {
		details.DeploymentArguments = &sdk.DeploymentArgumentCollection{}
		for _, value := range pairs(b.values()).Objects("items") {
			details.DeploymentArguments.Items = append(details.DeploymentArguments.Items, sdk.DeploymentArgument{Name: new(value.Str("name")), Value: new(value.Str("value"))})
		}
	}
	response, err := client.CreateDeployment(whole(ctx), sdk.CreateDeploymentRequest{CreateDeploymentDetails: details})
	if err != nil {
		return b.as.refused(err, "start deployment pipeline "+pipelineID, "manage", "devops-deployment")
	}
	id := *response.GetId()
	b.log.line(stage.Str("id"), "Deployment "+id+" started.")
	exported := b.exports()
	b.progress(stage.Str("id"), func(p kind.Object) { p["deploymentId"], p["exportedVariables"] = id, exported })
	return nil
}

// exports are the variables that stages have exported so far.
func (b *build) exports() kind.Object {
	b.mu.Lock()
	defer b.mu.Unlock()
	return pairs(b.exported)
}
