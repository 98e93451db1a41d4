package provider

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// check lists what is wrong with the inputs of a resource or function: unknown
// properties, missing ones, and ones that only the official provider handles.
func check(inputs resource.PropertyMap, props properties, unsupported map[string]string) []*pulumirpc.CheckFailure {
	failures := checkObject(inputs, props, "")
	for _, name := range props.names() {
		if why, ok := unsupported[name]; ok && !plain(inputs[resource.PropertyKey(name)]).IsNull() {
			failures = append(failures, &pulumirpc.CheckFailure{Property: name, Reason: "not supported by this provider: " + why})
		}
	}
	return failures
}

func checkObject(values resource.PropertyMap, props properties, path string) []*pulumirpc.CheckFailure {
	var failures []*pulumirpc.CheckFailure
	for _, key := range values.StableKeys() {
		name := string(key)
		p, known := props[name]
		switch at := join(path, name); {
		case strings.HasPrefix(name, "__"): // the engine's and the bridge's own
		case !known:
			failures = append(failures, &pulumirpc.CheckFailure{Property: at, Reason: "there is no such property" + suggestion(name, props)})
		default:
			failures = append(failures, checkValue(plain(values[key]), p.shape, at)...)
		}
	}
	for _, name := range props.names() {
		if props[name].required && plain(values[resource.PropertyKey(name)]).IsNull() {
			failures = append(failures, &pulumirpc.CheckFailure{Property: join(path, name), Reason: "missing required property"})
		}
	}
	return failures
}

func checkValue(value resource.PropertyValue, s shape, path string) []*pulumirpc.CheckFailure {
	wrong := func(want string) []*pulumirpc.CheckFailure {
		return []*pulumirpc.CheckFailure{{Property: path, Reason: fmt.Sprintf("is a %s, want %s", value.TypeString(), want)}}
	}
	switch {
	case absent(value):
		return nil
	case s.list:
		if !value.IsArray() {
			return wrong("a list")
		}
		var failures []*pulumirpc.CheckFailure
		for i, item := range value.ArrayValue() {
			failures = append(failures, checkValue(plain(item), s.elem(), fmt.Sprintf("%s[%d]", path, i))...)
		}
		return failures
	case s.mapping:
		if !value.IsObject() {
			return wrong("a map")
		}
	case s.object != "":
		if !value.IsObject() {
			return wrong("an object")
		}
		return checkObject(value.ObjectValue(), s.nested(), path)
	case value.IsArray() || value.IsObject():
		return wrong("a " + s.scalar)
	}
	return nil
}

// suggestion names the property that an unknown one is a misspelling of, when
// only letter case or a plural differ.
func suggestion(name string, props properties) string {
	for _, other := range props.names() {
		if strings.EqualFold(strings.TrimSuffix(other, "s"), strings.TrimSuffix(name, "s")) {
			return ", but there is " + other
		}
	}
	return ""
}

// autoname fills the name of a resource that the program left to Pulumi, with
// the stored one, or like the official provider: the resource's name, a dash and
// seven random hexadecimal digits.
func autoname(req *pulumirpc.CheckRequest, old, inputs resource.PropertyMap, props properties) error {
	if _, nameable := props["name"]; !nameable || !inputs["name"].IsNull() {
		return nil
	}
	auto := req.GetAutonaming()
	switch {
	case auto.GetMode() == pulumirpc.CheckRequest_AutonamingOptions_DISABLE:
		return nil
	case plain(old["name"]).IsString():
		inputs["name"] = plain(old["name"])
		return nil
	case auto != nil && auto.GetProposedName() != "":
		inputs["name"] = resource.NewProperty(auto.GetProposedName())
		return nil
	}
	name, err := resource.NewUniqueName(req.GetRandomSeed(), urn.URN(req.GetUrn()).Name()+"-", 7, 255, nil)
	if err != nil {
		return fmt.Errorf("naming the resource: %w", err)
	}
	inputs["name"] = resource.NewProperty(name)
	return nil
}
