package policy

import (
	"slices"
	"strings"
)

// Member is a resource that a dynamic group may have.
type Member struct {
	ID, Type, CompartmentID string
	// Tags are the defined tags by "namespace.key"; matching rules know no others
	// (documentation: Writing Matching Rules to Define Dynamic Groups).
	Tags map[string]string
}

// Has reports whether a dynamic group with this matching rule has the member.
func (c *Condition) Has(m Member) bool { return c.holds(m.values) }

// UsesTags reports whether the rule looks at tags.
func (c *Condition) UsesTags() bool {
	parts := slices.Concat(c.All, c.Any)
	return strings.HasPrefix(strings.ToLower(c.Variable), "tag.") || slices.ContainsFunc(parts, (*Condition).UsesTags)
}

// values are a member's variables; instance.* is of compute instances only.
func (m Member) values(name string) ([]string, bool) {
	name = strings.ToLower(name)
	if tag, ok := strings.CutPrefix(name, "tag."); ok {
		tag = strings.TrimSuffix(tag, ".value")
		for given, value := range m.Tags {
			if strings.EqualFold(given, tag) {
				return []string{value}, true
			}
		}
		return nil, false
	}
	if strings.HasPrefix(name, "instance.") && m.Type != "instance" {
		return nil, false
	}
	switch name {
	case "resource.id", "instance.id":
		return one(m.ID)
	case "resource.type":
		return one(m.Type)
	case "resource.compartment.id", "instance.compartment.id":
		return one(m.CompartmentID)
	}
	return nil, false
}
