package database

import (
	"net/http"
	"net/netip"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// checkAccessList checks each entry of whitelistedIps: an address or block, or a
// VCN's OCID, with addresses of it after semicolons (API reference,
// CreateAutonomousDatabaseDetails.whitelistedIps). One empty entry clears the list.
func checkAccessList(_, o kind.Object) error {
	entries := o.Strings("whitelistedIps")
	if len(entries) == 1 && entries[0] == "" {
		return nil
	}
	for i, entry := range entries {
		parts := strings.Split(entry, ";")
		addresses := parts
		if strings.HasPrefix(entry, "ocid1.vcn.") {
			addresses = parts[1:]
		} else if len(parts) > 1 {
			return api.InvalidParameter("whitelistedIps[%d]: only a VCN's OCID is followed by addresses, it is %q.", i, entry)
		}
		for _, address := range addresses {
			_, noAddress := netip.ParseAddr(address)
			_, noBlock := netip.ParsePrefix(address)
			if noAddress != nil && noBlock != nil {
				return api.InvalidParameter("whitelistedIps[%d] must be an IP address, a CIDR block or a VCN's OCID, it is %q.", i, entry)
			}
		}
	}
	return nil
}

// admits reports whether a database's access list lets a client in that comes to its
// public endpoint. No list lets everybody in. A network's entry is for those who come
// through its service gateway, with addresses only for these (documentation:
// Configuring Network Access with Access Control Rules).
func admits(list []string, from api.Source) bool {
	for _, entry := range list {
		parts := strings.Split(entry, ";")
		if strings.HasPrefix(entry, "ocid1.vcn.") {
			if from.VcnID == parts[0] && (len(parts) == 1 || covered(parts[1:], from.Address)) {
				return true
			}
		} else if from.VcnID == "" && covered(parts, from.Address) {
			return true
		}
	}
	return len(list) == 0
}

// covered reports whether an address is among addresses and blocks.
func covered(all []string, address netip.Addr) bool {
	for _, one := range all {
		if block, err := netip.ParsePrefix(one); err == nil && block.Contains(address) {
			return true
		}
		if same, err := netip.ParseAddr(one); err == nil && same == address {
			return true
		}
	}
	return false
}

// letIn refuses clients whom the access list keeps from a database's public endpoint.
// At a private one the network's rules count, and no list.
func letIn(c *api.Call, database kind.Object, host string) error {
	from := api.SourceOf(c.Request)
	private := database.Str("subnetId") != "" && isURLOf(database.Object("connectionUrls"), host)
	if private || admits(database.Strings("whitelistedIps"), from) {
		return nil
	}
	entry := from.Address.String()
	if from.VcnID != "" {
		entry = from.VcnID
	}
	c.Decided(api.Decision{Asked: entry + " to " + host, Missing: "access list (whitelistedIps) of Autonomous Database " + database.Str("displayName") + ": " + entry})
	return refuse(http.StatusForbidden, "The access control list of the Autonomous Database does not let this client in.")
}
