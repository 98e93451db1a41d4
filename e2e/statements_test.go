package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/containerinstances"
	"github.com/oracle/oci-go-sdk/v65/core"
	"github.com/oracle/oci-go-sdk/v65/events"
	"github.com/oracle/oci-go-sdk/v65/functions"
	"github.com/oracle/oci-go-sdk/v65/identity"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"oci-media-pipelines/infra/pipeline"
	"oci-media-pipelines/internal/analysis"
	"oci-media-pipelines/localcloud/api"
)

// statementsCompartment is a compartment of its own: rights are given by
// compartment, and another stack's would stand in for what is taken away here.
const (
	statementsCompartment = "ocid1.compartment.oc1..aaaaaaaastatements"
	// statementsJobs is that of its jobs, for the same reason.
	statementsJobs = "ocid1.compartment.oc1..aaaaaaaastatementsjobs"
)

// rights is a deployed stack whose policies are changed behind Pulumi's back.
type rights struct {
	user
	outputs   auto.OutputMap
	identity  identity.IdentityClient
	functions functions.FunctionsManagementClient
	instances containerinstances.ContainerInstanceClient
	network   core.VirtualNetworkClient
	rules     events.EventsClient
	code      *delivery
	since     time.Time // when the step at hand began
}

// TestEveryStatementIsNecessary takes each policy statement of the program away and
// shows what somebody who uses the pipeline cannot do any more; given back, it
// works again. What each statement is for is Grant.Needed.
func TestEveryStatementIsNecessary(t *testing.T) {
	code := newUpstream(t)
	s := openStack(t, "statements", map[string]string{
		"compartmentId": statementsCompartment, "transcoding.compartmentId": statementsJobs, "functionTimeoutSeconds": "5",
		"delivery.enabled": "true", "delivery.repositoryUrl": code.url,
	})
	code.trusted(s)
	outputs, _ := s.up()
	t.Cleanup(s.destroy)
	r := &rights{
		user: user{t, strings.TrimRight(output(t, outputs, "applicationUrl"), "/")}, outputs: outputs,
		identity:  administrator(t, identity.NewIdentityClientWithConfigurationProvider),
		functions: administrator(t, functions.NewFunctionsManagementClientWithConfigurationProvider),
		instances: administrator(t, containerinstances.NewContainerInstanceClientWithConfigurationProvider),
		network:   administrator(t, core.NewVirtualNetworkClientWithConfigurationProvider),
		rules:     administrator(t, events.NewEventsClientWithConfigurationProvider),
	}
	r.code = r.deliver(code)
	steps := map[string]func() error{
		"object-storage-uses-key": r.uploads,
		"functions-pulls-images":  r.analysesCold,
		"functions-uses-subnet":   r.analysesCold,
		"rule-calls-function":     r.analyses,
		"function-asks-vision":    r.analyses,
		"function-reads-images":   r.analyses,
		"function-reads-password": r.analysesCold,
		"app-pulls-image":         r.startsInstance,
		"app-keeps-images":        r.uploads,
		"app-reads-password":      r.restarts,
		"app-retries-analysis":    r.retries,

		"rule-calls-transcode":     r.launches,
		"transcode-runs-jobs":      r.launches,
		"transcode-connects-jobs":  r.launches,
		"transcode-reads-videos":   r.launches,
		"transcode-reads-password": r.launchesCold,
		"job-pulls-image":          r.startsJob,
		"job-reads-video":          r.transcodes,
		"job-keeps-stream":         r.transcodes,
		"job-reads-password":       r.transcodes,
		"job-deletes-itself":       r.leavesNothing,
		"job-gives-back-interface": r.leavesNothing,
		"app-keeps-videos":         r.uploadsVideo,
		"app-shows-streams":        r.deletesVideo,
		"app-retries-transcoding":  r.retriesVideo,

		"push-starts-build":        r.rollsOut("analyze"),
		"mirror-reads-token":       r.rollsOut("analyze"),
		"build-reads-project":      r.rollsOut("analyze"),
		"build-delivers-image":     r.rollsOut("analyze"),
		"build-starts-deployment":  r.rollsOut("analyze"),
		"build-announces":          r.rollsOut("analyze"),
		"deploy-reads-project":     r.rollsOut("analyze"),
		"deploy-reads-image":       r.rollsOut("analyze"),
		"deploy-updates-function":  r.rollsOut("analyze"),
		"deploy-updates-transcode": r.rollsOut("transcode"),
		"deploy-announces":         r.rollsOut("analyze"),
	}
	policies, groups := r.policies(), r.groups()
	for _, grant := range pipeline.Grants() {
		t.Run(grant.Name, func(t *testing.T) {
			r.TB = t
			step := steps[grant.Name]
			if step == nil {
				t.Fatalf("there is no step that needs %s", grant.Name)
			}
			r.without(policies, groups.written(grant.Statement).MatchString, func() {
				if err := step(); err == nil {
					t.Errorf("without it, still works: %s", grant.Needed)
				} else {
					t.Logf("without it: %v", err)
				}
				if missing := r.refusals(); len(missing) == 0 {
					t.Error("nothing was refused")
				}
			})
			if err := step(); err != nil {
				t.Errorf("given back: %v", err)
			}
			delete(steps, grant.Name)
		})
	}
	for name := range steps {
		t.Errorf("%s is no grant of the program", name)
	}
}

