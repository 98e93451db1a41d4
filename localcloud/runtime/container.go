package runtime

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Spec describes one container to run.
type Spec struct {
	// ID names the container for good, usually an OCID (required). Its log
	// lives under that name.
	ID string
	// Image is what to run (required); layers are fetched when needed.
	Image v1.Image
	// Mounts are folders of this machine by the paths at which the container
	// expects them. A process sees this machine's files, so the paths are
	// translated where it is told of them: in its command line and in its
	// variables. One at /tmp becomes its TMPDIR.
	Mounts map[string]string
	// Command replaces the image's ENTRYPOINT, Arguments its CMD.
	Command, Arguments []string
	// WorkingDir is a path of the image; default: the image's, then "/".
	WorkingDir string
	// Env is added to the image's variables and wins over them; injected
	// variables (see [Config] and Subject) win over both.
	Env map[string]string
	// HostPrograms are programs of this machine, by name, that the container finds
	// in PATH unless its image brings them. Those that this machine does not have
	// are not there.
	HostPrograms []string
	// MemoryBytes is the limit of resident memory; 0: none. See the package
	// comment for how it is enforced.
	MemoryBytes int64
	// Proxy are the credentials by which the proxy knows the process; nil: it has
	// none.
	Proxy *url.Userinfo
	// Subject gets a resource principal; nil: the process has none.
	Subject *Subject
	// Restart is applied when the process ends by itself.
	Restart RestartPolicy
	// Grace is how long the process has between SIGTERM and SIGKILL when it is
	// stopped; 0: SIGKILL at once, as OCI's default does.
	Grace time.Duration
	// OnLine gets the output line by line, OnExit every end of a process.
	// Both may be nil, are called in order, must not block for long and must
	// not call Stop.
	OnLine func(Line)
	OnExit func(Exit)
}

// Exit reports the end of a process.
type Exit struct {
	// Code is the exit code; 128 + n after signal n, as container engines
	// count; 127 when it could not be started.
	Code int
	// Reason says in words why, where the code does not: a signal, the memory
	// limit, what [Container.Kill] was told.
	Reason string
	// At is when it ended.
	At time.Time
	// Restarting tells that the restart policy starts it again.
	Restarting bool
}

// Status is a snapshot of a container.
type Status struct {
	// PID is the process ID, 0 while no process runs (ended or backing off).
	PID int
	// Restarts counts the starts after the first.
	Restarts int
	// StartedAt is when the current or last process started.
	StartedAt time.Time
	// LastExit is the newest end of a process, nil before the first.
	LastExit *Exit
	// Ended tells that it will not run again.
	Ended bool
}

// Container is a started image. Use [Runtime.Start].
type Container struct {
	spec    Spec
	rt      *Runtime
	root    *RootFS
	dir     string
	log     *Log
	command *command

	stopOnce sync.Once
	stopping chan struct{}
	done     chan struct{}

	mu      sync.Mutex
	status  Status
	process *process
	reason  string // why the current process is being killed
}

// Start unpacks the image if need be, starts its process and returns once that
// runs. ctx bounds the start only. Errors are worded for the person who
// deployed the image.
func (r *Runtime) Start(ctx context.Context, spec Spec) (*Container, error) {
	if spec.ID == "" || spec.Image == nil {
		return nil, errors.New("runtime: a container needs an ID and an image")
	}
	root, err := r.Unpack(ctx, spec.Image)
	if err != nil {
		return nil, err
	}
	c := &Container{
		spec: spec, rt: r, root: root, dir: r.runDir(spec.ID),
		stopping: make(chan struct{}), done: make(chan struct{}),
	}
	if err := r.reserve(c); err != nil {
		return nil, err
	}
	if err := c.launch(ctx); err != nil {
		close(c.done)
		return nil, fmt.Errorf("runtime: start %s: %w", spec.ID, err)
	}
	return c, nil
}

// reserve enters the container under its ID, in place of one that has ended.
func (r *Runtime) reserve(c *Container) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return errors.New("runtime: closed")
	}
	if old := r.containers[c.spec.ID]; old != nil {
		select {
		case <-old.done:
		default:
			return fmt.Errorf("runtime: %s is running already", c.spec.ID)
		}
	}
	r.containers[c.spec.ID] = c
	return nil
}

func (c *Container) launch(ctx context.Context) error {
	injected, err := c.prepare()
	if err != nil {
		return err
	}
	var principal *credentials
	var refreshIn time.Duration
	if c.spec.Subject != nil {
		if c.rt.cfg.Identity == nil {
			return errors.New("it wants a resource principal, and nobody issues them")
		}
		principal = &credentials{identity: c.rt.cfg.Identity, subject: *c.spec.Subject, dir: filepath.Join(c.dir, "principal")}
		if refreshIn, err = principal.write(ctx); err != nil {
			return err
		}
		maps.Copy(injected, principal.variables())
	}
	var borrowed string
	if len(c.spec.HostPrograms) > 0 {
		if borrowed, err = borrow(c.dir, c.spec.HostPrograms); err != nil {
			return err
		}
	}
	if c.command, err = resolve(c.root, &c.spec, injected, borrowed); err != nil {
		return err
	}
	if err := c.startProcess(); err != nil {
		return err
	}
	life, end := context.WithCancel(context.Background())
	if principal != nil {
		go principal.keepFresh(life, refreshIn, func(err error) {
			fmt.Fprintf(c.log, "[local cloud] %v; trying again\n", err)
		})
	}
	go func() {
		defer end()
		c.supervise()
	}()
	return nil
}

// prepare makes the container's folders and returns what is injected besides
// the principal.
func (c *Container) prepare() (map[string]string, error) {
	tmp := filepath.Join(c.dir, tmpFolder)
	if err := os.RemoveAll(tmp); err != nil {
		return nil, err
	}
	for _, dir := range []string{tmp, filepath.Join(c.dir, "principal")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	log, err := c.rt.Log(c.spec.ID)
	if err != nil {
		return nil, err
	}
	c.log = log
	if mounted := c.spec.Mounts["/tmp"]; mounted != "" {
		tmp = mounted
	}
	injected := map[string]string{"TMPDIR": tmp}
	if proxy := c.rt.cfg.ProxyURL; proxy != "" {
		if c.spec.Proxy != nil {
			at, err := url.Parse(proxy)
			if err != nil {
				return nil, err
			}
			at.User = c.spec.Proxy
			proxy = at.String()
		}
		injected["HTTPS_PROXY"], injected["https_proxy"] = proxy, proxy
	}
	if ca := c.rt.cfg.CAFile; ca != "" {
		injected["SSL_CERT_FILE"] = ca
	}
	return injected, nil
}

const tmpFolder = "tmp"

// runDir is short whatever the ID: a program may put a Unix socket into its
// TMPDIR, and those allow about 100 bytes of path.
func (r *Runtime) runDir(id string) string {
	sum := sha256.Sum256([]byte(id))
	return filepath.Join(r.cfg.Dir, runFolder, hex.EncodeToString(sum[:8]))
}
