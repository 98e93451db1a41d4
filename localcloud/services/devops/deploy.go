package devops

import (
	"context"
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
	underWay
	parameters map[string]string
}

// performDeployment takes a deployment through its stages: from the first, or on from
// where an earlier start of the cloud left it.
func (s *Service) performDeployment(ctx context.Context, run kind.Object) error {
	common, err := s.underWay(deploymentWords, run)
	if err != nil {
		return err
	}
	d := &deployment{underWay: common, parameters: parameters(common.pipeline.Object("deployPipelineParameters"), run.Object("deploymentArguments"))}
	d.goesOn = true
	d.stageTypes = map[string]func(context.Context, kind.Object) error{stageDeployFunction: d.deployFunction, stageInvokeFunction: d.invokeFunction, stageApproval: d.awaitApproval}
	if !s.logged(run.Str("projectId")) {
		return notLogged(run)
	}
	done := map[string]bool{}
	if progress := run.Object("deploymentExecutionProgress"); progress.Str("timeStarted") == "" {
		s.amend(run.Str("id"), func(o kind.Object) {
			o.Object("deploymentExecutionProgress")["timeStarted"] = kind.Timestamp(time.Now())
		})
		d.begun()
	} else {
		stages := deploymentWords.stagesOf(run)
		for id := range stages {
			done[id] = stages.Object(id).Str("status") == succeeded
		}
		maps.DeleteFunc(done, func(_ string, ended bool) bool { return !ended })
	}
	return deployStages.inOrder(ctx, d.pipeline.Str("id"), s.stagesOf(run), done, d.stage)
}

// deploymentGoesOn reports whether a deployment that a stopped cloud left under way
// can go on: if it waited for somebody or something, and nothing was being changed.
func deploymentGoesOn(run kind.Object) bool {
	stages := deploymentWords.stagesOf(run)
	for id := range stages {
		stage := stages.Object(id)
		stageType := stage.Str("deployStageType")
		if stage.Str("status") == inProgress && stageType != stageApproval && stageType != stageWait || stage.Str("status") == rollbackInProgress {
			return false
		}
	}
	return true
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
	return d.overridden("deployArtifactOverrideArguments", "deployArtifactId", artifactID)
}

// stageValues are the parameters of one stage.
func (d *deployment) stageValues(stageID string) map[string]string {
	return d.overridden("deployStageOverrideArguments", "deployStageId", stageID)
}

// overridden are the deployment's parameters, with the arguments of a member that
// override them for what field identifies.
func (d *deployment) overridden(member, field, id string) map[string]string {
	values := maps.Clone(d.parameters)
	for _, override := range d.run.Object(member).Objects("items") {
		if override.Str(field) == id {
			values[override.Str("name")] = override.Str("value")
		}
	}
	return values
}
