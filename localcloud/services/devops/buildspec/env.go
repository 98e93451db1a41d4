package buildspec

import (
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// variable is what a shell can have as a variable's name.
var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (m *mapping) env() Env {
	inner := m.mapping(m.take("env"), m.field("env"))
	if inner == nil {
		return Env{}
	}
	inner.checkNames("variables", nil)
	plain := inner.left["variables"]
	inner.checkNames("vaultVariables", plain)
	vault := inner.left["vaultVariables"]
	env := Env{Variables: inner.texts("variables"), VaultVariables: inner.texts("vaultVariables")}
	for name, secret := range env.VaultVariables {
		if strings.TrimSpace(secret) == "" {
			m.say(lineOf(vault, name), "env.vaultVariables."+name, "want the OCID of a secret")
		}
	}
	seen := names{}
	inner.list("exportedVariables", func(node *yaml.Node, path string) {
		name, ok := m.reader.text(node, path)
		switch _, secret := env.VaultVariables[name]; {
		case !ok:
		case !variable.MatchString(name) || strings.HasPrefix(strings.ToLower(name), "oci"):
			// It becomes a pipeline parameter, and these are named so.
			m.say(node.Line, path, "want a name of letters, digits and underscores that does not begin with a digit nor with \"oci\", got %q", name)
		case secret:
			m.say(node.Line, path, "%s is a vault variable, which cannot be exported; give its value to another variable if it is no secret", name)
		default:
			m.unique(seen, node.Line, path, name)
			env.ExportedVariables = append(env.ExportedVariables, name)
		}
	})
	inner.done()
	return env
}

// checkNames reports keys that a shell cannot have as variables, and those that
// other has, too.
func (m *mapping) checkNames(field string, other *yaml.Node) {
	node := m.left[field]
	if absent(node) || node.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i < len(node.Content); i += 2 {
		key := node.Content[i]
		path := m.field(field) + "." + key.Value
		if key.Kind != yaml.ScalarNode {
			continue
		}
		if !variable.MatchString(key.Value) {
			m.say(key.Line, path, "want a name of letters, digits and underscores that does not begin with a digit")
		}
		if line := lineOf(other, key.Value); line > 0 {
			m.say(key.Line, path, "is among the variables already, on line %d", line)
		}
	}
}

// lineOf is where a mapping has key; 0 means that it does not have it.
func lineOf(node *yaml.Node, key string) int {
	if node == nil || node.Kind != yaml.MappingNode {
		return 0
	}
	for i := 0; i < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i].Line
		}
	}
	return 0
}