// policies are those of the stack, and those only.
func (r *rights) policies() []identity.Policy {
	r.Helper()
	var mine []identity.Policy
	all := 0
	for _, compartment := range []string{statementsCompartment, statementsJobs} {
		listed, err := r.identity.ListPolicies(r.Context(), identity.ListPoliciesRequest{CompartmentId: &compartment})
		must(r.TB, err)
		for _, policy := range listed.Items {
			all += len(policy.Statements)
		}
		mine = append(mine, listed.Items...)
	}
	if want := len(pipeline.Grants()); all != want {
		r.Fatalf("%d statements are deployed, the program has %d", all, want)
	}
	return mine
}

// groups are the OCIDs of the stack's dynamic groups and compartments by their names in
// statements.
type groups map[string]string

func (r *rights) groups() groups {
	r.Helper()
	tenancy := world.cloud.TenancyID
	listed, err := r.identity.ListDynamicGroups(r.Context(), identity.ListDynamicGroupsRequest{CompartmentId: &tenancy})
	must(r.TB, err)
	mine := groups{"compartment": statementsCompartment, "jobCompartment": statementsJobs}
	for _, group := range listed.Items {
		for compartment, names := range map[string]map[string]string{
			statementsCompartment: {
				"computecontainerinstance": "appGroup", "fnfunc": "functionGroup",
				"devopsrepository": "sourceGroup", "devopsbuildpipeline": "buildGroup", "devopsdeploypipeline": "deployGroup",
			},
			statementsJobs: {"computecontainerinstance": "jobGroup", "fnfunc": "transcodeGroup"},
		} {
			for kind, name := range names {
				if strings.Contains(*group.MatchingRule, "'"+compartment+"'") && strings.Contains(*group.MatchingRule, "'"+kind+"'") {
					mine[name] = *group.Id
				}
			}
		}
	}
	return mine
}

var placeholder = regexp.MustCompile(`\\\$\\\{([a-zA-Z]+)\\\}`)

// written matches what a grant's statement has become.
func (g groups) written(statement string) *regexp.Regexp {
	expression := placeholder.ReplaceAllStringFunc(regexp.QuoteMeta(statement), func(found string) string {
		if id, ok := g[placeholder.FindStringSubmatch(found)[1]]; ok {
			return regexp.QuoteMeta(id)
		}
		return `[a-z0-9._-]+`
	})
	return regexp.MustCompile("^" + expression + "$")
}

