package devops_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"
	"github.com/oracle/oci-go-sdk/v65/devops"
	"github.com/oracle/oci-go-sdk/v65/functions"
)

// plant is a site with a function, and the pipelines that build it and roll it out.
type plant struct {
	*site
	images             string // path of the function's image repository
	function           functions.Function
	artifact           string
	deploy, deployment string // pipeline and its DEPLOY_FUNCTION stage
	build              string
	compile, deliver   string // stages
}

// deliverySpec loads an image and names its version by the commit.
func deliverySpec() string {
	return spec("env:\n  exportedVariables:\n    - imageVersion\n", "docker load -i image.tar\nimageVersion=$(git rev-parse HEAD | cut -c1-12)") +
		"outputArtifacts:\n  - name: function-image\n    type: DOCKER_IMAGE\n    location: built:latest\n"
}

// shapeOf is the shape of applications that run images for an architecture.
var shapeOf = map[string]functions.CreateApplicationDetailsShapeEnum{
	"amd64": functions.CreateApplicationDetailsShapeX86, "arm64": functions.CreateApplicationDetailsShapeArm,
}

// newPlant makes a function that answers v0, and the pipelines that change it.
func newPlant(t testing.TB, without ...string) *plant {
	t.Helper()
	p := &plant{site: newSite(t, without...)}
	p.images = p.imageRepository("app/fn")
	p.upload("v0")
	management := p.management()
	application, err := management.CreateApplication(t.Context(), functions.CreateApplicationRequest{CreateApplicationDetails: functions.CreateApplicationDetails{
		CompartmentId: new(compartment), DisplayName: new("app"), SubnetIds: []string{p.subnet()}, Shape: shapeOf[runtime.GOARCH]}})
	must(t, err)
	function, err := management.CreateFunction(t.Context(), functions.CreateFunctionRequest{CreateFunctionDetails: functions.CreateFunctionDetails{
		ApplicationId: application.Id, DisplayName: new("fn"), MemoryInMBs: common.Int64(128),
		SourceDetails: functions.CreateContainerImageFunctionSourceDetails{Image: new(p.images + ":v0")}}})
	must(t, err)
	p.function = function.Function
	p.pipelines()
	return p
}

func (p *plant) pipelines() {
	p.t.Helper()
	artifact, err := p.client.CreateDeployArtifact(p.t.Context(), devops.CreateDeployArtifactRequest{CreateDeployArtifactDetails: devops.CreateDeployArtifactDetails{
		ProjectId: &p.project, DisplayName: new("image"), DeployArtifactType: devops.DeployArtifactDeployArtifactTypeDockerImage,
		ArgumentSubstitutionMode: devops.DeployArtifactArgumentSubstitutionModeSubstitutePlaceholders,
		DeployArtifactSource:     devops.OcirDeployArtifactSource{ImageUri: new(p.images + ":${imageVersion}")}}})
	must(p.t, err)
	p.artifact = *artifact.Id
	environment, err := p.client.CreateDeployEnvironment(p.t.Context(), devops.CreateDeployEnvironmentRequest{CreateDeployEnvironmentDetails: devops.CreateFunctionDeployEnvironmentDetails{
		ProjectId: &p.project, DisplayName: new("fn"), FunctionId: p.function.Id}})
	must(p.t, err)
	deploy, err := p.client.CreateDeployPipeline(p.t.Context(), devops.CreateDeployPipelineRequest{CreateDeployPipelineDetails: devops.CreateDeployPipelineDetails{
		ProjectId: &p.project, DisplayName: new("deploy")}})
	must(p.t, err)
	p.deploy = *deploy.Id
	p.deployment = p.deployStage(devops.CreateFunctionDeployStageDetails{DeployPipelineId: &p.deploy, DisplayName: new("roll out"),
		DeployStagePredecessorCollection: afterDeploy(p.deploy), FunctionDeployEnvironmentId: environment.GetId(), DockerImageDeployArtifactId: &p.artifact})
	p.build = p.buildPipeline(nil)
	p.compile = p.buildStage(p.build, nil, p.build)
	p.deliver = p.stage(devops.CreateDeliverArtifactStageDetails{BuildPipelineId: &p.build, DisplayName: new("deliver"), BuildPipelineStagePredecessorCollection: after(p.compile),
		DeliverArtifactCollection: &devops.DeliverArtifactCollection{Items: []devops.DeliverArtifact{{ArtifactId: &p.artifact, ArtifactName: new("function-image")}}}})
	p.stage(devops.CreateTriggerDeploymentStageDetails{BuildPipelineId: &p.build, DisplayName: new("start deployment"), BuildPipelineStagePredecessorCollection: after(p.deliver),
		DeployPipelineId: &p.deploy, IsPassAllParametersEnabled: common.Bool(true)})
}

