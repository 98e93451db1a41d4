package devops

import (
	"context"
	"fmt"
	"strings"
	"time"

	"oci-media-pipelines/localcloud/kind"
)

// underWay is what a build run and a deployment have in common while they are under
// way.
type underWay struct {
	service       *Service
	words         wording
	run, pipeline kind.Object
	as            principal
	log           *record
	// stageTypes are what the run does at its stages, by their type; waiting is for
	// all runs the same.
	stageTypes map[string]func(ctx context.Context, stage kind.Object) error
	// goesOn says that a stage which the end of the cloud interrupts is left as it is,
	// since the next start of the cloud may go on with it.
	goesOn bool
}

// underWay is a run that begins or goes on.
func (s *Service) underWay(words wording, run kind.Object) (underWay, error) {
	pipeline, found := s.Engine.Get(run.Str(words.pipelineID))
	if !found {
		return underWay{}, fmt.Errorf("the %s was deleted", words.pipeline)
	}
	return underWay{service: s, words: words, run: run, pipeline: pipeline, as: s.principalOf(pipeline), log: s.logOf(words, run)}, nil
}

// logOf is the log of a run, whose lines name it and its pipeline.
func (s *Service) logOf(words wording, run kind.Object) *record {
	return &record{service: s, projectID: run.Str("projectId"), about: map[string]string{words.runID: run.Str("id"), words.pipelineID: run.Str(words.pipelineID)}}
}

// begun tells that the run has begun.
func (u *underWay) begun() {
	u.service.announce(u.pipeline, u.run, u.words.event+".begin", u.log)
	u.log.line("", u.words.name+" "+nameOf(u.run)+" started.")
}

// stage runs one stage and keeps its progress.
func (u *underWay) stage(ctx context.Context, stage kind.Object) error {
	id, began := stage.Str("id"), time.Now()
	u.progress(id, func(p kind.Object) {
		p["status"] = inProgress
		p.Default("timeStarted", kind.Timestamp(began))
		if earlier, err := time.Parse(time.RFC3339, p.Str("timeStarted")); err == nil {
			began = earlier
		}
	})
	u.log.line(id, "Stage "+nameOf(stage)+" started.")
	err := u.perform(ctx, stage, began)
	if u.goesOn && u.service.ctx.Err() != nil {
		return err // The cloud stops: the stage is left as it is.
	}
	status := succeeded
	switch {
	case err != nil && ctx.Err() != nil:
		status = canceled
	case err != nil:
		status = failed
		err = fmt.Errorf("stage %s failed: %s", nameOf(stage), u.log.masked(err.Error()))
	}
	u.progress(id, func(p kind.Object) {
		p["timeFinished"] = kind.Timestamp(time.Now())
		if s := p.Str("status"); s != rollbackSucceeded && s != rollbackFailed {
			p["status"] = status
		}
		status = p.Str("status")
		settleSteps(p, status)
	})
	message := "Stage " + nameOf(stage) + " ended: " + status + "."
	if err != nil {
		message += " " + err.Error()
	}
	u.log.line(id, message)
	return err
}

// perform does what a stage is there for. A stage that waits does so from when it
// began.
func (u *underWay) perform(ctx context.Context, stage kind.Object, began time.Time) error {
	stageType := stage.Str(u.words.stageType)
	if do := u.stageTypes[stageType]; do != nil {
		return do(ctx, stage)
	}
	if stageType != stageWait {
		return fmt.Errorf("the local cloud runs no stages of type %s", stageType)
	}
	wait, err := waitDuration(stage.Object("waitCriteria").Str("waitDuration"))
	if err != nil {
		return err
	}
	return waitUntil(ctx, began.Add(wait))
}

// progress changes the stored progress of a stage.
func (u *underWay) progress(stageID string, change func(kind.Object)) {
	u.service.amend(u.run.Str("id"), func(o kind.Object) {
		if p := u.words.stagesOf(o).Object(stageID); p != nil {
			change(p)
		}
	})
}

// runEnded tells of a run's end.
func (s *Service) runEnded(words wording, run kind.Object) {
	log := s.logOf(words, run)
	log.line("", ending(words.name, run))
	if pipeline, found := s.Engine.Get(run.Str(words.pipelineID)); found {
		s.announce(pipeline, run, words.event+".end", log)
	}
}

func ending(what string, run kind.Object) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s ended: %s. %s", what, nameOf(run), run.Str("lifecycleState"), run.Str("lifecycleDetails")))
}
