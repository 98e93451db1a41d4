package events_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/events"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/services/events"
)

const function = "ocid1.fnfunc.oc1.iad.one"

type calls struct{ bodies chan []byte }

func (c calls) Invoke(_ context.Context, id string, body []byte) error {
	if id == function {
		c.bodies <- body
	}
	return nil
}

func (c calls) Publish(string, string, string) error { return nil }

func rule(condition string) sdk.CreateRuleRequest {
	return sdk.CreateRuleRequest{CreateRuleDetails: sdk.CreateRuleDetails{
		DisplayName: common.String("uploads"), IsEnabled: common.Bool(true), CompartmentId: common.String(iam.CompartmentID),
		Condition: common.String(condition),
		Actions: &sdk.ActionDetailsList{Actions: []sdk.ActionDetails{
			sdk.CreateFaaSActionDetails{IsEnabled: common.Bool(true), FunctionId: common.String(function)}}},
	}}
}

func TestDelivery(t *testing.T) {
	cloud := gatewaytest.New(t)
	got := calls{make(chan []byte, 10)}
	service := events.New(cloud.Engine, cloud.Store, got, got)
	t.Cleanup(service.Close)
	cloud.Add(service.APIs()...)
	client, err := sdk.NewEventsClientWithConfigurationProvider(cloud.Credentials())
	if err != nil {
		t.Fatal(err)
	}
	cloud.Use(&client.BaseClient)
	ctx := context.Background()
	if _, err := client.CreateRule(ctx, rule(`{"eventType":`)); err == nil {
		t.Fatal("a malformed condition was accepted")
	}
	condition := `{"eventType":["com.oraclecloud.objectstorage.createobject","com.oraclecloud.objectstorage.updateobject"],` +
		`"data":{"resourceName":"in/*.jpg","additionalDetails":{"bucketName":"photos"}}}`
	created, err := client.CreateRule(ctx, rule(condition))
	if err != nil {
		t.Fatal(err)
	}
	if len(created.Actions.Actions) != 1 || created.Actions.Actions[0].GetId() == nil {
		t.Fatalf("actions %v", created.Actions)
	}
	emit := func(kind, bucket, name string) {
		t.Helper()
		err := service.Emit(iam.CompartmentID, map[string]any{"eventType": "com.oraclecloud.objectstorage." + kind, "source": "ObjectStorage",
			"data": map[string]any{"resourceName": name, "additionalDetails": map[string]any{"bucketName": bucket}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	emit("deleteobject", "photos", "in/a.jpg")
	emit("createobject", "others", "in/a.jpg")
	emit("createobject", "photos", "out/a.jpg")
	emit("updateobject", "photos", "in/ü/b.jpg")
	service.Close() // Waits for all deliveries.
	close(got.bodies)
	var bodies []string
	for body := range got.bodies {
		var event struct {
			EventID string `json:"eventID"`
			Data    struct{ ResourceName string }
		}
		if err := json.Unmarshal(body, &event); err != nil || event.EventID == "" {
			t.Fatalf("event %s: %v", body, err)
		}
		bodies = append(bodies, event.Data.ResourceName)
	}
	if len(bodies) != 1 || bodies[0] != "in/ü/b.jpg" {
		t.Fatalf("the function was called for %q", bodies)
	}
}
