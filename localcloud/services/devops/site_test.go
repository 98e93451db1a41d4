package devops_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/artifacts"
	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/devops"
	"github.com/oracle/oci-go-sdk/v65/identity"
	"github.com/oracle/oci-go-sdk/v65/logging"
	"github.com/oracle/oci-go-sdk/v65/ons"

	"oci-media-pipelines/localcloud/cloud"
	"oci-media-pipelines/localcloud/endpoint"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
)

// compartment is where a site is.
const compartment = "ocid1.compartment.oc1..delivery"

// The statements that the pipelines of a site need, by what they are for.
var statements = map[string]string{
	"start builds":      "allow dynamic-group sources to manage devops-family in compartment id " + compartment + " where any {request.permission = 'DEVOPS_BUILD_PIPELINE_READ', request.permission = 'DEVOPS_BUILD_RUN_CREATE'}",
	"read sources":      "allow dynamic-group builds to read devops-repository in compartment id " + compartment,
	"read artifacts":    "allow dynamic-group builds to read devops-deploy-artifact in compartment id " + compartment,
	"read pipelines":    "allow dynamic-group builds to read devops-deploy-pipeline in compartment id " + compartment,
	"start deployments": "allow dynamic-group builds to manage devops-deployment in compartment id " + compartment,
	"push images":       "allow dynamic-group builds to manage repos in compartment id " + compartment,
	"read secrets":      "allow dynamic-group builds to read secret-bundles in compartment id " + compartment,
	"announce builds":   "allow dynamic-group builds to use ons-topics in compartment id " + compartment,

	"read environments":    "allow dynamic-group deployments to read devops-deploy-environment in compartment id " + compartment,
	"deploy artifacts":     "allow dynamic-group deployments to read devops-deploy-artifact in compartment id " + compartment,
	"read images":          "allow dynamic-group deployments to read repos in compartment id " + compartment,
	"update functions":     "allow dynamic-group deployments to manage fn-function in compartment id " + compartment,
	"invoke functions":     "allow dynamic-group deployments to use fn-invocation in compartment id " + compartment,
	"announce deployments": "allow dynamic-group deployments to use ons-topics in compartment id " + compartment,

	"pull images":   "allow service FaaS to read repos in compartment id " + compartment,
	"enter subnets": "allow service FaaS to use virtual-network-family in compartment id " + compartment,
}

// site is a project in a cloud of its own.
type site struct {
	t   testing.TB
	dir string
	local
	client                    devops.DevopsClient
	project, topic, log, code string // OCIDs
	group                     string // of logs
	codeURL                   string
	user, token               string
	stop                      func()
}

// local is a running cloud, with its administrator's credentials.
type local struct {
	endpoint endpoint.Endpoint
	http     *http.Client
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// start runs a cloud on the site's folder until stop.
func (s *site) start() {
	s.t.Helper()
	c, err := cloud.Open(s.dir, 0)
	must(s.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Serve(ctx) }()
	s.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
		s.stop = func() {}
	}
	gatewaytest.Eventually(s.t, "the cloud is ready", func() bool {
		s.endpoint, err = endpoint.Find(s.t.Context(), s.dir)
		return err == nil
	})
	proxy, err := url.Parse(s.endpoint.ProxyURL)
	must(s.t, err)
	pem, err := os.ReadFile(s.endpoint.CertFile)
	must(s.t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	s.t.Cleanup(transport.CloseIdleConnections)
	s.http = &http.Client{Transport: transport}
	s.client = connect(s, devops.NewDevopsClientWithConfigurationProvider, func(c *devops.DevopsClient) *common.BaseClient { return &c.BaseClient })
}

// connect makes a client of the administrator's.
func connect[C any](s *site, create func(common.ConfigurationProvider) (C, error), base func(*C) *common.BaseClient) C {
	s.t.Helper()
	key, err := os.ReadFile(s.endpoint.KeyFile)
	must(s.t, err)
	e := s.endpoint
	client, err := create(common.NewRawConfigurationProvider(e.TenancyID, e.UserID, e.Region, e.Fingerprint, string(key), nil))
	must(s.t, err)
	base(&client).HTTPClient = s.http
	// The SDK would repeat refusals with 409 for minutes.
	base(&client).SetCustomClientConfiguration(common.CustomClientConfiguration{RetryPolicy: new(common.NoRetryPolicy())})
	return client
}

// newSite makes a project with a topic, a log and a code repository, whose pipelines
// have all statements except those without names.
func newSite(t testing.TB, without ...string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir()}
	s.start()
	t.Cleanup(func() { s.stop() })
	s.grant(without)
	topics := connect(s, ons.NewNotificationControlPlaneClientWithConfigurationProvider, func(c *ons.NotificationControlPlaneClient) *common.BaseClient { return &c.BaseClient })
	topic, err := topics.CreateTopic(t.Context(), ons.CreateTopicRequest{CreateTopicDetails: ons.CreateTopicDetails{CompartmentId: new(compartment), Name: new("delivery")}})
	must(t, err)
	s.topic = *topic.TopicId
	project, err := s.client.CreateProject(t.Context(), devops.CreateProjectRequest{CreateProjectDetails: devops.CreateProjectDetails{
		CompartmentId: new(compartment), Name: new("delivery"), NotificationConfig: &devops.NotificationConfig{TopicId: &s.topic}}})
	must(t, err)
	s.project = *project.Id
	s.enableLog()
	code, err := s.client.CreateRepository(t.Context(), devops.CreateRepositoryRequest{CreateRepositoryDetails: devops.CreateRepositoryDetails{
		ProjectId: &s.project, Name: new("code"), RepositoryType: devops.RepositoryRepositoryTypeHosted}})
	must(t, err)
	s.code, s.codeURL = *code.Id, *code.HttpUrl
	return s
}

