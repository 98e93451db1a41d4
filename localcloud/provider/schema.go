package provider

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// schemaJSON holds the facts of the tokens that this provider serves: for each
// resource and function the input and output properties with their types and
// flags, and the nested types they use. They are an excerpt of the Pulumi
// package schema of pulumi-oci 2.20.0 (github.com/pulumi/pulumi-oci, Apache
// 2.0; terraform-provider-oci 6.21). In a type, [T] is a list, {T} a map with
// string keys; the flags are required, replaces and secret. A further row in
// the table needs its token here.
//
//go:embed schema.json
var schemaJSON []byte

// shape is a property's type.
type shape struct {
	list, mapping bool   // [elem], {elem}
	scalar        string // string, integer, number, boolean; "" for an object
	object        string // token of a nested type, "" for a scalar
}

// elem is the type of a list's or map's elements.
func (s shape) elem() shape { return shape{scalar: s.scalar, object: s.object} }

// property is one input or output of a token.
type property struct {
	shape
	required, replaces, secret bool
}

// properties are the properties of a token or nested type, by name.
type properties map[string]property

// names lists the properties in a stable order.
func (p properties) names() []string {
	names := make([]string, 0, len(p))
	for name := range p {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// resourceSchema is what the package schema says about one resource or
// function: what it takes, and all that it returns (for a resource the inputs
// are among the outputs).
type resourceSchema struct {
	inputs, outputs properties
}

type packageSchema struct {
	resources, functions map[string]resourceSchema
	types                map[string]properties
}

// schema returns the embedded facts, parsed once. It panics on a broken file,
// which is part of the program.
var schema = sync.OnceValue(func() *packageSchema {
	s, err := parseSchema(schemaJSON)
	if err != nil {
		panic(fmt.Sprintf("schema.json: %v", err))
	}
	return s
})

func parseSchema(text []byte) (*packageSchema, error) {
	var file struct {
		Resources map[string]struct{ Inputs, OutputsOnly map[string]string }
		Functions map[string]struct{ Inputs, Outputs map[string]string }
		Types     map[string]map[string]string
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	s := &packageSchema{
		resources: map[string]resourceSchema{},
		functions: map[string]resourceSchema{},
		types:     map[string]properties{},
	}
	for token, r := range file.Resources {
		outputs := parseProperties(r.OutputsOnly)
		for name, p := range parseProperties(r.Inputs) {
			outputs[name] = p
		}
		s.resources[token] = resourceSchema{parseProperties(r.Inputs), outputs}
	}
	for token, f := range file.Functions {
		s.functions[token] = resourceSchema{parseProperties(f.Inputs), parseProperties(f.Outputs)}
	}
	for token, t := range file.Types {
		s.types[token] = parseProperties(t)
	}
	return s, nil
}

func parseProperties(texts map[string]string) properties {
	parsed := properties{}
	for name, text := range texts {
		words := strings.Fields(text)
		flags := words[1:]
		parsed[name] = property{
			shape:    parseShape(words[0]),
			required: slices.Contains(flags, "required"),
			replaces: slices.Contains(flags, "replaces"),
			secret:   slices.Contains(flags, "secret"),
		}
	}
	return parsed
}

func parseShape(text string) shape {
	inner := strings.Trim(text, "[]{}")
	s := shape{list: text[0] == '[', mapping: text[0] == '{'}
	if strings.HasPrefix(inner, "oci:") {
		s.object = inner
	} else {
		s.scalar = inner
	}
	return s
}

// nested returns the properties of the object that a shape is, or holds.
func (s shape) nested() properties { return schema().types[s.object] }
