package database

import (
	"crypto/sha256"
	"encoding/hex"
	"math"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// gigabytesPerTerabyte as Autonomous Database counts storage.
const gigabytesPerTerabyte = 1024

// defaults fills in what the cloud fills in (the comments of oci-go-sdk's
// AutonomousDatabase), and puts the password where only its hash is kept.
func (d *Service) defaults(c *api.Call, o kind.Object) error {
	delete(o, "source")
	free := o.Bool("isFreeTier")
	o.Default("displayName", o["dbName"])
	o.Default("dbWorkload", "OLTP")
	o.Default("dbVersion", versions[0])
	o.Default("isFreeTier", false)
	o.Default("systemTags", map[string]any{})
	if o["cpuCoreCount"] != nil {
		o.Default("computeModel", "OCPU")
	}
	o.Default("computeModel", "ECPU")
	if o.Str("computeModel") == "ECPU" {
		o.Default("computeCount", minimumECPUs)
	}
	if free {
		o.Default("licenseModel", "LICENSE_INCLUDED")
		o["isAutoScalingEnabled"], o["dataStorageSizeInGBs"] = false, 20
		delete(o, "dataStorageSizeInTBs")
	}
	o.Default("licenseModel", "BRING_YOUR_OWN_LICENSE")
	// Auto scaling up to three times the compute is on unless it is refused.
	o.Default("isAutoScalingEnabled", true)
	o.Default("isAutoScalingForStorageEnabled", false)
	o.Default("isMtlsConnectionRequired", false)
	o.Default("characterSet", "AL32UTF8")
	o.Default("ncharacterSet", "AL16UTF16")
	o.Default("isDedicated", false)
	o.Default("isDevTier", false)
	o.Default("isDataGuardEnabled", false)
	o.Default("isLocalDataGuardEnabled", false)
	o.Default("backupRetentionPeriodInDays", 60)
	o.Default("autonomousMaintenanceScheduleType", "REGULAR")
	for name, value := range map[string]any{
		"openMode": "READ_WRITE", "permissionLevel": "UNRESTRICTED", "dataSafeStatus": "NOT_REGISTERED",
		"operationsInsightsStatus": "NOT_ENABLED", "databaseManagementStatus": "NOT_ENABLED", "isPreview": false,
		"isRefreshableClone": false, "isRemoteDataGuardEnabled": false, "isReconnectCloneEnabled": false, "netServicesArchitecture": "SHARED",
	} {
		o[name] = value
	}
	settleStorage(nil, o)
	if o.Str("subnetId") != "" && o.Str("privateEndpointLabel") == "" {
		o["privateEndpointLabel"] = hostPrefix(o.Str("id"))
	}
	o["hostPrefix"] = hostPrefix(c.Principal.TenancyID + regionOf(o))
	addresses(o)
	return d.keepPassword(nil, o)
}

// updated follows up on an update before it is stored.
func (d *Service) updated(_ *api.Call, old, o kind.Object) error {
	if changed(old, o, "computeModel") && o.Str("computeModel") == "ECPU" {
		delete(o, "cpuCoreCount")
	}
	settleStorage(old, o)
	if list := o.Strings("whitelistedIps"); len(list) == 1 && list[0] == "" {
		delete(o, "whitelistedIps")
	}
	addresses(o)
	if changed(old, o, "nsgIds") {
		if err := d.moveGroups(o); err != nil {
			return err
		}
	}
	return d.keepPassword(old, o)
}

// settleStorage keeps the two ways of telling the storage's size in step.
func settleStorage(old, o kind.Object) {
	if changed(old, o, "dataStorageSizeInGBs") {
		o["dataStorageSizeInTBs"] = int(math.Ceil(o.Number("dataStorageSizeInGBs") / gigabytesPerTerabyte))
		return
	}
	o.Default("dataStorageSizeInTBs", 1)
	if changed(old, o, "dataStorageSizeInTBs") {
		o["dataStorageSizeInGBs"] = int(o.Number("dataStorageSizeInTBs")) * gigabytesPerTerabyte
	}
}

// keepPassword moves ADMIN's password out of the resource into its hash.
func (d *Service) keepPassword(old, o kind.Object) error {
	password := o.Str("adminPassword")
	switch {
	case o["adminPassword"] != nil:
		delete(o, "adminPassword")
		delete(o, "secretId")
		delete(o, "secretVersionNumber")
	case changed(old, o, "secretId") || changed(old, o, "secretVersionNumber"):
		var err error
		if password, err = d.passwordFromSecret(o); err != nil {
			return err
		}
	default:
		return nil
	}
	return d.users.setAdmin(o.Str("id"), password)
}

// hostPrefix makes the part of a host name that OCI chooses. It is the same for
// all public databases of a tenancy and region.
func hostPrefix(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	return "g" + hex.EncodeToString(sum[:])[:14]
}
