package core

import (
	"github.com/oracle/oci-go-sdk/v65/core"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

// rulesField keeps a group's rules, which the API shows through operations of
// their own.
const rulesField = "securityRules"

func (s *Service) securityGroup() kind.Kind {
	return kind.Kind{
		Name: "NetworkSecurityGroup", Type: typeSecurityGroup, Path: "/networkSecurityGroups",
		Create: core.CreateNetworkSecurityGroupDetails{}, Update: core.UpdateNetworkSecurityGroupDetails{},
		References: []string{"vcnId"}, Hidden: []string{rulesField}, Limits: []kind.Count{{Limit: limits.SecurityGroups, Per: "vcnId"}},
		Defaults: func(_ *api.Call, o kind.Object) error { named(o, "networksecuritygroup"); return nil },
		Deleted:  s.invalidateRules,
	}
}

// invalidateRules marks other groups' rules that named a deleted group (API
// reference: SecurityRule, isValid).
func (s *Service) invalidateRules(gone kind.Object) error {
	groups := s.engine.List(typeSecurityGroup, func(o kind.Object) bool { return o.Str("vcnId") == gone.Str("vcnId") })
	for _, group := range groups {
		changed := false
		for _, rule := range rulesOf(group) {
			if rule.Str("source") == gone.Str("id") || rule.Str("destination") == gone.Str("id") {
				rule["isValid"], changed = false, true
			}
		}
		if changed {
			if err := s.engine.Put(group); err != nil {
				return err
			}
		}
	}
	return nil
}

// rulesOf returns a group's rules; changing one changes the group.
func rulesOf(group kind.Object) []kind.Object {
	list, _ := group[rulesField].([]any)
	rules := make([]kind.Object, 0, len(list))
	for _, item := range list {
		if rule, ok := item.(map[string]any); ok {
			rules = append(rules, rule)
		}
	}
	return rules
}

func setRules(group kind.Object, rules []kind.Object) {
	list := make([]any, len(rules))
	for i, rule := range rules {
		list[i] = map[string]any(rule)
	}
	group[rulesField] = list
}
