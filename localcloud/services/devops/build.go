package devops

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops/runner"
)

// workspaces is the folder of the builds' workspaces.
const workspaces = "devops/runs"

// build is a build run under way.
type build struct {
	underWay
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
	common, err := s.underWay(buildRunWords, run)
	if err != nil {
		return err
	}
	b := &build{
		underWay:   common,
		parameters: parameters(common.pipeline.Object("buildPipelineParameters"), run.Object("buildRunArguments")),
		exported:   map[string]string{}, artifacts: map[string]runner.Artifact{},
	}
	b.stageTypes = map[string]func(context.Context, kind.Object) error{stageBuild: b.compile, stageDeliver: b.deliver, stageTrigger: b.triggerDeployment}
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
	b.begun()
	if b.dir, err = s.Store.Dir(filepath.Join(workspaces, nameOf(kind.Object{"id": run.Str("id")}))); err != nil {
		return err
	}
	defer func() {
		if gone := removeAll(b.dir); gone != nil {
			err = errors.Join(err, fmt.Errorf("remove the build's workspace: %w", gone))
		}
	}()
	return buildStages.inOrder(ctx, b.pipeline.Str("id"), s.stagesOfBuild(b.pipeline.Str("id")), nil, b.stage)
}

// settleBuild completes a build run's record.
func settleBuild(o kind.Object) {
	buildRunWords.settle(o)
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
