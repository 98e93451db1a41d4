package devops_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"
	"github.com/oracle/oci-go-sdk/v65/devops"
	"github.com/oracle/oci-go-sdk/v65/functions"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/runtime/imagetest"
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

var program struct {
	once    sync.Once
	content []byte
}

// image is a function's image that answers "env WHAT" with what.
func image(t testing.TB, what string) v1.Image {
	t.Helper()
	program.once.Do(func() { program.content = imagetest.Program(t, "../functions/testdata/fn") })
	return imagetest.ProgramImage(t, program.content, "WHAT="+what)
}

// imageFile is the image as docker load takes it.
func imageFile(t testing.TB, what string) string {
	t.Helper()
	tag, err := name.NewTag("built:latest")
	must(t, err)
	var file bytes.Buffer
	must(t, tarball.Write(tag, image(t, what), &file))
	return file.String()
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
	c := &devops.DeployStagePredecessorCollection{}
	for _, id := range ids {
		c.Items = append(c.Items, devops.DeployStagePredecessor{Id: &id})
	}
	return c
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

// upload pushes an image as the administrator, with its content for a tag.
func (p *plant) upload(what string) { p.uploadImage(what, image(p.t, what)) }

func (p *plant) uploadImage(tagged string, img v1.Image) {
	p.t.Helper()
	tag, err := name.NewTag(p.images + ":" + tagged)
	must(p.t, err)
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, "https://"+tag.RegistryStr()+"/20180419/docker/token", nil)
	must(p.t, err)
	request.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	management := p.management()
	must(p.t, management.Signer.Sign(request))
	response, err := p.http.Do(request)
	must(p.t, err)
	defer response.Body.Close()
	var answer struct{ Token string }
	must(p.t, json.NewDecoder(response.Body).Decode(&answer))
	must(p.t, remote.Write(tag, img, remote.WithContext(p.t.Context()), remote.WithTransport(p.http.Transport),
		remote.WithAuth(&authn.Basic{Username: "BEARER_TOKEN", Password: answer.Token})))
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
	if text := value(d.GetLifecycleDetails()); d.GetLifecycleState() != state || !strings.Contains(text, details) {
		p.t.Fatalf("the deployment ended %s: %s; want %s: …%s…\nlog:\n%s", d.GetLifecycleState(), text, state, details, strings.Join(p.lines(), "\n"))
	}
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

// clone is the folder that push commits in.
func (s *site) clone() string { return filepath.Join(s.dir, "clone") }
