package events_test

import (
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/events"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/events"
)

func TestARuleSeesItsCompartmentAndThoseBelow(t *testing.T) {
	const inner, outer, other = "ocid1.compartment.oc1..inner", "ocid1.compartment.oc1..outer", "ocid1.compartment.oc1..other"
	for rulesIn, want := range map[string]int{inner: 1, outer: 2, iam.TenancyID: 3, other: 1} {
		cloud := gatewaytest.New(t)
		got := calls{make(chan []byte, 10)}
		service := events.New(cloud.Engine, cloud.Store, got, got)
		cloud.Add(service.APIs()...)
		client, err := sdk.NewEventsClientWithConfigurationProvider(cloud.Credentials())
		if err != nil {
			t.Fatal(err)
		}
		cloud.Use(&client.BaseClient)
		for id, parent := range map[string]string{inner: outer, outer: iam.TenancyID} {
			if err := cloud.Engine.Put(kind.Object{"id": id, "compartmentId": parent}); err != nil {
				t.Fatal(err)
			}
		}
		request := rule(`{}`)
		request.CompartmentId = common.String(rulesIn)
		if _, err := client.CreateRule(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		for _, compartment := range []string{inner, outer, other} {
			if err := service.Emit(compartment, map[string]any{"eventType": "test"}); err != nil {
				t.Fatal(err)
			}
		}
		service.Close() // Waits for all deliveries.
		if len(got.bodies) != want {
			t.Errorf("a rule in %s sees %d events, want %d", rulesIn, len(got.bodies), want)
		}
	}
}
