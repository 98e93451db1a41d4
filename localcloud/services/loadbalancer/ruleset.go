package loadbalancer

import (
	"strconv"

	sdk "github.com/oracle/oci-go-sdk/v65/loadbalancer"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/loadbalancer/balance"
)

const ruleSetPath = "/loadBalancers/{id}/ruleSets"

func (s *Service) routeRuleSets(a operations) {
	a.Route("CreateRuleSet", "POST "+ruleSetPath, func(c *api.Call) (*api.Response, error) {
		details, err := body(c, sdk.CreateRuleSetDetails{})
		if err != nil {
			return nil, err
		}
		name := details.Str("name")
		delete(details, "name")
		return s.perform(c, "CreateRuleSet", func(lb kind.Object) error { return addRuleSet(lb, name, details) })
	})
	a.Route("ListRuleSets", "GET "+ruleSetPath, s.listParts("ruleSets"))
	a.Route("GetRuleSet", "GET "+ruleSetPath+"/{rules}", s.getPart("ruleSets", "rule set", "rules"))
	a.Route("UpdateRuleSet", "PUT "+ruleSetPath+"/{rules}", func(c *api.Call) (*api.Response, error) {
		details, err := body(c, sdk.UpdateRuleSetDetails{})
		if err != nil {
			return nil, err
		}
		return s.perform(c, "UpdateRuleSet", func(lb kind.Object) error {
			if _, err := entry(lb, "ruleSets", "rule set", c.Param("rules")); err != nil {
				return err
			}
			return setRuleSet(lb, c.Param("rules"), details)
		})
	})
	a.Route("DeleteRuleSet", "DELETE "+ruleSetPath+"/{rules}", func(c *api.Call) (*api.Response, error) {
		return s.perform(c, "DeleteRuleSet", func(lb kind.Object) error {
			name := c.Param("rules")
			if _, err := entry(lb, "ruleSets", "rule set", name); err != nil {
				return err
			}
			delete(part(lb, "ruleSets"), name)
			return unused(lb, "rule set", name, usesRules(name))
		})
	})
}

func addRuleSet(lb kind.Object, name string, details any) error {
	if err := vacant(lb, "ruleSets", "rule set", name); err != nil {
		return err
	}
	set, err := redecode(details, sdk.RuleSetDetails{})
	if err != nil {
		return err
	}
	return setRuleSet(lb, name, set)
}

func setRuleSet(lb kind.Object, name string, set kind.Object) error {
	items, _ := set["items"].([]any)
	if len(items) == 0 {
		return api.InvalidParameter("items must have a rule.")
	}
	for _, item := range items {
		fields, _ := item.(map[string]any)
		if _, err := rulesOf(fields); err != nil {
			return err
		}
	}
	part(lb, "ruleSets")[name] = map[string]any{"name": name, "items": items}
	return nil
}

// rulesOf translates one rule of a rule set; a redirect with several conditions
// makes a rule for each.
func rulesOf(o kind.Object) ([]balance.Rule, error) {
	header := balance.HeaderRule{Name: o.Str("header"), Add: o.Str("value"), PrefixWith: o.Str("prefix"), SuffixWith: o.Str("suffix")}
	switch action := o.Str("action"); action {
	case "REDIRECT":
		return redirects(o)
	case "CONTROL_ACCESS_USING_HTTP_METHODS":
		o.Default("statusCode", 405)
		return []balance.Rule{{Methods: o.Strings("allowedMethods"), Status: int(o.Number("statusCode"))}}, between("statusCode", o.Number("statusCode"), 400, 599)
	case "REMOVE_HTTP_REQUEST_HEADER", "ADD_HTTP_REQUEST_HEADER", "EXTEND_HTTP_REQUEST_HEADER_VALUE":
		header.Remove = action == "REMOVE_HTTP_REQUEST_HEADER"
		return []balance.Rule{{Request: &header}}, checkHeader(header)
	case "REMOVE_HTTP_RESPONSE_HEADER", "ADD_HTTP_RESPONSE_HEADER", "EXTEND_HTTP_RESPONSE_HEADER_VALUE":
		header.Remove = action == "REMOVE_HTTP_RESPONSE_HEADER"
		return []balance.Rule{{Response: &header}}, checkHeader(header)
	case "":
		return nil, api.MissingParameter("items: action is required in Rule.")
	default:
		return nil, api.NotImplemented("items: the local cloud's listeners have no rules with action %s.", action)
	}
}

func checkHeader(h balance.HeaderRule) error {
	if h.Name == "" {
		return api.MissingParameter("items: header is required in a header rule.")
	}
	return nil
}

func redirects(o kind.Object) ([]balance.Rule, error) {
	o.Default("responseCode", 302)
	switch o.Number("responseCode") {
	case 301, 302, 303, 307, 308:
	default:
		return nil, api.InvalidParameter("items: responseCode must be 301, 302, 303, 307 or 308, it is %v.", o["responseCode"])
	}
	to := o.Object("redirectUri")
	conditions, _ := o["conditions"].([]any)
	if len(conditions) == 0 {
		return nil, api.InvalidParameter("items: a REDIRECT rule needs a condition.")
	}
	var rules []balance.Rule
	for _, item := range conditions {
		fields, _ := item.(map[string]any)
		condition := kind.Object(fields)
		if condition.Str("attributeName") != "PATH" {
			return nil, api.InvalidParameter("items: a REDIRECT rule's condition must be on PATH, it is on %q.", condition.Str("attributeName"))
		}
		r := &balance.Redirect{Operator: condition.Str("operator"), Path: condition.Str("attributeValue"), Code: int(o.Number("responseCode"))}
		r.To.Protocol, r.To.Host, r.To.Path, r.To.Query = to.Str("protocol"), to.Str("host"), to.Str("path"), to.Str("query")
		if port := to.Number("port"); port != 0 {
			r.To.Port = strconv.Itoa(int(port))
		}
		rules = append(rules, balance.Rule{Redirect: r})
	}
	return rules, nil
}