// without does something while one statement is taken away. A policy without any
// statement cannot be: then one that gives nothing of use stands in its place.
func (r *rights) without(policies []identity.Policy, is func(string) bool, do func()) {
	r.Helper()
	for _, policy := range policies {
		i := slices.IndexFunc(policy.Statements, is)
		if i < 0 {
			continue
		}
		left := slices.Delete(slices.Clone(policy.Statements), i, i+1)
		if len(left) == 0 {
			left = []string{"allow any-user to inspect compartments in compartment id " + *policy.CompartmentId}
		}
		r.write(policy, left)
		defer r.write(policy, policy.Statements)
		r.since = time.Now()
		do()
		return
	}
	r.Fatal("the statement is in no policy")
}

func (r *rights) write(policy identity.Policy, statements []string) {
	r.Helper()
	_, err := r.identity.UpdatePolicy(context.Background(), identity.UpdatePolicyRequest{
		PolicyId: policy.Id, UpdatePolicyDetails: identity.UpdatePolicyDetails{Statements: statements},
	})
	must(r.TB, err)
}

// refusals are what policies refused since the step at hand began, as the journal
// has it, with the statements that would have allowed it.
func (r *rights) refusals() []string {
	r.Helper()
	var missing []string
	for _, entry := range journal(r.TB, r.since) {
		for _, d := range entry.Decisions {
			// The last request of an instance that was deleted meanwhile lacks no
			// statement and no rule.
			if !d.Allowed && !strings.HasPrefix(d.Missing, "there is no network interface") {
				missing = append(missing, d.Missing)
			}
		}
	}
	return missing
}

func (r *rights) uploads() error {
	got := r.send(fresh("cup.jpg"), photo(r.TB, "coffee.jpg"))
	if got.code != http.StatusCreated {
		return fmt.Errorf("upload: %d %s", got.code, got.Error)
	}
	return nil
}

// analyses uploads a picture and waits until there is a result, or the function is
// done with it without one, or the rule may not call it.
func (r *rights) analyses() error {
	r.since = time.Now()
	got := r.send(fresh("cup.jpg"), photo(r.TB, "coffee.jpg"))
	if got.code != http.StatusCreated {
		return fmt.Errorf("upload: %d %s", got.code, got.Error)
	}
	var outcome error
	until(r.TB, patience, "an end of the analysis of "+got.Name, func() bool {
		if doc, ok := r.result(got.Name); ok {
			if doc.Status != analysis.Succeeded {
				outcome = fmt.Errorf("analysis: %s", doc.Status)
			}
			return true
		}
		failed := slices.ContainsFunc(journal(r.TB, r.since), func(e api.Entry) bool {
			return e.Operation == "InvokeFunction" && slices.ContainsFunc(e.Decisions, func(d api.Decision) bool { return !d.Allowed })
		})
		ended := outcomes(r.TB, got.Name)
		if failed || slices.Contains(ended, "failed") || r.coldStartFailed() {
			outcome = fmt.Errorf("%s has no result", got.Name)
		}
		return outcome != nil
	})
	return outcome
}

// coldStartFailed reports whether the function could not be started since the
// step at hand began.
func (r *rights) coldStartFailed() bool {
	return slices.ContainsFunc(functionLogSince(r.TB, r.since), func(message string) bool {
		return strings.Contains(message, " failed after ") && strings.Contains(message, "FunctionInvoke")
	})
}

// analysesCold is analyses by a container that starts now.
func (r *rights) analysesCold() error {
	r.startsAnew("functionId")
	return r.analyses()
}

// startsAnew has the next invocation of a function, which an output names, start a
// container.
func (r *rights) startsAnew(function string) {
	r.Helper()
	id := output(r.TB, r.outputs, function)
	like, err := r.functions.GetFunction(r.Context(), functions.GetFunctionRequest{FunctionId: &id})
	must(r.TB, err)
	config := like.Config
	config["STARTED_ANEW"] = fresh("")
	_, err = r.functions.UpdateFunction(r.Context(), functions.UpdateFunctionRequest{
		FunctionId: &id, UpdateFunctionDetails: functions.UpdateFunctionDetails{Config: config},
	})
	must(r.TB, err)
}

// instance is the OCID of the app's container instance.
func (r *rights) instance() string {
	r.Helper()
	ids, _ := r.outputs["containerInstanceIds"].Value.([]any)
	if len(ids) != 1 {
		r.Fatalf("the app's container instances are %v", ids)
	}
	return ids[0].(string)
}

