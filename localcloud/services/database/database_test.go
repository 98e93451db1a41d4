package database_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/database"

	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
)

func TestLifeCycle(t *testing.T) {
	r := newRig(t)
	d := details()
	d.IsAutoScalingEnabled = nil
	db := r.create(t, d)
	if db.LifecycleState != sdk.AutonomousDatabaseLifecycleStateAvailable || *db.DbVersion != "19c" || *db.DisplayName != "Images" ||
		*db.DataStorageSizeInTBs != 1 || !*db.IsAutoScalingEnabled || *db.IsMtlsConnectionRequired || db.SubnetId != nil {
		t.Errorf("created %v", db)
	}
	url := *db.ConnectionUrls.OrdsUrl
	if !strings.HasSuffix(url, "-images.adb.us-ashburn-1.oraclecloudapps.com/ords/") || *db.ConnectionUrls.ApexUrl != url+"apex" {
		t.Errorf("URLs %v", db.ConnectionUrls)
	}
	if high := *db.ConnectionStrings.High; !strings.HasPrefix(high, "adb.us-ashburn-1.oraclecloud.com:1522/") || len(db.ConnectionStrings.Profiles) != 3 {
		t.Errorf("connection strings %v", db.ConnectionStrings)
	}

	list, err := r.client.ListAutonomousDatabases(t.Context(), sdk.ListAutonomousDatabasesRequest{
		CompartmentId: common.String(iam.CompartmentID), DisplayName: common.String("Images"), IsFreeTier: common.Bool(false),
		LifecycleStateNotEqualTo: sdk.AutonomousDatabaseSummaryLifecycleStateTerminated,
	})
	if err != nil || len(list.Items) != 1 || *list.Items[0].Id != *db.Id {
		t.Fatalf("list %v, %v", list.Items, err)
	}
	list, err = r.client.ListAutonomousDatabases(t.Context(), sdk.ListAutonomousDatabasesRequest{
		CompartmentId: common.String(iam.CompartmentID), LifecycleStateNotEqualTo: sdk.AutonomousDatabaseSummaryLifecycleStateAvailable,
	})
	if err != nil || len(list.Items) != 0 {
		t.Fatalf("list of what is not available: %v, %v", list.Items, err)
	}

	stopped, err := r.client.StopAutonomousDatabase(t.Context(), sdk.StopAutonomousDatabaseRequest{AutonomousDatabaseId: db.Id})
	if err != nil || stopped.LifecycleState != sdk.AutonomousDatabaseLifecycleStateStopped || stopped.OpcWorkRequestId == nil {
		t.Fatalf("stopped %v, %v", stopped, err)
	}
	_, err = r.client.StopAutonomousDatabase(t.Context(), sdk.StopAutonomousDatabaseRequest{AutonomousDatabaseId: db.Id})
	wantError(t, err, 409, "STOPPED")
	r.admin(t, db).want(503, "GET", "soda/latest", "")
	started, err := r.client.StartAutonomousDatabase(t.Context(), sdk.StartAutonomousDatabaseRequest{AutonomousDatabaseId: db.Id})
	if err != nil || started.LifecycleState != sdk.AutonomousDatabaseLifecycleStateAvailable {
		t.Fatalf("started %v, %v", started, err)
	}
	if _, err = r.client.RestartAutonomousDatabase(t.Context(), sdk.RestartAutonomousDatabaseRequest{AutonomousDatabaseId: db.Id}); err != nil {
		t.Fatal(err)
	}
	r.admin(t, db).want(200, "GET", "soda/latest", "")

	deleted, err := r.client.DeleteAutonomousDatabase(t.Context(), sdk.DeleteAutonomousDatabaseRequest{AutonomousDatabaseId: db.Id})
	if err != nil || deleted.OpcWorkRequestId == nil {
		t.Fatalf("deleted %v, %v", deleted, err)
	}
	r.settle(t)
	_, err = r.client.GetAutonomousDatabase(t.Context(), sdk.GetAutonomousDatabaseRequest{AutonomousDatabaseId: db.Id})
	wantError(t, err, 404, "AutonomousDatabase")
	r.admin(t, db).want(404, "GET", "soda/latest", "")
}

