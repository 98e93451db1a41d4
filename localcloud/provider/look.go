package provider

import (
	"errors"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
)

// look reads the resource: its outputs, nil if it is gone, and its inputs as
// they would have to be to describe it as it is.
func (op *operation) look() (outputs, inputs resource.PropertyMap, err error) {
	model, err := op.get()
	if errors.Is(err, errGone) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if state := stateOf(model); slices.Contains(goneStates, state) || slices.Contains(leavingStates, state) {
		return nil, nil, nil
	}
	live := op.kind.encode(model, op.kind.schema().outputs)
	outputs = op.outputs(model)
	told := outputs.Copy()
	if err := op.complete(model, outputs); err != nil {
		return nil, nil, err
	}
	// What the row amended is as true as what the model said.
	for key, value := range outputs {
		if !value.DeepEquals(told[key]) {
			live[key] = value
		}
	}
	if len(op.inputs) == 0 {
		return outputs, imported(outputs, op.kind.schema().inputs), nil
	}
	return outputs, refresh(op.inputs, live, op.kind.schema().inputs), nil
}

// tokenOf is the type in a resource's URN.
func tokenOf(text string) string { return string(urn.URN(text).Type()) }
