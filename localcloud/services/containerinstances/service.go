// Package containerinstances is OCI's Container Instances service: each
// container is a process of this machine, run from the image that its instance
// pulled from the registry.
//
// # Differences from OCI
//
// Beside those of package runtime:
//
//   - A container does not have its instance's network interface. Its process
//     gets a free port of this machine as PORT, and the port that the container
//     is meant to listen on (the PORT it was given, else the image's, else 8080)
//     is published at the instance's private address. Containers of one
//     instance do not reach each other at localhost by those ports.
//   - A volume is a folder of this machine: package runtime tells how a process
//     learns of it. isReadOnly and partition have no effect.
//   - dnsConfig and capabilities are accepted and have no effect; a security
//     context is used for isNonRootUserCheckEnabled only.
//   - An image must be built for its shape's processor and for this machine's.
//   - Images come from the local registry only.
//   - The 15 GB that image layers, file systems and volumes of an instance share in
//     OCI are not enforced: an instance has this machine's disk.
//   - A container with restart policy NEVER that ran when the local cloud was
//     stopped has ended with exit code 137 when it starts again.
//   - RetrieveLogs gives the output of all runs of a container, newest last.
package containerinstances

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/runtime"
)

// OCID types of the service's resources.
const (
	typeInstance  = "computecontainerinstance"
	typeContainer = "computecontainer"
)

// Images finds images in the registry.
type Images interface {
	// Image returns the image that a reference (host/namespace/repository:tag or
	// @digest) names, if the principal may read it. The error says why not.
	Image(ctx context.Context, reference string, principal iam.Principal) (v1.Image, error)
}

// Network gives instances their place in a subnet (core.Network).
type Network interface {
	// CheckVnic reports, as *api.Error, what CreateVnic would refuse.
	CheckVnic(details kind.Object) error
	// CreateVnic makes a network interface from the members of
	// CreateVnicDetails, compartmentId and availabilityDomain; the answer has
	// its id and privateIp.
	CreateVnic(region string, details kind.Object) (kind.Object, error)
	// DeleteVnic removes it with all that is published at it. One that is gone
	// already is no error.
	DeleteVnic(vnicID string) error
	// Publish makes what listens at address (127.0.0.1:port) reachable at a
	// port of the interface.
	Publish(vnicID string, port int, address string) error
	// Unpublish ends all that was published at the interface.
	Unpublish(vnicID string)
	// Reaches reports, as an error that says what is missing, whether a place, such
	// as a vnicId, can reach a host's HTTPS port.
	Reaches(from kind.Object, host string) error
	// Enter gives what runs at a place credentials for the proxy, until leave.
	Enter(holder string, place func() kind.Object) (credentials *url.Userinfo, leave func())
}

// Config is what the service works with. All fields are required.
type Config struct {
	Engine  *kind.Engine
	Runtime *runtime.Runtime
	Images  Images
	Network Network
	// Guard decides which secrets an instance may read.
	Guard *api.Guard
	// Logins and Secrets are for the image pull secrets.
	Logins  Logins
	Secrets Secrets
	// AvailabilityDomains returns the names of a region's.
	AvailabilityDomains func(region string) []string
}

// Service is the Container Instances service.
type Service struct {
	Config
	api *api.Service

	ctx        context.Context // ends with Close
	stop       context.CancelFunc
	background sync.WaitGroup

	mu   sync.Mutex
	runs map[string]*run // by instance OCID, made on first use
}

// New registers the service's resources with the engine. Call Start when all
// services are there.
func New(cfg Config) *Service {
	s := &Service{Config: cfg, runs: map[string]*run{}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.api = api.NewService("containerinstances", "compute-containers.{region}.oci.oraclecloud.com")
	s.Engine.Register(s.api, s.instanceKind())
	s.Engine.Register(s.api, s.containerKind())
	s.Engine.RegisterWorkRequests(s.api, true, "COMPUTE_CONTAINER_INSTANCE_READ")
	s.routeActions()
	s.api.Route("ChangeContainerInstanceCompartment", "POST /containerInstances/{id}/actions/changeCompartment", s.changeCompartment, "COMPUTE_CONTAINER_INSTANCE_MOVE")
	s.api.Route("ListContainerInstanceShapes", "GET /containerInstanceShapes", api.On(api.InCompartment, listShapes), "COMPUTE_CONTAINER_INSTANCE_INSPECT")
	s.api.Route("RetrieveLogs", "POST /containers/{id}/actions/retrieveLogs", s.Engine.On(typeContainer, s.retrieveLogs), "COMPUTE_CONTAINER_LOG_RETRIEVE")
	return s
}

// APIs returns the service's API.
func (s *Service) APIs() []*api.Service { return []*api.Service{s.api} }

// Start runs again, in the background, what ran when the local cloud was
// stopped. An instance that cannot run any more becomes FAILED and says why.
func (s *Service) Start(context.Context) error {
	for _, o := range s.Engine.List(typeInstance, nil) {
		if state := o.Str("lifecycleState"); state != "ACTIVE" && state != "UPDATING" {
			continue // CREATING and DELETING are the engine's to resume.
		}
		id := o.Str("id")
		s.background.Go(func() {
			err := s.resume(id)
			if err != nil && s.ctx.Err() == nil {
				slog.Error("container instance does not run again", "id", id, "error", err)
			}
		})
	}
	return nil
}

// Close stops all containers, each within its grace time and as long as ctx
// lasts. Their instances stay as they are and run again after the next Start.
// It comes before the runtime's and the engine's own Close, to which the ends of
// containers would look like accidents.
func (s *Service) Close(ctx context.Context) error {
	s.stop()
	s.mu.Lock()
	runs := make([]*run, 0, len(s.runs))
	for _, r := range s.runs {
		runs = append(runs, r)
	}
	s.mu.Unlock()
	var stopping sync.WaitGroup
	for _, r := range runs {
		stopping.Go(func() {
			r.operation.Lock()
			defer r.operation.Unlock()
			r.end(ctx)
		})
	}
	stopping.Wait()
	done := make(chan struct{})
	go func() { s.background.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return errors.Join(errors.New("container instances: work is left"), ctx.Err())
	}
}

// run returns what runs of an instance.
func (s *Service) run(instanceID string) *run {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.runs[instanceID]
	if r == nil {
		r = &run{members: map[string]*member{}}
		s.runs[instanceID] = r
	}
	return r
}
