package devops_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/devops"
	"github.com/oracle/oci-go-sdk/v65/logging"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
)

func TestBuildRunsThatFailSayWhy(t *testing.T) {
	p := newPlant(t)
	image := imageFile(t, "v1")
	for _, c := range []struct {
		name, spec string
		details    []string
		steps      []devops.BuildStageRunStepStateEnum
	}{
		{"no specification", "", []string{"Stage compile failed", "build_spec.yaml is not in source source"}, nil},
		{"bad YAML", "version: 0.1\nsteps: [", []string{"build specification build_spec.yaml"}, nil},
		{"failing command", spec("", "echo out of luck\nexit 3"), []string{"Stage compile failed", "Compile"}, []devops.BuildStageRunStepStateEnum{"FAILED"}},
		{"step over its time", strings.Replace(spec("", "sleep 60"), "timeoutInSeconds: 30", "timeoutInSeconds: 1", 1), []string{"Compile", "1"}, []devops.BuildStageRunStepStateEnum{"FAILED"}},
		{"missing output", spec("", "true") + "outputArtifacts:\n  - name: function-image\n    type: DOCKER_IMAGE\n    location: nothing:latest\n", []string{"function-image"}, []devops.BuildStageRunStepStateEnum{"SUCCEEDED"}},
		{"undeclared output", spec("", "true"), []string{"Stage deliver failed", "no output artifact function-image"}, []devops.BuildStageRunStepStateEnum{"SUCCEEDED"}},
		{"unresolved placeholder", spec("", "docker load -i image.tar") + "outputArtifacts:\n  - name: function-image\n    type: DOCKER_IMAGE\n    location: built:latest\n",
			[]string{"Stage deliver failed", "${imageVersion}"}, []devops.BuildStageRunStepStateEnum{"SUCCEEDED"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.t = t
			must(t, os.RemoveAll(filepath.Join(p.clone(), "build_spec.yaml")))
			files := map[string]string{"image.tar": image}
			if c.spec != "" {
				files["build_spec.yaml"] = c.spec
			}
			p.push("main", files)
			run := p.want(p.run(p.build, nil), devops.BuildRunLifecycleStateFailed, "")
			for _, text := range c.details {
				if !strings.Contains(*run.LifecycleDetails, text) {
					t.Errorf("lifecycleDetails %q lack %q", *run.LifecycleDetails, text)
				}
			}
			stage := run.BuildRunProgress.BuildPipelineStageRunProgress[p.compile].(devops.BuildStageRunProgress)
			for i, want := range c.steps {
				if stage.Steps[i].State != want {
					t.Errorf("step %d is %s, want %s", i, stage.Steps[i].State, want)
				}
			}
			gatewaytest.Eventually(t, "the failure is logged and announced", func() bool {
				return p.logged(*run.Id, "FAILED") && strings.Contains(strings.Join(p.messages(), "\n"), *run.Id+"\",\n    \"additionalDetails\": {\n      \"lifecycleDetails\": \"Stage")
			})
		})
	}
	p.t = t
	if now := p.answers(); now != "v0" {
		t.Errorf("the function answers %s after failed builds", now)
	}
}

func TestStageTimeout(t *testing.T) {
	s := newSite(t)
	s.push("main", map[string]string{"build_spec.yaml": spec("", "sleep 60")})
	pipeline := s.buildPipeline(nil)
	s.buildStage(pipeline, func(d *devops.CreateBuildStageDetails) { d.StageExecutionTimeoutInSeconds = common.Int(1) }, pipeline)
	s.want(s.run(pipeline, nil), devops.BuildRunLifecycleStateFailed, "longer than its timeout of 1s")
}

func TestRunsNeedAnEnabledLog(t *testing.T) {
	p := newPlant(t)
	logs := p.logs()
	_, err := logs.UpdateLog(t.Context(), logging.UpdateLogRequest{LogGroupId: &p.group, LogId: &p.log, UpdateLogDetails: logging.UpdateLogDetails{IsEnabled: common.Bool(false)}})
	must(t, err)
	p.push("main", map[string]string{"build_spec.yaml": spec("", "true")})
	p.want(p.run(p.build, nil), devops.BuildRunLifecycleStateFailed, "Logging is not enabled for the project")
	p.deployed(p.rollOut("v0"), devops.DeploymentLifecycleStateFailed, "Logging is not enabled for the project")
}

