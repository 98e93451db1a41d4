// Package deploy runs the Pulumi program against a local cloud: the real Pulumi
// engine, its state in the cloud's state folder, the program in this process.
package deploy

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"maps"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"oci-media-pipelines/localcloud/endpoint"
	"oci-media-pipelines/localcloud/provider"
)

// Options says what is deployed where.
type Options struct {
	// Project is the folder of Pulumi.yaml and the stacks' configuration.
	Project string
	// State is the local cloud's state folder.
	State string
	// Stack is the stack's name; Pulumi.<Stack>.yaml is its configuration.
	Stack string
	// Program is the Pulumi program.
	Program pulumi.RunFunc
	// Endpoint is the local cloud.
	Endpoint endpoint.Endpoint
	// Overrides are settings, by full key, that take precedence over the stack's
	// configuration.
	Overrides map[string]string
	// Official is the plugin of Pulumi's own OCI provider (FindOfficial); empty for
	// the provider of the local cloud.
	Official string
	// Progress receives the engine's progress display.
	Progress io.Writer
	// Colour is "always", "never" or "auto".
	Colour string
}

// buildCache names the folder where ko keeps what it has built, so that images of
// unchanged sources are neither linked nor compressed again. Builds into one folder
// must not overlap, hence one for each stack, of which a process runs one at a time.
const buildCache = "KOCACHE"

// Deployment is a stack in a local cloud.
type Deployment struct {
	stack   auto.Stack
	options Options
	lock    *flock.Flock
	stop    context.CancelFunc
}

// Open prepares a stack. The process's environment is pointed at the local
// cloud, for the program and the provider run inside this process: a process
// deploys to one cloud, and one stack at a time.
func Open(ctx context.Context, o Options) (*Deployment, error) {
	if err := CheckStack(o.Stack); err != nil {
		return nil, err
	}
	// The image builder writes to the standard logger what the engine's display
	// already shows.
	log.SetOutput(io.Discard)
	environment := o.Endpoint.Environment()
	environment[buildCache] = filepath.Join(o.State, "builds", o.Stack)
	for name, value := range environment {
		if err := os.Setenv(name, value); err != nil {
			return nil, fmt.Errorf("set %s: %w", name, err)
		}
	}
	if err := os.MkdirAll(filepath.Join(o.State, "workspaces"), 0o700); err != nil {
		return nil, fmt.Errorf("create workspaces: %w", err)
	}
	held, err := lock(o)
	if err != nil {
		return nil, err
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	d := &Deployment{options: o, lock: held, stop: stop}
	if d.stack, err = open(ctx, serving, o); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Close stops the provider and lets other processes have the stack.
func (d *Deployment) Close() error {
	d.stop()
	return d.lock.Unlock()
}

func open(ctx, serving context.Context, o Options) (auto.Stack, error) {
	work, err := workspaceDir(o)
	if err != nil {
		return auto.Stack{}, err
	}
	environment, err := engineEnvironment(o)
	if err != nil {
		return auto.Stack{}, err
	}
	choice, err := chooseProvider(serving, o, environment["PULUMI_HOME"])
	if err != nil {
		return auto.Stack{}, err
	}
	maps.Copy(environment, choice)
	stack, err := auto.UpsertStackInlineSource(ctx, o.Stack, projectName, o.Program, auto.WorkDir(work), auto.EnvVars(environment))
	if err != nil {
		return auto.Stack{}, fmt.Errorf("open stack %s: %w", o.Stack, err)
	}
	if err := release(ctx, stack, o.State); err != nil {
		return auto.Stack{}, err
	}
	return stack, nil
}

func engineEnvironment(o Options) (map[string]string, error) {
	backend := filepath.Join(o.State, "pulumi")
	home := filepath.Join(o.State, "pulumi-home")
	for _, dir := range []string{backend, home} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("create folder of the engine's state: %w", err)
		}
	}
	passphrase, err := passphrase(filepath.Join(o.State, "passphrase"))
	if err != nil {
		return nil, err
	}
	environment := map[string]string{
		// Without the files beside each file that say its type and checksum: they are not
		// written at once, so one of a run that was killed may be empty, which makes the
		// stack unreadable ("failed to load checkpoint: EOF").
		"PULUMI_BACKEND_URL":       "file://" + filepath.ToSlash(backend) + "?metadata=skip",
		"PULUMI_HOME":              home,
		"PULUMI_CONFIG_PASSPHRASE": passphrase,
		"PULUMI_SKIP_UPDATE_CHECK": "1",
		// Without this the engine looks for an attached provider's plugin all the same,
		// five times over.
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
		keepStates: "true",
	}
	maps.Copy(environment, o.Endpoint.Environment())
	return environment, nil
}

