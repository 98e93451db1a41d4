package core

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/kind"
)

// routed judges the way from something in a subnet to the other end. Between the
// addresses of one network there is always one; everything else goes by the most
// specific rule of the subnet's route table, wherever that leads (documentation: VCN
// Route Tables).
func routed(all resources, from, to party) verdict {
	if to.inside() {
		if from.subnet.Str("vcnId") == to.subnet.Str("vcnId") {
			return verdict{by: []string{"the local route of the VCN"}}
		}
		return verdict{missing: []string{fmt.Sprintf("a way from VCN %s to VCN %s: private addresses are reached within their own VCN only", from.subnet.Str("vcnId"), to.subnet.Str("vcnId"))}}
	}
	table, _ := all.Get(from.subnet.Str("routeTableId"))
	rule := mostSpecific(table, to)
	name := "route table " + calledBy(table)
	if rule == nil {
		return verdict{missing: []string{name + ": " + wantedRoute(from, to)}}
	}
	gateway, _ := all.Get(rule.Str("networkEntityId"))
	way := fmt.Sprintf("%s: route for %s to %s", name, rule.Str("destination"), entity(rule.Str("networkEntityId"), gateway))
	if missing := through(from, to, gateway, rule.Str("networkEntityId"), name); missing != "" {
		return verdict{missing: []string{missing}}
	}
	return verdict{by: []string{way}}
}

// mostSpecific returns the table's rule for a destination. A service CIDR label
// stands for the service's own blocks, which are narrower than any that people write.
func mostSpecific(table kind.Object, to party) (best kind.Object) {
	rules, _ := table["routeRules"].([]any)
	longest := -1
	for _, item := range rules {
		fields, _ := item.(map[string]any)
		rule := kind.Object(fields)
		length := -1
		if rule.Str("destinationType") == "SERVICE_CIDR_BLOCK" {
			if slices.Contains(to.labels, rule.Str("destination")) {
				length = 32
			}
		} else if block, err := netip.ParsePrefix(rule.Str("destination")); err == nil && block.Contains(to.address) {
			length = block.Bits()
		}
		if length > longest {
			best, longest = rule, length
		}
	}
	return best
}

func isOf(id, ocidType string) bool { return strings.HasPrefix(id, "ocid1."+ocidType+".") }

func entity(id string, gateway kind.Object) string {
	for ocidType, noun := range map[string]string{typeInternet: "internet gateway ", typeNat: "NAT gateway ", typeServiceGateway: "service gateway "} {
		if isOf(id, ocidType) {
			return noun + calledBy(gateway)
		}
	}
	return id
}

// through says what keeps traffic from passing a gateway, empty if nothing does.
func through(from, to party, gateway kind.Object, id, table string) string {
	name := entity(id, gateway)
	switch {
	case gateway == nil:
		return fmt.Sprintf("%s: the gateway %s, to which the route leads", table, id)
	case isOf(id, typeServiceGateway):
		if gateway.Bool("blockTraffic") {
			return name + ": blockTraffic false"
		}
		for _, label := range to.labels {
			if opensLabel(gateway, label) {
				return ""
			}
		}
		return fmt.Sprintf("%s: a service that covers %s (it drops what its own services do not cover)", name, to.name)
	case isOf(id, typeNat):
		if from.privately {
			return table + ": " + wantedRoute(from, to) + " (the service takes no way through a NAT gateway)"
		}
		if gateway.Bool("blockTraffic") {
			return name + ": blockTraffic false"
		}
		return ""
	case isOf(id, typeInternet):
		if gateway["isEnabled"] == false {
			return name + ": isEnabled true"
		}
		if !from.public {
			return fmt.Sprintf("a public IP for %s, which an internet gateway needs; or in %s %s", from.name, table, wantedRoute(party{}, to))
		}
		return ""
	}
	return fmt.Sprintf("%s: the local cloud knows no way through %s", table, id)
}

// opensLabel reports whether a service gateway leads to what a label covers; that for
// all services covers Object Storage.
func opensLabel(gateway kind.Object, label string) bool {
	list, _ := gateway["services"].([]any)
	for _, item := range list {
		entry, _ := item.(map[string]any)
		region := strings.Split(gateway.Str("id"), ".")
		if len(region) < 4 {
			continue
		}
		if service, ok := findService(region[3], kind.Object(entry).Str("serviceId")); ok && service.label == label {
			return true
		}
	}
	return false
}

// wantedRoute names the route that is missing.
func wantedRoute(from, to party) string {
	switch {
	case len(to.labels) > 0 && from.public:
		return fmt.Sprintf("route for %s to a service gateway, or for 0.0.0.0/0 to an internet gateway", to.labels[len(to.labels)-1])
	case len(to.labels) > 0:
		return fmt.Sprintf("route for %s to a service gateway", to.labels[len(to.labels)-1])
	case from.public:
		return "route for 0.0.0.0/0 to an internet gateway"
	}
	return "route for 0.0.0.0/0 to a NAT gateway"
}
