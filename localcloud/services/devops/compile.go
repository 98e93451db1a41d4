package devops

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops/buildspec"
	"oci-media-pipelines/localcloud/services/devops/runner"
)

// defaultSpec is where a stage finds its build specification unless it says.
const defaultSpec = "build_spec.yaml"

func specFile(stage kind.Object) string {
	if file := stage.Str("buildSpecFile"); file != "" {
		return file
	}
	return defaultSpec
}

// checkedOut is a build source in a workspace.
type checkedOut struct {
	name, url, branch, commit, dir string
}

// compile runs a BUILD stage: it checks the sources out and runs the primary one's
// build specification.
func (b *build) compile(ctx context.Context, stage kind.Object) error {
	if seconds := stage.Number("stageExecutionTimeoutInSeconds"); seconds > 0 {
		limit := time.Duration(seconds) * time.Second
		var stop context.CancelFunc
		ctx, stop = context.WithTimeoutCause(ctx, limit, fmt.Errorf("the stage took longer than its timeout of %v", limit))
		defer stop()
	}
	workspace := filepath.Join(b.dir, nameOf(kind.Object{"id": stage.Str("id")}))
	if err := os.MkdirAll(workspace, 0o700); err != nil {
		return fmt.Errorf("make the workspace: %w", err)
	}
	primary, err := b.sources(ctx, stage, workspace)
	if err != nil {
		return err
	}
	spec, err := readSpec(primary, specFile(stage))
	if err != nil {
		return err
	}
	id := stage.Str("id")
	b.progress(id, func(p kind.Object) {
		steps := make([]any, len(spec.Steps))
		for i, step := range spec.Steps {
			steps[i] = kind.Object{"name": step.Name, "state": waiting}
		}
		p["steps"] = steps
	})
	environment, renewed, err := b.environment(ctx, workspace)
	if err != nil {
		return err
	}
	defer renewed()
	result, err := runner.Build{
		Spec: spec, Workspace: workspace, Primary: primary.dir, Variables: b.variables(stage, primary), Environment: environment,
		Secret: b.secret, Input: b.input,
		Step: func(e runner.StepEvent) { b.progress(id, func(p kind.Object) { stepChanged(p, e) }) },
		Log:  func(line string) { b.log.line(id, line) },
	}.Run(ctx)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return err
	}
	b.keep(result)
	b.progress(id, func(p kind.Object) { p["exportedVariables"] = pairs(result.Exported) })
	return nil
}

// keep takes what a stage leaves to later ones: its exported variables become
// parameters (documentation: Build Specification, exportedVariables).
func (b *build) keep(result runner.Result) {
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.Copy(b.parameters, result.Exported)
	maps.Copy(b.exported, result.Exported)
	maps.Copy(b.artifacts, result.Artifacts)
}

// stepChanged keeps what becomes of a step.
func stepChanged(p kind.Object, e runner.StepEvent) {
	steps, _ := p["steps"].([]any)
	if e.Index >= len(steps) {
		return
	}
	step, _ := steps[e.Index].(map[string]any)
	at := kind.Timestamp(e.Time)
	switch e.State {
	case runner.Started:
		step["state"], step["timeStarted"] = inProgress, at
	case runner.Succeeded:
		step["state"], step["timeFinished"] = succeeded, at
	default:
		// OCI's steps have no state CANCELED.
		step["state"], step["timeFinished"] = failed, at
	}
}

// sources checks out all sources of a stage side by side and returns the primary one.
func (b *build) sources(ctx context.Context, stage kind.Object, workspace string) (checkedOut, error) {
	sources := stage.Object("buildSourceCollection").Objects("items")
	if len(sources) == 0 {
		return checkedOut{}, errors.New("the stage has no build source")
	}
	wanted := stage.Str("primaryBuildSource")
	if wanted == "" {
		wanted = sources[0].Str("name") // API reference: BuildStage.primaryBuildSource
	}
	var primary checkedOut
	for _, o := range sources {
		one, err := b.checkout(ctx, o, filepath.Join(workspace, o.Str("name")))
		if err != nil {
			return checkedOut{}, err
		}
		b.log.line(stage.Str("id"), fmt.Sprintf("Source %s: branch %s, commit %s.", one.name, one.branch, one.commit))
		if one.name == wanted {
			primary = one
		}
	}
	if primary.name == "" {
		return checkedOut{}, fmt.Errorf("the primary build source %s is not among the stage's sources", wanted)
	}
	return primary, nil
}

