package loadbalancer

import (
	"fmt"

	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

// withinLimits refuses a load balancer whose name, tags or parts are more than it
// may have.
func (s *Service) withinLimits(lb kind.Object) error {
	if err := kind.CheckNaming(lb); err != nil {
		return err
	}
	backends := 0
	for _, set := range list(lb, "backendSets") {
		members, _ := set["backends"].([]any)
		backends += len(members)
	}
	table := s.engine.Limits()
	for _, part := range []struct {
		limit, field string
		count        int
	}{
		{limits.ListenersPerBalancer, "listeners", len(lb.Object("listeners"))},
		{limits.BackendSetsPerBalancer, "backendSets", len(lb.Object("backendSets"))},
		{limits.BackendsPerBalancer, "backends", backends},
		{limits.RuleSetsPerBalancer, "ruleSets", len(lb.Object("ruleSets"))},
	} {
		if err := table.Parts(part.limit, part.field, part.count); err != nil {
			return err
		}
	}
	for _, set := range list(lb, "ruleSets") {
		items, _ := set["items"].([]any)
		if err := table.Parts(limits.RulesPerRuleSet, fmt.Sprintf("ruleSets.%s.items", set.Str("name")), len(items)); err != nil {
			return err
		}
	}
	return nil
}
