package database

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

var (
	// namePattern follows CreateAutonomousDatabaseDetails.dbName as of oci-go-sdk
	// v65.129.0; before, a name had at most 14 characters.
	namePattern  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,29}$`)
	labelPattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,62}$`)
)

// minimumECPUs applies outside elastic pools (documentation of computeCount).
const minimumECPUs = 2

// check refuses what OCI would refuse.
func (d *Service) check(c *api.Call, old, o kind.Object) error {
	if source := o.Str("source"); source != "" && source != "NONE" {
		return api.NotImplemented("source %s: the local cloud makes new databases only (source NONE).", source)
	}
	if o.Bool("isDedicated") || o.Str("autonomousContainerDatabaseId") != "" {
		return api.NotImplemented("The local cloud has no dedicated Exadata infrastructure.")
	}
	if old == nil && o.Bool("isFreeTier") && c.Region != iam.HomeRegion {
		return api.InvalidParameter("isFreeTier is true, but %s is not the tenancy's home region (%s): Always Free databases are there only.", c.Region, iam.HomeRegion)
	}
	rules := []func(old, o kind.Object) error{d.checkName, checkWorkload, d.checkTier, checkCompute, checkStorage, d.checkPassword, checkVersion, checkAccessList, checkState}
	if old != nil {
		rules = append([]func(old, o kind.Object) error{checkTogether}, rules...)
	}
	for _, rule := range rules {
		if err := rule(old, o); err != nil {
			return err
		}
	}
	return d.checkEndpoint(old, o, c.Region)
}

func (d *Service) checkName(old, o kind.Object) error {
	name := o.Str("dbName")
	if name == "" {
		return api.MissingParameter("dbName is required in CreateAutonomousDatabaseDetails.")
	}
	if !namePattern.MatchString(name) {
		return api.InvalidParameter("dbName %q must begin with a letter and have at most 30 letters and digits.", name)
	}
	same := d.engine.List(ocidType, func(other kind.Object) bool {
		return strings.EqualFold(other.Str("dbName"), name) && other.Str("id") != o.Str("id") && regionOf(other) == regionOf(o)
	})
	if len(same) > 0 {
		return api.InvalidParameter("The Autonomous Database name cannot be duplicated. Try again using a different name: dbName %s is that of %s.", name, same[0].Str("id"))
	}
	return nil
}

func checkWorkload(_, o kind.Object) error {
	workload, license := o.Str("dbWorkload"), o.Str("licenseModel")
	if (workload == "AJD" || workload == "APEX") && license != "LICENSE_INCLUDED" {
		return api.InvalidParameter("licenseModel must be LICENSE_INCLUDED for dbWorkload %s, it is %q (the default is BRING_YOUR_OWN_LICENSE).", workload, license)
	}
	return nil
}

func (d *Service) checkTier(old, o kind.Object) error {
	if !o.Bool("isFreeTier") {
		return nil
	}
	switch {
	case o.Str("dbWorkload") == "AJD":
		return api.InvalidParameter("isFreeTier is true, but dbWorkload AJD is not available as Always Free. Use OLTP.")
	case o.Str("licenseModel") == "BRING_YOUR_OWN_LICENSE":
		return api.InvalidParameter("isFreeTier is true, licenseModel must be LICENSE_INCLUDED.")
	case o.Str("subnetId") != "":
		return api.InvalidParameter("isFreeTier is true, but subnetId is set: an Always Free database cannot have a private endpoint.")
	case o.Bool("isAutoScalingEnabled"):
		return api.InvalidParameter("isFreeTier is true, but isAutoScalingEnabled, too: an Always Free database does not scale.")
	case o.Number("computeCount") > 2 || o.Number("cpuCoreCount") > 1:
		return api.InvalidParameter("isFreeTier is true: an Always Free database has 2 ECPUs (1 OCPU).")
	case old != nil:
		return nil
	}
	return d.engine.Limits().Tenancy(limits.FreeDatabases, len(d.engine.List(ocidType, func(o kind.Object) bool { return o.Bool("isFreeTier") })))
}

