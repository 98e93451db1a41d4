// Package buildspec reads build specifications, the build_spec.yaml of OCI
// DevOps, by the syntax that OCI documents:
// https://docs.oracle.com/iaas/Content/devops/using/build_specs.htm
//
// Everything that is wrong with a specification is reported at once, each with
// its line and field. Where OCI's documentation leaves a default open, a
// specification that works with either reading works here.
package buildspec

import "time"

// MaxTimeout is the longest that a build may take, and how long it may take
// when the specification does not say.
const MaxTimeout = 8 * time.Hour

// Spec is a build specification. What a step takes over from the specification
// when it does not say itself is in the step already.
type Spec struct {
	// Timeout is for all steps together.
	Timeout time.Duration
	// Env are the variables of the steps.
	Env Env
	// InputArtifacts are fetched before the first step.
	InputArtifacts []InputArtifact
	// Steps are what to run, in this order.
	Steps []Step
	// OutputArtifacts are kept after the last step.
	OutputArtifacts []OutputArtifact
}

// Env declares variables. Only these, and PATH, keep their values from one step
// to the next.
type Env struct {
	// Variables have a value from the start, in which ${parameter} stands for
	// a parameter of the build pipeline.
	Variables map[string]string
	// VaultVariables are OCIDs of secrets, whose contents the variables get.
	VaultVariables map[string]string
	// ExportedVariables are given a value by a step, and become parameters of
	// the stages that follow in the pipeline.
	ExportedVariables []string
}

// Types of input artifacts.
const (
	// GenericArtifact is in the Artifact Registry.
	GenericArtifact = "GENERIC_ARTIFACT"
	// StageArtifact is an output artifact of an earlier build stage.
	StageArtifact = "STAGE_ARTIFACT"
	// URLArtifact is downloaded.
	URLArtifact = "URL"
)

// InputArtifact is something that the steps need.
type InputArtifact struct {
	// Name is unique among the input artifacts.
	Name string
	// Type is GenericArtifact, StageArtifact or URLArtifact.
	Type string
	// ArtifactID is a generic artifact's OCID; without it, RegistryID, Path and
	// Version say which it is.
	ArtifactID string
	// RegistryID is the OCID of the artifact repository.
	RegistryID string
	// Path is where the artifact is in its repository.
	Path string
	// Version is which of the artifact's versions.
	Version string
	// URL is where a URL artifact comes from.
	URL string
	// Location is the path of the file that it becomes, with ${variables}.
	Location string
}

// Step is a list of commands.
type Step struct {
	// Name is the step's, or its number, such as "Step 2".
	Name string
	// Command is a script.
	Command string
	// Shell is what runs it: "bash" or "/bin/sh".
	Shell string
	// RunAs is the Linux user to run it as, by name or number; empty if the
	// specification names none.
	RunAs string
	// Timeout is for the step.
	Timeout time.Duration
	// FailImmediatelyOnError ends the step at the first command that fails.
	// Otherwise the last command decides, as in any script.
	FailImmediatelyOnError bool
	// OnFailure is what to run when the step has failed.
	OnFailure []Step
}

// Types of output artifacts.
const (
	// Binary is a file.
	Binary = "BINARY"
	// DockerImage is an image that the steps have built or loaded.
	DockerImage = "DOCKER_IMAGE"
)

// OutputArtifact is something that the steps have made.
type OutputArtifact struct {
	// Name is unique among the output artifacts; later stages know it by this.
	Name string
	// Type is Binary or DockerImage.
	Type string
	// Location is the file's path or the image's name, with ${variables}.
	Location string
}
