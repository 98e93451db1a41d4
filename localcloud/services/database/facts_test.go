package database_test

import (
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/database"

	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

func TestAnAccessListHasAddressesBlocksAndNetworks(t *testing.T) {
	r := newRig(t)
	for _, entry := range []string{"everybody", "10.0.0.0/33", "1.1.1.1;2.2.2.2", "ocid1.vcn.oc1.iad.a;home", ""} {
		d := details()
		d.WhitelistedIps = []string{"1.1.1.1", entry}
		_, err := r.client.CreateAutonomousDatabase(t.Context(), sdk.CreateAutonomousDatabaseRequest{CreateAutonomousDatabaseDetails: d})
		wantError(t, err, 400, "whitelistedIps[1]")
	}
	d := details()
	d.WhitelistedIps = []string{"1.1.1.1", "1.1.1.0/24", "ocid1.vcn.oc1.iad.a", "ocid1.vcn.oc1.iad.b;1.1.1.1;1.1.0.0/16"}
	db := r.create(t, d)
	cleared, err := r.update(t.Context(), db.Id, sdk.UpdateAutonomousDatabaseDetails{WhitelistedIps: []string{""}})
	if err != nil || len(cleared.WhitelistedIps) != 0 {
		t.Errorf("cleared list %v, %v", cleared.WhitelistedIps, err)
	}
}

func TestAStoppedDatabaseKeepsItsPassword(t *testing.T) {
	r := newRig(t)
	db := r.create(t, details())
	if _, err := r.client.StopAutonomousDatabase(t.Context(), sdk.StopAutonomousDatabaseRequest{AutonomousDatabaseId: db.Id}); err != nil {
		t.Fatal(err)
	}
	_, err := r.update(t.Context(), db.Id, sdk.UpdateAutonomousDatabaseDetails{AdminPassword: common.String("An0therHorseBattery")})
	wantError(t, err, 409, "adminPassword")
	if _, err = r.update(t.Context(), db.Id, sdk.UpdateAutonomousDatabaseDetails{DisplayName: common.String("stopped")}); err != nil {
		t.Error(err)
	}
}

func TestADatabaseBeingUpdatedTakesNoOtherUpdate(t *testing.T) {
	r := newRig(t)
	db := r.create(t, details())
	if _, err := r.Engine.Change(*db.Id, func(o kind.Object) error { o["lifecycleState"] = "UPDATING"; return nil }); err != nil {
		t.Fatal(err)
	}
	_, err := r.update(t.Context(), db.Id, sdk.UpdateAutonomousDatabaseDetails{ComputeCount: common.Float32(4)})
	wantError(t, err, 409, "is UPDATING")
}

func TestComputeModelCannotGoBackToOCPU(t *testing.T) {
	r := newRig(t)
	db := r.create(t, details())
	_, err := r.update(t.Context(), db.Id, sdk.UpdateAutonomousDatabaseDetails{ComputeModel: sdk.UpdateAutonomousDatabaseDetailsComputeModelOcpu})
	wantError(t, err, 400, "computeModel cannot go back")
}

func TestTwoAlwaysFreeDatabasesPerTenancy(t *testing.T) {
	r := newRig(t)
	r.Engine.Limits().Set(limits.FreeDatabases, 0)
	wantError(t, r.tryFree(t), 400, "adb-free-count")
}

func TestAlwaysFreeDatabasesAreInTheHomeRegion(t *testing.T) {
	r := newRig(t)
	r.client.SetRegion("eu-frankfurt-1")
	wantError(t, r.tryFree(t), 400, "home region")
}

// tryFree asks for an Always Free database.
func (r *rig) tryFree(t *testing.T) error {
	d := details()
	d.IsFreeTier, d.DbWorkload = common.Bool(true), sdk.CreateAutonomousDatabaseBaseDbWorkloadOltp
	d.ComputeModel, d.ComputeCount, d.DataStorageSizeInGBs = "", nil, nil
	_, err := r.client.CreateAutonomousDatabase(t.Context(), sdk.CreateAutonomousDatabaseRequest{CreateAutonomousDatabaseDetails: d})
	return err
}
