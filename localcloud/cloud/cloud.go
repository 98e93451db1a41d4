// Package cloud puts the local cloud together: it opens its state, makes all
// services, and wires up the one thing that crosses each pair of them.
package cloud

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/endpoint"
	"oci-media-pipelines/localcloud/faults"
	"oci-media-pipelines/localcloud/gateway"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/profile"
	"oci-media-pipelines/localcloud/store"
)

// DefaultPort is the gateway's port unless it is taken.
const DefaultPort = 9600

// Cloud is a local cloud that is open and, after Start, serves.
type Cloud struct {
	// Endpoint is where it listens.
	Endpoint endpoint.Endpoint

	dir      string
	store    *store.Store
	journal  *api.Journal
	engine   *kind.Engine
	gateway  *gateway.Gateway
	listener net.Listener
	services services
	began    time.Time
	stopping chan struct{}

	profile *profile.Profile
	limits  map[string]int
	faults  faults.Injector
	// interrupts is for tests.
	interrupts interrupter
}

// Option changes how a cloud behaves.
type Option func(*Cloud)

// WithProfile makes things take as long as a profile says; without, they take no time.
func WithProfile(p *profile.Profile) Option { return func(c *Cloud) { c.profile = p } }

// WithLimits sets service limits, by their names in package limits, that are other
// than OCI's defaults.
func WithLimits(most map[string]int) Option { return func(c *Cloud) { c.limits = most } }

// WithFaults makes things go wrong from the start as a plan says.
func WithFaults(p faults.Plan) Option { return func(c *Cloud) { c.faults.Use(p) } }

// Open opens the state folder dir and makes the services. The gateway listens on
// loopback on port, or on a free port when that is taken (port 0: any).
func Open(dir string, port int, options ...Option) (*Cloud, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("state folder: %w", err)
	}
	c := &Cloud{dir: dir, began: time.Now(), stopping: make(chan struct{})}
	for _, option := range options {
		option(c)
	}
	if err := c.open(port); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (c *Cloud) open(port int) error {
	var err error
	if c.store, err = store.Open(c.dir); err != nil {
		return err
	}
	tenancy, err := iam.OpenTenancy(filepath.Join(c.dir, "identity"))
	if err != nil {
		return err
	}
	authority, err := gateway.OpenAuthority(filepath.Join(c.dir, "authority"))
	if err != nil {
		return err
	}
	c.journal = api.OpenJournal(c.dir)
	if c.listener, err = listen(port); err != nil {
		return err
	}
	c.Endpoint = endpoint.Endpoint{
		ProxyURL: "http://" + c.listener.Addr().String(), CertFile: authority.CertFile,
		TenancyID: tenancy.ID, UserID: tenancy.UserID, Fingerprint: tenancy.Fingerprint, KeyFile: tenancy.KeyFile,
		ConfigFile: filepath.Join(c.dir, "identity", "config"), Region: iam.HomeRegion, PID: os.Getpid(), ControlToken: rand.Text(),
	}
	c.engine = kind.NewEngine(c.store)
	c.engine.Profile, c.engine.Faults = c.profile, &c.faults
	for name, most := range c.limits {
		if err := c.engine.Limits().Change(name, most); err != nil {
			return err
		}
	}
	c.gateway = gateway.New(authority, c.control())
	if err := c.services.open(c, tenancy); err != nil {
		return err
	}
	for _, service := range c.services.apis() {
		service.Disturb(&c.faults)
		service.Attach(api.Signatures{Keys: tenancy}, c.services.identity, c.journal)
		if err := c.gateway.Handle(c.interrupts.watch(service), service.Hosts...); err != nil {
			return err
		}
	}
	return nil
}

// listen takes the port, or a free one when it is taken.
func listen(port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err == nil || port == 0 {
		return listener, err
	}
	listener, errFree := net.Listen("tcp", "127.0.0.1:0")
	if errFree != nil {
		return nil, fmt.Errorf("listen on loopback: %w", errors.Join(err, errFree))
	}
	slog.Info("port is taken, another is used", "port", port, "instead", listener.Addr().(*net.TCPAddr).Port)
	return listener, nil
}

// Serve serves until ctx ends or Stop is asked for, resumes what an earlier run
// had started, and closes the cloud.
func (c *Cloud) Serve(ctx context.Context) error {
	served := make(chan error, 1)
	go func() { served <- c.gateway.Serve(c.listener) }()
	c.engine.Resume()
	if err := c.services.start(ctx); err != nil {
		slog.Error("not everything of the earlier run could be resumed", "error", err)
	}
	if err := c.Endpoint.Write(c.dir); err != nil {
		return errors.Join(err, c.close())
	}
	slog.Info("ready", "proxy", c.Endpoint.ProxyURL, "after", time.Since(c.began).Round(time.Millisecond).String())
	var err error
	select {
	case <-ctx.Done():
	case <-c.stopping:
	case err = <-served:
	}
	// The endpoint goes last: who waits for its end may open the folder again.
	return errors.Join(err, c.close(), endpoint.Remove(c.dir))
}

func (c *Cloud) close() error {
	errs := []error{c.services.close()}
	if c.gateway != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := c.gateway.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			errs = append(errs, err)
		}
	}
	if c.listener != nil {
		// Closed already if it was served.
		if err := c.listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if c.engine != nil {
		c.engine.Close()
	}
	if c.journal != nil {
		errs = append(errs, c.journal.Close())
	}
	if c.store != nil {
		errs = append(errs, c.store.Close())
	}
	return errors.Join(errs...)
}
