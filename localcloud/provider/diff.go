package provider

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Diff compares the inputs last applied with those wanted now. A change of an
// input that the schema says so of replaces the resource (the new one first),
// and so does a resource in state FAILED, which no update mends.
func (*providerServer) Diff(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	k, given, err := open(req.GetUrn(), req.GetOlds(), req.GetOldInputs(), req.GetNews())
	if err != nil {
		return nil, err
	}
	state, old, inputs := given[0], given[1], given[2]
	changed := slices.DeleteFunc(k.changed(old, inputs, state), func(name string) bool { return ignored(name, req.GetIgnoreChanges()) })
	answer := &pulumirpc.DiffResponse{
		Changes:         pulumirpc.DiffResponse_DIFF_NONE,
		Diffs:           changed,
		HasDetailedDiff: true,
		DetailedDiff:    map[string]*pulumirpc.PropertyDiff{},
	}
	for _, name := range changed {
		p := k.schema().inputs[name]
		key := resource.PropertyKey(name)
		replaces := p.replaces || nestedReplaces(plain(old[key]), plain(inputs[key]), p.shape)
		if replaces {
			answer.Replaces = append(answer.Replaces, name)
		}
		maps.Copy(answer.DetailedDiff, describe(name, old, inputs, replaces))
	}
	if failedState(state) {
		answer.Replaces = append(answer.Replaces, "state")
		answer.DetailedDiff["state"] = &pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_UPDATE_REPLACE}
	}
	if len(answer.DetailedDiff) > 0 {
		answer.Changes = pulumirpc.DiffResponse_DIFF_SOME
	}
	return answer, nil
}

func failedState(state resource.PropertyMap) bool {
	value := plain(state["state"])
	return value.IsString() && value.StringValue() == "FAILED"
}

// ignored says whether the program ignores changes of a property as a whole.
// For a part of one the engine has put the old value in place already.
func ignored(name string, paths []string) bool {
	return slices.ContainsFunc(paths, func(path string) bool { return path == name || path == "*" })
}

// nestedReplaces says whether a changed part of an object or list replaces the
// resource although the property as such does not.
func nestedReplaces(old, wanted resource.PropertyValue, s shape) bool {
	switch {
	case s.object == "":
		return false
	case old.IsArray() && wanted.IsArray():
		if len(old.ArrayValue()) != len(wanted.ArrayValue()) {
			return false
		}
		for i, item := range old.ArrayValue() {
			if nestedReplaces(plain(item), plain(wanted.ArrayValue()[i]), s) {
				return true
			}
		}
	case old.IsObject() && wanted.IsObject():
		for name, p := range s.nested() {
			key := resource.PropertyKey(name)
			before, after := plain(old.ObjectValue()[key]), plain(wanted.ObjectValue()[key])
			if after.IsNull() || same(before, after) {
				continue
			}
			if p.replaces || nestedReplaces(before, after, p.shape) {
				return true
			}
		}
	}
	return false
}

// describe lists what changed within one input, by path.
func describe(name string, old, inputs resource.PropertyMap, replaces bool) map[string]*pulumirpc.PropertyDiff {
	key := resource.PropertyKey(name)
	before, after := resource.PropertyMap{}, resource.PropertyMap{}
	if value, ok := old[key]; ok {
		before[key] = value
	}
	if value, ok := inputs[key]; ok {
		after[key] = value
	}
	described := map[string]*pulumirpc.PropertyDiff{}
	for path, part := range plugin.NewDetailedDiffFromObjectDiff(before.Diff(after), true) {
		if strings.Contains(path, "__") {
			continue
		}
		part := part
		if replaces {
			part = part.ToReplace()
		}
		described[path] = &pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_Kind(part.Kind), InputDiff: true}
	}
	if len(described) == 0 {
		// The values differ in what the engine does not compare: unknown parts.
		kind := pulumirpc.PropertyDiff_UPDATE
		if replaces {
			kind = pulumirpc.PropertyDiff_UPDATE_REPLACE
		}
		described[name] = &pulumirpc.PropertyDiff{Kind: kind, InputDiff: true}
	}
	return described
}