// chooseProvider gives the engine its OCI provider, and returns the environment that
// leads it there: the local cloud's, served until serving ends, or the official one.
func chooseProvider(serving context.Context, o Options, home string) (map[string]string, error) {
	if o.Official != "" {
		// A plugin on PATH would win over the one that was asked for.
		return map[string]string{"PULUMI_IGNORE_AMBIENT_PLUGINS": "true"}, linkOfficial(home, o.Official)
	}
	port, err := provider.Serve(serving)
	if err != nil {
		return nil, err
	}
	return map[string]string{"PULUMI_DEBUG_PROVIDERS": fmt.Sprintf("oci:%d", port)}, nil
}

// passphrase returns the passphrase of the local stacks' secrets, made once.
func passphrase(path string) (string, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makePassphrase(path); err != nil {
			return "", fmt.Errorf("write passphrase: %w", err)
		}
		raw, err = os.ReadFile(path)
	}
	if err != nil {
		return "", fmt.Errorf("read passphrase: %w", err)
	}
	return string(raw), nil
}

// makePassphrase links a whole file into place: another stack's run may do the
// same at this moment, and there must be one passphrase only.
func makePassphrase(path string) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path))
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.WriteString(rand.Text())
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Link(file.Name(), path); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// Preview shows what Up would do and returns the number of steps by operation.
func (d *Deployment) Preview(ctx context.Context, extra ...optpreview.Option) (auto.PreviewResult, error) {
	options := append([]optpreview.Option{optpreview.ProgressStreams(d.options.Progress), optpreview.Color(d.options.Colour), optpreview.SuppressOutputs()}, extra...)
	if err := d.recover(ctx); err != nil {
		return auto.PreviewResult{}, err
	}
	return d.stack.Preview(ctx, options...)
}

// Up deploys the program. The result's summary has no secrets of the configuration,
// which would take another derivation of their key; its outputs have theirs.
func (d *Deployment) Up(ctx context.Context, extra ...optup.Option) (auto.UpResult, error) {
	options := append([]optup.Option{optup.ProgressStreams(d.options.Progress), optup.Color(d.options.Colour), optup.SuppressOutputs(), optup.ShowSecrets(false)}, extra...)
	if err := d.recover(ctx); err != nil {
		return auto.UpResult{}, err
	}
	result, err := d.stack.Up(ctx, options...)
	return result, d.ended(err)
}

// Refresh reads the stack's resources from the cloud into its state.
func (d *Deployment) Refresh(ctx context.Context, extra ...optrefresh.Option) (auto.RefreshResult, error) {
	options := append([]optrefresh.Option{optrefresh.ProgressStreams(d.options.Progress), optrefresh.Color(d.options.Colour), optrefresh.ShowSecrets(false)}, extra...)
	if err := d.recover(ctx); err != nil {
		return auto.RefreshResult{}, err
	}
	result, err := d.stack.Refresh(ctx, options...)
	return result, d.ended(err)
}

// Destroy removes the stack's resources. The program runs, for its hooks empty
// what must be empty before it can be deleted.
func (d *Deployment) Destroy(ctx context.Context, extra ...optdestroy.Option) (auto.DestroyResult, error) {
	options := append([]optdestroy.Option{optdestroy.ProgressStreams(d.options.Progress), optdestroy.Color(d.options.Colour), optdestroy.RunProgram(true), optdestroy.ShowSecrets(false)}, extra...)
	cutOff, err := d.keptStates()
	if err != nil {
		return auto.DestroyResult{}, err
	}
	if err := d.recover(ctx); err != nil {
		return auto.DestroyResult{}, err
	}
	if len(cutOff) > 0 {
		// The program would push images to repositories that are in the state but gone.
		if _, err := d.stack.Refresh(ctx, optrefresh.ProgressStreams(d.options.Progress), optrefresh.Color(d.options.Colour), optrefresh.ShowSecrets(false)); err != nil {
			return auto.DestroyResult{}, err
		}
	}
	result, err := d.stack.Destroy(ctx, options...)
	return result, d.ended(err)
}

// Outputs returns the stack's outputs.
func (d *Deployment) Outputs(ctx context.Context) (auto.OutputMap, error) {
	return d.stack.Outputs(ctx)
}

// Stack is the stack, for what this package does not wrap.
func (d *Deployment) Stack() auto.Stack { return d.stack }
