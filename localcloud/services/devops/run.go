package devops

import (
	"fmt"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// runKinds are the runs of pipelines: build runs and deployments.
//
// Differences from OCI's, or what is so here because OCI does not document it:
//
//   - Runs of one pipeline take turns, in the order in which they were created.
//   - A TRIGGER_DEPLOYMENT_PIPELINE stage ends when the deployment is accepted.
//   - Arguments need not be declared as parameters: all that a build passes on become
//     arguments of the deployment.
//   - Stages that a failed run did not reach are CANCELED.
//   - Each approval is by somebody else.
//   - A pipeline takes its runs with it when it is deleted.
//   - Build runs that were under way when the cloud stopped have failed; deployments
//     that waited for an approval or for time go on waiting.
//   - A function gets its earlier image, configuration, memory and timeout back when its
//     own stage fails after the update, not when a later stage fails.
//   - Builds read sources from the project's repositories only, input artifacts from
//     earlier stages only, and deliver images to the registry only: there is no Artifact
//     Registry.
//   - An announcement that cannot be published is told in the log and fails no run.
func (s *Service) runKinds() []kind.Kind { return []kind.Kind{s.buildRunKind(), s.deploymentKind()} }

// runs is what the service has for runs of pipelines.
type runs struct {
	builds, deployments *turns
	pushes              pushes
	// approvals rings when somebody has decided on a stage that waits for approval.
	approvals bell
}

// openRuns prepares the turns of the runs, and adds what runs can do beyond the generic
// operations.
//
// The page of permissions lists none for cancelling and approving; here they are
// changes of the run.
func (s *Service) openRuns() {
	s.builds = newTurns(s, typeBuildRun, buildRunWords)
	s.builds.perform, s.builds.settle = s.performBuild, settleBuild
	s.deployments = newTurns(s, typeDeployment, deploymentWords)
	s.deployments.perform, s.deployments.settle = s.performDeployment, deploymentWords.settle
	s.api.Route("CancelBuildRun", "POST /buildRuns/{id}/actions/cancel", s.cancelBuildRun, "DEVOPS_BUILD_RUN_UPDATE")
	s.api.Route("CancelDeployment", "POST /deployments/{id}/actions/cancel", s.cancelDeployment, "DEVOPS_DEPLOY_DEPLOYMENT_UPDATE")
	s.api.Route("ApproveDeployment", "POST /deployments/{id}/actions/approve", s.approveDeployment, "DEVOPS_DEPLOY_DEPLOYMENT_UPDATE")
}

// resumeRuns settles what an earlier start of the cloud left behind: runs, and the
// workspaces of builds.
func (s *Service) resumeRuns() error {
	dir, err := s.Store.Dir(workspaces)
	if err == nil {
		err = removeAll(dir)
	}
	s.builds.resume(func(run kind.Object) bool { return run.Object("buildRunProgress").Str("timeStarted") == "" })
	s.deployments.resume(deploymentGoesOn)
	return err
}

// runAccess is the access to runs, which are where their pipeline is: who starts one
// must be allowed to read the pipeline, too.
func runAccess(noun, pipeline, read string) kind.Access {
	a := accessIn(noun, pipeline)
	a.Create = append(a.Create, read+"@"+pipeline)
	return a
}

// pipelineOf finds the pipeline that a new run names.
func (s *Service) pipelineOf(o kind.Object, field, ocidType string) (kind.Object, error) {
	id := o.Str(field)
	pipeline, found := s.Engine.Get(id)
	if !found || kind.TypeOf(id) != ocidType {
		return nil, api.NotAuthorizedOrNotFound("%s: %s was not found.", field, id)
	}
	return pipeline, nil
}

// adopt gives a new run what it has from its pipeline.
func adopt(o, pipeline kind.Object) {
	o["compartmentId"], o["projectId"] = pipeline["compartmentId"], pipeline["projectId"]
	o[sequence] = time.Now().UnixNano()
}

// forgetRuns removes the runs of a pipeline that is deleted.
func (s *Service) forgetRuns(ocidType, field, pipelineID string) error {
	for _, run := range s.Engine.List(ocidType, func(o kind.Object) bool { return o.Str(field) == pipelineID }) {
		if err := s.Engine.Remove(run.Str("id")); err != nil {
			return fmt.Errorf("remove run of a deleted pipeline: %w", err)
		}
	}
	return nil
}
