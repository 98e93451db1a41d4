package devops

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/kind"
)

// inOrder runs the stages of a pipeline, each when all its predecessors have
// succeeded; the first ones have the pipeline for a predecessor. Stages that wait for
// the same ones run side by side. After a failure none begins; those under way end.
// done are stages that have succeeded already.
func (g stages) inOrder(ctx context.Context, pipelineID string, all []kind.Object, done map[string]bool, run func(context.Context, kind.Object) error) error {
	type result struct {
		id  string
		err error
	}
	results := make(chan result)
	ended, begun, running := map[string]bool{pipelineID: true}, map[string]bool{}, 0
	for id := range done {
		ended[id], begun[id] = true, true
	}
	var failure error
	for {
		for _, stage := range all {
			id := stage.Str("id")
			if failure != nil || ctx.Err() != nil || begun[id] || slices.ContainsFunc(g.before(stage), func(p string) bool { return !ended[p] }) {
				continue
			}
			begun[id], running = true, running+1
			go func() { results <- result{id, run(ctx, stage)} }()
		}
		if running == 0 {
			break
		}
		r := <-results
		running--
		if r.err == nil {
			ended[r.id] = true
		} else if failure == nil {
			failure = r.err
		}
	}
	if failure == nil {
		failure = context.Cause(ctx)
	}
	for _, stage := range all {
		if id := stage.Str("id"); failure == nil && !begun[id] {
			failure = fmt.Errorf("stage %s never began: it waits for stages that are not in the pipeline", nameOf(stage))
		}
	}
	return failure
}

// collection is a list as OCI's models have it.
func collection(objects []kind.Object) kind.Object {
	list := make([]any, len(objects))
	for i, o := range objects {
		list[i] = o
	}
	return kind.Object{"items": list}
}

// nameOf is a resource's name for people.
func nameOf(o kind.Object) string {
	if name := o.Str("displayName"); name != "" {
		return name
	}
	id := o.Str("id")
	return id[strings.LastIndexByte(id, '.')+1:]
}
