package devops

import (
	"time"

	"oci-media-pipelines/localcloud/kind"
)

// wording is how OCI's API calls what all runs have, in one type of runs.
type wording struct {
	name, pipeline    string // for people
	event             string
	runID, pipelineID string
	// progress is the member with a run's progress, stages the one therein with that
	// of its stages; stageType says what type a stage is of.
	progress, stages, stageType string
}

var (
	buildRunWords = wording{
		name: "Build run", pipeline: "build pipeline", event: buildRunEvent, runID: "buildRunId", pipelineID: "buildPipelineId",
		progress: "buildRunProgress", stages: "buildPipelineStageRunProgress", stageType: "buildPipelineStageType",
	}
	deploymentWords = wording{
		name: "Deployment", pipeline: "deployment pipeline", event: deploymentEvent, runID: "deploymentId", pipelineID: "deployPipelineId",
		progress: "deploymentExecutionProgress", stages: "deployStageExecutionProgress", stageType: "deployStageType",
	}
)

// stagesOf is the progress of a run's stages, by their OCIDs.
func (w wording) stagesOf(run kind.Object) kind.Object {
	return run.Object(w.progress).Object(w.stages)
}

// settle completes the progress of a run and of its stages when the run ends.
func (w wording) settle(run kind.Object) {
	progress, stages := run.Object(w.progress), w.stagesOf(run)
	progress["timeFinished"] = kind.Timestamp(time.Now())
	for id := range stages {
		stage := stages.Object(id)
		switch stage.Str("status") {
		case accepted:
			stage["status"] = canceled
		case inProgress, rollbackInProgress:
			// A cloud that was killed left it so.
			stage["status"], stage["timeFinished"] = failed, progress["timeFinished"]
			settleSteps(stage, failed)
		}
	}
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
