package api

import "strings"

// RegistryHosts are the container registry's own names: the long form, and the
// short one by region key (or by region).
var RegistryHosts = []string{"ocir.{region}.oci.oraclecloud.com", "{any}.ocir.io"}

// RegistryRegion returns the region of one of the registry's host names.
func RegistryRegion(host string) (region string, ok bool) {
	for _, template := range RegistryHosts {
		pattern, err := HostPattern(template)
		if err != nil {
			continue // The gateway refuses such a template at start.
		}
		match := pattern.FindStringSubmatch(host)
		if match == nil {
			continue
		}
		if i := pattern.SubexpIndex("region"); i >= 0 {
			return match[i], true
		}
		short, _, _ := strings.Cut(host, ".")
		for region, key := range Regions {
			if strings.EqualFold(key, short) {
				return region, true
			}
		}
		return short, true
	}
	return "", false
}
