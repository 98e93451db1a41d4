package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"oci-media-pipelines/localcloud/runtime/group"
	"oci-media-pipelines/localcloud/services/devops/buildspec"
	"oci-media-pipelines/localcloud/services/devops/docker"
)

// own is the runner's folder in the workspace.
const own = ".runner"

// run is a Build that runs.
type run struct {
	Build
	outside   context.Context   // the caller's
	temporary string            // short, for sockets have to fit into paths
	secrets   map[string]string // contents of the vault variables
	current   map[string]string // the environment of the next step
	log       *log
	images    *docker.Store
}

// Run runs the build. It returns when everything that the steps have started is
// gone, also when ctx ends before; the error is ctx's then. The error of a
// failed build names the step or the artifact, and has no secrets in it.
func (b Build) Run(ctx context.Context) (result Result, err error) {
	r := &run{Build: b, outside: ctx, log: newLog(b.Log, nil)}
	whole, cancel := context.WithTimeoutCause(ctx, r.duration(b.Spec.Timeout),
		fmt.Errorf("the build took longer than the specification's timeoutInSeconds, %d", int(b.Spec.Timeout/time.Second)))
	defer cancel()
	if err := r.prepare(whole); err != nil {
		return Result{}, r.masked(err)
	}
	defer func() { err = errors.Join(err, r.cleanUp()) }()
	for i, step := range b.Spec.Steps {
		if err := r.step(whole, i, step); err != nil {
			return Result{}, r.masked(err)
		}
	}
	result.Exported = r.exported()
	result.Artifacts, err = r.artifacts()
	return result, r.masked(err)
}

// masked is err without secrets.
func (r *run) masked(err error) error {
	if err == nil {
		return nil
	}
	if text := r.log.masked(err.Error()); text != err.Error() {
		return errors.New(text)
	}
	return err
}

// duration is a limit in units of the build.
func (b Build) duration(limit time.Duration) time.Duration {
	if b.Second == 0 {
		return limit
	}
	return limit / time.Second * b.Second
}

func (r *run) home() string { return filepath.Join(r.Workspace, own, "home") }
func (r *run) bin() string  { return filepath.Join(r.Workspace, own, "bin") }

// prepare makes everything ready for the first step.
func (r *run) prepare(ctx context.Context) (err error) {
	// Links resolved, so that steps see the paths that processes report.
	if r.Workspace, err = resolved(r.Workspace); err != nil {
		return fmt.Errorf("workspace: %w", err)
	}
	if r.Primary, err = resolved(r.Primary); err != nil {
		return fmt.Errorf("primary source: %w", err)
	}
	for _, dir := range []string{r.home(), r.bin()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("workspace: %w", err)
		}
	}
	if err := r.placeDocker(); err != nil {
		return fmt.Errorf("workspace: %w", err)
	}
	if err := r.readSecrets(ctx); err != nil {
		return err
	}
	if r.temporary, err = os.MkdirTemp("", "build-"); err != nil {
		return err
	}
	if r.current, err = r.environment(ctx); err == nil {
		err = r.inputs(ctx)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(r.temporary))
	}
	return nil
}

func resolved(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

// cleanUp ends what has left the group of its step, on Linux, and removes the
// temporary folder.
func (r *run) cleanUp() error {
	// A process that is asked to end may take a moment for it, and start another.
	for range 200 {
		if group.KillMarked("OCI_WORKSPACE_DIR="+r.Workspace+"\x00") == 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	return os.RemoveAll(r.temporary)
}

// placeDocker opens the run's images and puts the command for them, under both
// its names, where PATH begins.
func (r *run) placeDocker() error {
	dir := filepath.Join(r.Workspace, own, "images")
	images, err := docker.Open(dir)
	if err != nil {
		return err
	}
	r.images = images
	script := "#!/bin/sh\n"
	if command, err := r.docker(); err != nil {
		// Steps that do without docker run all the same.
		script += "echo " + quoted("docker: "+err.Error()) + " >&2\nexit 125\n"
	} else {
		script += "exec"
		for _, word := range append(command, dir) {
			script += " " + quoted(word)
		}
		script += ` "$@"` + "\n"
	}
	for _, name := range []string{"docker", "podman"} {
		if err := os.WriteFile(filepath.Join(r.bin(), name), []byte(script), 0o700); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) docker() ([]string, error) {
	if len(r.Docker) > 0 {
		return slices.Clone(r.Docker), nil
	}
	return docker.Command()
}

// quoted is a word of a shell's.
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

func (r *run) readSecrets(ctx context.Context) error {
	r.secrets = map[string]string{}
	for name, id := range r.Spec.Env.VaultVariables {
		id = r.replaceParameters(id)
		if r.Secret == nil {
			return fmt.Errorf("vault variable %s: secrets cannot be read here", name)
		}
		content, err := r.Secret(ctx, id)
		if err != nil {
			return fmt.Errorf("vault variable %s: reading secret %s: %w", name, id, err)
		}
		r.secrets[name] = content
	}
	r.log = newLog(r.Log, r.secrets)
	return nil
}

// step runs a step and, if it fails, its handlers.
func (r *run) step(ctx context.Context, index int, step buildspec.Step) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r.event(index, step, Started, nil)
	r.log.printf("Executing SPEC_STEP : %s", step.Name)
	err := r.execute(ctx, step)
	var failure *stepFailure
	switch {
	case err == nil:
		r.log.printf("SPEC_STEP : %s execution completed.", step.Name)
		r.event(index, step, Succeeded, nil)
		return nil
	case errors.As(err, &failure):
		err = fmt.Errorf("step %q: %w", step.Name, err)
		r.log.printf("Failed: %s", err)
		r.handle(ctx, step)
		r.event(index, step, Failed, err)
	case r.outside.Err() != nil:
		err = fmt.Errorf("step %q: %w", step.Name, err)
		r.event(index, step, Canceled, err)
	default:
		err = fmt.Errorf("step %q: %w", step.Name, err)
		r.log.printf("Failed: %s", err)
		r.event(index, step, Failed, err)
	}
	return err
}

// handle runs what is to be done after a failure. The build has failed anyhow.
func (r *run) handle(ctx context.Context, step buildspec.Step) {
	for i, handler := range step.OnFailure {
		if ctx.Err() != nil {
			return
		}
		r.log.printf("Executing onFailure of SPEC_STEP : %s, %d of %d", step.Name, i+1, len(step.OnFailure))
		if err := r.execute(ctx, handler); err != nil {
			r.log.printf("Failed: on failure of %s: %s", step.Name, err)
			return
		}
	}
}

func (r *run) event(index int, step buildspec.Step, state State, err error) {
	if r.Step != nil {
		r.Step(StepEvent{Index: index, Name: step.Name, State: state, Time: time.Now(), Err: r.masked(err)})
	}
}
