package cloud_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/keymanagement"

	"oci-media-pipelines/localcloud/cloud"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/profile"
)

// TestVaultNamesAppearLate: a vault is ready before its endpoints can be found.
func TestVaultNamesAppearLate(t *testing.T) {
	p, err := profile.Named(profile.Realistic, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	e, _ := serve(t, t.TempDir(), 0, cloud.WithProfile(p))
	client := proxied(t, e)
	vaults, err := keymanagement.NewKmsVaultClientWithConfigurationProvider(credentials(t, e))
	if err != nil {
		t.Fatal(err)
	}
	vaults.HTTPClient = client
	made, err := vaults.CreateVault(t.Context(), keymanagement.CreateVaultRequest{CreateVaultDetails: keymanagement.CreateVaultDetails{
		CompartmentId: common.String(iam.CompartmentID), DisplayName: common.String("late"), VaultType: keymanagement.CreateVaultDetailsVaultTypeDefault,
	}})
	if err != nil || made.LifecycleState != keymanagement.VaultLifecycleStateCreating {
		t.Fatalf("created %v, %v", made.Vault, err)
	}
	reach := func() error {
		response, err := client.Get(*made.ManagementEndpoint)
		if err == nil {
			response.Body.Close()
		}
		return err
	}
	if err := reach(); err == nil || !strings.Contains(err.Error(), "no such host") {
		t.Errorf("a vault that is being created is reached: %v", err)
	}
	active := func() bool {
		got, err := vaults.GetVault(t.Context(), keymanagement.GetVaultRequest{VaultId: made.Id})
		if err != nil {
			t.Fatal(err)
		}
		return got.LifecycleState == keymanagement.VaultLifecycleStateActive
	}
	gatewaytest.Eventually(t, "the vault is active", active)
	named := made.TimeCreated.Add(p.Takes("vault", profile.Create) + p.Takes("vault", profile.Resolve))
	gatewaytest.NotBefore(t, named, "its endpoint has a name", func() bool { return reach() == nil })
	var status cloud.Status
	if err := e.Control(t.Context(), http.MethodGet, "/status", &status); err != nil || status.Profile != profile.Realistic || status.TimeScale != 0.01 {
		t.Errorf("status %+v, %v", status, err)
	}
}
