package devops_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
)

// spec is a build specification with one step.
func spec(head, command string) string {
	return "version: 0.1\ncomponent: build\ntimeoutInSeconds: 60\nshell: bash\n" + head +
		"steps:\n  - type: Command\n    name: Compile\n    timeoutInSeconds: 30\n    command: |\n      " + strings.ReplaceAll(command, "\n", "\n      ") + "\n"
}

func TestManualBuildRun(t *testing.T) {
	s := newSite(t)
	commit := s.push("main", map[string]string{
		"build_spec.yaml": spec("env:\n  exportedVariables:\n    - imageVersion\n", "echo \"hello $greeting from $(cat file)\"\necho \"commit $OCI_PRIMARY_SOURCE_COMMIT_HASH trigger [$OCI_TRIGGER_COMMIT_HASH]\"\nimageVersion=v$greeting"),
		"file":            "a file",
	})
	pipeline := s.buildPipeline(map[string]string{"greeting": "world", "other": "o"})
	stage := s.buildStage(pipeline, nil, pipeline)
	id := s.run(pipeline, map[string]string{"greeting": "moon"})
	run := s.want(id, devops.BuildRunLifecycleStateSucceeded, "")
	progress, is := run.BuildRunProgress.BuildPipelineStageRunProgress[stage].(devops.BuildStageRunProgress)
	if !is || progress.Status != devops.BuildPipelineStageRunProgressStatusSucceeded || progress.TimeStarted == nil || progress.TimeFinished == nil {
		t.Fatalf("progress %v", run.BuildRunProgress)
	}
	if len(progress.Steps) != 1 || *progress.Steps[0].Name != "Compile" || progress.Steps[0].State != devops.BuildStageRunStepStateSucceeded {
		t.Errorf("steps %v", progress.Steps)
	}
	if _, manual := run.BuildRunSource.(devops.ManualBuildRunSource); !manual {
		t.Errorf("source %T", run.BuildRunSource)
	}
	if exported := run.BuildOutputs.ExportedVariables.Items; len(exported) != 1 || *exported[0].Name != "imageVersion" || *exported[0].Value != "vmoon" {
		t.Errorf("exported %v", exported)
	}
	for _, line := range []string{"hello moon from a file", "commit " + commit + " trigger []"} {
		if !s.logged(line, id, stage) {
			t.Errorf("no line %q in the log:\n%s", line, strings.Join(s.lines(), "\n"))
		}
	}
	list, err := s.client.ListBuildRuns(t.Context(), devops.ListBuildRunsRequest{BuildPipelineId: &pipeline, LifecycleState: devops.BuildRunLifecycleStateSucceeded})
	must(t, err)
	if len(list.Items) != 1 || *list.Items[0].Id != id || list.Items[0].BuildRunProgressSummary.TimeStarted == nil || list.Items[0].BuildRunProgressSummary.TimeFinished == nil {
		t.Errorf("list %v", list.Items)
	}
	var messages []string
	gatewaytest.Eventually(t, "the run's end is announced", func() bool { messages = s.messages(); return len(messages) > 1 })
	begins := func(m string) bool { return strings.Contains(m, "createbuildrun.begin") }
	ends := func(m string) bool {
		return strings.Contains(m, "createbuildrun.end") && strings.Contains(m, "SUCCEEDED") && strings.Contains(m, id)
	}
	if len(messages) != 2 || !slices.ContainsFunc(messages, begins) || !slices.ContainsFunc(messages, ends) {
		t.Errorf("messages %v", messages)
	}
}
