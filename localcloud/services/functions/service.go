// Package functions is OCI's Functions service: applications, functions, and
// their invocation by Fn's http-stream contract over a Unix socket.
//
// A function's container is a process of this machine (package runtime), started
// from the image in the registry at the first invocation, used again for the
// next one, one request at a time, and stopped when it has been idle. Requests
// that find no idle container get a new one as long as the memory for functions
// allows it, and wait otherwise.
//
// # Differences from OCI
//
// Beside those of package runtime:
//
//   - Images run on this machine's processor: one that fits its application's
//     shape and not this machine is refused, too.
//   - An application with several subnets runs its functions in the first one.
//   - The size of /tmp is told as FN_TMPSIZE and not enforced.
//   - Provisioned concurrency keeps that many containers from being stopped when
//     idle; they start with the first invocations.
//   - Destinations of detached invocations, pre-built functions, functions from
//     archives and image signature policies are refused.
//   - Tracing and syslog settings are accepted and have no effect.
package functions

import (
	"context"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/runtime"
)

// OCID types of the service's resources.
const (
	typeApplication = "fnapp"
	typeFunction    = "fnfunc"
)

// Images finds images in the registry.
type Images interface {
	// Image returns the image that a reference (host/namespace/repository:tag or
	// @digest) names, if the principal may read it. The error says why not.
	Image(ctx context.Context, reference string, principal iam.Principal) (v1.Image, error)
	// Platforms returns what a reference's image is built for, each as
	// "os/architecture": several when it names an index.
	Platforms(ctx context.Context, reference string, principal iam.Principal) ([]string, error)
}

// Logs takes the lines of a service's log, as Logging does: the resource and
// category are those that a log's configuration names.
type Logs interface {
	Write(resource, category, message string) error
}

// Metrics counts the values of a metric, as Monitoring does.
type Metrics interface {
	Count(namespace, metric string, value float64, dimensions map[string]string)
}

// Network says what functions reach from their application's subnet (core.Network).
type Network interface {
	// Reaches reports, as an error that says what is missing, whether a place, in the
	// words of CreateVnicDetails, can reach a host's HTTPS port.
	Reaches(from kind.Object, host string) error
	// Enter gives what runs at a place credentials for the proxy, until leave.
	Enter(holder string, place func() kind.Object) (credentials *url.Userinfo, leave func())
}

// Config is what the service works with.
type Config struct {
	// Engine, Runtime, Images, Network and Guard are required.
	Engine  *kind.Engine
	Runtime *runtime.Runtime
	Images  Images
	Network Network
	Guard   *api.Guard
	// Logs and Metrics may be nil: then nobody is told.
	Logs    Logs
	Metrics Metrics
	// IdleTimeout is how long a container waits for its next request. Default
	// 30 s; OCI says "some minutes" without a promise.
	IdleTimeout time.Duration
	// StartTimeout is how long a container may take to open its socket.
	// Default 20 s.
	StartTimeout time.Duration
	// MemoryMB is the memory for the containers of all functions together.
	// Default 4096.
	MemoryMB int64
}

// Service is the Functions service.
type Service struct {
	Config
	management, invocation *api.Service
	pool                   *pool

	ctx     context.Context // ends with Close
	stop    context.CancelFunc
	calls   sync.WaitGroup // detached invocations and fetching of images
	started atomic.Int64   // containers, to number them
}

// New registers the service's resources with the engine.
func New(cfg Config) *Service {
	if cfg.IdleTimeout == 0 {
		cfg.IdleTimeout = 30 * time.Second
	}
	if cfg.StartTimeout == 0 {
		cfg.StartTimeout = 20 * time.Second
	}
	if cfg.MemoryMB == 0 {
		cfg.MemoryMB = 4096
	}
	s := &Service{Config: cfg}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.pool = newPool(cfg.MemoryMB, cfg.IdleTimeout, s.startWorker)
	s.management = api.NewService("functions", "functions.{region}.oci.oraclecloud.com")
	s.Engine.Register(s.management, s.applicationKind())
	s.Engine.Register(s.management, s.functionKind())
	s.invocation = api.NewService("functionsinvoke", "{any}.{region}."+invokeDomain)
	s.invocation.Resolve = s.resolves
	s.invocation.Route("InvokeFunction", "POST /functions/{id}/actions/invoke", s.Engine.On(typeFunction, s.invoke), invocation)
	removeStaleSockets()
	return s
}

// APIs returns the service's two APIs: management and invocation.
func (s *Service) APIs() []*api.Service { return []*api.Service{s.management, s.invocation} }

// Close stops all containers; running invocations fail. It comes before the
// runtime's own Close.
func (s *Service) Close(ctx context.Context) error {
	s.stop()
	s.pool.close()
	done := make(chan struct{})
	go func() {
		s.calls.Wait()
		s.pool.wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write tells the application's log.
func (s *Service) write(applicationID, message string) {
	if s.Logs == nil {
		return
	}
	if err := s.Logs.Write(applicationID, "invoke", message); err != nil {
		slog.Error("function's log cannot be written", "application", applicationID, "error", err)
	}
}

func (s *Service) count(p *plan, metric string, value float64, responseType string) {
	if s.Metrics == nil {
		return
	}
	dimensions := map[string]string{"resourceId": p.functionID, "resourceDisplayName": p.name, "applicationId": p.applicationID}
	if responseType != "" {
		dimensions["responseType"] = responseType
	}
	s.Metrics.Count("oci_faas", metric, value, dimensions)
}
