package core

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/core"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

// maxRulesPerCall is how many rules one request takes (API reference:
// AddNetworkSecurityGroupSecurityRules).
const maxRulesPerCall = 25

func (s *Service) routeSecurityRules() {
	const path = "/networkSecurityGroups/{id}"
	s.api.Route("ListNetworkSecurityGroupSecurityRules", "GET "+path+"/securityRules", s.engine.On(typeSecurityGroup, s.listRules), "NETWORK_SECURITY_GROUP_LIST_SECURITY_RULES")
	s.api.Route("AddNetworkSecurityGroupSecurityRules", "POST "+path+"/actions/addSecurityRules", s.engine.On(typeSecurityGroup, s.addRules), "NETWORK_SECURITY_GROUP_UPDATE_SECURITY_RULES")
	s.api.Route("UpdateNetworkSecurityGroupSecurityRules", "POST "+path+"/actions/updateSecurityRules", s.engine.On(typeSecurityGroup, s.updateRules), "NETWORK_SECURITY_GROUP_UPDATE_SECURITY_RULES")
	s.api.Route("RemoveNetworkSecurityGroupSecurityRules", "POST "+path+"/actions/removeSecurityRules", s.engine.On(typeSecurityGroup, s.removeRules), "NETWORK_SECURITY_GROUP_UPDATE_SECURITY_RULES")
	s.api.Route("ListNetworkSecurityGroupVnics", "GET "+path+"/vnics", s.engine.On(typeSecurityGroup, s.listGroupVnics), "NETWORK_SECURITY_GROUP_LIST_MEMBERS")
}

func (s *Service) group(id string) (kind.Object, error) {
	group, ok := s.engine.Get(id)
	if !ok || !isGroup(id) {
		return nil, api.NotAuthorizedOrNotFound("NetworkSecurityGroup %s was not found.", id)
	}
	return group, nil
}

func isGroup(id string) bool { return strings.HasPrefix(id, "ocid1."+typeSecurityGroup+".") }

func (s *Service) listRules(c *api.Call) (*api.Response, error) {
	group, err := s.group(c.Param("id"))
	if err != nil {
		return nil, err
	}
	rules := slices.DeleteFunc(rulesOf(group), func(rule kind.Object) bool {
		return c.Query("direction") != "" && rule.Str("direction") != c.Query("direction")
	})
	return api.Page(c, rules, false)
}

// ruleDetails decodes the rules of an add or update request.
func ruleDetails(c *api.Call, details any) ([]kind.Object, error) {
	var body struct {
		SecurityRules []json.RawMessage `json:"securityRules"`
	}
	if err := c.Decode(&body); err != nil {
		return nil, err
	}
	if len(body.SecurityRules) > maxRulesPerCall {
		return nil, api.InvalidParameter("securityRules has %d rules; one request takes up to %d.", len(body.SecurityRules), maxRulesPerCall)
	}
	rules := make([]kind.Object, len(body.SecurityRules))
	for i, raw := range body.SecurityRules {
		if err := kind.Validate(raw, details); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(raw, &rules[i]); err != nil {
			return nil, api.CannotParseRequest("securityRules[%d]: %v.", i, err)
		}
		for name, value := range rules[i] {
			if value == nil {
				delete(rules[i], name)
			}
		}
	}
	return rules, nil
}

// checkGroupRule checks one rule of a group; the far side of an ingress rule is
// its source, of an egress rule its destination.
func (s *Service) checkGroupRule(region string, group, rule kind.Object) error {
	end, other := "source", "destination"
	if rule.Str("direction") == "EGRESS" {
		end, other = other, end
	}
	if rule.Str(other) != "" {
		return api.InvalidParameter("securityRules: an %s rule has a %s, not a %s.", rule.Str("direction"), end, other)
	}
	return checkRule(region, "securityRules", end, rule, func(id string) bool {
		named, ok := s.engine.Get(id)
		return ok && isGroup(id) && named.Str("vcnId") == group.Str("vcnId")
	})
}

func (s *Service) changeRules(c *api.Call, change func(group kind.Object) error) error {
	if _, err := s.group(c.Param("id")); err != nil {
		return err
	}
	_, err := s.engine.Change(c.Param("id"), change)
	return err
}

func (s *Service) addRules(c *api.Call) (*api.Response, error) {
	added, err := ruleDetails(c, core.AddSecurityRuleDetails{})
	if err != nil {
		return nil, err
	}
	err = s.changeRules(c, func(group kind.Object) error {
		rules := rulesOf(group)
		if err := s.engine.Limits().Parts(limits.SecurityGroupRules, "securityRules", len(rules)+len(added)); err != nil {
			return err
		}
		for _, rule := range added {
			if err := s.checkGroupRule(c.Region, group, rule); err != nil {
				return err
			}
			rule["id"], rule["isValid"], rule["timeCreated"] = ruleID(rules), true, kind.Timestamp(time.Now())
			rules = append(rules, rule)
		}
		setRules(group, rules)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return api.OK(map[string]any{"securityRules": added}), nil
}

// ruleID makes an id in OCI's form, such as 04ABEC, that no rule of the group has.
func ruleID(rules []kind.Object) string {
	for {
		var b [3]byte
		rand.Read(b[:]) // It never fails (crypto/rand).
		id := fmt.Sprintf("%X", b)
		if find(rules, id) < 0 {
			return id
		}
	}
}

func find(rules []kind.Object, id string) int {
	return slices.IndexFunc(rules, func(rule kind.Object) bool { return rule.Str("id") == id })
}

func (s *Service) updateRules(c *api.Call) (*api.Response, error) {
	updated, err := ruleDetails(c, core.UpdateSecurityRuleDetails{})
	if err != nil {
		return nil, err
	}
	err = s.changeRules(c, func(group kind.Object) error {
		rules := rulesOf(group)
		for _, rule := range updated {
			i := find(rules, rule.Str("id"))
			if i < 0 {
				return api.NotAuthorizedOrNotFound("Security rule %s was not found.", rule.Str("id"))
			}
			if err := s.checkGroupRule(c.Region, group, rule); err != nil {
				return err
			}
			rule["isValid"], rule["timeCreated"] = true, rules[i]["timeCreated"]
			rules[i] = rule
		}
		setRules(group, rules)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return api.OK(map[string]any{"securityRules": updated}), nil
}

func (s *Service) removeRules(c *api.Call) (*api.Response, error) {
	var body core.RemoveNetworkSecurityGroupSecurityRulesDetails
	if err := c.Decode(&body); err != nil {
		return nil, err
	}
	err := s.changeRules(c, func(group kind.Object) error {
		rules := rulesOf(group)
		for _, id := range body.SecurityRuleIds {
			i := find(rules, id)
			if i < 0 {
				return api.NotAuthorizedOrNotFound("Security rule %s was not found.", id)
			}
			rules = slices.Delete(rules, i, i+1)
		}
		setRules(group, rules)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return api.NoContent(), nil
}

func (s *Service) listGroupVnics(c *api.Call) (*api.Response, error) {
	if _, err := s.group(c.Param("id")); err != nil {
		return nil, err
	}
	var shown []map[string]any
	for _, vnic := range s.engine.List(typeVnic, nil) {
		if slices.Contains(vnic.Strings("nsgIds"), c.Param("id")) {
			shown = append(shown, map[string]any{"vnicId": vnic["id"], "timeAssociated": vnic["timeCreated"]})
		}
	}
	return api.Page(c, shown, false)
}
