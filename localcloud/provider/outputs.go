package provider

import (
	"reflect"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// outputs maps a model to the resource's output properties. What the model has
// no field for (a password, a setting of this provider) stays as the program
// gave it, or as it was stored.
func (op *operation) outputs(model reflect.Value) resource.PropertyMap {
	live := op.kind.encode(model, op.kind.schema().outputs)
	outputs := resource.PropertyMap{}
	for name := range op.kind.schema().outputs {
		key := resource.PropertyKey(name)
		value, told := live[key]
		if told && (!value.IsNull() || !slices.Contains(op.kind.keeps, name)) {
			outputs[key] = value
			continue
		}
		for _, values := range []resource.PropertyMap{op.inputs, op.state} {
			if value := plain(values[key]); !absent(value) {
				outputs[key] = value
				break
			}
		}
	}
	return withoutNulls(outputs)
}

// complete lets the row amend the outputs.
func (op *operation) complete(model reflect.Value, outputs resource.PropertyMap) error {
	if op.kind.finish == nil {
		return nil
	}
	return op.kind.finish(op, model, outputs)
}

// conceal marks what the schema calls secret, at any depth.
func conceal(values resource.PropertyMap, props properties) resource.PropertyMap {
	concealed := resource.PropertyMap{}
	for key, value := range values {
		p := props[string(key)]
		if value = within(value, p.shape, conceal); p.secret && !value.IsSecret() {
			value = resource.MakeSecret(value)
		}
		concealed[key] = value
	}
	return concealed
}

// within applies change to the objects that a value is or holds, as far as the
// schema knows what is in them.
func within(value resource.PropertyValue, s shape, change func(resource.PropertyMap, properties) resource.PropertyMap) resource.PropertyValue {
	switch {
	case s.object == "":
		return value
	case value.IsArray():
		items := make([]resource.PropertyValue, len(value.ArrayValue()))
		for i, item := range value.ArrayValue() {
			items[i] = within(item, s, change)
		}
		return resource.NewProperty(items)
	case value.IsObject():
		return resource.NewProperty(change(value.ObjectValue(), s.nested()))
	default:
		return value
	}
}

// foresee returns the outputs of a create that is only previewed: the inputs,
// and everything else unknown, also within objects that the cloud adds to.
func foresee(inputs resource.PropertyMap, props properties) resource.PropertyMap {
	outputs := resource.PropertyMap{}
	for name, p := range props {
		key := resource.PropertyKey(name)
		if value, given := inputs[key]; given && !value.IsNull() {
			outputs[key] = within(value, p.shape, foresee)
		} else {
			outputs[key] = resource.MakeComputed(resource.NewProperty(""))
		}
	}
	return outputs
}

// foreseeChange returns the outputs of an update that is only previewed: what is
// stored, with the changed inputs in place of their old values.
func foreseeChange(state, inputs resource.PropertyMap, changed []string, props properties) resource.PropertyMap {
	outputs := state.Copy()
	for _, name := range changed {
		if value, given := inputs[resource.PropertyKey(name)]; given {
			outputs[resource.PropertyKey(name)] = within(value, props[name].shape, foresee)
		}
	}
	return outputs
}
