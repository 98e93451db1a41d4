package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/devops"
	"github.com/oracle/oci-go-sdk/v65/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"oci-media-pipelines/localcloud/iam"
)

// itself is a stack that a pipeline of its own deploys, in a compartment of its own.
type itself struct {
	*stack
	outputs auto.OutputMap
	code    *developer
	// passphrase is that of the local stacks, which the state keeps on its way.
	passphrase string
	tools      string // on the PATH of the pipeline's steps
	client     devops.DevopsClient
}

const itselfCompartment = "ocid1.compartment.oc1..aaaaaaaaitself"

// TestDeliveryDeploysItself goes the way that docs/tenancy.md describes: up from here,
// the state into the bucket, and from then on by build_spec.infrastructure.yaml as the
// build pipelines' principals, with the rights that the program gives them: a pull request
// is previewed, and what is merged is deployed. What comes with Pulumi's archive, language
// host and provider, is built from e2e/plugins.
func TestDeliveryDeploysItself(t *testing.T) {
	s := openStack(t, "itself", map[string]string{
		"compartmentId": itselfCompartment, "transcoding.enabled": "false", "transcoding.compartmentId": "",
		"delivery.enabled": "true", "delivery.infrastructure": "true", "delivery.stateUserId": iam.UserID,
	})
	raw, err := os.ReadFile(filepath.Join(world.state, "passphrase"))
	must(t, err)
	passphrase, engine := strings.TrimSpace(string(raw)), s.Stack()
	must(t, engine.SetConfig(t.Context(), "oci-media-pipelines:delivery.passphrase", auto.ConfigValue{Value: passphrase, Secret: true}))
	outputs, _ := s.up()
	t.Cleanup(func() { deleteBucket(t, output(t, outputs, "stateBucketName")) }) // which stays when the stack goes
	t.Cleanup(s.destroy)
	i := &itself{
		stack: s, passphrase: passphrase, outputs: outputs, tools: t.TempDir(),
		client: administrator(t, devops.NewDevopsClientWithConfigurationProvider),
		code:   newDeveloper(t, output(t, outputs, "deliveryRepositoryUrl")),
	}
	i.buildTools()
	i.moveState()

	begin := time.Now()
	said := i.ran("up", i.code.push("Begin"))
	if strings.Contains(said, " created") || strings.Contains(said, " deleted") {
		t.Errorf("the update of what is deployed says:\n%s", said)
	}
	if strings.Contains(said, passphrase) {
		t.Error("the log shows the passphrase")
	}
	i.code.git("checkout", "--quiet", "-b", "candidate")
	i.pulumi().must("config", "set", "logRetentionDays", "60", "--stack", s.name)
	candidate := i.code.commit("Keep logs longer")
	i.code.git("push", "--quiet", "origin", "candidate")
	repository := output(t, outputs, "deliveryRepositoryId")
	asked, err := i.client.CreatePullRequest(t.Context(), devops.CreatePullRequestRequest{CreatePullRequestDetails: devops.CreatePullRequestDetails{
		RepositoryId: &repository, DisplayName: new("Keep logs longer"), SourceBranch: new("candidate"), DestinationBranch: new("main"),
	}})
	must(t, err)
	if said := i.ran("preview", candidate); !strings.Contains(said, "to update") {
		t.Errorf("the preview of a change says:\n%s", said)
	}
	i.wantRetention(30)
	_, err = i.client.MergePullRequest(t.Context(), devops.MergePullRequestRequest{PullRequestId: asked.Id, MergePullRequestDetails: devops.ExecuteMergePullRequestDetails{
		CommitMessage: new("Keep logs longer"), MergeStrategy: devops.MergeStrategyFastForward,
	}})
	must(t, err)
	i.ran("up", candidate)
	i.wantRetention(60)
	for _, e := range journal(t, begin) {
		if e.Principal.ResourceType != "devopsbuildpipeline" {
			continue
		}
		for _, d := range e.Decisions {
			if !d.Allowed {
				t.Errorf("%s by the pipeline needs %s: %s", e.Operation, d.Asked, d.Missing)
			}
		}
	}
	// Who destroys takes the state home first.
	i.stateHome()
}

// buildTools builds what Pulumi's archive has beside the command line.
func (i *itself) buildTools() {
	i.t.Helper()
	build := exec.Command("go", "build", "-buildvcs=false", "-o", i.tools, "./e2e/plugins/...")
	build.Dir = world.project
	out, err := build.CombinedOutput()
	if err != nil {
		i.t.Fatalf("build plugins: %v\n%s", err, out)
	}
	found, err := exec.LookPath("pulumi")
	must(i.t, err)
	must(i.t, os.Symlink(found, filepath.Join(i.tools, "pulumi")))
}

