package kind_test

import (
	"context"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/vault"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
)

// scheduled serves a kind whose deletion is scheduled.
func scheduled(t *testing.T) (*gatewaytest.Cloud, vault.VaultsClient) {
	t.Helper()
	cloud := gatewaytest.New(t)
	service := api.NewService("vault", "vaults.{region}.oci.oraclecloud.com")
	cloud.Engine.Register(service, kind.Kind{
		Name: "Secret", Type: "vaultsecret", Path: "/secrets", Create: vault.CreateSecretDetails{}, Update: vault.UpdateSecretDetails{},
		Unique: []string{"secretName"}, Hidden: []string{"secretContent"}, Scheduled: &kind.Schedule{MinDays: 1, MaxDays: 30},
	})
	cloud.Add(service)
	client, err := vault.NewVaultsClientWithConfigurationProvider(cloud.Credentials())
	if err != nil {
		t.Fatal(err)
	}
	cloud.Use(&client.BaseClient)
	return cloud, client
}

func secret() vault.CreateSecretRequest {
	return vault.CreateSecretRequest{CreateSecretDetails: vault.CreateSecretDetails{
		CompartmentId: common.String(iam.CompartmentID), SecretName: common.String("password"), VaultId: common.String("v"), KeyId: common.String("k"),
	}}
}

func TestScheduledDeletion(t *testing.T) {
	cloud, client := scheduled(t)
	ctx := context.Background()
	created, err := client.CreateSecret(ctx, secret())
	if err != nil {
		t.Fatal(err)
	}
	schedule := func(at time.Time) error {
		details := vault.ScheduleSecretDeletionDetails{TimeOfDeletion: &common.SDKTime{Time: at}}
		_, err := client.ScheduleSecretDeletion(ctx, vault.ScheduleSecretDeletionRequest{SecretId: created.Id, IfMatch: created.Etag, ScheduleSecretDeletionDetails: details})
		return err
	}
	state := func() vault.GetSecretResponse {
		t.Helper()
		got, err := client.GetSecret(ctx, vault.GetSecretRequest{SecretId: created.Id})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	wantError(t, schedule(time.Now()), 400, "InvalidParameter")
	wantError(t, schedule(time.Now().AddDate(0, 0, 32)), 400, "InvalidParameter")
	_, err = client.CancelSecretDeletion(ctx, vault.CancelSecretDeletionRequest{SecretId: created.Id})
	wantError(t, err, 409, "IncorrectState")

	// The deletion honours if-match, and what it answers is what it did.
	if err := schedule(time.Now().AddDate(0, 0, 2)); err != nil {
		t.Fatal(err)
	}
	if got := state(); got.LifecycleState != vault.SecretLifecycleStatePendingDeletion || got.TimeOfDeletion == nil {
		t.Fatalf("scheduled %v", got)
	}
	wantError(t, schedule(time.Now().AddDate(0, 0, 2)), 412, "NoEtagMatch")
	_, err = client.ScheduleSecretDeletion(ctx, vault.ScheduleSecretDeletionRequest{SecretId: created.Id})
	wantError(t, err, 409, "IncorrectState")
	_, err = client.UpdateSecret(ctx, vault.UpdateSecretRequest{SecretId: created.Id, UpdateSecretDetails: vault.UpdateSecretDetails{Description: common.String("x")}})
	wantError(t, err, 409, "IncorrectState")
	_, err = client.CreateSecret(ctx, secret())
	wantError(t, err, 409, "Conflict") // It keeps its name.

	if _, err = client.CancelSecretDeletion(ctx, vault.CancelSecretDeletionRequest{SecretId: created.Id}); err != nil {
		t.Fatal(err)
	}
	if got := state(); got.LifecycleState != vault.SecretLifecycleStateActive || got.TimeOfDeletion != nil {
		t.Fatalf("cancelled %v", got)
	}

	// What is due goes at the next start.
	_, err = cloud.Engine.Change(*created.Id, func(o kind.Object) error {
		kind.SchedulePending(o, time.Now().Add(-time.Minute))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	cloud.Engine.Resume()
	_, err = client.GetSecret(ctx, vault.GetSecretRequest{SecretId: created.Id})
	wantError(t, err, 404, "NotAuthorizedOrNotFound")
	if _, err = client.CreateSecret(ctx, secret()); err != nil {
		t.Fatal(err)
	}
}
