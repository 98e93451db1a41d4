package runtime

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"oci-media-pipelines/localcloud/runtime/group"
)

// Config says where a [Runtime] keeps its files and what it injects.
type Config struct {
	// Dir is the state folder (required): "rootfs" holds unpacked images,
	// "run" one folder per container.
	Dir string
	// ProxyURL becomes HTTPS_PROXY and https_proxy of every process, for
	// example "http://127.0.0.1:8443". Empty: not set.
	ProxyURL string
	// CAFile becomes SSL_CERT_FILE: the PEM bundle that the process trusts.
	// Empty: not set.
	CAFile string
	// Identity issues resource principal credentials. Nil: a [Spec] with a
	// Subject is refused.
	Identity Identity
	// MaxUnpackedBytes bounds the unpacked size of one image. Default 15 GiB,
	// the ephemeral storage of a container instance
	// (https://docs.oracle.com/iaas/Content/container-instances/shapes.htm).
	MaxUnpackedBytes int64
	// BackOff is the wait before the n-th restart in a row, n counted from 1.
	// Default: [DefaultBackOff].
	BackOff func(n int) time.Duration
}

// Runtime unpacks images and runs containers. Use [New]. Safe for concurrent use.
type Runtime struct {
	cfg    Config
	unpack singleflight.Group
	// unpacking counts those that asked for an image, so that Close waits for the work.
	unpacking sync.WaitGroup

	mu         sync.Mutex
	closed     bool
	containers map[string]*Container // by Spec.ID; running or ended, until removed
	logs       map[string]*Log       // by Spec.ID
}

// New prepares the state folder, removes what an interrupted unpack left
// behind and (on Linux) ends processes that outlived an earlier local cloud on
// the same folder.
func New(cfg Config) (*Runtime, error) {
	if cfg.Dir == "" {
		return nil, errors.New("runtime: no state folder given")
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("runtime: state folder: %w", err)
	}
	cfg.Dir = dir
	if cfg.MaxUnpackedBytes == 0 {
		cfg.MaxUnpackedBytes = 15 << 30
	}
	if cfg.BackOff == nil {
		cfg.BackOff = DefaultBackOff
	}
	for _, sub := range []string{rootfsFolder, runFolder} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, fmt.Errorf("runtime: state folder: %w", err)
		}
	}
	if err := removeUnfinished(filepath.Join(dir, rootfsFolder)); err != nil {
		return nil, fmt.Errorf("runtime: clean up: %w", err)
	}
	// Links resolved, so that paths within can be compared.
	if cfg.Dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, fmt.Errorf("runtime: state folder: %w", err)
	}
	dir = cfg.Dir
	// Those of an earlier local cloud are known by their private TMPDIR.
	group.KillMarked("TMPDIR=" + filepath.Join(dir, runFolder) + string(filepath.Separator))
	return &Runtime{cfg: cfg, containers: map[string]*Container{}, logs: map[string]*Log{}}, nil
}

// Container returns the container started under that ID, running or ended, or
// nil when there is none.
func (r *Runtime) Container(id string) *Container {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.containers[id]
}

// Log returns the log of the container with that ID; it can be read while the
// container runs, after it ended and after a restart of the local cloud, until
// [Runtime.Remove]. A caller may also keep a log of its own under an ID that no
// container has.
func (r *Runtime) Log(id string) (*Log, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l := r.logs[id]; l != nil {
		return l, nil
	}
	l, err := openLog(r.runDir(id))
	if err != nil {
		return nil, fmt.Errorf("runtime: log of %s: %w", id, err)
	}
	r.logs[id] = l
	return l, nil
}

// Remove deletes the folder of a container that has ended or never ran: its
// log and private files. Removing an unknown ID is no error.
func (r *Runtime) Remove(id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.containers[id]; c != nil {
		select {
		case <-c.Done():
		default:
			return fmt.Errorf("runtime: %s is running: stop it first", id)
		}
		delete(r.containers, id)
	}
	if l := r.logs[id]; l != nil {
		l.close()
		delete(r.logs, id)
	}
	if err := os.RemoveAll(r.runDir(id)); err != nil {
		return fmt.Errorf("runtime: remove %s: %w", id, err)
	}
	return nil
}

// Close stops all containers, each with its own grace time but no longer than
// ctx allows, and waits for them. Start fails from then on.
func (r *Runtime) Close(ctx context.Context) error {
	r.mu.Lock()
	r.closed = true
	running := make([]*Container, 0, len(r.containers))
	for _, c := range r.containers {
		running = append(running, c)
	}
	r.mu.Unlock()

	var wg sync.WaitGroup
	for _, c := range running {
		wg.Go(func() { c.Stop(ctx) })
	}
	wg.Go(r.unpacking.Wait)
	wg.Wait()

	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.logs {
		l.close()
	}
	clear(r.logs)
	return nil
}

const (
	rootfsFolder = "rootfs"
	runFolder    = "run"
)
