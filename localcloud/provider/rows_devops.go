package provider

import (
	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/devops"
)

var deliveries = regional(devops.NewDevopsClientWithConfigurationProvider)

var devopsRows = []*kind{
	{token: "oci:DevOps/project:Project", client: deliveries, noun: "Project", viaWorkRequest: true},
	{token: "oci:DevOps/repository:Repository", client: deliveries, noun: "Repository", viaWorkRequest: true, amend: inProjectsCompartment,
		naming: naming{renames: map[string]string{"lifecyleDetails": "lifecycleDetails"}}},
	{token: "oci:DevOps/connection:Connection", client: deliveries, noun: "Connection", union: connectionTypes, viaWorkRequest: true, amend: inProjectsCompartment},
	{token: "oci:DevOps/buildPipeline:BuildPipeline", client: deliveries, noun: "BuildPipeline", viaWorkRequest: true, amend: inProjectsCompartment},
	{token: "oci:DevOps/buildPipelineStage:BuildPipelineStage", client: deliveries, noun: "BuildPipelineStage", union: buildStageTypes, viaWorkRequest: true, amend: inProjectsCompartment},
	{token: "oci:DevOps/deployPipeline:DeployPipeline", client: deliveries, noun: "DeployPipeline", viaWorkRequest: true, amend: inProjectsCompartment},
	{token: "oci:DevOps/deployStage:DeployStage", client: deliveries, noun: "DeployStage", union: deployStageTypes, viaWorkRequest: true, amend: inProjectsCompartment},
	{token: "oci:DevOps/deployArtifact:DeployArtifact", client: deliveries, noun: "DeployArtifact", viaWorkRequest: true, amend: inProjectsCompartment},
	{token: "oci:DevOps/deployEnvironment:DeployEnvironment", client: deliveries, noun: "DeployEnvironment", union: environmentTypes, viaWorkRequest: true, amend: inProjectsCompartment},
	{token: "oci:DevOps/trigger:Trigger", client: deliveries, noun: "Trigger", union: triggerSources, viaWorkRequest: true, amend: inProjectsCompartment},
}

// inProjectsCompartment completes the list of work requests, which is that of a
// compartment: what belongs to a project says only which project or pipeline it is in.
func inProjectsCompartment(op *operation, r *request) error {
	list, ok := r.v.Addr().Interface().(*devops.ListWorkRequestsRequest)
	if !ok {
		return nil
	}
	ctx, metadata := uncut(op.ctx, true)
	client := op.client.(devops.DevopsClient)
	var err error
	if id := op.stringOf("projectId"); id != "" {
		var project devops.GetProjectResponse
		project, err = client.GetProject(ctx, devops.GetProjectRequest{ProjectId: common.String(id), RequestMetadata: metadata})
		list.CompartmentId = project.CompartmentId
	} else if id := op.stringOf("buildPipelineId"); id != "" {
		var pipeline devops.GetBuildPipelineResponse
		pipeline, err = client.GetBuildPipeline(ctx, devops.GetBuildPipelineRequest{BuildPipelineId: common.String(id), RequestMetadata: metadata})
		list.CompartmentId = pipeline.CompartmentId
	} else {
		var pipeline devops.GetDeployPipelineResponse
		pipeline, err = client.GetDeployPipeline(ctx, devops.GetDeployPipelineRequest{DeployPipelineId: common.String(op.stringOf("deployPipelineId")), RequestMetadata: metadata})
		list.CompartmentId = pipeline.CompartmentId
	}
	if err != nil {
		return explain(err)
	}
	return nil
}