func (s *site) logs() logging.LoggingManagementClient {
	return connect(s, logging.NewLoggingManagementClientWithConfigurationProvider, func(c *logging.LoggingManagementClient) *common.BaseClient { return &c.BaseClient })
}

func (s *site) enableLog() {
	s.t.Helper()
	logs := s.logs()
	_, err := logs.CreateLogGroup(s.t.Context(), logging.CreateLogGroupRequest{CreateLogGroupDetails: logging.CreateLogGroupDetails{CompartmentId: new(compartment), DisplayName: new("delivery")}})
	must(s.t, err)
	groups, err := logs.ListLogGroups(s.t.Context(), logging.ListLogGroupsRequest{CompartmentId: new(compartment)})
	must(s.t, err)
	s.group = *groups.Items[0].Id
	_, err = logs.CreateLog(s.t.Context(), logging.CreateLogRequest{LogGroupId: &s.group, CreateLogDetails: logging.CreateLogDetails{
		DisplayName: new("delivery"), LogType: logging.CreateLogDetailsLogTypeService, IsEnabled: common.Bool(true),
		Configuration: &logging.Configuration{Source: logging.OciService{Service: new("devops"), Resource: &s.project, Category: new("all")}}}})
	must(s.t, err)
	all, err := logs.ListLogs(s.t.Context(), logging.ListLogsRequest{LogGroupId: &s.group})
	must(s.t, err)
	s.log = *all.Items[0].Id
}

// grant makes the groups and policies, and a user for git.
func (s *site) grant(without []string) {
	s.t.Helper()
	client := s.identity()
	for name, rule := range map[string]string{
		"sources":     "ANY {resource.type = 'devopsrepository', resource.type = 'devopstrigger'}",
		"builds":      "ALL {resource.type = 'devopsbuildpipeline', resource.compartment.id = '" + compartment + "'}",
		"deployments": "ALL {resource.type = 'devopsdeploypipeline', resource.compartment.id = '" + compartment + "'}",
	} {
		_, err := client.CreateDynamicGroup(s.t.Context(), identity.CreateDynamicGroupRequest{CreateDynamicGroupDetails: identity.CreateDynamicGroupDetails{
			CompartmentId: new(iam.TenancyID), Name: &name, Description: new("d"), MatchingRule: &rule}})
		must(s.t, err)
	}
	for name, statement := range statements {
		if strings.Contains(strings.Join(without, "|"), name) {
			continue
		}
		s.allow(client, strings.ReplaceAll(name, " ", "-"), statement)
	}
	user, err := client.CreateUser(s.t.Context(), identity.CreateUserRequest{CreateUserDetails: identity.CreateUserDetails{CompartmentId: new(iam.TenancyID), Name: new("ada"), Description: new("d")}})
	must(s.t, err)
	group, err := client.CreateGroup(s.t.Context(), identity.CreateGroupRequest{CreateGroupDetails: identity.CreateGroupDetails{CompartmentId: new(iam.TenancyID), Name: new("developers"), Description: new("d")}})
	must(s.t, err)
	_, err = client.AddUserToGroup(s.t.Context(), identity.AddUserToGroupRequest{AddUserToGroupDetails: identity.AddUserToGroupDetails{UserId: user.Id, GroupId: group.Id}})
	must(s.t, err)
	s.allow(client, "developers", "allow group developers to use devops-repository in compartment id "+compartment)
	token, err := client.CreateAuthToken(s.t.Context(), identity.CreateAuthTokenRequest{UserId: user.Id, CreateAuthTokenDetails: identity.CreateAuthTokenDetails{Description: new("git")}})
	must(s.t, err)
	s.user, s.token = iam.Namespace+"/ada", *token.Token
}

func (s *site) allow(client identity.IdentityClient, name, statement string) {
	s.t.Helper()
	_, err := client.CreatePolicy(s.t.Context(), identity.CreatePolicyRequest{CreatePolicyDetails: identity.CreatePolicyDetails{
		CompartmentId: new(compartment), Name: &name, Description: new("d"), Statements: []string{statement}}})
	must(s.t, err)
}

// imageRepository makes a repository in the registry and returns its path.
func (s *site) imageRepository(name string) string {
	s.t.Helper()
	client := connect(s, artifacts.NewArtifactsClientWithConfigurationProvider, func(c *artifacts.ArtifactsClient) *common.BaseClient { return &c.BaseClient })
	_, err := client.CreateContainerRepository(s.t.Context(), artifacts.CreateContainerRepositoryRequest{CreateContainerRepositoryDetails: artifacts.CreateContainerRepositoryDetails{
		CompartmentId: new(compartment), DisplayName: &name, IsImmutable: common.Bool(true)}})
	must(s.t, err)
	return "ocir." + s.endpoint.Region + ".oci.oraclecloud.com/" + iam.Namespace + "/" + name
}
