package devops_test

import (
	"strings"

	"github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
)

// buildPipeline makes a build pipeline with a parameter.
func (s *site) buildPipeline(parameters map[string]string) string {
	s.t.Helper()
	declared := &devops.BuildPipelineParameterCollection{Items: []devops.BuildPipelineParameter{}}
	for name, value := range parameters {
		declared.Items = append(declared.Items, devops.BuildPipelineParameter{Name: &name, DefaultValue: &value})
	}
	pipeline, err := s.client.CreateBuildPipeline(s.t.Context(), devops.CreateBuildPipelineRequest{CreateBuildPipelineDetails: devops.CreateBuildPipelineDetails{
		ProjectId: &s.project, DisplayName: new("build"), BuildPipelineParameters: declared}})
	must(s.t, err)
	return *pipeline.Id
}

func after(ids ...string) *devops.BuildPipelineStagePredecessorCollection {
	return &devops.BuildPipelineStagePredecessorCollection{Items: each(ids, func(id string) devops.BuildPipelineStagePredecessor {
		return devops.BuildPipelineStagePredecessor{Id: &id}
	})}
}

func each[T any](ids []string, of func(id string) T) []T {
	all := make([]T, len(ids))
	for i, id := range ids {
		all[i] = of(id)
	}
	return all
}

func (s *site) stage(details devops.CreateBuildPipelineStageDetails) string {
	s.t.Helper()
	stage, err := s.client.CreateBuildPipelineStage(s.t.Context(), devops.CreateBuildPipelineStageRequest{CreateBuildPipelineStageDetails: details})
	must(s.t, err)
	return *stage.GetId()
}

// buildStage adds a stage that builds the main branch of the code repository.
func (s *site) buildStage(pipeline string, change func(*devops.CreateBuildStageDetails), predecessors ...string) string {
	s.t.Helper()
	details := devops.CreateBuildStageDetails{
		BuildPipelineId: &pipeline, DisplayName: new("compile"), BuildPipelineStagePredecessorCollection: after(predecessors...),
		Image: devops.BuildStageImageOl8X8664Standard10,
		BuildSourceCollection: &devops.BuildSourceCollection{Items: []devops.BuildSource{devops.DevopsCodeRepositoryBuildSource{
			Name: new("source"), RepositoryUrl: &s.codeURL, Branch: new("main"), RepositoryId: &s.code}}},
	}
	if change != nil {
		change(&details)
	}
	return s.stage(details)
}

// run starts a build pipeline by hand.
func (s *site) run(pipeline string, arguments map[string]string) string {
	s.t.Helper()
	given := &devops.BuildRunArgumentCollection{Items: []devops.BuildRunArgument{}}
	for name, value := range arguments {
		given.Items = append(given.Items, devops.BuildRunArgument{Name: &name, Value: &value})
	}
	run, err := s.client.CreateBuildRun(s.t.Context(), devops.CreateBuildRunRequest{CreateBuildRunDetails: devops.CreateBuildRunDetails{BuildPipelineId: &pipeline, BuildRunArguments: given}})
	must(s.t, err)
	return *run.Id
}

// ended waits for the end of a build run.
func (s *site) ended(id string) devops.BuildRun {
	s.t.Helper()
	var run devops.BuildRun
	gatewaytest.Eventually(s.t, "the build run ends", func() bool {
		run = s.get(id)
		switch run.LifecycleState {
		case devops.BuildRunLifecycleStateSucceeded, devops.BuildRunLifecycleStateFailed, devops.BuildRunLifecycleStateCanceled:
			return true
		}
		return false
	})
	return run
}

func (s *site) get(id string) devops.BuildRun {
	s.t.Helper()
	response, err := s.client.GetBuildRun(s.t.Context(), devops.GetBuildRunRequest{BuildRunId: &id})
	must(s.t, err)
	return response.BuildRun
}

// want is ended for a run that must end in a state, with details that hold a text.
func (s *site) want(id string, state devops.BuildRunLifecycleStateEnum, details string) devops.BuildRun {
	s.t.Helper()
	run := s.ended(id)
	s.expect(string(run.LifecycleState), run.LifecycleDetails, string(state), details)
	return run
}

// expect ends the test unless a run has ended in a state with details that hold a text.
func (s *site) expect(ended string, details *string, state, text string) {
	s.t.Helper()
	if ended != state || !strings.Contains(value(details), text) {
		s.t.Fatalf("the run ended %s: %s; want %s: …%s…\nlog:\n%s", ended, value(details), state, text, strings.Join(s.lines(), "\n"))
	}
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
