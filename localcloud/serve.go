package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"oci-media-pipelines/localcloud/cloud"
	"oci-media-pipelines/localcloud/endpoint"
	"oci-media-pipelines/localcloud/faults"
)

type serveCmd struct {
	profileFlags
	Limits map[string]int `help:"Service limits other than OCI's defaults, as name=number;… The default lets a stack come and go: vaults count for weeks after their deletion." default:"virtual-vault-count=1000" env:"LOCALCLOUD_LIMITS"`
	Faults string         `help:"File with a fault plan: what goes wrong, and how often." type:"existingfile" env:"LOCALCLOUD_FAULTS"`
	Port   int            `help:"Port of the gateway; a free one when it is taken." default:"${port}" env:"LOCALCLOUD_PORT"`
}

// Run serves until the process is told to end.
func (s *serveCmd) Run(ctx context.Context, g *globals) error {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	dir, err := g.dir()
	if err != nil {
		return err
	}
	p, err := s.profileFlags.read()
	if err != nil {
		return err
	}
	options := []cloud.Option{cloud.WithProfile(p), cloud.WithLimits(s.Limits)}
	if s.Faults != "" {
		plan, err := faults.Load(s.Faults)
		if err != nil {
			return err
		}
		options = append(options, cloud.WithFaults(plan))
	}
	c, err := cloud.Open(dir, s.Port, options...)
	if err != nil {
		return err
	}
	return c.Serve(ctx)
}

type stopCmd struct{}

// Run stops the local cloud and waits for its end.
func (*stopCmd) Run(ctx context.Context, g *globals) error {
	dir, err := g.dir()
	if err != nil {
		return err
	}
	return stop(ctx, dir)
}

// stopTimeout is how long a cloud may take to end its workloads.
const stopTimeout = time.Minute

func stop(ctx context.Context, dir string) error {
	e, err := endpoint.Find(ctx, dir)
	if errors.Is(err, endpoint.ErrNotRunning) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := e.Control(ctx, http.MethodPost, "/stop", nil); err != nil {
		return err
	}
	return wait(ctx, stopTimeout, "the local cloud to stop", func() (bool, error) {
		_, err := os.Stat(filepath.Join(dir, "endpoint.json"))
		return errors.Is(err, os.ErrNotExist), nil
	})
}

// startTimeout is how long a cloud may take to be ready.
const startTimeout = 20 * time.Second

// start returns the endpoint of the local cloud on a state folder, and starts it
// in the background if it does not run.
func start(ctx context.Context, dir string, wanted profileFlags, out io.Writer) (e endpoint.Endpoint, err error) {
	e, err = endpoint.Find(ctx, dir)
	if err == nil {
		return e, wanted.match(ctx, e)
	}
	if !errors.Is(err, endpoint.ErrNotRunning) {
		return e, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return e, fmt.Errorf("create state folder: %w", err)
	}
	// Of two commands at a time one starts the cloud and the other finds it.
	starting := flock.New(filepath.Join(dir, "start.lock"))
	if err := starting.Lock(); err != nil {
		return e, fmt.Errorf("lock state folder: %w", err)
	}
	defer func() { err = errors.Join(err, starting.Unlock()) }()
	if e, err := endpoint.Find(ctx, dir); err == nil || !errors.Is(err, endpoint.ErrNotRunning) {
		return e, err
	}
	program, err := os.Executable()
	if err != nil {
		return e, fmt.Errorf("find this program: %w", err)
	}
	logPath := filepath.Join(dir, "serve.log")
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return e, fmt.Errorf("open log of the local cloud: %w", err)
	}
	defer log.Close()
	command := exec.Command(program, append([]string{"serve", "--state", dir}, wanted.arguments()...)...)
	command.Stdout, command.Stderr = log, log
	detach(command)
	if err := command.Start(); err != nil {
		return e, fmt.Errorf("start the local cloud: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	err = wait(ctx, startTimeout, "the local cloud to start (see "+logPath+")", func() (bool, error) {
		select {
		case err := <-ended:
			text, _ := os.ReadFile(logPath) // The reason is shown if there is one.
			return false, fmt.Errorf("the local cloud did not start: %w\n%s", err, text)
		default:
		}
		e, err = endpoint.Find(ctx, dir)
		return err == nil, nil
	})
	if err == nil {
		fmt.Fprintln(out, "The local cloud runs at", e.ProxyURL)
	}
	return e, err
}

// wait polls a condition until it holds, fails, or time is up.
func wait(ctx context.Context, limit time.Duration, what string, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", what, ctx.Err())
		}
	}
}
