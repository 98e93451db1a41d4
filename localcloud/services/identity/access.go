package identity

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	sdk "github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam/policy"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

func (s *Service) dynamicGroup() kind.Kind {
	return kind.Kind{
		Name: "DynamicGroup", Type: typeDynamicGroup, Path: "/dynamicGroups",
		Create: sdk.CreateDynamicGroupDetails{}, Update: sdk.UpdateDynamicGroupDetails{},
		Unique: []string{"name"}, Limits: []kind.Count{{Limit: limits.DynamicGroups}}, DeleteCheck: s.homeDelete, Access: dynamicGroupAccess(),
		Created: s.policyChange, Updated: s.policyUpdate, Deleted: s.policyDelete,
		Check: func(c *api.Call, _, o kind.Object) error {
			if err := s.home(c); err != nil {
				return err
			}
			if err := errors.Join(s.inRoot(o, "dynamic groups"), checkNamed(o), s.checkGroupName(o, typeGroup)); err != nil {
				return err
			}
			if _, err := policy.ParseRule(o.Str("matchingRule")); err != nil {
				return api.InvalidParameter("The matching rule is not valid: %v. The rule is: %s", err, o.Str("matchingRule"))
			}
			return nil
		},
	}
}

// dynamicGroupAccess has no name of a group that is only being created, as the page
// says.
func dynamicGroupAccess() kind.Access {
	a := access("DYNAMIC_GROUP", "DYNAMIC_GROUP_INSPECT", "target.dynamicgroup")
	all := a.Target
	a.Target = func(o kind.Object) map[string]string {
		if o.Str("id") == "" {
			return nil
		}
		return all(o)
	}
	return a
}

// changeable refuses a change of the policy that no one can change or delete
// (documentation: The Administrators Group, Policy, and Administrator Roles).
func changeable(o kind.Object) error {
	if o.Str("id") == tenantAdminPolicyID {
		return api.NewError(403, "NotAllowed", "The policy %q can neither be changed nor deleted.", o.Str("name"))
	}
	return nil
}

func (s *Service) policy() kind.Kind {
	return kind.Kind{
		Name: "Policy", Plural: "Policies", Type: typePolicy, Path: "/policies",
		Create: sdk.CreatePolicyDetails{}, Update: sdk.UpdatePolicyDetails{},
		Unique: []string{"name"}, Limits: []kind.Count{{Limit: limits.Policies}},
		Duplicate: func(o kind.Object) error {
			return api.Conflict("PolicyAlreadyExists", "Policy '%s' already exists", o.Str("name"))
		},
		Access:  access("POLICY", "POLICY_READ", "target.policy"),
		Created: s.policyChange, Updated: s.policyUpdate, Deleted: s.policyDelete,
		DeleteCheck: func(c *api.Call, o kind.Object) error { return errors.Join(s.home(c), changeable(o)) },
		Check: func(c *api.Call, old, o kind.Object) error {
			if err := errors.Join(s.home(c), changeable(old), checkNamed(o)); err != nil {
				return err
			}
			return s.checkStatements(o.Str("compartmentId"), o.Strings("statements"))
		},
	}
}

func (s *Service) checkStatements(compartmentID string, statements []string) error {
	if len(statements) == 0 {
		return api.MissingParameter("statements must have a statement.")
	}
	if err := s.engine.Limits().Parts(limits.StatementsPerPolicy, "statements", len(statements)); err != nil {
		return err
	}
	for _, text := range statements {
		statement, err := policy.Parse(text)
		if errors.Is(err, policy.ErrNoPermissions) {
			return api.InvalidParameter("%v. The statement is: %s", err, text)
		}
		if err != nil {
			return api.InvalidParameter("The policy statement cannot be parsed: %v. The statement is: %s", err, text)
		}
		if err := s.checkReach(compartmentID, statement.Location); err != nil {
			return api.InvalidParameter("The policy statement is not valid: %v. The statement is: %s", err, text)
		}
		if err := s.checkGroups(statement.Subject); err != nil {
			return api.InvalidParameter("The policy statement is not valid: %v. The statement is: %s", err, text)
		}
	}
	return nil
}

// checkReach refuses a location that is not at or below the compartment that the
// policy is in (documentation: How Policies Work, Policy Attachment), in OCI's
// words.
func (s *Service) checkReach(compartmentID string, l policy.Location) error {
	if compartmentID != s.tenancy.ID && (l.Tenancy || l.CompartmentID == s.tenancy.ID) {
		return errors.New("a statement on the whole tenancy must be in a policy of the root compartment")
	}
	people := s.people.now()
	switch {
	case l.CompartmentID != "" && !reaches(compartmentID, people.path(l.CompartmentID)):
		return outside(l.CompartmentID)
	case l.Compartment != "" && !people.names(compartmentID, l.Compartment):
		return outside(l.Compartment)
	}
	return nil
}

func reaches(compartmentID string, path []policy.Compartment) bool {
	return slices.ContainsFunc(path, func(c policy.Compartment) bool { return c.ID == compartmentID })
}

func outside(compartment string) error {
	return fmt.Errorf("Compartment {%s} does not exist or is not part of the policy compartment subtree", compartment) //lint:ignore ST1005 OCI's words.
}

// checkGroups refuses groups that do not exist, named or by OCID, as OCI does. Only
// the default identity domain is here.
func (s *Service) checkGroups(subject policy.Subject) error {
	ocidType, found := map[string]string{"group": typeGroup, "dynamic-group": typeDynamicGroup}[subject.Type]
	if !found {
		return nil
	}
	for _, name := range subject.Names {
		exists := func(o kind.Object) bool {
			return subject.IDs && o.Str("id") == name || !subject.IDs && policy.Group{Name: o.Str("name")}.Is(name)
		}
		if len(s.engine.List(ocidType, exists)) == 0 {
			return fmt.Errorf("The %s %s specified in the policy statement does not exist under current compartment hierarchy", subject.Type, name) //lint:ignore ST1005 OCI's words.
		}
	}
	return nil
}

// checkGroupName refuses the name of a group of the other kind: users' groups and
// dynamic groups share their names (documentation: CreateDynamicGroup).
func (s *Service) checkGroupName(o kind.Object, other string) error {
	same := func(g kind.Object) bool { return strings.EqualFold(g.Str("name"), o.Str("name")) }
	if len(s.engine.List(other, same)) > 0 {
		return api.Conflict("Conflict", "A %s with name %q already exists.", other, o.Str("name"))
	}
	return nil
}
