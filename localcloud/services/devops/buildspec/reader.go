package buildspec

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// reader takes a document apart and collects what is wrong with it.
type reader struct{ problems []Problem }

func (r *reader) say(line int, field, format string, arguments ...any) {
	r.problems = append(r.problems, Problem{Line: line, Field: field, Message: fmt.Sprintf(format, arguments...)})
}

// mapping is a YAML mapping whose keys are taken out one by one, so that what is
// left in the end is unknown.
type mapping struct {
	*reader
	node  *yaml.Node
	path  string
	left  map[string]*yaml.Node
	lines map[string]int
}

// mapping reads node; nil if it is none. An absent or empty one is one without
// keys: "vaultVariables:" with nothing but comments below is common.
func (r *reader) mapping(node *yaml.Node, path string) *mapping {
	m := &mapping{reader: r, node: node, path: path, left: map[string]*yaml.Node{}, lines: map[string]int{}}
	if absent(node) {
		return m
	}
	if node.Kind != yaml.MappingNode {
		r.say(node.Line, path, "want fields with values, got %s", describe(node))
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], resolve(node.Content[i+1])
		if resolve(key).Kind != yaml.ScalarNode {
			r.say(key.Line, path, "want a field's name, got %s", describe(key))
			continue
		}
		name := resolve(key).Value
		if first, twice := m.lines[name]; twice {
			r.say(key.Line, m.field(name), "is there already, on line %d", first)
			continue
		}
		m.left[name], m.lines[name] = value, key.Line
	}
	return m
}

func (m *mapping) field(name string) string {
	if m.path == "" {
		return name
	}
	return m.path + "." + name
}

// line is where the mapping is, for what it lacks.
func (m *mapping) line() int {
	if m.node == nil {
		return 0
	}
	return m.node.Line
}

func (m *mapping) take(name string) *yaml.Node {
	node := m.left[name]
	delete(m.left, name)
	return node
}

// text is a scalar as it is written; "" when it is absent.
func (m *mapping) text(name string) string {
	text, _ := m.reader.text(m.take(name), m.field(name))
	return strings.TrimSpace(text)
}

// wanted is a scalar that must be there.
func (m *mapping) wanted(name string) string {
	before := len(m.problems)
	text := m.text(name)
	if text == "" && len(m.problems) == before {
		line, known := m.lines[name]
		if !known {
			line = m.line()
		}
		m.say(line, m.field(name), "is missing")
	}
	return text
}

// one is a scalar that must be one of values; fallback when it is absent.
func (m *mapping) one(name, fallback string, values ...string) string {
	before := len(m.problems)
	text := m.text(name)
	if text == "" && fallback != "" || len(m.problems) > before {
		return fallback
	}
	if !slices.Contains(values, text) {
		line, known := m.lines[name]
		if !known {
			m.say(m.line(), m.field(name), "is missing; want %s", strings.Join(values, " or "))
			return fallback
		}
		m.say(line, m.field(name), "want %s, got %q", strings.Join(values, " or "), text)
		return fallback
	}
	return text
}

func (m *mapping) flag(name string, fallback bool) bool {
	node := m.take(name)
	if absent(node) {
		return fallback
	}
	value, err := strconv.ParseBool(node.Value)
	if node.Kind != yaml.ScalarNode || node.Tag != "!!bool" || err != nil {
		m.say(node.Line, m.field(name), "want true or false, got %s", describe(node))
		return fallback
	}
	return value
}

// texts is a mapping of names to scalars.
func (m *mapping) texts(name string) map[string]string {
	inner := m.mapping(m.take(name), m.field(name))
	if inner == nil {
		return nil
	}
	texts := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(inner.left)) {
		if text, ok := m.reader.text(inner.left[key], inner.field(key)); ok {
			texts[key] = text
		}
	}
	return texts
}

// list calls each with the elements of a list.
func (m *mapping) list(name string, each func(node *yaml.Node, path string)) {
	node := m.take(name)
	if absent(node) {
		return
	}
	if node.Kind != yaml.SequenceNode {
		m.say(node.Line, m.field(name), "want a list, got %s", describe(node))
		return
	}
	for i, element := range node.Content {
		each(resolve(element), fmt.Sprintf("%s[%d]", m.field(name), i))
	}
}

// done reports what nobody has taken.
func (m *mapping) done() {
	for _, name := range slices.Sorted(maps.Keys(m.left)) {
		m.say(m.lines[name], m.field(name), "is unknown")
	}
}

func (r *reader) text(node *yaml.Node, field string) (string, bool) {
	if absent(node) {
		return "", true
	}
	if node.Kind != yaml.ScalarNode {
		r.say(node.Line, field, "want a text, got %s", describe(node))
		return "", false
	}
	return node.Value, true
}

// absent reports whether there is no value, or nothing in it.
func absent(node *yaml.Node) bool { return node == nil || node.Tag == "!!null" }

// resolve follows an alias.
func resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

func describe(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "fields"
	case yaml.SequenceNode:
		return "a list"
	default:
		return strconv.Quote(node.Value)
	}
}