// An action on another resource than a database finds nothing and changes nothing.
func TestActionsAreForDatabasesOnly(t *testing.T) {
	r := newRig(t)
	const vcn = "ocid1.vcn.oc1.us-ashburn-1.other"
	if err := r.Engine.Put(kind.Object{"id": vcn, "lifecycleState": "AVAILABLE"}); err != nil {
		t.Fatal(err)
	}
	_, err := r.client.StopAutonomousDatabase(t.Context(), sdk.StopAutonomousDatabaseRequest{
		AutonomousDatabaseId: common.String(vcn), RequestMetadata: common.RequestMetadata{RetryPolicy: new(common.NoRetryPolicy())},
	})
	wantError(t, err, 404, "not found")
	if o, _ := r.Engine.Get(vcn); o.Str("lifecycleState") != "AVAILABLE" {
		t.Errorf("the network is %s", o.Str("lifecycleState"))
	}
}

func TestVersions(t *testing.T) {
	r := newRig(t)
	list, err := r.client.ListAutonomousDbVersions(t.Context(), sdk.ListAutonomousDbVersionsRequest{
		CompartmentId: common.String(iam.CompartmentID), DbWorkload: sdk.AutonomousDatabaseSummaryDbWorkloadAjd,
	})
	if err != nil || len(list.Items) == 0 || *list.Items[0].Version != "19c" || !*list.Items[0].IsDefaultForPaid {
		t.Fatalf("versions %v, %v", list.Items, err)
	}
	for _, v := range list.Items {
		d := details()
		d.DbName, d.DbVersion = common.String("V"+*v.Version), v.Version
		if db := r.create(t, d); *db.DbVersion != *v.Version {
			t.Errorf("version %s, want %s", *db.DbVersion, *v.Version)
		}
	}
}

func TestCreateRefusesWhatOCIRefuses(t *testing.T) {
	r := newRig(t)
	r.create(t, details())
	for name, c := range map[string]struct {
		change func(*sdk.CreateAutonomousDatabaseDetails)
		status int
		words  string
	}{
		"AJD brings no license":  {func(d *sdk.CreateAutonomousDatabaseDetails) { d.LicenseModel = "" }, 400, "LICENSE_INCLUDED"},
		"AJD is not free":        {func(d *sdk.CreateAutonomousDatabaseDetails) { d.IsFreeTier = common.Bool(true) }, 400, "AJD"},
		"one ECPU":               {func(d *sdk.CreateAutonomousDatabaseDetails) { d.ComputeCount = common.Float32(1) }, 400, "at least 2"},
		"no compute":             {func(d *sdk.CreateAutonomousDatabaseDetails) { d.ComputeCount = nil }, 400, "computeCount is required"},
		"two counts":             {func(d *sdk.CreateAutonomousDatabaseDetails) { d.CpuCoreCount = common.Int(1) }, 400, "together"},
		"two sizes":              {func(d *sdk.CreateAutonomousDatabaseDetails) { d.DataStorageSizeInTBs = common.Int(1) }, 400, "together"},
		"too little storage":     {func(d *sdk.CreateAutonomousDatabaseDetails) { d.DataStorageSizeInGBs = common.Int(19) }, 400, "at least 20"},
		"no name":                {func(d *sdk.CreateAutonomousDatabaseDetails) { d.DbName = nil }, 400, "dbName is required"},
		"name with hyphen":       {func(d *sdk.CreateAutonomousDatabaseDetails) { d.DbName = common.String("my-db") }, 400, "dbName"},
		"name with digit first":  {func(d *sdk.CreateAutonomousDatabaseDetails) { d.DbName = common.String("1db") }, 400, "dbName"},
		"name too long":          {func(d *sdk.CreateAutonomousDatabaseDetails) { d.DbName = common.String(strings.Repeat("d", 31)) }, 400, "dbName"},
		"name taken":             {func(d *sdk.CreateAutonomousDatabaseDetails) { d.DbName = common.String("IMAGES") }, 400, "duplicated"},
		"unknown version":        {func(d *sdk.CreateAutonomousDatabaseDetails) { d.DbVersion = common.String("11g") }, 400, "dbVersion"},
		"no password":            {func(d *sdk.CreateAutonomousDatabaseDetails) { d.AdminPassword = nil }, 400, "adminPassword or secretId"},
		"two passwords":          {func(d *sdk.CreateAutonomousDatabaseDetails) { d.SecretId = common.String("ocid1.vaultsecret.x") }, 400, "together"},
		"short password":         {func(d *sdk.CreateAutonomousDatabaseDetails) { d.AdminPassword = common.String("Sh0rtOne") }, 400, "12 to 30"},
		"password without digit": {func(d *sdk.CreateAutonomousDatabaseDetails) { d.AdminPassword = common.String("CorrectHorseBattery") }, 400, "digit"},
		"password without upper": {func(d *sdk.CreateAutonomousDatabaseDetails) { d.AdminPassword = common.String("c0rrecthorsebattery") }, 400, "uppercase"},
		"password with quote":    {func(d *sdk.CreateAutonomousDatabaseDetails) { d.AdminPassword = common.String(`C0rrect"HorseBattery`) }, 400, "quotation"},
		"password with admin":    {func(d *sdk.CreateAutonomousDatabaseDetails) { d.AdminPassword = common.String("C0rrectAdminBattery") }, 400, "user name"},
		"unknown secret": {func(d *sdk.CreateAutonomousDatabaseDetails) {
			d.AdminPassword, d.SecretId = nil, common.String("ocid1.vaultsecret.x")
		}, 404, "ocid1.vaultsecret.x"},
		"label without subnet":     {func(d *sdk.CreateAutonomousDatabaseDetails) { d.PrivateEndpointLabel = common.String("db") }, 400, "subnetId"},
		"groups without subnet":    {func(d *sdk.CreateAutonomousDatabaseDetails) { d.NsgIds = []string{"ocid1.networksecuritygroup.x"} }, 400, "subnetId"},
		"unknown subnet":           {func(d *sdk.CreateAutonomousDatabaseDetails) { d.SubnetId = common.String("ocid1.subnet.oc1..x") }, 404, "ocid1.subnet.oc1..x"},
		"dedicated infrastructure": {func(d *sdk.CreateAutonomousDatabaseDetails) { d.IsDedicated = common.Bool(true) }, 501, "dedicated"},
	} {
		t.Run(name, func(t *testing.T) {
			d := details()
			d.DbName = common.String("Other")
			c.change(&d)
			_, err := r.client.CreateAutonomousDatabase(t.Context(), sdk.CreateAutonomousDatabaseRequest{CreateAutonomousDatabaseDetails: d})
			wantError(t, err, c.status, c.words)
		})
	}
	_, err := r.client.CreateAutonomousDatabase(t.Context(), sdk.CreateAutonomousDatabaseRequest{CreateAutonomousDatabaseDetails: sdk.CreateAutonomousDatabaseCloneDetails{
		CompartmentId: common.String(iam.CompartmentID), SourceId: common.String("ocid1.autonomousdatabase.x"), CloneType: sdk.CreateAutonomousDatabaseCloneDetailsCloneTypeFull,
	}})
	wantError(t, err, 400, "is not a field of CreateAutonomousDatabaseDetails")
}

