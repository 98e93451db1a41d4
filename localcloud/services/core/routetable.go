package core

import (
	"net/netip"
	"strings"

	"github.com/oracle/oci-go-sdk/v65/core"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

func (s *Service) routeTable() kind.Kind {
	return kind.Kind{
		Name: "RouteTable", Type: typeRouteTable, Path: "/routeTables",
		Create: core.CreateRouteTableDetails{}, Update: core.UpdateRouteTableDetails{},
		References: []string{"vcnId", "routeRules.networkEntityId"}, Limits: []kind.Count{{Limit: limits.RouteTables, Per: "vcnId"}},
		Check: s.checkRouteTable, DeleteCheck: s.keepDefault,
		Defaults: func(_ *api.Call, o kind.Object) error { named(o, "routetable"); return nil },
	}
}

func (s *Service) checkRouteTable(c *api.Call, _, o kind.Object) error {
	rules, _ := o["routeRules"].([]any)
	if err := s.engine.Limits().Parts(limits.RouteRules, "routeRules", len(rules)); err != nil {
		return err
	}
	seen := map[string]bool{}
	var internet, allServices bool
	for _, item := range rules {
		rule, ok := item.(map[string]any)
		if !ok {
			return api.InvalidParameter("routeRules must hold objects.")
		}
		if err := s.checkRoute(c.Region, o.Str("vcnId"), rule); err != nil {
			return err
		}
		destination := rule["destination"].(string)
		if seen[destination] {
			return api.InvalidParameter("routeRules has two rules for destination %s.", destination)
		}
		seen[destination] = true
		internet = internet || strings.HasPrefix(kind.Object(rule).Str("networkEntityId"), "ocid1."+typeInternet+".")
		allServices = allServices || strings.HasPrefix(destination, "all-")
	}
	if internet && allServices {
		return api.InvalidParameter("A route table cannot have rules for both an internet gateway and all services of the Oracle Services Network.")
	}
	return nil
}

// checkRoute checks one rule and brings it into the form that OCI answers:
// destination rather than the deprecated cidrBlock, and its type.
func (s *Service) checkRoute(region, vcnID string, fields map[string]any) error {
	rule := kind.Object(fields)
	if old := rule.Str("cidrBlock"); old != "" {
		rule.Default("destination", old)
		delete(rule, "cidrBlock")
	}
	rule.Default("destinationType", "CIDR_BLOCK")
	rule.Default("routeType", "STATIC")
	destination, entity := rule.Str("destination"), rule.Str("networkEntityId")
	if destination == "" {
		return api.MissingParameter("routeRules: destination is required in RouteRule.")
	}
	if entity == "" {
		return api.MissingParameter("routeRules: networkEntityId is required in RouteRule.")
	}
	target, ok := s.engine.Get(entity)
	if !ok {
		return api.NotAuthorizedOrNotFound("routeRules.networkEntityId: %s was not found.", entity)
	}
	if target.Str("vcnId") != vcnID {
		return api.InvalidParameter("routeRules.networkEntityId: %s is in another VCN.", entity)
	}
	toServices := strings.HasPrefix(entity, "ocid1."+typeServiceGateway+".")
	switch rule.Str("destinationType") {
	case "CIDR_BLOCK":
		if prefix, err := netip.ParsePrefix(destination); err != nil || prefix.Masked() != prefix {
			return api.InvalidParameter("routeRules: destination must be a CIDR block, it is %q.", destination)
		}
		if toServices {
			return api.InvalidParameter("routeRules: a rule to service gateway %s needs the destinationType SERVICE_CIDR_BLOCK.", entity)
		}
	case "SERVICE_CIDR_BLOCK":
		if !toServices {
			return api.InvalidParameter("routeRules: destinationType SERVICE_CIDR_BLOCK needs a service gateway, networkEntityId is %s.", entity)
		}
		if !opens(region, target, destination) {
			return api.InvalidParameter("routeRules: service gateway %s does not open %q.", entity, destination)
		}
	default:
		return api.InvalidParameter("routeRules: destinationType must be CIDR_BLOCK or SERVICE_CIDR_BLOCK, it is %q.", rule.Str("destinationType"))
	}
	return nil
}

// opens reports whether a service gateway leads to the services of a label.
func opens(region string, gateway kind.Object, label string) bool {
	list, _ := gateway["services"].([]any)
	for _, item := range list {
		entry, _ := item.(map[string]any)
		if service, ok := findService(region, kind.Object(entry).Str("serviceId")); ok && service.label == label {
			return true
		}
	}
	return false
}
