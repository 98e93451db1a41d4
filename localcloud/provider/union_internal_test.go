package provider

import (
	"reflect"

	"github.com/oracle/oci-go-sdk/v65/devops"
)

// unionModels are the structs that the API answers of rows with a union.
var unionModels = map[string][]reflect.Type{
	"oci:DevOps/buildPipelineStage:BuildPipelineStage": {
		reflect.TypeFor[devops.BuildStage](),
		reflect.TypeFor[devops.DeliverArtifactStage](),
		reflect.TypeFor[devops.TriggerDeploymentStage](),
		reflect.TypeFor[devops.WaitStage](),
	},
	"oci:DevOps/deployStage:DeployStage": {
		reflect.TypeFor[devops.ComputeInstanceGroupBlueGreenDeployStage](),
		reflect.TypeFor[devops.ComputeInstanceGroupBlueGreenTrafficShiftDeployStage](),
		reflect.TypeFor[devops.ComputeInstanceGroupCanaryApprovalDeployStage](),
		reflect.TypeFor[devops.ComputeInstanceGroupCanaryDeployStage](),
		reflect.TypeFor[devops.ComputeInstanceGroupCanaryTrafficShiftDeployStage](),
		reflect.TypeFor[devops.ComputeInstanceGroupDeployStage](),
		reflect.TypeFor[devops.FunctionDeployStage](),
		reflect.TypeFor[devops.InvokeFunctionDeployStage](),
		reflect.TypeFor[devops.LoadBalancerTrafficShiftDeployStage](),
		reflect.TypeFor[devops.ManualApprovalDeployStage](),
		reflect.TypeFor[devops.OkeBlueGreenDeployStage](),
		reflect.TypeFor[devops.OkeBlueGreenTrafficShiftDeployStage](),
		reflect.TypeFor[devops.OkeCanaryApprovalDeployStage](),
		reflect.TypeFor[devops.OkeCanaryDeployStage](),
		reflect.TypeFor[devops.OkeCanaryTrafficShiftDeployStage](),
		reflect.TypeFor[devops.OkeDeployStage](),
		reflect.TypeFor[devops.OkeHelmChartDeployStage](),
		reflect.TypeFor[devops.ShellDeployStage](),
		reflect.TypeFor[devops.WaitDeployStage](),
	},
	"oci:DevOps/deployEnvironment:DeployEnvironment": {
		reflect.TypeFor[devops.ComputeInstanceGroupDeployEnvironment](),
		reflect.TypeFor[devops.FunctionDeployEnvironment](),
		reflect.TypeFor[devops.OkeClusterDeployEnvironment](),
	},
	"oci:DevOps/trigger:Trigger": {
		reflect.TypeFor[devops.BitbucketCloudTrigger](),
		reflect.TypeFor[devops.BitbucketServerTrigger](),
		reflect.TypeFor[devops.DevopsCodeRepositoryTrigger](),
		reflect.TypeFor[devops.GithubTrigger](),
		reflect.TypeFor[devops.GitlabTrigger](),
		reflect.TypeFor[devops.GitlabServerTrigger](),
		reflect.TypeFor[devops.VbsTrigger](),
	},
	"oci:DevOps/connection:Connection": {
		reflect.TypeFor[devops.BitbucketCloudAppPasswordConnection](),
		reflect.TypeFor[devops.BitbucketServerAccessTokenConnection](),
		reflect.TypeFor[devops.GithubAccessTokenConnection](),
		reflect.TypeFor[devops.GitlabAccessTokenConnection](),
		reflect.TypeFor[devops.GitlabServerAccessTokenConnection](),
		reflect.TypeFor[devops.VbsAccessTokenConnection](),
	},
}
