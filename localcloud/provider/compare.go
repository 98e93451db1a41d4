package provider

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// changed lists the inputs that differ between what was last applied and what
// is wanted. An input that the program no longer sets is not a change: OCI keeps
// its value, as under the official provider, unless the row clears it. Neither is one
// that the program sets for the first time to what OCI had chosen (state).
func (k *kind) changed(old, wanted, state resource.PropertyMap) []string {
	var changed []string
	for _, name := range k.schema().inputs.names() {
		key := resource.PropertyKey(name)
		before, after := plain(old[key]), plain(wanted[key])
		if after.IsNull() {
			if !before.IsNull() && slices.Contains(k.clears, name) && !empty(before) {
				changed = append(changed, name)
			}
			continue
		}
		if before.IsNull() && same(plain(state[key]), after) {
			continue
		}
		if !same(before, after) {
			changed = append(changed, name)
		}
	}
	return changed
}

// same says whether two values mean the same to OCI: the order of a property's
// list carries no meaning, times are instants, JSON texts are their content. An
// unknown value is never the same.
func same(a, b resource.PropertyValue) bool {
	if a.IsArray() && b.IsArray() {
		return sameItems(a.ArrayValue(), b.ArrayValue())
	}
	return equal(a, b)
}

func sameItems(a, b []resource.PropertyValue) bool {
	if len(a) != len(b) {
		return false
	}
	open := slices.Clone(b)
	for _, item := range a {
		at := slices.IndexFunc(open, func(other resource.PropertyValue) bool { return equal(item, other) })
		if at < 0 {
			return false
		}
		open = slices.Delete(open, at, at+1)
	}
	return true
}

func equal(a, b resource.PropertyValue) bool {
	a, b = plain(a), plain(b)
	switch {
	case a.IsComputed() || b.IsComputed() || a.IsOutput() || b.IsOutput():
		return false
	case a.IsArray() && b.IsArray():
		return slices.EqualFunc(a.ArrayValue(), b.ArrayValue(), equal)
	case a.IsObject() && b.IsObject():
		return equalObjects(a.ObjectValue(), b.ObjectValue())
	case a.IsNull() || b.IsNull() || a.IsArray() || b.IsArray() || a.IsObject() || b.IsObject():
		return a.IsNull() && b.IsNull()
	}
	left, _ := scalar(a, reflect.TypeFor[string](), "") // no scalar (an asset) compares as unequal below
	right, _ := scalar(b, reflect.TypeFor[string](), "")
	if left == nil || right == nil {
		return a.DeepEquals(b)
	}
	return left == right || equalTexts(left.(string), right.(string))
}

func equalObjects(a, b resource.PropertyMap) bool {
	a, b = withoutNulls(a), withoutNulls(b)
	if len(a) != len(b) {
		return false
	}
	for key, value := range a {
		if other, ok := b[key]; !ok || !equal(value, other) {
			return false
		}
	}
	return true
}

// equalTexts compares what one meaning can be written as in several ways.
func equalTexts(a, b string) bool {
	if at, ok := parseTime(a); ok {
		bt, ok := parseTime(b)
		return ok && at.Equal(bt)
	}
	if !strings.HasPrefix(strings.TrimSpace(a), "{") || !strings.HasPrefix(strings.TrimSpace(b), "{") {
		return false
	}
	var aj, bj map[string]any
	return json.Unmarshal([]byte(a), &aj) == nil && json.Unmarshal([]byte(b), &bj) == nil && reflect.DeepEqual(aj, bj)
}

// empty says whether a value sets nothing: a service may well answer such a one
// with no field at all.
func empty(value resource.PropertyValue) bool {
	value = plain(value)
	switch {
	case value.IsNull():
		return true
	case value.IsArray():
		return len(value.ArrayValue()) == 0
	case value.IsObject():
		return !slices.ContainsFunc(value.ObjectValue().StableKeys(), func(key resource.PropertyKey) bool {
			return !empty(value.ObjectValue()[key])
		})
	case value.IsString():
		return value.StringValue() == ""
	case value.IsBool():
		return !value.BoolValue()
	case value.IsNumber():
		return value.NumberValue() == 0
	}
	return false
}
