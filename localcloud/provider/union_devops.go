package provider

import "github.com/oracle/oci-go-sdk/v65/devops"

// buildStageTypes are the types of build stages.
var buildStageTypes = &union{by: "buildPipelineStageType", structs: map[string][2]any{
	"BUILD":                       {devops.CreateBuildStageDetails{}, devops.UpdateBuildStageDetails{}},
	"DELIVER_ARTIFACT":            {devops.CreateDeliverArtifactStageDetails{}, devops.UpdateDeliverArtifactStageDetails{}},
	"TRIGGER_DEPLOYMENT_PIPELINE": {devops.CreateTriggerDeploymentStageDetails{}, devops.UpdateTriggerDeploymentStageDetails{}},
	"WAIT":                        {devops.CreateWaitStageDetails{}, devops.UpdateWaitStageDetails{}},
}}

// deployStageTypes are the types of deployment stages.
var deployStageTypes = &union{by: "deployStageType", structs: map[string][2]any{
	"COMPUTE_INSTANCE_GROUP_BLUE_GREEN_DEPLOYMENT":    {devops.CreateComputeInstanceGroupBlueGreenDeployStageDetails{}, devops.UpdateComputeInstanceGroupBlueGreenDeployStageDetails{}},
	"COMPUTE_INSTANCE_GROUP_BLUE_GREEN_TRAFFIC_SHIFT": {devops.CreateComputeInstanceGroupBlueGreenTrafficShiftDeployStageDetails{}, devops.UpdateComputeInstanceGroupBlueGreenTrafficShiftDeployStageDetails{}},
	"COMPUTE_INSTANCE_GROUP_CANARY_APPROVAL":          {devops.CreateComputeInstanceGroupCanaryApprovalDeployStageDetails{}, devops.UpdateComputeInstanceGroupCanaryApprovalDeployStageDetails{}},
	"COMPUTE_INSTANCE_GROUP_CANARY_DEPLOYMENT":        {devops.CreateComputeInstanceGroupCanaryDeployStageDetails{}, devops.UpdateComputeInstanceGroupCanaryDeployStageDetails{}},
	"COMPUTE_INSTANCE_GROUP_CANARY_TRAFFIC_SHIFT":     {devops.CreateComputeInstanceGroupCanaryTrafficShiftDeployStageDetails{}, devops.UpdateComputeInstanceGroupCanaryTrafficShiftDeployStageDetails{}},
	"COMPUTE_INSTANCE_GROUP_ROLLING_DEPLOYMENT":       {devops.CreateComputeInstanceGroupDeployStageDetails{}, devops.UpdateComputeInstanceGroupDeployStageDetails{}},
	"DEPLOY_FUNCTION":              {devops.CreateFunctionDeployStageDetails{}, devops.UpdateFunctionDeployStageDetails{}},
	"INVOKE_FUNCTION":              {devops.CreateInvokeFunctionDeployStageDetails{}, devops.UpdateInvokeFunctionDeployStageDetails{}},
	"LOAD_BALANCER_TRAFFIC_SHIFT":  {devops.CreateLoadBalancerTrafficShiftDeployStageDetails{}, devops.UpdateLoadBalancerTrafficShiftDeployStageDetails{}},
	"MANUAL_APPROVAL":              {devops.CreateManualApprovalDeployStageDetails{}, devops.UpdateManualApprovalDeployStageDetails{}},
	"OKE_BLUE_GREEN_DEPLOYMENT":    {devops.CreateOkeBlueGreenDeployStageDetails{}, devops.UpdateOkeBlueGreenDeployStageDetails{}},
	"OKE_BLUE_GREEN_TRAFFIC_SHIFT": {devops.CreateOkeBlueGreenTrafficShiftDeployStageDetails{}, devops.UpdateOkeBlueGreenTrafficShiftDeployStageDetails{}},
	"OKE_CANARY_APPROVAL":          {devops.CreateOkeCanaryApprovalDeployStageDetails{}, devops.UpdateOkeCanaryApprovalDeployStageDetails{}},
	"OKE_CANARY_DEPLOYMENT":        {devops.CreateOkeCanaryDeployStageDetails{}, devops.UpdateOkeCanaryDeployStageDetails{}},
	"OKE_CANARY_TRAFFIC_SHIFT":     {devops.CreateOkeCanaryTrafficShiftDeployStageDetails{}, devops.UpdateOkeCanaryTrafficShiftDeployStageDetails{}},
	"OKE_DEPLOYMENT":               {devops.CreateOkeDeployStageDetails{}, devops.UpdateOkeDeployStageDetails{}},
	"OKE_HELM_CHART_DEPLOYMENT":    {devops.CreateOkeHelmChartDeployStageDetails{}, devops.UpdateOkeHelmChartDeployStageDetails{}},
	"SHELL":                        {devops.CreateShellDeployStageDetails{}, devops.UpdateShellDeployStageDetails{}},
	"WAIT":                         {devops.CreateWaitDeployStageDetails{}, devops.UpdateWaitDeployStageDetails{}},
}}

