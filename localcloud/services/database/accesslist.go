package database

import (
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

// checkState refuses what a stopped database cannot do, and a way back from ECPUs
// (documentation: Compute Models in Autonomous Database).
func checkState(old, o kind.Object) error {
	if old == nil {
		return nil
	}
	if old.Str("computeModel") == "ECPU" && o.Str("computeModel") == "OCPU" {
		return api.InvalidParameter("computeModel cannot go back from ECPU to OCPU.")
	}
	if old.Str("lifecycleState") == "AVAILABLE" {
		return nil
	}
	for _, field := range []string{"adminPassword", "secretId", "dbName", "dbVersion"} {
		if changed(old, o, field) {
			return api.IncorrectState("%s can be updated while the Autonomous Database is AVAILABLE; it is %s. Start it first.", field, old.Str("lifecycleState"))
		}
	}
	return nil
}
