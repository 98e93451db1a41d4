package devops

import (
	"slices"

	"oci-media-pipelines/localcloud/kind"
)

// showUsed tells of a stage's pipeline which artifacts and environments its stages use.
func (s *Service) showUsed(stage kind.Object) error {
	pipeline, ok := s.Engine.Get(stage.Str("deployPipelineId"))
	if !ok {
		return nil // It is being deleted.
	}
	s.fillUsed(pipeline)
	return s.Engine.Put(pipeline)
}

// showUnused is showUsed after a stage's end.
func (s *Service) showUnused(stage kind.Object) error {
	_, err := s.Engine.Change(stage.Str("deployPipelineId"), func(pipeline kind.Object) error {
		s.fillUsed(pipeline)
		return nil
	})
	return err
}

func (s *Service) fillUsed(pipeline kind.Object) {
	stages := s.Engine.List(typeDeployStage, func(o kind.Object) bool { return o.Str("deployPipelineId") == pipeline.Str("id") })
	pipeline["deployPipelineArtifacts"] = s.used(stages, "deployArtifactId", "dockerImageDeployArtifactId")
	pipeline["deployPipelineEnvironments"] = s.used(stages, "deployEnvironmentId", "functionDeployEnvironmentId")
}

// used collects what stages name in a field, each with the stages that do; as is what
// the collection calls it.
func (s *Service) used(stages []kind.Object, as, field string) kind.Object {
	var ids []string
	by := map[string][]any{}
	for _, stage := range stages {
		id := stage.Str(field)
		if id == "" {
			continue
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
		by[id] = append(by[id], named(stage, "deployStageId"))
	}
	items := []any{}
	for _, id := range ids {
		o, _ := s.Engine.Get(id)
		item := named(o, as)
		item[as], item["deployPipelineStages"] = id, map[string]any{"items": by[id]}
		items = append(items, item)
	}
	return kind.Object{"items": items}
}

func named(o kind.Object, as string) map[string]any {
	return map[string]any{as: o.Str("id"), "displayName": o["displayName"]}
}