// environmentTypes are the types of deployment environments.
var environmentTypes = &union{by: "deployEnvironmentType", structs: map[string][2]any{
	"COMPUTE_INSTANCE_GROUP": {devops.CreateComputeInstanceGroupDeployEnvironmentDetails{}, devops.UpdateComputeInstanceGroupDeployEnvironmentDetails{}},
	"FUNCTION":               {devops.CreateFunctionDeployEnvironmentDetails{}, devops.UpdateFunctionDeployEnvironmentDetails{}},
	"OKE_CLUSTER":            {devops.CreateOkeClusterDeployEnvironmentDetails{}, devops.UpdateOkeClusterDeployEnvironmentDetails{}},
}}

// triggerSources are the sources of triggers.
var triggerSources = &union{by: "triggerSource", structs: map[string][2]any{
	"BITBUCKET_CLOUD":        {devops.CreateBitbucketCloudTriggerDetails{}, devops.UpdateBitbucketCloudTriggerDetails{}},
	"BITBUCKET_SERVER":       {devops.CreateBitbucketServerTriggerDetails{}, devops.UpdateBitbucketServerTriggerDetails{}},
	"DEVOPS_CODE_REPOSITORY": {devops.CreateDevopsCodeRepositoryTriggerDetails{}, devops.UpdateDevopsCodeRepositoryTriggerDetails{}},
	"GITHUB":                 {devops.CreateGithubTriggerDetails{}, devops.UpdateGithubTriggerDetails{}},
	"GITLAB":                 {devops.CreateGitlabTriggerDetails{}, devops.UpdateGitlabTriggerDetails{}},
	"GITLAB_SERVER":          {devops.CreateGitlabServerTriggerDetails{}, devops.UpdateGitlabServerTriggerDetails{}},
	"VBS":                    {devops.CreateVbsTriggerDetails{}, devops.UpdateVbsTriggerDetails{}},
}}

// connectionTypes are the types of connections.
var connectionTypes = &union{by: "connectionType", structs: map[string][2]any{
	"BITBUCKET_CLOUD_APP_PASSWORD":  {devops.CreateBitbucketCloudAppPasswordConnectionDetails{}, devops.UpdateBitbucketCloudAppPasswordConnectionDetails{}},
	"BITBUCKET_SERVER_ACCESS_TOKEN": {devops.CreateBitbucketServerAccessTokenConnectionDetails{}, devops.UpdateBitbucketServerAccessTokenConnectionDetails{}},
	"GITHUB_ACCESS_TOKEN":           {devops.CreateGithubAccessTokenConnectionDetails{}, devops.UpdateGithubAccessTokenConnectionDetails{}},
	"GITLAB_ACCESS_TOKEN":           {devops.CreateGitlabAccessTokenConnectionDetails{}, devops.UpdateGitlabAccessTokenConnectionDetails{}},
	"GITLAB_SERVER_ACCESS_TOKEN":    {devops.CreateGitlabServerAccessTokenConnectionDetails{}, devops.UpdateGitlabServerAccessTokenConnectionDetails{}},
	"VBS_ACCESS_TOKEN":              {devops.CreateVbsAccessTokenConnectionDetails{}, devops.UpdateVbsAccessTokenConnectionDetails{}},
}}
