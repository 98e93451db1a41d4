// Package runner runs build specifications for real: OCI DevOps' build runner
// on this machine.
//
// As on OCI's runner, steps run one after the other in one workspace, each in a
// shell of its own that starts in the primary source. What a step sets is seen
// by later ones only for PATH and for what the specification's env section
// declares.
//
// # What differs from OCI
//
//   - Steps are processes of the user that runs the local cloud, whatever runAs
//     says; the log tells of it. They see this machine's file system, Go
//     toolchain and tools, not those of Oracle Linux 8.
//   - Of the user's environment they see PATH, the locale, and where Go keeps
//     its caches and gets modules from. So modules and compiled packages are
//     there at once; on OCI's runners every build begins with empty caches.
//   - What a step leaves running ends with it. On Linux, what has left the step's
//     process group (setsid) lasts until the build ends, and not longer.
//   - docker is the local cloud's own (see package docker): it loads, tags and
//     keeps images, and builds none. A docker of this machine is not used, since
//     what a run leaves behind has to be the run's own.
//   - What vault variables hold is masked in logs and errors; OCI's runner shows it.
//   - Vulnerability audits are not run, nor folders taken as artifacts.
package runner

import (
	"context"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"oci-media-pipelines/localcloud/services/devops/buildspec"
)

// Build is one run of a specification.
type Build struct {
	// Spec says what to run.
	Spec *buildspec.Spec
	// Workspace is a folder of the caller's, OCI_WORKSPACE_DIR for the steps.
	// The runner keeps its own things in .runner in it.
	Workspace string
	// Primary is the checkout of the primary source, OCI_PRIMARY_SOURCE_DIR,
	// where each step starts. It is in Workspace as a rule.
	Primary string
	// Variables are the parameters of the pipeline and OCI's predefined
	// variables. They go before the specification's own of the same name, and
	// replace ${name} in the values of those.
	Variables map[string]string
	// Environment is what the steps get beside their variables, as
	// "NAME=value": the cloud's proxy and certificate, a resource principal.
	// A NO_PROXY in it is kept, with the hosts of Go modules added.
	Environment []string
	// Secret reads the content of the secret of a vault variable.
	Secret func(ctx context.Context, secretID string) (string, error)
	// Input puts an input artifact, with its variables replaced, at path.
	Input func(ctx context.Context, artifact buildspec.InputArtifact, path string) error
	// Step hears what becomes of the steps, in order; nil for nobody.
	Step func(StepEvent)
	// Log gets what the steps write and what the runner has to say, line by
	// line and in order, with the contents of secrets masked.
	Log func(line string)
	// Docker is the command that the steps' docker runs, with the folder of the
	// run's images in front of their arguments. Empty means docker.Command, this
	// executable.
	Docker []string
	// Second is how long a second of a time limit is; 0 for a second.
	Second time.Duration
}

// State is what has become of a step.
type State string

// States of a step.
const (
	// Started means that the step runs.
	Started State = "STARTED"
	// Succeeded means that its commands have.
	Succeeded State = "SUCCEEDED"
	// Failed means that a command has, or that it took too long.
	Failed State = "FAILED"
	// Canceled means that the build was ended from outside.
	Canceled State = "CANCELED"
)

// StepEvent is a change of a step's state.
type StepEvent struct {
	// Index is which of the specification's steps, from 0.
	Index int
	// Name is the step's.
	Name string
	// State is its new one.
	State State
	// Time is when.
	Time time.Time
	// Err is why it has failed, with secrets masked; nil otherwise.
	Err error
}

// Result is what a build leaves behind.
type Result struct {
	// Exported are the exported variables that the steps have set.
	Exported map[string]string
	// Artifacts are the output artifacts by name.
	Artifacts map[string]Artifact
}

// Artifact is an output artifact, in the workspace.
type Artifact struct {
	// Type is buildspec.Binary or buildspec.DockerImage.
	Type string
	// Location is the specification's, with its variables replaced.
	Location string
	// File is the path of a binary artifact.
	File string
	// Image is a container image artifact. It reads its layers from the
	// workspace.
	Image v1.Image
}