// checkout makes a work tree of a source: at the run's commit where that is the
// source's, at the head of its branch otherwise.
func (b *build) checkout(ctx context.Context, o kind.Object, dir string) (checkedOut, error) {
	s := b.service
	from := checkedOut{name: o.Str("name"), url: o.Str("repositoryUrl"), branch: o.Str("branch"), dir: dir}
	if connection := o.Str("connectionType"); connection != "DEVOPS_CODE_REPOSITORY" {
		return from, fmt.Errorf("source %s: the local cloud builds from code repositories, not from %s; mirror the repository", from.name, connection)
	}
	id := o.Str("repositoryId")
	repository, found := s.Engine.Get(id)
	doing := fmt.Sprintf("read the source %s from repository %s", from.name, id)
	if !found {
		return from, fmt.Errorf("unable to %s: it was not found", doing)
	}
	needs := s.Engine.Target(typeRepository, repository).Needs("DEVOPS_REPOSITORY_READ")
	if err := s.Guard.Authorize(b.as.caller(), "devops", "GetRepository", b.as.Subject.Region, needs...); err != nil {
		return from, b.as.refused(err, doing, "read", "devops-repository")
	}
	revision := "refs/heads/" + strings.TrimPrefix(from.branch, "refs/heads/")
	if commit := b.run.Object("commitInfo"); commit != nil && b.isOf(commit, o) {
		from.branch, revision = strings.TrimPrefix(commit.Str("repositoryBranch"), "refs/heads/"), commit.Str("commitHash")
	}
	var err error
	if from.commit, err = s.repositories.Resolve(ctx, id, revision); err != nil {
		return from, fmt.Errorf("unable to %s: %w", doing, err)
	}
	if err := s.repositories.Checkout(ctx, id, from.commit, dir); err != nil {
		return from, fmt.Errorf("unable to %s: %w", doing, err)
	}
	return from, nil
}

// isOf reports whether a run's commit is one of a source: of the trigger's repository,
// or of the address that a manual run gives.
func (b *build) isOf(commit, o kind.Object) bool {
	if id := b.run.Object("buildRunSource").Str("repositoryId"); id != "" {
		return id == o.Str("repositoryId")
	}
	plain := func(url string) string { return strings.TrimSuffix(strings.TrimSuffix(url, "/"), ".git") }
	return plain(commit.Str("repositoryUrl")) == plain(o.Str("repositoryUrl"))
}

// readSpec reads a build specification of a source.
func readSpec(primary checkedOut, file string) (*buildspec.Spec, error) {
	root, err := os.OpenRoot(primary.dir)
	if err != nil {
		return nil, fmt.Errorf("open source %s: %w", primary.name, err)
	}
	defer root.Close()
	raw, err := root.ReadFile(filepath.FromSlash(file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the build specification %s is not in source %s at commit %s", file, primary.name, primary.commit)
	}
	if err != nil {
		return nil, fmt.Errorf("read build specification: %w", err)
	}
	spec, err := buildspec.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("build specification %s: %w", file, err)
	}
	return spec, nil
}

// variables are the parameters and what OCI defines beside them (documentation: Build
// Specification, Predefined System Variables).
func (b *build) variables(stage kind.Object, primary checkedOut) map[string]string {
	values := b.values()
	set := func(name, value string) {
		if value != "" {
			values[name] = value
		}
	}
	set("OCI_STAGE_ID", stage.Str("id"))
	set("OCI_BUILD_STAGE_NAME", stage.Str("displayName"))
	set("OCI_PIPELINE_ID", b.pipeline.Str("id"))
	set("OCI_BUILD_RUN_ID", b.run.Str("id"))
	set("OCI_PRIMARY_SOURCE_NAME", primary.name)
	set("OCI_PRIMARY_SOURCE_COMMIT_HASH", primary.commit)
	set("OCI_PRIMARY_SOURCE_SOURCE_URL", primary.url)
	set("OCI_PRIMARY_SOURCE_SOURCE_BRANCH_NAME", primary.branch)
	if b.run.Object("buildRunSource").Str("triggerId") != "" {
		commit := b.run.Object("commitInfo")
		set("OCI_TRIGGER_COMMIT_HASH", commit.Str("commitHash"))
		set("OCI_TRIGGER_SOURCE_BRANCH_NAME", commit.Str("repositoryBranch"))
		set("OCI_TRIGGER_SOURCE_URL", commit.Str("repositoryUrl"))
		set("OCI_TRIGGER_EVENT_TYPE", cmp.Or(b.run.Str(triggerEvent), eventPush))
	}
	return values
}

// secret reads a vault variable as the build pipeline, and keeps it out of the log.
func (b *build) secret(ctx context.Context, secretID string) (string, error) {
	text, err := b.as.secret(ctx, secretID)
	if err != nil {
		return "", err
	}
	b.log.hide(text)
	return text, nil
}

// input puts an input artifact at path: an output artifact of an earlier stage.
func (b *build) input(_ context.Context, wanted buildspec.InputArtifact, path string) error {
	if wanted.Type != buildspec.StageArtifact {
		return fmt.Errorf("input artifact %s: the local cloud has artifacts of earlier stages (%s) only, not %s", wanted.Name, buildspec.StageArtifact, wanted.Type)
	}
	b.mu.Lock()
	artifact, found := b.artifacts[wanted.Name]
	b.mu.Unlock()
	if !found || artifact.File == "" {
		return fmt.Errorf("input artifact %s: no earlier stage has a binary output artifact of this name", wanted.Name)
	}
	content, err := os.ReadFile(artifact.File)
	if err != nil {
		return fmt.Errorf("input artifact %s: %w", wanted.Name, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("input artifact %s: %w", wanted.Name, err)
	}
	if err := os.WriteFile(path, content, 0o700); err != nil {
		return fmt.Errorf("input artifact %s: %w", wanted.Name, err)
	}
	return nil
}
