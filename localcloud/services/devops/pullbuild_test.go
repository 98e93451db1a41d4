package devops_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
)

// A trigger for pull requests into main builds one that is opened, and again what is
// pushed to its branch, and nothing else.
func TestAPullRequestIsBuilt(t *testing.T) {
	s := newSite(t)
	spec := map[string]string{"build_spec.yaml": `version: 0.1
component: build
timeoutInSeconds: 60
shell: bash
steps:
  - type: Command
    name: tell
    command: echo "event $OCI_TRIGGER_EVENT_TYPE of $OCI_TRIGGER_SOURCE_BRANCH_NAME at $(git rev-parse HEAD)"
`}
	s.push("main", spec)
	s.push("release", spec)
	pipeline := s.buildPipeline(nil)
	s.buildStage(pipeline, nil, pipeline)
	_, err := s.client.CreateTrigger(t.Context(), devops.CreateTriggerRequest{CreateTriggerDetails: devops.CreateDevopsCodeRepositoryTriggerDetails{
		ProjectId: &s.project, RepositoryId: &s.code, DisplayName: new("preview"), Actions: []devops.TriggerAction{devops.TriggerBuildPipelineAction{
			BuildPipelineId: &pipeline, Filter: devops.DevopsCodeRepositoryFilter{
				Events:  []devops.DevopsCodeRepositoryFilterEventsEnum{devops.DevopsCodeRepositoryFilterEventsPullRequestCreated, devops.DevopsCodeRepositoryFilterEventsPullRequestUpdated},
				Include: &devops.DevopsCodeRepositoryFilterAttributes{BaseRef: new("main")}}}}}})
	must(t, err)
	// runs waits until so many build runs have ended well, and returns their commits.
	runs := func(want int) (commits []string) {
		t.Helper()
		var list devops.ListBuildRunsResponse
		gatewaytest.Eventually(t, "the build runs begin", func() bool {
			list, err = s.client.ListBuildRuns(t.Context(), devops.ListBuildRunsRequest{BuildPipelineId: &pipeline})
			must(t, err)
			return len(list.Items) >= want
		})
		for _, run := range list.Items {
			ended := s.want(*run.Id, devops.BuildRunLifecycleStateSucceeded, "")
			commits = append(commits, *ended.CommitInfo.CommitHash)
		}
		return commits
	}
	logged := func(event, commit string) {
		t.Helper()
		want := "event " + event + " of topic at " + commit
		if !slices.ContainsFunc(s.lines(), func(line string) bool { return strings.Contains(line, want) }) {
			t.Errorf("no line says %q:\n%s", want, strings.Join(s.lines(), "\n"))
		}
	}
	first := s.push("topic", map[string]string{"file": "1"})
	open := func(into string) {
		t.Helper()
		_, err := s.client.CreatePullRequest(t.Context(), devops.CreatePullRequestRequest{CreatePullRequestDetails: devops.CreatePullRequestDetails{
			RepositoryId: &s.code, DisplayName: new("topic"), SourceBranch: new("topic"), DestinationBranch: &into}})
		must(t, err)
	}
	open("release")
	open("main")
	if got := runs(1); !slices.Equal(got, []string{first}) {
		t.Errorf("built %v, want %s", got, first)
	}
	logged("PULL_REQUEST_CREATED", first)
	second := s.push("topic", map[string]string{"file": "2"})
	if got := runs(2); len(got) != 2 || !slices.Contains(got, second) {
		t.Errorf("built %v, want %s, too", got, second)
	}
	logged("PULL_REQUEST_UPDATED", second)
}
