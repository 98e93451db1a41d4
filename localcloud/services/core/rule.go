package core

import (
	"net/netip"
	"strconv"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// checkRule checks what rules of security lists and groups share, and fills in
// what OCI fills in. end is the field of the far side: "source" or "destination".
func checkRule(region, list, end string, rule kind.Object, endExists func(ocid string) bool) error {
	if err := checkProtocol(list, rule); err != nil {
		return err
	}
	rule.Default("isStateless", false)
	rule.Default(end+"Type", "CIDR_BLOCK")
	value := rule.Str(end)
	if value == "" {
		return api.MissingParameter("%s: %s is required.", list, end)
	}
	switch endType := rule.Str(end + "Type"); endType {
	case "CIDR_BLOCK":
		if prefix, err := netip.ParsePrefix(value); err != nil || prefix.Masked() != prefix {
			return api.InvalidParameter("%s: %s must be a CIDR block, it is %q.", list, end, value)
		}
	case "SERVICE_CIDR_BLOCK":
		if !isServiceLabel(region, value) {
			return api.InvalidParameter("%s: %s %q is not a service CIDR label of %s.", list, end, value, region)
		}
	case "NETWORK_SECURITY_GROUP":
		if endExists == nil {
			return api.InvalidParameter("%s: a security list's rule cannot name a network security group as its %s.", list, end)
		}
		if !endExists(value) {
			return api.InvalidParameter("%s: %s %s is not a network security group of this VCN.", list, end, value)
		}
	default:
		return api.InvalidParameter("%s: %sType must be CIDR_BLOCK, SERVICE_CIDR_BLOCK or NETWORK_SECURITY_GROUP, it is %q.", list, end, endType)
	}
	return nil
}

// The protocol numbers whose options a rule can narrow (documentation: Security
// Rules).
const (
	protocolICMP   = "1"
	protocolTCP    = "6"
	protocolUDP    = "17"
	protocolICMPv6 = "58"
)

func checkProtocol(list string, rule kind.Object) error {
	protocol := rule.Str("protocol")
	if protocol == "" {
		return api.MissingParameter("%s: protocol is required.", list)
	}
	if n, err := strconv.Atoi(protocol); protocol != "all" && (err != nil || n < 0 || n > 255) {
		return api.InvalidParameter("%s: protocol must be all or a protocol's number, it is %q.", list, protocol)
	}
	for field, owners := range map[string][]string{"tcpOptions": {protocolTCP}, "udpOptions": {protocolUDP}, "icmpOptions": {protocolICMP, protocolICMPv6}} {
		options := rule.Object(field)
		if options == nil {
			continue
		}
		if protocol != owners[0] && protocol != owners[len(owners)-1] {
			return api.InvalidParameter("%s: %s does not go with protocol %s.", list, field, protocol)
		}
		for _, name := range []string{"sourcePortRange", "destinationPortRange"} {
			if ports := options.Object(name); ports != nil {
				low, high := ports.Number("min"), ports.Number("max")
				if low < 1 || high > 65535 || low > high {
					return api.InvalidParameter("%s: %s.%s must be within 1 to 65535 and min not above max, it is %v to %v.", list, field, name, ports["min"], ports["max"])
				}
			}
		}
		if field == "icmpOptions" {
			if options["type"] == nil {
				return api.MissingParameter("%s: icmpOptions.type is required.", list)
			}
			if t := options.Number("type"); t < 0 || t > 254 {
				return api.InvalidParameter("%s: icmpOptions.type must be within 0 to 254, it is %v.", list, options["type"])
			}
		}
	}
	return nil
}
