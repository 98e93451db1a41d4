package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/devops"
	"github.com/oracle/oci-go-sdk/v65/functions"
	"github.com/oracle/oci-go-sdk/v65/loggingsearch"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"oci-media-pipelines/localcloud/services/logging"
)

const (
	// deliveryCompartment is that of the stack whose functions are delivered by pipelines.
	deliveryCompartment = "ocid1.compartment.oc1..aaaaaaaadelivery"
	// buildPatience bounds a build run with Go's tools, on a busy machine.
	buildPatience = 4 * time.Minute
)

// delivery is a stack whose functions are delivered by OCI DevOps, seen by someone who
// pushes and looks at runs.
type delivery struct {
	*developer
	stack     *stack
	outputs   auto.OutputMap
	devops    devops.DevopsClient
	functions functions.FunctionsManagementClient
}

// openDelivery deploys such a stack and clones its code repository.
func openDelivery(t testing.TB, name string, settings map[string]string) *delivery {
	t.Helper()
	all := map[string]string{"delivery.enabled": "true", "compartmentId": deliveryCompartment, "transcoding.enabled": "false"}
	for key, value := range settings {
		all[key] = value
	}
	s := openStack(t, name, all)
	outputs, _ := s.up()
	t.Cleanup(s.destroy)
	return watch(t, s, outputs, newDeveloper(t, output(t, outputs, "deliveryRepositoryUrl")))
}

// openMirror deploys a stack whose code is somebody else's, who the developer is.
func openMirror(t testing.TB, name string, from *upstream) *delivery {
	t.Helper()
	s := openStack(t, name, map[string]string{
		"delivery.enabled": "true", "compartmentId": deliveryCompartment, "transcoding.enabled": "false", "delivery.repositoryUrl": from.url,
	})
	from.trusted(s)
	outputs, _ := s.up()
	t.Cleanup(s.destroy)
	return watch(t, s, outputs, cloned(t, &url.URL{Path: from.folder}))
}

func watch(t testing.TB, s *stack, outputs auto.OutputMap, pusher *developer) *delivery {
	return &delivery{
		developer: pusher, stack: s, outputs: outputs,
		devops:    administrator(t, devops.NewDevopsClientWithConfigurationProvider),
		functions: administrator(t, functions.NewFunctionsManagementClientWithConfigurationProvider),
	}
}

// mirror has the project fetch from where the code comes from, and returns how that
// ended.
func (d *delivery) mirror() devops.RepositoryMirrorRecordSummary {
	d.Helper()
	repository := output(d, d.outputs, "deliveryRepositoryId")
	asked, err := d.devops.MirrorRepository(d.Context(), devops.MirrorRepositoryRequest{RepositoryId: &repository})
	must(d, err)
	var record devops.RepositoryMirrorRecordSummary
	until(d, patience, "an end of the mirroring", func() bool {
		listed, err := d.devops.ListMirrorRecords(d.Context(), devops.ListMirrorRecordsRequest{RepositoryId: &repository})
		must(d, err)
		for _, one := range listed.Items {
			if text(one.WorkRequestId) == *asked.OpcWorkRequestId {
				record = one
			}
		}
		return record.TimeCompleted != nil
	})
	return record
}

// as is d for a part of a test.
func (d *delivery) as(t testing.TB) *delivery {
	part, person := *d, *d.developer
	person.TB, part.developer = t, &person
	return &part
}

// id is an entry of an output that is a map by function.
func (d *delivery) id(outputName, function string) *string {
	d.Helper()
	all, _ := d.outputs[outputName].Value.(map[string]any)
	id, ok := all[function].(string)
	if !ok {
		d.Fatalf("output %s has no %s: %v", outputName, function, d.outputs[outputName].Value)
	}
	return &id
}

// runs are the build runs of a function's pipeline for a commit, or all of them.
func (d *delivery) runs(function, commit string) []devops.BuildRunSummary {
	d.Helper()
	listed, err := d.devops.ListBuildRuns(d.Context(), devops.ListBuildRunsRequest{BuildPipelineId: d.id("buildPipelineIds", function)})
	must(d, err)
	return slices.DeleteFunc(listed.Items, func(run devops.BuildRunSummary) bool {
		return commit != "" && (run.CommitInfo == nil || *run.CommitInfo.CommitHash != commit)
	})
}

// built waits until the build run for a commit has ended.
func (d *delivery) built(function, commit string) devops.BuildRun {
	d.Helper()
	var run devops.BuildRun
	until(d, buildPatience, "an end of the build run of "+function+" for "+version(commit), func() bool {
		found := d.runs(function, commit)
		if len(found) == 0 {
			return false
		}
		got, err := d.devops.GetBuildRun(d.Context(), devops.GetBuildRunRequest{BuildRunId: found[0].Id})
		must(d, err)
		run = got.BuildRun
		return slices.Contains([]devops.BuildRunLifecycleStateEnum{
			devops.BuildRunLifecycleStateSucceeded, devops.BuildRunLifecycleStateFailed, devops.BuildRunLifecycleStateCanceled,
		}, run.LifecycleState)
	})
	return run
}

