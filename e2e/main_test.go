// Package e2e tests the whole product through its front doors: the Pulumi engine
// deploys the program into a running local cloud, and the deployed app is used
// through its URL.
package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"oci-media-pipelines/localcloud/endpoint"
)

// world is what all tests share: a copy of the project, which tests may change,
// and a local cloud that runs from it.
var world struct {
	project string // also the working directory
	state   string
	binary  string
	serve   *exec.Cmd
	cloud   endpoint.Endpoint
}

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if code, elsewhere, err := loopbackOnly(); elsewhere || err != nil {
		return code, err
	}
	dir, err := os.MkdirTemp("", "e2e")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	world.project, world.state, world.binary = filepath.Join(dir, "project"), filepath.Join(dir, "state"), filepath.Join(dir, "localcloud")
	if err := buildLocalcloud(".."); err != nil {
		return 1, err
	}
	if err := copyProject(".."); err != nil {
		return 1, err
	}
	if err := os.Chdir(world.project); err != nil {
		return 1, err
	}
	if err := startServe(); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, stopServe()) }()
	return m.Run(), nil
}

// buildLocalcloud builds as the Makefile does and in the same folder, so that Go's
// cache holds all but the linking.
func buildLocalcloud(root string) error {
	build := exec.Command("go", "build", "-buildvcs=false", "-ldflags", "-s -w", "-o", world.binary, "./localcloud")
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build localcloud: %w\n%s", err, out)
	}
	return nil
}

// copyProject copies what belongs to the project: all files that git knows or
// would take.
func copyProject(root string) error {
	list := exec.Command("git", "ls-files", "-co", "--exclude-standard", "-z")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("list the project's files: %w", err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		if err := copyFile(filepath.Join(root, name), filepath.Join(world.project, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// startServe starts the local cloud on the shared state folder and waits until
// it answers.
func startServe() error {
	log, err := os.OpenFile(filepath.Join(filepath.Dir(world.state), "serve.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	world.serve = exec.Command(world.binary, "serve", "--state", world.state, "--port", servePort())
	world.serve.Stdout, world.serve.Stderr = log, log
	if err := world.serve.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for {
		world.cloud, err = endpoint.Find(ctx, world.state)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the local cloud did not start: %w\n%s", err, serveLog())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// servePort is any port the first time and the same one after a restart: this
// process's clients keep the proxy that they saw first.
func servePort() string {
	_, port, found := strings.Cut(strings.TrimPrefix(world.cloud.ProxyURL, "http://"), ":")
	if !found {
		return "0"
	}
	return port
}

func stopServe() error {
	if err := world.serve.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return world.serve.Wait()
}

func serveLog() string {
	raw, err := os.ReadFile(filepath.Join(filepath.Dir(world.state), "serve.log"))
	if err != nil {
		return err.Error()
	}
	return string(raw)
}
