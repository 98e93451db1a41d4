package core

import (
	"net/netip"
	"regexp"

	"oci-media-pipelines/localcloud/api"
)

// dnsLabel is what OCI allows for the labels of networks and subnets.
var dnsLabel = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9]{0,14}$`)

// reservedBlocks are those that no network may use (documentation: Networking
// Overview, IP Addresses Reserved for Use by Oracle).
var reservedBlocks = []netip.Prefix{
	netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("224.0.0.0/4"), // class D
	netip.MustParsePrefix("240.0.0.0/4"), // class E
}

// parseCIDR reads an IPv4 block as OCI takes it for networks and subnets: /16 to
// /30, without host bits.
func parseCIDR(field, value string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(value)
	switch {
	case err != nil || !prefix.Addr().Is4():
		return prefix, api.InvalidParameter("%s must be an IPv4 CIDR block such as 10.0.0.0/16, it is %q.", field, value)
	case prefix.Masked() != prefix:
		return prefix, api.InvalidParameter("%s %s has bits set beyond its prefix; the block is %s.", field, value, prefix.Masked())
	case prefix.Bits() < 16 || prefix.Bits() > 30:
		return prefix, api.InvalidParameter("%s %s must be between /16 and /30.", field, value)
	}
	for _, reserved := range reservedBlocks {
		if prefix.Overlaps(reserved) {
			return prefix, api.InvalidParameter("%s %s lies in %s, which is reserved.", field, value, reserved)
		}
	}
	return prefix, nil
}

// parseBlocks reads several blocks that may not overlap.
func parseBlocks(field string, values []string) ([]netip.Prefix, error) {
	blocks := make([]netip.Prefix, 0, len(values))
	for _, value := range values {
		block, err := parseCIDR(field, value)
		if err != nil {
			return nil, err
		}
		for _, other := range blocks {
			if block.Overlaps(other) {
				return nil, api.InvalidParameter("%s: %s and %s overlap.", field, other, block)
			}
		}
		blocks = append(blocks, block)
	}
	return blocks, nil
}

// contains reports whether inner lies within one of the blocks.
func contains(blocks []netip.Prefix, inner netip.Prefix) bool {
	for _, block := range blocks {
		if block.Bits() <= inner.Bits() && block.Contains(inner.Addr()) {
			return true
		}
	}
	return false
}

// blocksOf reads the blocks of a stored resource, which were checked when stored.
func blocksOf(values []string) []netip.Prefix {
	blocks := make([]netip.Prefix, 0, len(values))
	for _, value := range values {
		if block, err := netip.ParsePrefix(value); err == nil {
			blocks = append(blocks, block)
		}
	}
	return blocks
}
