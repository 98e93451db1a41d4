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