func TestAlwaysFree(t *testing.T) {
	r := newRig(t)
	free := func(name string) sdk.CreateAutonomousDatabaseDetails {
		return sdk.CreateAutonomousDatabaseDetails{
			CompartmentId: common.String(iam.CompartmentID), DbName: common.String(name), AdminPassword: common.String(password),
			DbWorkload: sdk.CreateAutonomousDatabaseBaseDbWorkloadOltp, IsFreeTier: common.Bool(true),
		}
	}
	d := free("One")
	d.SubnetId = common.String("ocid1.subnet.oc1..x")
	_, err := r.client.CreateAutonomousDatabase(t.Context(), sdk.CreateAutonomousDatabaseRequest{CreateAutonomousDatabaseDetails: d})
	wantError(t, err, 400, "private endpoint")
	db := r.create(t, free("One"))
	if !*db.IsFreeTier || *db.IsAutoScalingEnabled || *db.DataStorageSizeInGBs != 20 || db.LicenseModel != sdk.AutonomousDatabaseLicenseModelLicenseIncluded {
		t.Errorf("free database %v", db)
	}
	// The size may be told the old way.
	d = free("Two")
	d.CpuCoreCount, d.DataStorageSizeInTBs = common.Int(1), common.Int(1)
	if db = r.create(t, d); *db.DataStorageSizeInGBs != 20 || *db.CpuCoreCount != 1 {
		t.Errorf("free database %v", db)
	}
	_, err = r.client.CreateAutonomousDatabase(t.Context(), sdk.CreateAutonomousDatabaseRequest{CreateAutonomousDatabaseDetails: free("Three")})
	wantError(t, err, 400, "limit")
}

