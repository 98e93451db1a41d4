package devops

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops/runner"
)

// workspaces is the folder of the builds' workspaces.
const workspaces = "devops/runs"

// build is a build run under way.
type build struct {
	service       *Service
	run, pipeline kind.Object
	as            principal
	log           *record
	// dir is the run's folder: a workspace for each of its BUILD stages.
	dir string

	mu sync.Mutex
	// parameters are the pipeline's, with the variables that stages have exported.
	parameters map[string]string
	exported   map[string]string
	artifacts  map[string]runner.Artifact // output artifacts, by name
	delivered  []kind.Object
}

// performBuild takes a build run through its pipeline's stages.
func (s *Service) performBuild(ctx context.Context, run kind.Object) (err error) {
	pipeline, found := s.Engine.Get(run.Str("buildPipelineId"))
	if !found {
		return errors.New("the build pipeline was deleted")
	}
	b := &build{
		service: s, run: run, pipeline: pipeline, as: s.principalOf(pipeline), log: s.buildLog(run),
		parameters: parameters(pipeline.Object("buildPipelineParameters"), run.Object("buildRunArguments")),
		exported:   map[string]string{}, artifacts: map[string]runner.Artifact{},
	}
	s.amend(run.Str("id"), func(o kind.Object) {
		o.Object("buildRunProgress")["timeStarted"] = kind.Timestamp(time.Now())
		summarise(o)
	})
	defer func() {
		outputs := b.outputs()
		s.amend(run.Str("id"), func(o kind.Object) { o["buildOutputs"] = outputs })
	}()
	if !s.logged(run.Str("projectId")) {
		return notLogged(run)
	}
	s.announce(pipeline, run, buildRunEvent+".begin", b.log)
	b.log.line("", "Build run "+nameOf(run)+" started.")
	if b.dir, err = s.Store.Dir(filepath.Join(workspaces, nameOf(kind.Object{"id": run.Str("id")}))); err != nil {
		return err
	}
	defer func() {
		if gone := removeAll(b.dir); gone != nil {
			err = errors.Join(err, fmt.Errorf("remove the build's workspace: %w", gone))
		}
	}()
	return inOrder(ctx, pipeline.Str("id"), s.stagesOfBuild(pipeline.Str("id")), nil, b.stage)
}

func (s *Service) buildLog(run kind.Object) *record {
	return &record{service: s, projectID: run.Str("projectId"), about: map[string]string{"buildRunId": run.Str("id"), "buildPipelineId": run.Str("buildPipelineId")}}
}

// buildEnded tells of a build run's end.
func (s *Service) buildEnded(run kind.Object) {
	log := s.buildLog(run)
	log.line("", ending("Build run", run))
	if pipeline, found := s.Engine.Get(run.Str("buildPipelineId")); found {
		s.announce(pipeline, run, buildRunEvent+".end", log)
	}
}

func ending(what string, run kind.Object) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s ended: %s. %s", what, nameOf(run), run.Str("lifecycleState"), run.Str("lifecycleDetails")))
}

// settleBuild completes a build run's record.
func settleBuild(o kind.Object) {
	progress := o.Object("buildRunProgress")
	settleStages(progress, progress.Object("buildPipelineStageRunProgress"))
	summarise(o)
}

// summarise keeps what lists tell of a build run's progress.
func summarise(o kind.Object) {
	progress := o.Object("buildRunProgress")
	o[progressSummary] = kind.Object{"timeStarted": progress["timeStarted"], "timeFinished": progress["timeFinished"]}
}

// outputs are what the run leaves behind.
func (b *build) outputs() kind.Object {
	b.mu.Lock()
	defer b.mu.Unlock()
	return kind.Object{"exportedVariables": pairs(b.exported), "deliveredArtifacts": collection(b.delivered)}
}

// stage runs one stage and keeps its progress.
func (b *build) stage(ctx context.Context, stage kind.Object) error {
	id := stage.Str("id")
	b.progress(id, func(p kind.Object) { p["status"], p["timeStarted"] = inProgress, kind.Timestamp(time.Now()) })
	b.log.line(id, "Stage "+nameOf(stage)+" started.")
	var err error
	switch stageType := stage.Str("buildPipelineStageType"); stageType {
	case stageBuild:
		err = b.compile(ctx, stage)
	case stageDeliver:
		err = b.deliver(ctx, stage)
	case stageTrigger:
		err = b.triggerDeployment(ctx, stage)
	case stageWait:
		var wait time.Duration
		if wait, err = waitDuration(stage.Object("waitCriteria").Str("waitDuration")); err == nil {
			err = waitUntil(ctx, time.Now().Add(wait))
		}
	default:
		err = fmt.Errorf("the local cloud runs no stages of type %s", stageType)
	}
	status := succeeded
	switch {
	case err != nil && ctx.Err() != nil:
		status = canceled
	case err != nil:
		status = failed
		err = fmt.Errorf("stage %s failed: %s", nameOf(stage), b.log.masked(err.Error()))
	}
	b.progress(id, func(p kind.Object) {
		p["status"], p["timeFinished"] = status, kind.Timestamp(time.Now())
		settleSteps(p, status)
	})
	message := "Stage " + nameOf(stage) + " ended: " + status + "."
	if err != nil {
		message += " " + err.Error()
	}
	b.log.line(id, message)
	return err
}

// settleSteps ends the steps that were under way or waiting when their stage ended.
func settleSteps(p kind.Object, status string) {
	steps, _ := p["steps"].([]any)
	for _, step := range steps {
		if s, ok := step.(map[string]any); ok && s["state"] == inProgress {
			s["state"], s["timeFinished"] = failed, p["timeFinished"]
			if status == succeeded {
				s["state"] = succeeded
			}
		}
	}
}

// progress changes the stored progress of a stage.
func (b *build) progress(stageID string, change func(kind.Object)) {
	b.service.amend(b.run.Str("id"), func(o kind.Object) {
		if p := o.Object("buildRunProgress").Object("buildPipelineStageRunProgress").Object(stageID); p != nil {
			change(p)
		}
	})
}

// values returns the parameters as they are now.
func (b *build) values() map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.parameters)
}

// removeAll removes a folder, also what a build has made read-only, as Go does with
// its module cache.
func removeAll(dir string) error {
	if os.RemoveAll(dir) == nil {
		return nil
	}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return err
	})
	return errors.Join(os.RemoveAll(dir), err)
}