// state is the stack's as it is here, with its secrets in the clear.
func (i *itself) state() apitype.UntypedDeployment {
	i.t.Helper()
	engine := i.Stack()
	state, err := engine.Export(i.t.Context())
	must(i.t, err)
	return state
}

// pulumi is the command line with the state in the bucket.
func (i *itself) pulumi() pulumiCommand {
	i.t.Helper()
	return pulumiCommand{i.t, filepath.Join(i.tools, "home"), i.code.tree, []string{
		"AWS_ACCESS_KEY_ID=" + output(i.t, i.outputs, "stateAccessKey"), "AWS_SECRET_ACCESS_KEY=" + output(i.t, i.outputs, "stateSecretKey"),
		"PULUMI_CONFIG_PASSPHRASE=" + i.passphrase}}
}

// moveState clones the repository, puts the project there, and the stack with its
// configuration and state into the bucket.
func (i *itself) moveState() {
	i.t.Helper()
	i.code.takeProject()
	// Steps keep PATH for those after them.
	spec := filepath.Join(i.code.tree, "build_spec.infrastructure.yaml")
	raw, err := os.ReadFile(spec)
	must(i.t, err)
	must(i.t, os.WriteFile(spec, []byte(strings.Replace(string(raw), "\nsteps:\n", "\nsteps:\n  - type: Command\n    name: Plugins\n    command: export PATH="+i.tools+":$PATH\n", 1)), 0o600))

	// The stack's settings, whose secrets the same passphrase encrypts.
	engine, file := i.Stack(), "Pulumi."+i.name+".yaml"
	must(i.t, copyFile(filepath.Join(engine.Workspace().WorkDir(), file), filepath.Join(i.code.tree, file)))

	p := i.pulumi()
	p.must("login", output(i.t, i.outputs, "stateUrl"))
	p.must("stack", "init", i.name)
	state := i.state()
	raw, err = json.Marshal(state)
	must(i.t, err)
	exported := filepath.Join(i.tools, "state.json")
	must(i.t, os.WriteFile(exported, raw, 0o600))
	p.must("stack", "import", "--stack", i.name, "--file", exported)
}

// stateHome takes the state out of the bucket again.
func (i *itself) stateHome() {
	i.t.Helper()
	said := i.pulumi().must("stack", "export", "--show-secrets", "--stack", i.name)
	deployment, engine := i.state(), i.Stack()
	must(i.t, json.Unmarshal([]byte(said), &deployment))
	must(i.t, engine.Import(i.t.Context(), deployment))
}

// ran waits until a pipeline has run for a commit, and returns what its steps wrote.
func (i *itself) ran(command, commit string) string {
	i.t.Helper()
	pipelines, _ := i.outputs["infrastructurePipelineIds"].Value.(map[string]any)
	pipeline, _ := pipelines[command].(string)
	var run devops.BuildRunSummary
	until(i.t, operationTimeout, "the end of pulumi "+command, func() bool {
		listed, err := i.client.ListBuildRuns(i.t.Context(), devops.ListBuildRunsRequest{BuildPipelineId: &pipeline})
		must(i.t, err)
		for _, one := range listed.Items {
			if *one.CommitInfo.CommitHash == commit {
				run = one
			}
		}
		return slices.Contains([]devops.BuildRunLifecycleStateEnum{devops.BuildRunLifecycleStateSucceeded, devops.BuildRunLifecycleStateFailed, devops.BuildRunLifecycleStateCanceled}, run.LifecycleState)
	})
	said := strings.Join(searchLogs(i.t, itselfCompartment, "data.buildRunId = '"+*run.Id+"'"), "\n")
	if run.LifecycleState != devops.BuildRunLifecycleStateSucceeded {
		i.t.Fatalf("pulumi %s ends as %s: %s\n%s", command, run.LifecycleState, text(run.LifecycleDetails), said)
	}
	return said
}

// wantRetention looks how long the stack's logs are kept.
func (i *itself) wantRetention(days int) {
	i.t.Helper()
	client := administrator(i.t, logging.NewLoggingManagementClientWithConfigurationProvider)
	group := output(i.t, i.outputs, "logGroupId")
	logs, err := client.ListLogs(i.t.Context(), logging.ListLogsRequest{LogGroupId: &group, LogType: logging.ListLogsLogTypeService})
	must(i.t, err)
	if len(logs.Items) == 0 {
		i.t.Error("there are no logs")
	}
	for _, log := range logs.Items {
		if *log.RetentionDuration != days {
			i.t.Errorf("%s is kept for %d days, want %d", *log.DisplayName, *log.RetentionDuration, days)
		}
	}
}