// delivered waits until a commit's build run, and the deployment that it started, have
// succeeded.
func (d *delivery) delivered(function, commit string) (devops.BuildRun, devops.Deployment) {
	d.Helper()
	run := d.built(function, commit)
	if run.LifecycleState != devops.BuildRunLifecycleStateSucceeded {
		d.Fatalf("the build run of %s for %s: %s: %s\n%s", function, version(commit), run.LifecycleState, text(run.LifecycleDetails), tail(d.log(), 30))
	}
	deployment := d.deployed(function, version(commit))
	if deployment.GetLifecycleState() != devops.DeploymentLifecycleStateSucceeded {
		d.Fatalf("the deployment of %s: %s: %s\n%s", version(commit), deployment.GetLifecycleState(), text(deployment.GetLifecycleDetails()), tail(d.log(), 30))
	}
	return run, deployment
}

// deployed waits until the newest deployment of a version has ended.
func (d *delivery) deployed(function, imageVersion string) devops.Deployment {
	d.Helper()
	var newest devops.Deployment
	until(d, patience, "an end of the deployment of "+function+" "+imageVersion, func() bool {
		found := d.deployments(function, imageVersion)
		if len(found) == 0 {
			return false
		}
		newest = found[0]
		return slices.Contains([]devops.DeploymentLifecycleStateEnum{
			devops.DeploymentLifecycleStateSucceeded, devops.DeploymentLifecycleStateFailed, devops.DeploymentLifecycleStateCanceled,
		}, newest.GetLifecycleState())
	})
	return newest
}

// deployments are those of a version, the newest first.
func (d *delivery) deployments(function, imageVersion string) []devops.Deployment {
	d.Helper()
	listed, err := d.devops.ListDeployments(d.Context(), devops.ListDeploymentsRequest{
		DeployPipelineId: d.id("deployPipelineIds", function), SortBy: devops.ListDeploymentsSortByTimecreated, SortOrder: devops.ListDeploymentsSortOrderDesc,
	})
	must(d, err)
	var found []devops.Deployment
	for _, summary := range listed.Items {
		got, err := d.devops.GetDeployment(d.Context(), devops.GetDeploymentRequest{DeploymentId: summary.GetId()})
		must(d, err)
		arguments := got.GetDeploymentArguments()
		if arguments != nil && slices.ContainsFunc(arguments.Items, func(a devops.DeploymentArgument) bool {
			return *a.Name == "imageVersion" && *a.Value == imageVersion
		}) {
			found = append(found, got.Deployment)
		}
	}
	return found
}

// serving is the function's image's tag and digest, and its memory in MB.
func (d *delivery) serving(function string) (tag, digest string, memory int64) {
	d.Helper()
	id := output(d, d.outputs, map[string]string{"analyze": "functionId", "transcode": "transcodeFunctionId"}[function])
	got, err := d.functions.GetFunction(d.Context(), functions.GetFunctionRequest{FunctionId: &id})
	must(d, err)
	image, ok := got.SourceDetails.(functions.ContainerImageFunctionSourceDetails)
	if !ok {
		d.Fatalf("%s is made of %+v", function, got.SourceDetails)
	}
	return (*image.Image)[strings.LastIndex(*image.Image, ":")+1:], *image.ImageDigest, *got.MemoryInMBs
}

// wantServing fails unless the function has a version.
func (d *delivery) wantServing(function, imageVersion string) {
	d.Helper()
	if tag, _, _ := d.serving(function); tag != imageVersion {
		d.Errorf("%s serves %s, want %s", function, tag, imageVersion)
	}
}

// log is what the project's log has of all runs, oldest first, as JSON.
func (d *delivery) log() []string {
	d.Helper()
	return searchLogs(d, deliveryCompartment, "source = '"+output(d, d.outputs, "deliveryProjectId")+"'")
}

// searchLogs returns the data of the log records of the last hour that meet a condition,
// oldest first, as the Logging API finds them.
func searchLogs(t testing.TB, compartment, condition string) []string {
	t.Helper()
	client := administrator(t, loggingsearch.NewLogSearchClientWithConfigurationProvider)
	query := fmt.Sprintf("search %q | where %s", compartment, condition)
	now := time.Now()
	found, err := client.SearchLogs(t.Context(), loggingsearch.SearchLogsRequest{SearchLogsDetails: loggingsearch.SearchLogsDetails{
		SearchQuery: &query, TimeStart: &common.SDKTime{Time: now.Add(-time.Hour)}, TimeEnd: &common.SDKTime{Time: now.Add(time.Minute)},
	}})
	must(t, err)
	var lines []string
	for _, result := range found.Results {
		content, err := json.Marshal((*result.Data).(map[string]any)["logContent"].(map[string]any)["data"])
		must(t, err)
		lines = append(lines, string(content))
	}
	return lines
}

// announced waits until the topic has got a message in which all these texts are.
func (d *delivery) announced(texts ...string) {
	d.Helper()
	until(d, patience, "a notification with "+strings.Join(texts, " and "), func() bool { return d.told(texts...) })
}

// told reports whether the topic has got such a message.
func (d *delivery) told(texts ...string) bool {
	d.Helper()
	var lines []logging.Line
	must(d, world.cloud.Control(context.Background(), http.MethodGet, "/logs", &lines))
	return slices.ContainsFunc(lines, func(line logging.Line) bool {
		return line.Category == "notification" && line.Resource == output(d, d.outputs, "deliveryTopicId") &&
			!slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line.Message, text) })
	})
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
