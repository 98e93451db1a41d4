package core

import (
	"github.com/oracle/oci-go-sdk/v65/core"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

func (s *Service) securityList() kind.Kind {
	return kind.Kind{
		Name: "SecurityList", Type: typeSecurityList, Path: "/securityLists",
		Create: core.CreateSecurityListDetails{}, Update: core.UpdateSecurityListDetails{},
		References: []string{"vcnId"}, Limits: []kind.Count{{Limit: limits.SecurityLists, Per: "vcnId"}},
		Check: func(c *api.Call, _, o kind.Object) error {
			if err := s.checkListRules(c.Region, o, "ingressSecurityRules", "source"); err != nil {
				return err
			}
			return s.checkListRules(c.Region, o, "egressSecurityRules", "destination")
		},
		Defaults:    func(_ *api.Call, o kind.Object) error { named(o, "securitylist"); return nil },
		DeleteCheck: s.keepDefault,
	}
}

func (s *Service) checkListRules(region string, o kind.Object, field, end string) error {
	rules, _ := o[field].([]any)
	if err := s.engine.Limits().Parts(limits.SecurityListRules, field, len(rules)); err != nil {
		return err
	}
	for _, item := range rules {
		rule, ok := item.(map[string]any)
		if !ok {
			return api.InvalidParameter("%s must hold objects.", field)
		}
		if err := checkRule(region, field, end, rule, nil); err != nil {
			return err
		}
	}
	return nil
}

// defaultRules are those of a network's default security list (documentation:
// Security Lists, Default Security List).
func defaultRules(blocks []string) kind.Object {
	ingress := []any{
		map[string]any{
			"protocol": protocolTCP, "source": "0.0.0.0/0", "sourceType": "CIDR_BLOCK", "isStateless": false,
			"tcpOptions": map[string]any{"destinationPortRange": map[string]any{"min": 22, "max": 22}},
		},
		map[string]any{
			"protocol": protocolICMP, "source": "0.0.0.0/0", "sourceType": "CIDR_BLOCK", "isStateless": false,
			"icmpOptions": map[string]any{"type": 3, "code": 4},
		},
	}
	for _, block := range blocks {
		ingress = append(ingress, map[string]any{
			"protocol": protocolICMP, "source": block, "sourceType": "CIDR_BLOCK", "isStateless": false,
			"icmpOptions": map[string]any{"type": 3},
		})
	}
	egress := []any{map[string]any{"protocol": "all", "destination": "0.0.0.0/0", "destinationType": "CIDR_BLOCK", "isStateless": false}}
	return kind.Object{"ingressSecurityRules": ingress, "egressSecurityRules": egress}
}