func afterDeploy(ids ...string) *devops.DeployStagePredecessorCollection {
	return &devops.DeployStagePredecessorCollection{Items: each(ids, func(id string) devops.DeployStagePredecessor {
		return devops.DeployStagePredecessor{Id: &id}
	})}
}

func (s *site) deployStage(details devops.CreateDeployStageDetails) string {
	s.t.Helper()
	stage, err := s.client.CreateDeployStage(s.t.Context(), devops.CreateDeployStageRequest{CreateDeployStageDetails: details})
	must(s.t, err)
	return *stage.GetId()
}

func (s *site) management() functions.FunctionsManagementClient {
	s.t.Helper()
	return connect(s, functions.NewFunctionsManagementClientWithConfigurationProvider, func(c *functions.FunctionsManagementClient) *common.BaseClient { return &c.BaseClient })
}

// trigger makes a trigger of the build pipeline.
func (p *plant) trigger(include *devops.DevopsCodeRepositoryFilterAttributes, exclude *devops.DevopsCodeRepositoryFilterExclusionAttributes) string {
	p.t.Helper()
	trigger, err := p.client.CreateTrigger(p.t.Context(), devops.CreateTriggerRequest{CreateTriggerDetails: devops.CreateDevopsCodeRepositoryTriggerDetails{
		ProjectId: &p.project, DisplayName: new("push"), RepositoryId: &p.code, Actions: []devops.TriggerAction{devops.TriggerBuildPipelineAction{
			BuildPipelineId: &p.build, Filter: devops.DevopsCodeRepositoryFilter{
				Events: []devops.DevopsCodeRepositoryFilterEventsEnum{devops.DevopsCodeRepositoryFilterEventsPush}, Include: include, Exclude: exclude}}}}})
	must(p.t, err)
	return *trigger.GetId()
}

// subnet makes a network from which Functions reaches the registry.
func (s *site) subnet() string {
	s.t.Helper()
	client := connect(s, core.NewVirtualNetworkClientWithConfigurationProvider, func(c *core.VirtualNetworkClient) *common.BaseClient { return &c.BaseClient })
	vcn, err := client.CreateVcn(s.t.Context(), core.CreateVcnRequest{CreateVcnDetails: core.CreateVcnDetails{CompartmentId: new(compartment), CidrBlocks: []string{"10.0.0.0/16"}}})
	must(s.t, err)
	services, err := client.ListServices(s.t.Context(), core.ListServicesRequest{})
	must(s.t, err)
	var all core.Service
	for _, service := range services.Items {
		if strings.HasPrefix(*service.CidrBlock, "all-") {
			all = service
		}
	}
	gateway, err := client.CreateServiceGateway(s.t.Context(), core.CreateServiceGatewayRequest{CreateServiceGatewayDetails: core.CreateServiceGatewayDetails{
		CompartmentId: new(compartment), VcnId: vcn.Id, Services: []core.ServiceIdRequestDetails{{ServiceId: all.Id}}}})
	must(s.t, err)
	table, err := client.CreateRouteTable(s.t.Context(), core.CreateRouteTableRequest{CreateRouteTableDetails: core.CreateRouteTableDetails{CompartmentId: new(compartment), VcnId: vcn.Id,
		RouteRules: []core.RouteRule{{NetworkEntityId: gateway.Id, Destination: all.CidrBlock, DestinationType: core.RouteRuleDestinationTypeServiceCidrBlock}}}})
	must(s.t, err)
	subnet, err := client.CreateSubnet(s.t.Context(), core.CreateSubnetRequest{CreateSubnetDetails: core.CreateSubnetDetails{CompartmentId: new(compartment), VcnId: vcn.Id,
		CidrBlock: new("10.0.1.0/24"), RouteTableId: table.Id, ProhibitPublicIpOnVnic: common.Bool(true)}})
	must(s.t, err)
	return *subnet.Id
}