func TestSecretsAreNotLogged(t *testing.T) {
	s := newSite(t)
	s.push("main", map[string]string{"build_spec.yaml": spec("", `cat $OCI_RESOURCE_PRINCIPAL_RPST`)})
	pipeline := s.buildPipeline(nil)
	s.buildStage(pipeline, nil, pipeline)
	id := s.run(pipeline, nil)
	s.want(id, devops.BuildRunLifecycleStateSucceeded, "")
	if !s.logged(id, "EXEC: ***") || s.logged("eyJ") {
		t.Errorf("the session token is in the log:\n%s", strings.Join(s.lines(), "\n"))
	}
}

func TestCancelBuildRun(t *testing.T) {
	s := newSite(t)
	s.push("main", map[string]string{"build_spec.yaml": spec("", "echo $$ > "+filepath.Join(s.dir, "pid")+"\nsleep 600")})
	pipeline := s.buildPipeline(nil)
	s.buildStage(pipeline, nil, pipeline)
	first, second := s.run(pipeline, nil), s.run(pipeline, nil)
	pid := s.pid()
	if state := s.get(second).LifecycleState; state != devops.BuildRunLifecycleStateAccepted {
		t.Errorf("the second run is %s while the first runs", state)
	}
	for _, id := range []string{second, first} {
		_, err := s.client.CancelBuildRun(t.Context(), devops.CancelBuildRunRequest{BuildRunId: &id, CancelBuildRunDetails: devops.CancelBuildRunDetails{Reason: new("tired")}})
		must(t, err)
		s.want(id, devops.BuildRunLifecycleStateCanceled, "tired")
	}
	gatewaytest.Eventually(t, "both ends are announced", func() bool { return strings.Count(strings.Join(s.messages(), "\n"), "createbuildrun.end\",") == 2 })
	s.wantGone(pid)
	_, err := s.client.CancelBuildRun(t.Context(), devops.CancelBuildRunRequest{BuildRunId: &first, CancelBuildRunDetails: devops.CancelBuildRunDetails{Reason: new("again")}})
	if failure, is := common.IsServiceError(err); !is || failure.GetHTTPStatusCode() != http.StatusConflict {
		t.Errorf("a canceled run is canceled again: %v", err)
	}
}

// pid waits for the file that a step writes its process id to.
func (s *site) pid() int {
	s.t.Helper()
	var pid int
	gatewaytest.Eventually(s.t, "the step runs", func() bool {
		raw, err := os.ReadFile(filepath.Join(s.dir, "pid"))
		if err != nil || len(raw) == 0 {
			return false
		}
		pid, err = strconv.Atoi(strings.TrimSpace(string(raw)))
		return err == nil
	})
	return pid
}

// wantGone waits until a process has ended.
func (s *site) wantGone(pid int) {
	s.t.Helper()
	process, err := os.FindProcess(pid)
	must(s.t, err)
	gatewaytest.Eventually(s.t, "the step's process has ended", func() bool { return process.Signal(syscall.Signal(0)) != nil })
}

