package devops

import (
	"fmt"
	"slices"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// stages says how the stages of a kind of pipeline hang together: each names those
// that come before it, and the first ones name the pipeline.
type stages struct {
	// ocidType is that of the stages, pipeline the field that names their pipeline,
	// predecessors the one with those before.
	ocidType, pipeline, predecessors string
	// first reports whether a stage may come first in its pipeline; nil: any may.
	first func(stage kind.Object) error
}

// before are the OCIDs that a stage names as its predecessors.
func (g stages) before(stage kind.Object) []string {
	items := stage.Object(g.predecessors).Objects("items")
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = item.Str("id")
	}
	return ids
}

// check checks the place of a new or changed stage among those of its pipeline.
func (g stages) check(engine *kind.Engine, stage kind.Object) error {
	pipeline, ids := stage.Str(g.pipeline), g.before(stage)
	if len(ids) == 0 {
		return api.MissingParameter("%s.items is required: the stages before this one, or the pipeline's OCID for the first one.", g.predecessors)
	}
	for i, id := range ids {
		where := fmt.Sprintf("%s.items[%d].id", g.predecessors, i)
		switch {
		case slices.Contains(ids[:i], id):
			return api.InvalidParameter("%s: %s is named twice.", where, id)
		case id == pipeline && len(ids) > 1:
			return api.InvalidParameter("%s: a stage comes first, after the pipeline %s, or after other stages, not both.", where, id)
		case id == pipeline:
			if g.first != nil {
				if err := g.first(stage); err != nil {
					return err
				}
			}
		case id == stage.Str("id"):
			return api.InvalidParameter("%s: a stage cannot come after itself.", where)
		default:
			other, ok := engine.Get(id)
			if !ok || kind.TypeOf(id) != g.ocidType {
				return api.NotAuthorizedOrNotFound("%s: %s was not found.", where, id)
			}
			if other.Str(g.pipeline) != pipeline {
				return api.InvalidParameter("%s: %s is a stage of another pipeline.", where, id)
			}
		}
	}
	return g.acyclic(engine, stage)
}

// acyclic refuses a stage that would come after itself by way of others.
func (g stages) acyclic(engine *kind.Engine, stage kind.Object) error {
	seen, next := map[string]bool{}, g.before(stage)
	for len(next) > 0 {
		id := next[0]
		next = next[1:]
		if id == stage.Str("id") {
			return api.InvalidParameter("%s: the stage would come after itself.", g.predecessors)
		}
		if seen[id] {
			continue
		}
		seen[id] = true
		if other, ok := engine.Get(id); ok && kind.TypeOf(id) == g.ocidType {
			next = append(next, g.before(other)...)
		}
	}
	return nil
}
