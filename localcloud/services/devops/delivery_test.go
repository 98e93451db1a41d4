package devops_test

import (
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
)

func TestPushToDeploy(t *testing.T) {
	p := newPlant(t)
	if was := p.answers(); was != "v0" {
		t.Fatalf("the function answers %s", was)
	}
	trigger := p.trigger(&devops.DevopsCodeRepositoryFilterAttributes{HeadRef: new("main")}, nil)
	commit := p.push("main", map[string]string{"build_spec.yaml": deliverySpec(), "image.tar": imageFile(t, "v1")})
	run := p.want(*p.runs(1)[0].Id, devops.BuildRunLifecycleStateSucceeded, "")
	source, is := run.BuildRunSource.(devops.DevopsCodeRepositoryBuildRunSource)
	if !is || *source.TriggerId != trigger || *source.RepositoryId != p.code || *source.TriggerInfo.DisplayName != "push" || len(source.TriggerInfo.Actions) != 1 {
		t.Errorf("source %v", run.BuildRunSource)
	}
	if c := run.CommitInfo; *c.CommitHash != commit || *c.RepositoryBranch != "main" || *c.RepositoryUrl != p.codeURL {
		t.Errorf("commit %v", c)
	}
	delivered, is := run.BuildOutputs.DeliveredArtifacts.Items[0].(devops.ContainerRegistryDeliveredArtifact)
	if !is || *delivered.ImageUri != p.images+":"+commit[:12] || *delivered.DeployArtifactId != p.artifact || *delivered.OutputArtifactName != "function-image" || !strings.HasPrefix(*delivered.DeliveredArtifactHash, "sha256:") {
		t.Errorf("delivered %v", run.BuildOutputs.DeliveredArtifacts)
	}
	id := deploymentOf(t, run)
	d := p.deployed(id, devops.DeploymentLifecycleStateSucceeded, "")
	if arguments := d.GetDeploymentArguments().Items; len(arguments) != 1 || *arguments[0].Value != commit[:12] {
		t.Errorf("arguments %v", arguments)
	}
	stage, is := d.GetDeploymentExecutionProgress().DeployStageExecutionProgress[p.deployment].(devops.FunctionDeployStageExecutionProgress)
	if !is || stage.Status != devops.DeployStageExecutionProgressStatusSucceeded || len(stage.DeployStageExecutionProgressDetails) != 1 || len(stage.DeployStageExecutionProgressDetails[0].Steps) == 0 {
		t.Errorf("stage %v", stage)
	}
	if now := p.answers(); now != "v1" {
		t.Errorf("the function answers %s after the deployment of v1", now)
	}
	gatewaytest.Eventually(t, "all is announced", func() bool { return len(p.messages()) == 4 })
	for _, want := range []string{"devopsbuild.createbuildrun.begin", "devopsbuild.createbuildrun.end", "devopsdeploy.createdeployment.begin", "devopsdeploy.createdeployment.end"} {
		if !strings.Contains(strings.Join(p.messages(), "\n"), want) {
			t.Errorf("no %s was announced", want)
		}
	}
	if !p.logged(id, p.deployment, "Updating function") {
		t.Errorf("the log tells nothing of the deployment:\n%s", strings.Join(p.lines(), "\n"))
	}
}

func TestTwoPushesEndOnTheSecond(t *testing.T) {
	p := newPlant(t)
	p.trigger(nil, nil)
	first := p.push("main", map[string]string{"build_spec.yaml": deliverySpec(), "image.tar": imageFile(t, "v1")})
	second := p.push("main", map[string]string{"image.tar": imageFile(t, "v2")})
	runs := p.runs(2)
	for i, commit := range []string{first, second} {
		run := p.want(*runs[i].Id, devops.BuildRunLifecycleStateSucceeded, "")
		if *run.CommitInfo.CommitHash != commit {
			t.Errorf("run %d built %s, want %s", i, *run.CommitInfo.CommitHash, commit)
		}
		p.deployed(deploymentOf(t, run), devops.DeploymentLifecycleStateSucceeded, "")
	}
	one, two := p.get(*runs[0].Id).BuildRunProgress, p.get(*runs[1].Id).BuildRunProgress
	if two.TimeStarted.Before(one.TimeFinished.Time) {
		t.Errorf("the second run began %v, before the first ended %v", two.TimeStarted, one.TimeFinished)
	}
	if now := p.answers(); now != "v2" {
		t.Errorf("the function answers %s after two pushes", now)
	}
}

func TestTriggersFilterPushes(t *testing.T) {
	p := newPlant(t)
	p.trigger(&devops.DevopsCodeRepositoryFilterAttributes{HeadRef: new("main"), FileFilter: &devops.FileFilter{FilePaths: []string{"function/**", "build_spec.yaml"}}},
		&devops.DevopsCodeRepositoryFilterExclusionAttributes{FileFilter: &devops.FileFilter{FilePaths: []string{"**/*.md"}}})
	first := p.push("main", map[string]string{"build_spec.yaml": spec("", "true")})
	p.push("main", map[string]string{"docs/guide.md": "1", "README.md": "1"})
	p.push("main", map[string]string{"function/README.md": "1"})
	p.push("other", map[string]string{"function/main.go": "1"})
	last := p.push("main", map[string]string{"function/main.go": "2", "function/README.md": "2"})
	var commits []string
	for _, run := range p.runs(2) {
		commits = append(commits, *run.CommitInfo.CommitHash)
	}
	if len(commits) != 2 || commits[0] != first || commits[1] != last {
		t.Errorf("%v were built, want %s and %s", commits, first, last)
	}
}
