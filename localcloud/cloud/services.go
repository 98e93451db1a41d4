package cloud

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/profile"
	"oci-media-pipelines/localcloud/runtime"
	"oci-media-pipelines/localcloud/services/containerinstances"
	"oci-media-pipelines/localcloud/services/core"
	"oci-media-pipelines/localcloud/services/database"
	"oci-media-pipelines/localcloud/services/devops"
	"oci-media-pipelines/localcloud/services/events"
	"oci-media-pipelines/localcloud/services/functions"
	"oci-media-pipelines/localcloud/services/identity"
	"oci-media-pipelines/localcloud/services/kms"
	"oci-media-pipelines/localcloud/services/loadbalancer"
	"oci-media-pipelines/localcloud/services/logging"
	"oci-media-pipelines/localcloud/services/monitoring"
	"oci-media-pipelines/localcloud/services/objectstorage"
	"oci-media-pipelines/localcloud/services/ons"
	"oci-media-pipelines/localcloud/services/registry"
	"oci-media-pipelines/localcloud/services/vault"
	"oci-media-pipelines/localcloud/services/vision"
)

// services are all services of the cloud, in the order in which they depend on
// one another.
type services struct {
	runtime   *runtime.Runtime
	core      *core.Service
	logging   *logging.Service
	ons       *ons.Service
	metrics   *monitoring.Service
	balancer  *loadbalancer.Service
	events    *events.Service
	instances *containerinstances.Service
	functions *functions.Service
	identity  *identity.Service
	devops    *devops.Service
	all       []interface{ APIs() []*api.Service }
}

func (s *services) open(c *Cloud, tenancy *iam.Tenancy) error {
	var err error
	if s.runtime, err = openRuntime(c, tenancy); err != nil {
		return err
	}
	if s.identity, err = identity.New(c.engine, tenancy); err != nil {
		return err
	}
	s.identity.Settling = func() time.Duration { return c.profile.Takes("policy", profile.Act) }
	guard := &api.Guard{Authorizer: s.identity, Journal: c.journal}
	if s.logging, err = logging.New(c.engine, c.store); err != nil {
		return err
	}
	s.core = core.New(c.engine)
	network := s.core.Network()
	network.Journal, c.gateway.Network = c.journal, network
	if s.balancer, err = loadbalancer.New(c.engine, c.store, s.core.API(), network, s.logging); err != nil {
		return err
	}
	s.ons = ons.New(c.engine, c.store)
	topics := publisher{s.ons}
	s.metrics = monitoring.New(c.engine, topics)
	keys := kms.New(c.engine, c.store)
	images, err := registry.New(c.engine, c.store, tenancy, s.identity, guard)
	if err != nil {
		return err
	}
	secrets := vault.New(c.engine, c.store, keys)
	s.instances = containerinstances.New(containerinstances.Config{
		Engine: c.engine, Runtime: s.runtime, Images: images, Network: network, Guard: guard,
		Logins: images, Secrets: secrets, AvailabilityDomains: identity.AvailabilityDomains,
	})
	s.functions = functions.New(functions.Config{
		Engine: c.engine, Runtime: s.runtime, Images: images, Network: network, Guard: guard, Logs: s.logging, Metrics: s.metrics,
	})
	s.events = events.New(c.engine, c.store, invoker{s.functions, tenancy.ServicePrincipal("cloudEvents")}, topics)
	s.events.Faults = &c.faults
	objects, err := objectstorage.New(c.engine, c.store, s.events, keys, s.identity, guard)
	if err != nil {
		return err
	}
	databases := database.New(c.engine, c.store, network, secrets)
	network.PrivateEndpoint = databases.PrivateEndpoint
	s.devops, err = devops.New(devops.Config{
		Engine: c.engine, Store: c.store, Guard: guard, Tenancy: tenancy, Logins: s.identity, Logs: s.logging,
		Identity: workloads(tenancy), ProxyURL: c.Endpoint.ProxyURL, CAFile: c.Endpoint.CertFile,
	})
	if err != nil {
		return err
	}
	s.all = append(s.all, s.identity, s.core, s.logging, s.ons, s.metrics, keys, secrets, images,
		databases, s.instances, s.functions, s.events, objects, vision.New(objects), s.devops)
	return nil
}

// workloads issues the session tokens of what runs in the tenancy.
func workloads(tenancy *iam.Tenancy) runtime.Identity {
	return runtime.IdentityFunc(func(_ context.Context, subject runtime.Subject) (string, []byte, error) {
		return tenancy.Session(subject.ID, subject.ResourceType, subject.CompartmentID)
	})
}

func openRuntime(c *Cloud, tenancy *iam.Tenancy) (*runtime.Runtime, error) {
	return runtime.New(runtime.Config{
		Dir: filepath.Join(c.dir, "runtime"), ProxyURL: c.Endpoint.ProxyURL, CAFile: c.Endpoint.CertFile,
		Identity: workloads(tenancy),
	})
}

func (s *services) apis() []*api.Service {
	var all []*api.Service
	for _, one := range s.all {
		all = append(all, one.APIs()...)
	}
	return all
}

// start resumes what an earlier run of the cloud had started: first what serves,
// then what sends it work.
func (s *services) start(ctx context.Context) error {
	s.metrics.Start()
	return errors.Join(s.balancer.Start(ctx), s.instances.Start(ctx), s.events.Start(ctx), s.devops.Start(ctx))
}

// close ends what runs, in the opposite order.
func (s *services) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), workloadGrace)
	defer cancel()
	var errs []error
	if s.devops != nil {
		errs = append(errs, s.devops.Close(ctx))
	}
	if s.events != nil {
		s.events.Close()
	}
	if s.metrics != nil {
		s.metrics.Close()
	}
	if s.functions != nil {
		errs = append(errs, s.functions.Close(ctx))
	}
	if s.instances != nil {
		errs = append(errs, s.instances.Close(ctx))
	}
	if s.balancer != nil {
		s.balancer.Close()
	}
	if s.runtime != nil {
		errs = append(errs, s.runtime.Close(ctx))
	}
	if s.logging != nil {
		errs = append(errs, s.logging.Close())
	}
	return errors.Join(errs...)
}

// workloadGrace is how long all workloads together may take to end.
const workloadGrace = 30 * time.Second

// logLines returns all lines of all logs, and the messages to topics, oldest first.
func (s *services) logLines() ([]logging.Line, error) {
	var all []logging.Line
	for _, log := range s.logging.Logs() {
		lines, err := s.logging.Read(log)
		if err != nil {
			return nil, err
		}
		all = append(all, lines...)
	}
	messages, err := s.ons.Messages("")
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		all = append(all, logging.Line{Time: m.Time, Resource: m.TopicID, Category: "notification", Message: fmt.Sprintf("to %v: %s: %s", m.Recipients, m.Title, m.Body)})
	}
	slices.SortStableFunc(all, func(a, b logging.Line) int { return a.Time.Compare(b.Time) })
	return all, nil
}