func checkCompute(_, o kind.Object) error {
	count, cores := o.Number("computeCount"), o.Number("cpuCoreCount")
	model := o.Str("computeModel")
	switch {
	case o["ocpuCount"] != nil:
		return api.InvalidParameter("ocpuCount is for dedicated Exadata infrastructure only.")
	case o["computeCount"] != nil && o["cpuCoreCount"] != nil:
		return api.InvalidParameter("cpuCoreCount and computeCount cannot be used together.")
	case o.Bool("isFreeTier"):
		return nil
	case o["computeCount"] == nil && o["cpuCoreCount"] == nil:
		return api.MissingParameter("computeCount is required in CreateAutonomousDatabaseDetails.")
	case model != "OCPU" && o["cpuCoreCount"] != nil:
		return api.InvalidParameter("cpuCoreCount is for computeModel OCPU, use computeCount for ECPU.")
	case model != "OCPU" && (count < minimumECPUs || count != float64(int(count))):
		return api.InvalidParameter("computeCount must be a whole number of at least %d for computeModel ECPU, it is %v.", minimumECPUs, count)
	case model == "OCPU" && max(count, cores) < 1:
		return api.InvalidParameter("computeCount must be at least 1 for computeModel OCPU, it is %v.", max(count, cores))
	}
	return nil
}

func checkStorage(old, o kind.Object) error {
	gigabytes, terabytes := changed(old, o, "dataStorageSizeInGBs"), changed(old, o, "dataStorageSizeInTBs")
	switch {
	case gigabytes && terabytes:
		return api.InvalidParameter("dataStorageSizeInGBs and dataStorageSizeInTBs cannot be used together.")
	case o.Bool("isFreeTier"):
		return nil
	case gigabytes && o.Number("dataStorageSizeInGBs") < 20:
		return api.InvalidParameter("dataStorageSizeInGBs must be at least 20, it is %v.", o["dataStorageSizeInGBs"])
	case terabytes && (o.Number("dataStorageSizeInTBs") < 1 || o.Number("dataStorageSizeInTBs") > 384):
		return api.InvalidParameter("dataStorageSizeInTBs must be 1 to 384, it is %v.", o["dataStorageSizeInTBs"])
	}
	return nil
}

func checkVersion(old, o kind.Object) error {
	version := o.Str("dbVersion")
	if version != "" && !slices.Contains(versions, version) {
		return api.InvalidParameter("dbVersion must be one of %s, it is %q.", strings.Join(versions, ", "), version)
	}
	if old != nil && slices.Index(versions, version) < slices.Index(versions, old.Str("dbVersion")) {
		return api.InvalidParameter("dbVersion cannot go back from %s to %s.", old.Str("dbVersion"), version)
	}
	return nil
}

// checkPassword wants one source of ADMIN's password.
func (d *Service) checkPassword(old, o kind.Object) error {
	password, secret := o["adminPassword"] != nil, changed(old, o, "secretId")
	switch {
	case password && secret:
		return api.InvalidParameter("adminPassword and secretId cannot be used together.")
	case password:
		return checkComplexity(admin, o.Str("adminPassword"))
	case secret || changed(old, o, "secretVersionNumber"):
		_, err := d.passwordFromSecret(o)
		return err
	case old == nil:
		return api.MissingParameter("adminPassword or secretId is required in CreateAutonomousDatabaseDetails.")
	}
	return nil
}

// passwordFromSecret reads ADMIN's password from Vault.
func (d *Service) passwordFromSecret(o kind.Object) (string, error) {
	if o.Str("secretId") == "" {
		return "", api.InvalidParameter("secretVersionNumber is set without secretId.")
	}
	content, err := d.secrets.Content(o.Str("secretId"), int64(o.Number("secretVersionNumber")))
	if err != nil {
		return "", err
	}
	return string(content), checkComplexity(admin, string(content))
}

// changed reports whether a request gives a member a new value.
func changed(old, o kind.Object, name string) bool {
	return o[name] != nil && (old == nil || !reflect.DeepEqual(old[name], o[name]))
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
