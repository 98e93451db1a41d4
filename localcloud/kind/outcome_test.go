package kind_test

import (
	"errors"
	"testing"

	"oci-media-pipelines/localcloud/kind"
)

func TestAnActionsWorkRequestEndsWithTheAction(t *testing.T) {
	for name, failure := range map[string]error{"SUCCEEDED": nil, "FAILED": errors.New("it was too far")} {
		t.Run(name, func(t *testing.T) {
			engine := newPlant(t).cloud.Engine
			id, err := engine.BeginWorkRequest("WALK", kind.Object{"id": kind.NewID("computecontainerinstance", "us-ashburn-1"), "compartmentId": "c"})
			if err != nil {
				t.Fatal(err)
			}
			status := func() string {
				t.Helper()
				wr, found, err := engine.FindWorkRequest(id)
				if err != nil || !found || wr.OperationType != "WALK" {
					t.Fatalf("work request %v, %t, %v", wr, found, err)
				}
				return wr.Status
			}
			if got := status(); got != "IN_PROGRESS" {
				t.Errorf("under way it is %s", got)
			}
			if err := engine.EndWorkRequest(id, failure); err != nil {
				t.Fatal(err)
			}
			if got := status(); got != name {
				t.Errorf("at the end it is %s", got)
			}
		})
	}
}