func TestUpdate(t *testing.T) {
	r := newRig(t)
	db := r.create(t, details())
	updated, err := r.update(t.Context(), db.Id, sdk.UpdateAutonomousDatabaseDetails{ComputeCount: common.Float32(4), IsAutoScalingEnabled: common.Bool(true)})
	if err != nil || *updated.ComputeCount != 4 || !*updated.IsAutoScalingEnabled || updated.OpcWorkRequestId == nil || *updated.DbName != "Images" {
		t.Fatalf("updated %v, %v", updated, err)
	}
	if updated, err = r.update(t.Context(), db.Id, sdk.UpdateAutonomousDatabaseDetails{DataStorageSizeInGBs: common.Int(2000)}); err != nil || *updated.DataStorageSizeInTBs != 2 {
		t.Fatalf("updated %v, %v", updated, err)
	}
	for name, c := range map[string]struct {
		details sdk.UpdateAutonomousDatabaseDetails
		words   string
	}{
		"compute and mTLS":     {sdk.UpdateAutonomousDatabaseDetails{ComputeCount: common.Float32(6), IsMtlsConnectionRequired: common.Bool(true)}, "in parallel"},
		"password and name":    {sdk.UpdateAutonomousDatabaseDetails{AdminPassword: common.String("An0therHorseBattery"), DbName: common.String("Pics")}, "in parallel"},
		"version and tools":    {sdk.UpdateAutonomousDatabaseDetails{DbVersion: common.String("23ai"), WhitelistedIps: []string{"10.0.0.1"}}, "in parallel"},
		"another endpoint":     {sdk.UpdateAutonomousDatabaseDetails{SubnetId: common.String("ocid1.subnet.oc1..x")}, "subnetId"},
		"no license any more":  {sdk.UpdateAutonomousDatabaseDetails{LicenseModel: sdk.UpdateAutonomousDatabaseDetailsLicenseModelBringYourOwnLicense}, "LICENSE_INCLUDED"},
		"a name that is wrong": {sdk.UpdateAutonomousDatabaseDetails{DbName: common.String("9")}, "dbName"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.update(t.Context(), db.Id, c.details)
			if err == nil || !strings.Contains(err.Error(), c.words) {
				t.Errorf("error %v, want %q", err, c.words)
			}
		})
	}
	// What does not change does not count.
	if _, err = r.update(t.Context(), db.Id, sdk.UpdateAutonomousDatabaseDetails{ComputeCount: common.Float32(4), IsMtlsConnectionRequired: common.Bool(true)}); err != nil {
		t.Error(err)
	}
	renamed, err := r.update(t.Context(), db.Id, sdk.UpdateAutonomousDatabaseDetails{DbName: common.String("Pics")})
	if err != nil || !strings.Contains(*renamed.ConnectionUrls.OrdsUrl, "-pics.adb.") {
		t.Errorf("renamed %v, %v", renamed, err)
	}
}

func TestPasswordIsKeptAsItsHash(t *testing.T) {
	r := newRig(t)
	r.vault["ocid1.vaultsecret.oc1..a"] = "Vaulted1HorseBattery"
	db := r.create(t, details())
	old := r.admin(t, db)
	old.want(200, "GET", "soda/latest", "")
	if _, err := r.update(t.Context(), db.Id, sdk.UpdateAutonomousDatabaseDetails{AdminPassword: common.String("An0therHorseBattery")}); err != nil {
		t.Fatal(err)
	}
	old.want(401, "GET", "soda/latest", "")
	fresh := old
	fresh.password = "An0therHorseBattery"
	fresh.want(200, "GET", "soda/latest", "")
	if _, err := r.update(t.Context(), db.Id, sdk.UpdateAutonomousDatabaseDetails{SecretId: common.String("ocid1.vaultsecret.oc1..a")}); err != nil {
		t.Fatal(err)
	}
	fresh.want(401, "GET", "soda/latest", "")
	fresh.password = r.vault["ocid1.vaultsecret.oc1..a"]
	fresh.want(200, "GET", "soda/latest", "")

	err := filepath.WalkDir(r.Dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, secret := range []string{password, "An0therHorseBattery", "Vaulted1HorseBattery"} {
			if strings.Contains(string(raw), secret) {
				t.Errorf("%s holds a password", filepath.Base(path))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
