package identity

import (
	"fmt"
	"slices"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/iam/policy"
)

// Decide answers by the tenancy's policies whether a caller has a permission.
func (s *Service) Decide(ask api.Ask) api.Decision {
	people, at := s.people.now(), s.Now()
	rules := s.inForce.now(at)
	path := people.path(ask.CompartmentID)
	decision := api.Decision{Asked: ask.Permission + " in " + path[0].ID}
	if ownCredentials(ask) {
		decision.Allowed, decision.By = true, "no policy is needed for one's own credentials"
		return decision
	}
	a := policy.Ask{
		Caller: s.caller(people, rules, ask.Principal), Permission: ask.Permission, Operation: ask.Operation, Region: api.RegionKey(ask.Region),
		Path: path, Target: ask.Target, Time: at,
	}
	if found := rules.set.Decide(&a); found.Allowed {
		decision.Allowed, decision.By = true, fmt.Sprintf("%s (policy %s)", found.Statement, found.Policy)
		return decision
	}
	decision.Missing = policy.Missing(&a)
	return decision
}

func (s *Service) caller(people *directory, rules version, who iam.Principal) policy.Caller {
	switch who.Type {
	case iam.User:
		if known, ok := people.users[who.ID]; ok {
			return known
		}
		return policy.Caller{Kind: policy.User, ID: who.ID}
	case iam.Service:
		return policy.Caller{Kind: policy.Service, ID: who.ID}
	}
	m := policy.Member{ID: who.ID, Type: who.ResourceType, CompartmentID: who.CompartmentID}
	if rules.tags {
		m.Tags = s.definedTags(who.ID)
	}
	return policy.Caller{
		Kind: policy.Resource, ID: who.ID, ResourceType: who.ResourceType, CompartmentID: who.CompartmentID, Groups: rules.of(m),
	}
}

// definedTags are a workload's, as matching rules name them.
func (s *Service) definedTags(id string) map[string]string {
	o, _ := s.engine.Get(id)
	tags := map[string]string{}
	for namespace := range o.Object("definedTags") {
		for key, value := range o.Object("definedTags").Object(namespace) {
			tags[namespace+"."+key] = fmt.Sprint(value)
		}
	}
	return tags
}

// credentialOperations are those by which users manage their own credentials, for
// which OCI needs no policy (documentation: Common Policies, Let users manage their
// own passwords and credentials).
var credentialOperations = []string{
	"UploadApiKey", "ListApiKeys", "DeleteApiKey", "CreateAuthToken", "ListAuthTokens", "UpdateAuthToken", "DeleteAuthToken",
	"CreateCustomerSecretKey", "ListCustomerSecretKeys", "UpdateCustomerSecretKey", "DeleteCustomerSecretKey",
}

func ownCredentials(ask api.Ask) bool {
	return ask.Service == serviceName && ask.Principal.Type == iam.User && ask.Target["target.user.id"] == ask.Principal.ID &&
		slices.Contains(credentialOperations, ask.Operation)
}
