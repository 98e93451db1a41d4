package identity

import (
	"sync"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam/policy"
	"oci-media-pipelines/localcloud/kind"
)

// inForce keeps the policies and dynamic groups that decide, and those that will:
// in OCI a change takes a while to act everywhere.
type inForce struct {
	mu sync.Mutex
	// versions are in the order in which they come into force; the first one is.
	versions []version
}

// version is what is in force from a time on.
type version struct {
	from   time.Time
	set    *policy.Set
	groups []dynamicGroup
	// tags says that a rule looks at them.
	tags bool
}

type dynamicGroup struct {
	policy.Group
	rule *policy.Condition
}

// now returns what is in force.
func (f *inForce) now(at time.Time) version {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.versions) > 1 && !at.Before(f.versions[1].from) {
		f.versions = f.versions[1:]
	}
	return f.versions[0]
}

// policiesChanged reads policies and dynamic groups, to be in force when they have
// settled.
func (s *Service) policiesChanged() {
	s.inForce.mu.Lock()
	defer s.inForce.mu.Unlock()
	v := s.readPolicies()
	settling := s.Settling()
	if settling == 0 || len(s.inForce.versions) == 0 {
		s.inForce.versions = []version{v}
		return
	}
	v.from = s.Now().Add(settling)
	// No change overtakes an earlier one.
	if last := s.inForce.versions[len(s.inForce.versions)-1].from; v.from.Before(last) {
		v.from = last
	}
	s.inForce.versions = append(s.inForce.versions, v)
}

func (s *Service) readPolicies() version {
	var v version
	var policies []policy.Policy
	for _, o := range s.engine.List(typePolicy, nil) {
		policies = append(policies, policy.Policy{Name: o.Str("name"), CompartmentID: o.Str("compartmentId"), Statements: o.Strings("statements")})
	}
	v.set = policy.NewSet(policies)
	for _, o := range s.engine.List(typeDynamicGroup, nil) {
		rule, err := policy.ParseRule(o.Str("matchingRule"))
		if err != nil {
			continue // It was refused when it was written.
		}
		v.groups = append(v.groups, dynamicGroup{policy.Group{ID: o.Str("id"), Name: o.Str("name")}, rule})
		v.tags = v.tags || rule.UsesTags()
	}
	return v
}

// of returns the dynamic groups that have a resource.
func (v version) of(m policy.Member) []policy.Group {
	var in []policy.Group
	for _, group := range v.groups {
		if group.rule.Has(m) {
			in = append(in, group.Group)
		}
	}
	return in
}

// policyChange, policyUpdate and policyDelete are the hooks of policies and dynamic
// groups.
func (s *Service) policyChange(*api.Call, kind.Object) error {
	s.policiesChanged()
	return nil
}

func (s *Service) policyUpdate(*api.Call, kind.Object, kind.Object) error {
	s.policiesChanged()
	return nil
}

func (s *Service) policyDelete(kind.Object) error {
	s.policiesChanged()
	return nil
}
