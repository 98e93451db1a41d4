package containerinstances

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/runtime"
)

// defaultPort is where a container is taken to listen that neither the request
// nor the image gives a PORT.
const defaultPort = 8080

// hostPrograms are what a job's image has from its base, which cannot be pulled here.
var hostPrograms = []string{"ffmpeg", "ffprobe"}

// run is what runs of one instance.
type run struct {
	// operation is held by whatever starts or stops the instance.
	operation sync.Mutex

	mu      sync.Mutex
	members map[string]*member // by container OCID
	// ending is set while containers are stopped on purpose: their ends say
	// nothing about them.
	ending bool
	cancel context.CancelFunc // ends the health checks
}

// member is a container with its process.
type member struct {
	container *runtime.Container
	// port is what the container believes to listen on, local where its process
	// does on this machine.
	port, local int
	// leave takes back its credentials for the proxy.
	leave func()
}

// start runs the containers that want returns true for, all or none. The caller
// holds r.operation.
func (s *Service) start(ctx context.Context, r *run, instance kind.Object, want func(kind.Object) bool) error {
	life, cancel := context.WithCancel(s.ctx)
	r.mu.Lock()
	r.ending, r.cancel = false, cancel
	clear(r.members)
	r.mu.Unlock()
	folders, err := s.makeVolumes(instance)
	if err != nil {
		return err
	}
	published := map[int]bool{}
	for _, container := range s.containers(instance.Str("id")) {
		if !want(container) {
			continue
		}
		m, err := s.startContainer(ctx, r, instance, container, folders)
		if err != nil {
			s.halt(ctx, r, instance)
			return err
		}
		r.mu.Lock()
		r.members[container.Str("id")] = m
		r.mu.Unlock()
		if !published[m.port] {
			published[m.port] = true
			if err := s.Network.Publish(vnicOf(instance), m.port, loopback(m.local)); err != nil {
				s.halt(ctx, r, instance)
				return err
			}
		}
		s.record(container.Str("id"), m.container.Status)
		for i, check := range container.Objects("healthChecks") {
			go s.watchHealth(life, m, container.Str("id"), i, check)
		}
	}
	s.background.Go(func() { s.awaitEnd(life, r, instance.Str("id")) })
	return nil
}

func (s *Service) startContainer(ctx context.Context, r *run, instance, container kind.Object, folders map[string]string) (*member, error) {
	id, reference := container.Str("id"), container.Str("imageUrl")
	place := kind.Object{"vnicId": vnicOf(instance)}
	if err := s.Network.Reaches(place, registryOf(reference)); err != nil {
		return nil, &pullError{reference, err}
	}
	who, err := s.puller(instance, reference)
	if err != nil {
		return nil, &pullError{reference, err}
	}
	img, err := s.Images.Image(ctx, reference, who)
	if err != nil {
		return nil, &pullError{reference, err}
	}
	if err := fits(img, reference, instance.Str("shape")); err != nil {
		return nil, err
	}
	mounted, err := mounts(container, folders)
	if err != nil {
		return nil, fmt.Errorf("mount volumes: %w", err)
	}
	// Layers are fetched here, so that a failing pull is told from a failing start.
	root, err := s.Runtime.Unpack(ctx, img)
	if platform := (*runtime.PlatformError)(nil); errors.As(err, &platform) {
		return nil, fmt.Errorf("%s: %w", reference, platform)
	}
	if err != nil {
		return nil, &pullError{reference, err}
	}
	if err := checkUser(container, root.Config); err != nil {
		return nil, err
	}
	env := environment(container)
	m := &member{port: listenPort(env, root.Config)}
	if m.local, err = freePort(); err != nil {
		return nil, err
	}
	env["PORT"] = strconv.Itoa(m.local)
	spec := runtime.Spec{
		ID: id, Image: img, Env: env, Mounts: mounted,
		Command: container.Strings("command"), Arguments: container.Strings("arguments"), WorkingDir: container.Str("workingDirectory"),
		HostPrograms: hostPrograms,
		MemoryBytes:  memoryLimit(instance, container),
		Restart:      runtime.RestartPolicy(instance.Str("containerRestartPolicy")),
		Grace:        time.Duration(instance.Number("gracefulShutdownTimeoutInSeconds")) * time.Second,
	}
	if !container.Bool("isResourcePrincipalDisabled") {
		who := subject(instance)
		spec.Subject = &who
	}
	spec.Proxy, m.leave = s.Network.Enter(instance.Str("id"), func() kind.Object { return place })
	started := make(chan struct{})
	spec.OnExit = func(runtime.Exit) {
		<-started
		r.mu.Lock()
		ending := r.ending
		r.mu.Unlock()
		if !ending && m.container != nil {
			s.record(id, m.container.Status)
		}
	}
	m.container, err = s.Runtime.Start(ctx, spec)
	close(started)
	if err != nil {
		m.leave()
		return nil, fmt.Errorf("container %s could not be started: %w", container.Str("displayName"), err)
	}
	return m, nil
}

