package core

import (
	"net/netip"
	"regexp"
	"strings"

	"oci-media-pipelines/localcloud/api"
)

// oracleHost is an OCI service as a VCN sees it: a public address in a region.
type oracleHost struct {
	region string
	// labels are the service CIDR labels that stand for it, none for a service that
	// a service gateway does not reach.
	labels []string
	// address stands for the service's public ones, which Oracle changes at will. It
	// is of a range for examples (RFC 5737), so that of all CIDR blocks in rules only
	// those as wide as 0.0.0.0/0 mean it.
	address netip.Addr
}

var (
	objectStorageAddress = netip.MustParseAddr("198.51.100.1")
	servicesAddress      = netip.MustParseAddr("198.51.100.2")
	uncoveredAddress     = netip.MustParseAddr("198.51.100.3")
)

// uncovered finds the services that a service gateway is not known to reach. The
// documentation (Access to Oracle Services: Service Gateway) asks for a NAT gateway
// beside it for those. AI Vision counts as one, for want of a public page that says
// otherwise: what works without the service gateway works with it, too, as long as
// the rules and routes for it are there.
var uncovered = regexp.MustCompile(`^vision\.aiservice\.`)

var (
	hostRegion  = regexp.MustCompile(`^[a-z]+-[a-z0-9-]+-[0-9]+$`)
	oracleNames = regexp.MustCompile(`\.(oraclecloud\.com|oraclecloudapps\.com|ocir\.io)$`)
)

// oracleHostOf tells which service a host name is of; ok is false for a name that is
// none of Oracle's.
func oracleHostOf(name string) (h oracleHost, ok bool) {
	name = strings.ToLower(name)
	if !oracleNames.MatchString(name) {
		return h, false
	}
	for label := range strings.SplitSeq(name, ".") {
		if hostRegion.MatchString(label) {
			h.region = label
		}
	}
	if key, isRegistry := strings.CutSuffix(name, ".ocir.io"); isRegistry && h.region == "" {
		for region, itsKey := range api.Regions {
			if strings.EqualFold(key, itsKey) {
				h.region = region
			}
		}
	}
	services := servicesOf(h.region)
	switch {
	case uncovered.MatchString(name) || h.region == "":
		h.address = uncoveredAddress
	case strings.HasPrefix(name, "objectstorage.") || strings.Contains(name, ".objectstorage."):
		h.address, h.labels = objectStorageAddress, []string{services[0].label, services[1].label}
	default:
		h.address, h.labels = servicesAddress, []string{services[1].label}
	}
	return h, true
}
