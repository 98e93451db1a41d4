package provider

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// refresh brings the inputs that the program set up to what the cloud says now,
// so that a change behind Pulumi's back shows as one. What the program did not
// set, the cloud's own defaults above all, stays out; what the cloud does not
// tell stays as it was. live is an encoded model, with null for empty fields.
func refresh(inputs, live resource.PropertyMap, props properties) resource.PropertyMap {
	refreshed := resource.PropertyMap{}
	for key, before := range inputs {
		now, told := live[key]
		if !told {
			refreshed[key] = before
			continue
		}
		if value := project(before, now, props[string(key)].shape); !value.IsNull() {
			refreshed[key] = value
		}
	}
	return refreshed
}

// imported returns the inputs of a resource that the program has not described
// yet: all that the cloud tells.
func imported(live resource.PropertyMap, props properties) resource.PropertyMap {
	inputs := resource.PropertyMap{}
	for name := range props {
		key := resource.PropertyKey(name)
		if value := live[key]; !absent(value) && !empty(value) {
			inputs[key] = value
		}
	}
	return inputs
}

// project returns the present value in the form of the earlier one.
func project(before, now resource.PropertyValue, s shape) resource.PropertyValue {
	before = plain(before)
	switch {
	case now.IsNull() && empty(before), same(before, now):
		return before
	case now.IsNull() && before.IsArray():
		return resource.NewProperty([]resource.PropertyValue{})
	case now.IsNull() && before.IsObject():
		return resource.NewProperty(resource.PropertyMap{})
	case s.mapping && before.IsObject() && now.IsObject():
		return projectMap(before, now)
	case s.object != "" && before.IsObject() && now.IsObject():
		return resource.NewProperty(projectObject(before.ObjectValue(), now.ObjectValue(), s))
	case before.IsArray() && now.IsArray():
		return projectList(before.ArrayValue(), now.ArrayValue(), s.elem())
	default:
		return now
	}
}

// projectObject keeps to the properties that the program set. Within objects a
// field that the service leaves out is one it does not tell (a password), or an
// empty one.
func projectObject(before, now resource.PropertyMap, s shape) resource.PropertyMap {
	result := resource.PropertyMap{}
	for key, old := range before {
		if current, told := now[key]; told {
			result[key] = project(old, current, s.nested()[string(key)].shape)
		} else {
			result[key] = old
		}
	}
	return result
}

// projectMap compares maps without the tags that Oracle adds by itself.
func projectMap(before, now resource.PropertyValue) resource.PropertyValue {
	own := resource.PropertyMap{}
	for key, value := range now.ObjectValue() {
		if _, set := before.ObjectValue()[key]; set || !strings.HasPrefix(string(key), "Oracle-Tags.") {
			own[key] = value
		}
	}
	if value := resource.NewProperty(own); !same(before, value) {
		return value
	}
	return before
}

// projectList pairs the elements up: first those that are the same, then the
// others in their order; what is left over came, or went, behind Pulumi's back.
func projectList(before, now []resource.PropertyValue, s shape) resource.PropertyValue {
	open := slices.Clone(now)
	result := make([]resource.PropertyValue, 0, len(now))
	var unpaired []resource.PropertyValue
	for _, old := range before {
		at := slices.IndexFunc(open, func(current resource.PropertyValue) bool { return same(old, project(old, current, s)) })
		if at < 0 {
			unpaired = append(unpaired, old)
			continue
		}
		result = append(result, old)
		open = slices.Delete(open, at, at+1)
	}
	for i, current := range open {
		if i < len(unpaired) {
			current = project(unpaired[i], current, s)
		}
		result = append(result, current)
	}
	return resource.NewProperty(result)
}
