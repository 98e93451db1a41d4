package devops

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"oci-media-pipelines/localcloud/kind"
)

// The states of a stage that failed and put back what there was before it.
const (
	rollbackInProgress = "ROLLBACK_IN_PROGRESS"
	rollbackSucceeded  = "ROLLBACK_SUCCEEDED"
	rollbackFailed     = "ROLLBACK_FAILED"
)

// deployment is a deployment under way.
type deployment struct {
	service       *Service
	run, pipeline kind.Object
	as            principal
	log           *record
	parameters    map[string]string
}

// performDeployment takes a deployment through its stages: from the first, or on from
// where an earlier start of the cloud left it.
func (s *Service) performDeployment(ctx context.Context, run kind.Object) error {
	pipeline, found := s.Engine.Get(run.Str("deployPipelineId"))
	if !found {
		return errors.New("the deployment pipeline was deleted")
	}
	d := &deployment{
		service: s, run: run, pipeline: pipeline, as: s.principalOf(pipeline), log: s.deploymentLog(run),
		parameters: parameters(pipeline.Object("deployPipelineParameters"), run.Object("deploymentArguments")),
	}
	if !s.logged(run.Str("projectId")) {
		return notLogged(run)
	}
	done := map[string]bool{}
	if progress := run.Object("deploymentExecutionProgress"); progress.Str("timeStarted") == "" {
		s.amend(run.Str("id"), func(o kind.Object) {
			o.Object("deploymentExecutionProgress")["timeStarted"] = kind.Timestamp(time.Now())
		})
		s.announce(pipeline, run, deploymentEvent+".begin", d.log)
		d.log.line("", "Deployment "+nameOf(run)+" started.")
	} else {
		for id := range progress.Object("deployStageExecutionProgress") {
			done[id] = progress.Object("deployStageExecutionProgress").Object(id).Str("status") == succeeded
		}
		maps.DeleteFunc(done, func(_ string, ended bool) bool { return !ended })
	}
	return inOrder(ctx, pipeline.Str("id"), s.stagesOf(run), done, d.stage)
}

func (s *Service) deploymentLog(run kind.Object) *record {
	return &record{service: s, projectID: run.Str("projectId"), about: map[string]string{"deploymentId": run.Str("id"), "deployPipelineId": run.Str("deployPipelineId")}}
}

// deploymentEnded tells of a deployment's end.
func (s *Service) deploymentEnded(run kind.Object) {
	log := s.deploymentLog(run)
	log.line("", ending("Deployment", run))
	if pipeline, found := s.Engine.Get(run.Str("deployPipelineId")); found {
		s.announce(pipeline, run, deploymentEvent+".end", log)
	}
}

// settleDeployment completes a deployment's record.
func settleDeployment(o kind.Object) {
	progress := o.Object("deploymentExecutionProgress")
	settleStages(progress, progress.Object("deployStageExecutionProgress"))
}

// deploymentGoesOn reports whether a deployment that a stopped cloud left under way
// can go on: if it waited for somebody or something, and nothing was being changed.
func deploymentGoesOn(run kind.Object) bool {
	stages := run.Object("deploymentExecutionProgress").Object("deployStageExecutionProgress")
	for id := range stages {
		stage := stages.Object(id)
		stageType := stage.Str("deployStageType")
		if stage.Str("status") == inProgress && stageType != stageApproval && stageType != stageWait || stage.Str("status") == rollbackInProgress {
			return false
		}
	}
	return true
}

// stage runs one stage and keeps its progress.
func (d *deployment) stage(ctx context.Context, stage kind.Object) error {
	id, began := stage.Str("id"), time.Now()
	d.progress(id, func(p kind.Object) {
		p["status"] = inProgress
		p.Default("timeStarted", kind.Timestamp(began))
		if earlier, err := time.Parse(time.RFC3339, p.Str("timeStarted")); err == nil {
			began = earlier
		}
	})
	d.log.line(id, "Stage "+nameOf(stage)+" started.")
	var err error
	switch stageType := stage.Str("deployStageType"); stageType {
	case stageDeployFunction:
		err = d.deployFunction(ctx, stage)
	case stageInvokeFunction:
		err = d.invokeFunction(ctx, stage)
	case stageApproval:
		err = d.awaitApproval(ctx, stage)
	case stageWait:
		var wait time.Duration
		if wait, err = waitDuration(stage.Object("waitCriteria").Str("waitDuration")); err == nil {
			err = waitUntil(ctx, began.Add(wait))
		}
	default:
		err = fmt.Errorf("the local cloud runs no stages of type %s", stageType)
	}
	if d.service.ctx.Err() != nil {
		return err // The cloud stops: the stage is left as it is.
	}
	status := succeeded
	switch {
	case err != nil && ctx.Err() != nil:
		status = canceled
	case err != nil:
		status = failed
		err = fmt.Errorf("stage %s failed: %s", nameOf(stage), d.log.masked(err.Error()))
	}
	d.progress(id, func(p kind.Object) {
		p["timeFinished"] = kind.Timestamp(time.Now())
		if s := p.Str("status"); s != rollbackSucceeded && s != rollbackFailed {
			p["status"] = status
		}
		status = p.Str("status")
	})
	message := "Stage " + nameOf(stage) + " ended: " + status + "."
	if err != nil {
		message += " " + err.Error()
	}
	d.log.line(id, message)
	return err
}

// progress changes the stored progress of a stage.
func (d *deployment) progress(stageID string, change func(kind.Object)) {
	d.service.amend(d.run.Str("id"), func(o kind.Object) {
		if p := o.Object("deploymentExecutionProgress").Object("deployStageExecutionProgress").Object(stageID); p != nil {
			change(p)
		}
	})
}

// step runs one step of a stage on a target and keeps its progress, among the stage's
// steps or its rollbackSteps.
func (d *deployment) step(stageID, targetID, among, name string, run func() error) error {
	d.changeSteps(stageID, targetID, among, func(steps []any) []any {
		return append(steps, kind.Object{"name": name, "state": inProgress, "timeStarted": kind.Timestamp(time.Now())})
	})
	err := run()
	d.changeSteps(stageID, targetID, among, func(steps []any) []any {
		last, _ := steps[len(steps)-1].(map[string]any)
		last["timeFinished"], last["state"] = kind.Timestamp(time.Now()), succeeded
		if err != nil {
			last["state"] = failed
		}
		return steps
	})
	return err
}

func (d *deployment) changeSteps(stageID, targetID, among string, change func([]any) []any) {
	d.progress(stageID, func(p kind.Object) {
		details, _ := p["deployStageExecutionProgressDetails"].([]any)
		if len(details) == 0 {
			details = []any{map[string]any{"targetId": targetID}}
		}
		target, _ := details[0].(map[string]any)
		steps, _ := target[among].([]any)
		target[among] = change(steps)
		p["deployStageExecutionProgressDetails"] = details
	})
}

// values are the parameters of one artifact: the deployment's, and what overrides them
// for it.
func (d *deployment) values(artifactID string) map[string]string {
	values := maps.Clone(d.parameters)
	for _, override := range items(d.run.Object("deployArtifactOverrideArguments")) {
		if override.Str("deployArtifactId") == artifactID {
			values[override.Str("name")] = override.Str("value")
		}
	}
	return values
}

// stageValues are the parameters of one stage.
func (d *deployment) stageValues(stageID string) map[string]string {
	values := maps.Clone(d.parameters)
	for _, override := range items(d.run.Object("deployStageOverrideArguments")) {
		if override.Str("deployStageId") == stageID {
			values[override.Str("name")] = override.Str("value")
		}
	}
	return values
}
