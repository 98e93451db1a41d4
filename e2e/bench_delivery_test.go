package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/devops"
)

// BenchmarkPushToLive takes the time from a push of a changed function of this project
// until the function serves it, with Go's caches warm, and splits it: the stages of the
// build run, its steps, the deployment, and what is left between all steps, which is the
// local DevOps' own.
func BenchmarkPushToLive(b *testing.B) {
	d := openDelivery(b, "pushbench", nil)
	d.takeProject()
	d.delivered("analyze", d.push("The project as it is"))
	releases := 0
	sums := map[string]time.Duration{}
	for b.Loop() {
		releases++
		d.release(fmt.Sprintf("release %d", releases))
		commit := d.commit("Another release")
		began := time.Now()
		d.git("push", "--quiet", "origin", "main")
		run, deployment := d.delivered("analyze", commit)
		live := deployment.GetDeploymentExecutionProgress()
		sums["push-to-live"] += live.TimeFinished.Sub(began)
		own := live.TimeFinished.Sub(began)
		for _, stage := range run.BuildRunProgress.BuildPipelineStageRunProgress {
			took := between(stage.GetTimeStarted(), stage.GetTimeFinished())
			switch stage := stage.(type) {
			case devops.BuildStageRunProgress:
				sums["build-stage"] += took
				for _, step := range stage.Steps {
					took := between(step.TimeStarted, step.TimeFinished)
					sums["build-steps"] += took
					own -= took
				}
			case devops.DeliverArtifactStageRunProgress:
				sums["deliver-stage"] += took
			}
		}
		sums["deployment"] += between(live.TimeStarted, live.TimeFinished)
		sums["own"] += own
	}
	for name, sum := range sums {
		b.ReportMetric(sum.Seconds()/float64(releases), name+"-s")
	}
}

func between(began, ended *common.SDKTime) time.Duration { return ended.Sub(began.Time) }
