// Package devops is OCI's DevOps service: projects with code repositories, build
// pipelines, deployment pipelines and the triggers between them.
//
// What a pipeline does to other services it does as they know it from OCI:
// through their public API, as the resource principal that dynamic groups match
// with resource.type = 'devopsbuildpipeline', 'devopsdeploypipeline',
// 'devopsrepository', 'devopsconnection' or 'devopstrigger'. So policies,
// signatures and the journal apply to it as to any workload.
package devops

import (
	"context"
	"errors"
	"net/http"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/runtime"
	"oci-media-pipelines/localcloud/store"
)

// OCID types of the service's resources. Those of pipelines, repositories,
// connections and triggers are also their resource types in dynamic groups.
const (
	typeProject            = "devopsproject"
	typeRepository         = "devopsrepository"
	typeConnection         = "devopsconnection"
	typeBuildPipeline      = "devopsbuildpipeline"
	typeBuildPipelineStage = "devopsbuildpipelinestage"
	typeBuildRun           = "devopsbuildrun"
	typeDeployPipeline     = "devopsdeploypipeline"
	typeDeployStage        = "devopsdeploystage"
	typeDeployArtifact     = "devopsdeployartifact"
	typeDeployEnvironment  = "devopsdeployenvironment"
	typeDeployment         = "devopsdeployment"
	typeTrigger            = "devopstrigger"
)

// Logins knows users by their auth tokens, as Identity does.
type Logins interface {
	// Login returns the user of a name (`<user>` or `<domain>/<user>`, without the
	// tenancy) whose auth token the password is.
	Login(name, password string) (iam.Principal, bool)
}

// Logs takes the lines of a service's log, as Logging does: the resource and
// category are those that a log's configuration names.
type Logs interface {
	Write(resource, category, message string) error
}

// Config is what the service works with. Everything is required.
type Config struct {
	Engine  *kind.Engine
	Store   *store.Store
	Guard   *api.Guard
	Tenancy *iam.Tenancy
	Logins  Logins
	Logs    Logs
	// Identity issues the session tokens of the pipelines.
	Identity runtime.Identity
	// ProxyURL and CAFile are how the pipelines reach the cloud's own APIs: what
	// HTTPS_PROXY and SSL_CERT_FILE are to any client.
	ProxyURL, CAFile string
}

// Service is the DevOps service.
type Service struct {
	Config
	source
	api *api.Service
	// client reaches the cloud's own APIs.
	client *http.Client
	runs

	ctx  context.Context // ends with Close
	stop context.CancelFunc
}

// New registers the service's resources with the engine.
func New(cfg Config) (*Service, error) {
	client, err := newClient(cfg.ProxyURL, cfg.CAFile)
	if err != nil {
		return nil, err
	}
	s := &Service{Config: cfg, client: client, api: api.NewService("devops", "devops.{region}.oci.oraclecloud.com")}
	s.ctx, s.stop = context.WithCancel(context.Background())
	if err := s.openSource(); err != nil {
		return nil, err
	}
	s.openRuns()
	for _, k := range s.kinds() {
		s.Engine.Register(s.api, tagged(k))
	}
	s.routeMove()
	s.Engine.RegisterWorkRequests(s.api, true, "DEVOPS_WORK_REQUEST_READ")
	return s, nil
}

// APIs returns the service's APIs.
func (s *Service) APIs() []*api.Service { return []*api.Service{s.api, s.scm} }

// Start resumes what an earlier run of the cloud had begun. It comes when all that
// the pipelines call is served.
func (s *Service) Start(ctx context.Context) error {
	return errors.Join(s.startSource(ctx), s.resumeRuns())
}

// Close ends what runs. It comes before anything that the pipelines call ends.
func (s *Service) Close(ctx context.Context) error {
	s.stop()
	return errors.Join(s.mirrors.close(ctx), s.builds.close(ctx), s.deployments.close(ctx), s.pushes.close(ctx))
}