func TestRestart(t *testing.T) {
	p := newPlant(t)
	p.push("main", map[string]string{"build_spec.yaml": spec("", "echo $$ > "+filepath.Join(p.dir, "pid")+"\ntest -e "+filepath.Join(p.dir, "again")+" || sleep 600")})
	pipeline := p.buildPipeline(nil)
	p.buildStage(pipeline, nil, pipeline)
	running, queued := p.run(pipeline, nil), p.run(pipeline, nil)
	pid := p.pid()
	approval := p.deployStage(devops.CreateManualApprovalDeployStageDetails{DeployPipelineId: &p.deploy, DisplayName: new("approve"),
		DeployStagePredecessorCollection: afterDeploy(p.deploy), ApprovalPolicy: devops.CountBasedApprovalPolicy{NumberOfApprovalsRequired: common.Int(1)}})
	only := devops.CreateSingleDeployStageDeploymentDetails{DeployPipelineId: &p.deploy, DeployStageId: &approval}
	awaiting := p.deployWith(only)
	p.awaitsApproval(awaiting, approval)

	p.stop()
	p.wantGone(pid)
	must(t, os.WriteFile(filepath.Join(p.dir, "again"), nil, 0o600))
	p.site.start()
	if details := *p.want(running, devops.BuildRunLifecycleStateFailed, "nterrupted by a restart").LifecycleDetails; details == "" {
		t.Error("no details")
	}
	p.want(queued, devops.BuildRunLifecycleStateSucceeded, "")
	p.approve(awaiting, approval, devops.ApproveDeploymentDetailsActionApprove)
	p.deployed(awaiting, devops.DeploymentLifecycleStateSucceeded, "")
	gatewaytest.Eventually(t, "the interrupted run's end is announced", func() bool {
		return strings.Contains(strings.Join(p.messages(), "\n"), "nterrupted by a restart")
	})
}

func (p *plant) awaitsApproval(id, stage string) {
	p.t.Helper()
	gatewaytest.Eventually(p.t, "the deployment waits for approval", func() bool {
		d := p.deploymentNow(id)
		return d.GetLifecycleState() == devops.DeploymentLifecycleStateInProgress &&
			d.GetDeploymentExecutionProgress().DeployStageExecutionProgress[stage].GetStatus() == devops.DeployStageExecutionProgressStatusInProgress
	})
}

func (p *plant) approve(id, stage string, action devops.ApproveDeploymentDetailsActionEnum) {
	p.t.Helper()
	_, err := p.client.ApproveDeployment(p.t.Context(), devops.ApproveDeploymentRequest{DeploymentId: &id, ApproveDeploymentDetails: devops.ApproveDeploymentDetails{
		DeployStageId: &stage, Action: action, Reason: new("looked at it")}})
	must(p.t, err)
}

func TestStagesThatWaitForTheSameRunSideBySide(t *testing.T) {
	s := newSite(t)
	meet := filepath.Join(s.dir, "meet")
	s.push("main", map[string]string{
		"build_spec.yaml": spec("env:\n  exportedVariables:\n    - word\n", "word=hello"),
		"a.yaml":          spec("", "touch "+meet+".a\nuntil test -e "+meet+".b; do sleep 0.05; done\necho a says $word"),
		"b.yaml":          spec("", "touch "+meet+".b\nuntil test -e "+meet+".a; do sleep 0.05; done\necho b says $word"),
	})
	pipeline := s.buildPipeline(map[string]string{"word": "none"})
	first := s.buildStage(pipeline, nil, pipeline)
	a := s.buildStage(pipeline, func(d *devops.CreateBuildStageDetails) { d.BuildSpecFile = new("a.yaml") }, first)
	b := s.buildStage(pipeline, func(d *devops.CreateBuildStageDetails) { d.BuildSpecFile = new("b.yaml") }, first)
	last := s.stage(devops.CreateWaitStageDetails{BuildPipelineId: &pipeline, DisplayName: new("wait"), BuildPipelineStagePredecessorCollection: after(a, b),
		WaitCriteria: devops.CreateAbsoluteWaitCriteriaDetails{WaitDuration: new("PT5S")}})
	run := s.want(s.run(pipeline, nil), devops.BuildRunLifecycleStateSucceeded, "")
	if !s.logged("a says hello", a) || !s.logged("b says hello", b) {
		t.Errorf("the exported variable is unknown to later stages:\n%s", strings.Join(s.lines(), "\n"))
	}
	stages := run.BuildRunProgress.BuildPipelineStageRunProgress
	if took := stages[last].GetTimeFinished().Sub(stages[last].GetTimeStarted().Time); took < 4900*time.Millisecond {
		t.Errorf("the stage that waits took %v", took)
	}
	for _, id := range []string{a, b} {
		if stages[last].GetTimeStarted().Before(stages[id].GetTimeFinished().Time) {
			t.Errorf("the last stage began %v, before %s ended", stages[last].GetTimeStarted(), id)
		}
	}
}
