// Package policy is OCI's policy language: it reads policy statements and the
// matching rules of dynamic groups (documentation: Policy Syntax; Advanced Policy
// Features; Managing Dynamic Groups).
package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrNoPermissions means that a statement names a verb or a resource type that
// OCI does not have; these are its words for it.
var ErrNoPermissions = errors.New("No permissions found") //lint:ignore ST1005 OCI's words.

// Statement is one allow statement.
type Statement struct {
	Subject Subject
	// Verb and ResourceType are set, or Permissions for the form with braces.
	Verb, ResourceType string
	Permissions        []string
	Location           Location
	// Where is nil without a condition.
	Where *Condition
}

// Subject is who is allowed: any-user, any-group, or the named groups, dynamic
// groups or services.
type Subject struct {
	// Type is any-user, any-group, group, dynamic-group or service.
	Type string
	// IDs says that Names holds OCIDs.
	IDs   bool
	Names []string
}

// Location is where the statement holds.
type Location struct {
	// Tenancy is true for the whole tenancy.
	Tenancy bool
	// CompartmentID is set for "compartment id", Compartment for a name or a path
	// of names separated by colons.
	CompartmentID, Compartment string
}

// Verbs are the four that a statement may use, each including those before it.
var Verbs = []string{"inspect", "read", "use", "manage"}

// Parse reads a statement.
func Parse(text string) (*Statement, error) {
	p, err := newParser(text)
	if err != nil {
		return nil, err
	}
	switch first := strings.ToLower(p.peek().text); first {
	case "allow":
		p.next()
	case "define", "endorse", "admit", "deny":
		return nil, fmt.Errorf("the local cloud reads allow statements only, not %s", first)
	default:
		return nil, fmt.Errorf("a statement begins with allow, not %q", p.peek().text)
	}
	s := &Statement{}
	if s.Subject, err = p.subject(); err != nil {
		return nil, err
	}
	if err := p.word("to"); err != nil {
		return nil, err
	}
	if err := p.grant(s); err != nil {
		return nil, err
	}
	if err := p.word("in"); err != nil {
		return nil, err
	}
	if s.Location, err = p.location(); err != nil {
		return nil, err
	}
	if p.is("where") {
		p.next()
		if s.Where, err = p.condition(); err != nil {
			return nil, err
		}
	}
	if !p.end() {
		return nil, fmt.Errorf("%q is left over at the end", p.peek().text)
	}
	return s, nil
}

func (p *parser) subject() (Subject, error) {
	s := Subject{Type: strings.ToLower(p.next().text)}
	switch s.Type {
	case "any-user", "any-group":
		return s, nil
	case "group", "dynamic-group", "service":
	default:
		return s, fmt.Errorf("the subject must be any-user, any-group, group, dynamic-group or service, it is %q", s.Type)
	}
	for {
		if s.Type != "service" && p.is("id") {
			p.next()
			s.IDs = true
		}
		name := p.next()
		if name.kind != word && name.kind != quoted {
			return s, fmt.Errorf("%s needs a name or an id", s.Type)
		}
		if s.IDs && !strings.HasPrefix(name.text, "ocid1.") {
			return s, fmt.Errorf("%s id needs an OCID, it is %q", s.Type, name.text)
		}
		s.Names = append(s.Names, name.text)
		if !p.is(",") {
			return s, nil
		}
		p.next()
	}
}

// grant reads a verb and a resource type, or permissions in braces.
func (p *parser) grant(s *Statement) error {
	if p.is("{") {
		p.next()
		for {
			permission := p.next()
			if permission.kind != word {
				return fmt.Errorf("a permission was expected, not %q", permission.text)
			}
			s.Permissions = append(s.Permissions, strings.ToUpper(permission.text))
			if closing := p.next().text; closing == "}" {
				return nil
			} else if closing != "," {
				return fmt.Errorf("permissions are separated by commas, not %q", closing)
			}
		}
	}
	s.Verb, s.ResourceType = strings.ToLower(p.next().text), strings.ToLower(p.next().text)
	if !slices.Contains(Verbs, s.Verb) {
		return fmt.Errorf("%w: there is no verb %q; the verbs are %s", ErrNoPermissions, s.Verb, strings.Join(Verbs, ", "))
	}
	if _, known := known.gives[s.ResourceType]; !known {
		return fmt.Errorf("%w: there is no resource type %q", ErrNoPermissions, s.ResourceType)
	}
	return nil
}

func (p *parser) location() (Location, error) {
	switch {
	case p.is("tenancy"):
		p.next()
		return Location{Tenancy: true}, nil
	case p.is("compartment"):
		p.next()
	default:
		return Location{}, fmt.Errorf("the location must be tenancy, compartment or compartment id, it is %q", p.peek().text)
	}
	if p.is("id") {
		p.next()
		id := p.next().text
		if !strings.HasPrefix(id, "ocid1.compartment.") && !strings.HasPrefix(id, "ocid1.tenancy.") {
			return Location{}, fmt.Errorf("compartment id needs a compartment's OCID, it is %q", id)
		}
		return Location{CompartmentID: id}, nil
	}
	name := p.next()
	if name.kind != word && name.kind != quoted {
		return Location{}, errors.New("compartment needs a name")
	}
	return Location{Compartment: name.text}, nil
}
