package devops

import (
	"slices"

	"oci-media-pipelines/localcloud/kind"
)

// kinds are the service's resources that the engine serves.
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