// end stops all containers on purpose. The caller holds r.operation.
func (r *run) end(ctx context.Context) {
	r.mu.Lock()
	r.ending = true
	if r.cancel != nil {
		r.cancel()
	}
	var stopping sync.WaitGroup
	for _, m := range r.members {
		stopping.Go(func() {
			m.container.Stop(ctx)
			m.leave()
		})
	}
	r.mu.Unlock()
	stopping.Wait()
}

// awaitEnd makes the instance INACTIVE when all its containers have ended by
// themselves.
func (s *Service) awaitEnd(life context.Context, r *run, instanceID string) {
	r.mu.Lock()
	members := make([]*member, 0, len(r.members))
	for _, m := range r.members {
		members = append(members, m)
	}
	r.mu.Unlock()
	for _, m := range members {
		select {
		case <-m.container.Done():
		case <-life.Done():
			return
		}
	}
	if life.Err() != nil {
		return // They were ended on purpose.
	}
	// An instance in the middle of an operation becomes ACTIVE only after it.
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		settled := true
		s.change(instanceID, func(o kind.Object) {
			switch o.Str("lifecycleState") {
			case "ACTIVE":
				o["lifecycleState"] = "INACTIVE"
			case "CREATING", "UPDATING":
				settled = false
			}
		})
		if settled {
			return
		}
		select {
		case <-ticker.C:
		case <-life.Done():
			return
		}
	}
}

// registryOf returns the registry's host of an image, which is Docker's without one
// (documentation: Creating a Container Instance).
func registryOf(reference string) string {
	parsed, err := name.ParseReference(reference)
	if err != nil {
		return reference // Getting the image says what is wrong with it.
	}
	return parsed.Context().RegistryStr()
}

// listenPort is where the container is meant to listen.
func listenPort(env map[string]string, image v1.Config) int {
	value := env["PORT"]
	if value == "" {
		for _, v := range image.Env {
			if port, ok := strings.CutPrefix(v, "PORT="); ok {
				value = port
			}
		}
	}
	if port, err := strconv.Atoi(value); err == nil && port > 0 && port < 1<<16 {
		return port
	}
	return defaultPort
}

// memoryLimit is the container's own limit, or what its instance has.
func memoryLimit(instance, container kind.Object) int64 {
	gigabytes := container.Object("resourceConfig").Number("memoryLimitInGBs")
	if gigabytes == 0 {
		gigabytes = instance.Object("shapeConfig").Number("memoryInGBs")
	}
	return int64(gigabytes * (1 << 30))
}

// checkUser applies isNonRootUserCheckEnabled to what the image would run as.
func checkUser(container kind.Object, image v1.Config) error {
	security := container.Object("securityContext")
	if !security.Bool("isNonRootUserCheckEnabled") {
		return nil
	}
	user, _, _ := strings.Cut(image.User, ":")
	if as, given := security["runAsUser"]; given {
		user = fmt.Sprint(as)
	}
	if id, err := strconv.Atoi(user); err == nil && id != 0 {
		return nil
	}
	return fmt.Errorf("container %s has isNonRootUserCheckEnabled, and its image would run as user %q: set a numeric user other than 0", container.Str("displayName"), user)
}

// freePort finds a port of this machine that nobody listens on.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", loopback(0))
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
