package policy

import (
	"slices"
	"strings"
)

// Set is a tenancy's policies, ready to decide. It does not change.
type Set struct {
	// attached are the statements by the compartment that their policy is in.
	attached map[string][]*inForce
}

type inForce struct {
	*Statement
	text, policy string
	gives        permissions
}

// NewSet reads policies. A statement that cannot be read gives nothing: it was
// refused when it was written, or is of a form that the local cloud lacks.
func NewSet(policies []Policy) *Set {
	s := &Set{attached: map[string][]*inForce{}}
	for _, p := range policies {
		for _, text := range p.Statements {
			statement, err := Parse(text)
			if err != nil {
				continue
			}
			s.attached[p.CompartmentID] = append(s.attached[p.CompartmentID], &inForce{
				Statement: statement, text: text, policy: p.Name, gives: statement.gives(),
			})
		}
	}
	return s
}

func (s *Statement) gives() permissions {
	if s.Permissions == nil {
		return known.gives[s.ResourceType][slices.Index(Verbs, s.Verb)]
	}
	given := permissions{}
	for _, name := range s.Permissions {
		given[name] = struct{}{}
	}
	return given
}

// Decide looks for a statement that allows: one of a policy that is attached to a
// compartment of the path, since policies reach what is at and below theirs.
func (s *Set) Decide(a *Ask) Decision {
	for at, compartment := range a.Path {
		for _, statement := range s.attached[compartment.ID] {
			if statement.allows(a, at) {
				return Decision{Allowed: true, Statement: statement.text, Policy: statement.policy}
			}
		}
	}
	return Decision{}
}

func (s *inForce) allows(a *Ask, attached int) bool {
	if _, gives := s.gives[a.Permission]; !gives {
		return false
	}
	return s.Subject.covers(&a.Caller) && s.Location.Covers(a.Path, attached) && s.Where.holds(a.values)
}

// Covers reports whether the location holds a path's target, for a policy that is
// attached to the path's compartment of that index (documentation: Location;
// Policies and Compartment Hierarchies).
func (l Location) Covers(path []Compartment, attached int) bool {
	switch {
	case l.Tenancy:
		return attached == len(path)-1
	case l.CompartmentID != "":
		return slices.ContainsFunc(path[:attached+1], func(c Compartment) bool { return c.ID == l.CompartmentID })
	}
	steps := strings.Split(l.Compartment, ":")
	if len(steps) == 1 && path[attached].is(steps[0]) {
		return true
	}
	if len(steps) > attached {
		return false
	}
	for i, step := range steps {
		if !path[attached-1-i].is(step) {
			return false
		}
	}
	return true
}

// is compares with a name or an OCID, either of which a path may have.
func (c Compartment) is(step string) bool { return strings.EqualFold(c.Name, step) || c.ID == step }

// covers reports whether the caller is the subject. any-user is everybody, services
// too; any-group is all users and all resources (documentation: Policy Syntax).
func (s Subject) covers(c *Caller) bool {
	switch s.Type {
	case "any-user":
		return true
	case "any-group":
		return c.Kind != Service
	case "service":
		return c.Kind == Service && slices.ContainsFunc(s.Names, func(name string) bool { return strings.EqualFold(name, c.ID) })
	case "group":
		return c.Kind == User && s.names(c.Groups)
	case "dynamic-group":
		return c.Kind == Resource && s.names(c.Groups)
	}
	return false
}

func (s Subject) names(groups []Group) bool {
	for _, group := range groups {
		for _, name := range s.Names {
			if s.IDs && name == group.ID || !s.IDs && group.Is(name) {
				return true
			}
		}
	}
	return false
}

// defaultDomain is the domain of groups that are named without one.
const defaultDomain = "Default"

// Is reports whether a statement that names a group means this one.
func (g Group) Is(name string) bool {
	domain, short, qualified := strings.Cut(name, "/")
	if !qualified {
		domain, short = defaultDomain, name
	}
	own := g.Domain
	if own == "" {
		own = defaultDomain
	}
	return strings.EqualFold(short, g.Name) && strings.EqualFold(domain, own)
}
