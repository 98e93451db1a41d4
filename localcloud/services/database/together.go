package database

import (
	"maps"
	"slices"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

var (
	compute = []string{"cpuCoreCount", "computeCount", "computeModel"}
	modes   = []string{"openMode", "permissionLevel"}
	others  = []string{"dbVersion", "isRefreshableClone", "dbName", "scheduledOperations", "dbToolsDetails"}
	scaling = join([]string{"licenseModel", "databaseEdition", "whitelistedIps", "isMtlsConnectionRequired", "privateEndpointLabel", "nsgIds", "isFreeTier"}, modes, others)
)

// apart names the members that cannot change in one update with another
// (oci-go-sdk v65.129.0, the comments of UpdateAutonomousDatabaseDetails: "This
// cannot be updated in parallel with any of the following").
var apart = map[string][]string{
	"cpuCoreCount":            scaling,
	"computeCount":            scaling,
	"dataStorageSizeInTBs":    scaling,
	"displayName":             {"dbVersion"},
	"isFreeTier":              join([]string{"licenseModel", "databaseEdition", "adminPassword", "whitelistedIps", "isMtlsConnectionRequired", "privateEndpointLabel", "nsgIds", "isLocalDataGuardEnabled"}, compute, modes, others),
	"adminPassword":           join([]string{"licenseModel", "databaseEdition", "whitelistedIps", "dbWorkload", "privateEndpointLabel", "nsgIds", "dbVersion", "isRefreshableClone", "dbName", "isFreeTier"}, modes),
	"dbName":                  join([]string{"licenseModel", "databaseEdition", "adminPassword", "whitelistedIps", "isMtlsConnectionRequired", "dbWorkload", "privateEndpointLabel", "nsgIds"}, compute, modes, others),
	"dbWorkload":              join([]string{"licenseModel", "databaseEdition", "adminPassword", "whitelistedIps", "isMtlsConnectionRequired", "privateEndpointLabel", "nsgIds", "isLocalDataGuardEnabled", "isFreeTier"}, compute, others),
	"licenseModel":            {"cpuCoreCount", "computeCount", "dataStorageSizeInTBs", "adminPassword", "isMtlsConnectionRequired", "dbWorkload", "privateEndpointLabel", "nsgIds", "dbVersion", "dbName", "scheduledOperations", "dbToolsDetails", "isFreeTier"},
	"whitelistedIps":          join([]string{"licenseModel", "databaseEdition", "adminPassword", "isMtlsConnectionRequired", "dbWorkload", "isLocalDataGuardEnabled", "isFreeTier"}, compute, modes, others),
	"isLocalDataGuardEnabled": join([]string{"isMtlsConnectionRequired", "dbWorkload", "isFreeTier"}, others),
	"openMode":                join([]string{"adminPassword", "whitelistedIps", "isMtlsConnectionRequired", "isFreeTier"}, compute, others),
	"permissionLevel":         join([]string{"adminPassword", "whitelistedIps", "isMtlsConnectionRequired", "nsgIds", "isFreeTier"}, compute, others),
	"privateEndpointLabel":    join([]string{"licenseModel", "databaseEdition", "adminPassword", "whitelistedIps", "isMtlsConnectionRequired", "dbWorkload", "isFreeTier"}, compute, others),
	"customerContacts":        {"isMtlsConnectionRequired", "scheduledOperations", "dbToolsDetails"},
	"isMtlsConnectionRequired": join([]string{"licenseModel", "databaseEdition", "cpuCoreCount", "computeCount", "dataStorageSizeInTBs", "whitelistedIps", "dbWorkload",
		"privateEndpointLabel", "nsgIds", "customerContacts", "dbVersion", "scheduledOperations", "dbToolsDetails", "isLocalDataGuardEnabled", "isFreeTier"}, modes),
	"scheduledOperations": join([]string{"licenseModel", "databaseEdition", "whitelistedIps", "isMtlsConnectionRequired", "dbWorkload", "privateEndpointLabel", "nsgIds", "isLocalDataGuardEnabled", "isFreeTier"}, compute, modes, others),
	"databaseEdition":     {"cpuCoreCount", "computeCount", "computeModel", "adminPassword", "whitelistedIps", "isMtlsConnectionRequired", "dbWorkload", "privateEndpointLabel", "nsgIds", "dbVersion", "dbName", "scheduledOperations", "dbToolsDetails", "isFreeTier"},
	"dbToolsDetails":      join([]string{"licenseModel", "databaseEdition", "whitelistedIps", "isMtlsConnectionRequired", "dbWorkload", "privateEndpointLabel", "nsgIds", "isLocalDataGuardEnabled", "isFreeTier"}, compute, modes, others),
}

func join(lists ...[]string) []string { return slices.Concat(lists...) }

// checkTogether refuses an update that changes what must change by itself.
func checkTogether(old, o kind.Object) error {
	for _, name := range slices.Sorted(maps.Keys(apart)) {
		if !changed(old, o, name) {
			continue
		}
		for _, other := range apart[name] {
			if other != name && changed(old, o, other) {
				return api.InvalidParameter("%s cannot be updated in parallel with %s. Update one, then the other.", name, other)
			}
		}
	}
	return nil
}
