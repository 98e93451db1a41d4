package devops

import (
	"slices"

	"oci-media-pipelines/localcloud/kind"
)

// kinds are the service's resources that the engine serves.
//
// Differences from OCI's projects and pipelines:
//
//   - Of what has types only those are served that run here: all of build stages, of
//     deployment stages DEPLOY_FUNCTION, INVOKE_FUNCTION (without a body),
//     MANUAL_APPROVAL and WAIT, environments of type FUNCTION, artifacts of type
//     DOCKER_IMAGE in the registry, and triggers by a project's own repositories. All
//     other types are answered with 501, and so is private access of a build.
//   - A runner's shape is checked and changes nothing: builds have this machine.
//   - What a stage or a trigger names cannot be deleted before it, as OCI does for
//     stages and projects; for the rest it documents nothing.
//   - Projects have no settings, and are not deleted with what is in them
//     (ScheduleCascadingProjectDeletion).
//   - There are no service limits: OCI documents none in numbers.
func (s *Service) kinds() []kind.Kind {
	return slices.Concat(
		[]kind.Kind{
			s.projectKind(),
			s.buildPipelineKind(), s.buildPipelineStageKind(),
			s.deployPipelineKind(), s.deployStageKind(), s.deployArtifactKind(), s.deployEnvironmentKind(),
			s.triggerKind(),
		},
		s.sourceKinds(),
		s.runKinds(),
	)
}