// startsInstance starts the app once more, beside the one that runs.
func (r *rights) startsInstance() error {
	ctx := r.Context()
	like, err := r.instances.GetContainerInstance(ctx, containerinstances.GetContainerInstanceRequest{ContainerInstanceId: new(r.instance())})
	must(r.TB, err)
	container, err := r.instances.GetContainer(ctx, containerinstances.GetContainerRequest{ContainerId: like.Containers[0].ContainerId})
	must(r.TB, err)
	vnic, err := r.network.GetVnic(ctx, core.GetVnicRequest{VnicId: like.Vnics[0].VnicId})
	must(r.TB, err)
	created, err := r.instances.CreateContainerInstance(ctx, containerinstances.CreateContainerInstanceRequest{
		CreateContainerInstanceDetails: containerinstances.CreateContainerInstanceDetails{
			CompartmentId: like.CompartmentId, AvailabilityDomain: like.AvailabilityDomain, Shape: like.Shape,
			ShapeConfig: &containerinstances.CreateContainerInstanceShapeConfigDetails{Ocpus: like.ShapeConfig.Ocpus, MemoryInGBs: like.ShapeConfig.MemoryInGBs},
			Containers: []containerinstances.CreateContainerDetails{{
				ImageUrl: container.ImageUrl, EnvironmentVariables: container.EnvironmentVariables,
			}},
			Vnics: []containerinstances.CreateContainerVnicDetails{{SubnetId: vnic.SubnetId, NsgIds: vnic.NsgIds, IsPublicIpAssigned: new(false)}},
		},
	})
	must(r.TB, err)
	defer func() {
		_, err := r.instances.DeleteContainerInstance(ctx, containerinstances.DeleteContainerInstanceRequest{ContainerInstanceId: created.Id})
		must(r.TB, err)
	}()
	var outcome error
	until(r.TB, patience, "an end of the instance's creation", func() bool {
		now, err := r.instances.GetContainerInstance(ctx, containerinstances.GetContainerInstanceRequest{ContainerInstanceId: created.Id})
		must(r.TB, err)
		if now.LifecycleState == containerinstances.ContainerInstanceLifecycleStateFailed {
			outcome = errors.New("container instance: " + *now.LifecycleDetails)
		}
		return now.LifecycleState != containerinstances.ContainerInstanceLifecycleStateCreating
	})
	return outcome
}

// restarts starts the app anew and asks it for results, until it has them or was
// refused the database's password.
func (r *rights) restarts() error {
	r.since = time.Now()
	id := r.instance()
	_, err := r.instances.RestartContainerInstance(r.Context(), containerinstances.RestartContainerInstanceRequest{ContainerInstanceId: &id})
	must(r.TB, err)
	until(r.TB, patience, "the restarted instance", func() bool {
		now, err := r.instances.GetContainerInstance(r.Context(), containerinstances.GetContainerInstanceRequest{ContainerInstanceId: &id})
		must(r.TB, err)
		return now.LifecycleState == containerinstances.ContainerInstanceLifecycleStateActive
	})
	var outcome error
	until(r.TB, patience, "an answer of the app", func() bool {
		status, body := r.call(http.MethodGet, r.url+"/api/results")
		switch {
		case status == http.StatusOK:
			outcome = nil
			return true
		case strings.Contains(body, "not reachable yet") && len(r.refusals()) > 0:
			outcome = fmt.Errorf("results: %d %s", status, body)
			return true
		}
		return false
	})
	return outcome
}

// retries sends a picture through the analysis again whose event led nowhere.
func (r *rights) retries() error {
	r.Helper()
	name := ""
	withoutRule(r.TB, r.rules, statementsCompartment, output(r.TB, r.outputs, "bucketName"), func() {
		name = r.send(fresh("cup.jpg"), photo(r.TB, "coffee.jpg")).Name
	})
	if status, body := r.call(http.MethodPost, r.at("/retry/", name)); status != http.StatusOK {
		return fmt.Errorf("retry: %d %s", status, body)
	}
	return nil
}
