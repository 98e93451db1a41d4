package kind_test

import (
	"errors"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/containerinstances"
	"github.com/oracle/oci-go-sdk/v65/core"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
)

func TestTransitionsTakeTime(t *testing.T) {
	cloud, client := networking(t)
	cloud.Realistic(0.25)
	created, err := client.CreateVcn(t.Context(), vcn("one"))
	if err != nil || created.LifecycleState != core.VcnLifecycleStateProvisioning {
		t.Fatalf("created %v, %v", created.Vcn, err)
	}
	subnet := core.CreateSubnetRequest{CreateSubnetDetails: core.CreateSubnetDetails{
		CompartmentId: common.String(iam.CompartmentID), VcnId: created.Id, CidrBlock: common.String("10.0.0.0/24"),
	}}
	_, err = client.CreateSubnet(t.Context(), subnet)
	wantError(t, err, 409, "IncorrectState")
	_, err = client.UpdateVcn(t.Context(), core.UpdateVcnRequest{VcnId: created.Id})
	wantError(t, err, 409, "IncorrectState")
	state := func() core.VcnLifecycleStateEnum {
		got, err := client.GetVcn(t.Context(), core.GetVcnRequest{VcnId: created.Id})
		if err != nil {
			return "GONE"
		}
		return got.LifecycleState
	}
	gatewaytest.Eventually(t, "it is available", func() bool { return state() == core.VcnLifecycleStateAvailable })
	if _, err = client.CreateSubnet(t.Context(), subnet); err != nil {
		t.Error(err)
	}
}

func TestListsLagBehind(t *testing.T) {
	cloud, client := networking(t)
	cloud.Realistic(0.25)
	listed := func() (states []core.VcnLifecycleStateEnum) {
		t.Helper()
		list, err := client.ListVcns(t.Context(), core.ListVcnsRequest{CompartmentId: common.String(iam.CompartmentID)})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range list.Items {
			states = append(states, v.LifecycleState)
		}
		return states
	}
	created, err := client.CreateVcn(t.Context(), vcn("one"))
	if err != nil {
		t.Fatal(err)
	}
	if now := listed(); len(now) != 0 {
		t.Errorf("the list has it at once: %v", now)
	}
	gatewaytest.Eventually(t, "it is in the list", func() bool { return len(listed()) == 1 })
	if _, err = client.DeleteVcn(t.Context(), core.DeleteVcnRequest{VcnId: created.Id}); err != nil {
		t.Fatal(err)
	}
	gatewaytest.Eventually(t, "it is gone", func() bool {
		_, err := client.GetVcn(t.Context(), core.GetVcnRequest{VcnId: created.Id})
		return err != nil
	})
	if now := listed(); len(now) != 1 || now[0] != core.VcnLifecycleStateTerminated {
		t.Errorf("just after it went the list has %v", now)
	}
	gatewaytest.Eventually(t, "the list has forgotten it", func() bool { return len(listed()) == 0 })
}

func TestDeletedResourcesAreRemembered(t *testing.T) {
	p := newPlant(t)
	p.cloud.Realistic(0.0002)
	id, _ := p.create("one")
	p.gate <- nil
	p.settle()
	if _, err := p.client.DeleteContainerInstance(t.Context(), containerinstances.DeleteContainerInstanceRequest{ContainerInstanceId: id}); err != nil {
		t.Fatal(err)
	}
	p.gate <- nil
	p.settle()
	got, err := p.client.GetContainerInstance(t.Context(), containerinstances.GetContainerInstanceRequest{ContainerInstanceId: id})
	if err != nil || got.LifecycleState != containerinstances.ContainerInstanceLifecycleStateDeleted {
		t.Fatalf("after its end it is %v, %v", got.LifecycleState, err)
	}
	_, err = p.client.DeleteContainerInstance(t.Context(), containerinstances.DeleteContainerInstanceRequest{ContainerInstanceId: id})
	wantError(t, err, 404, "NotAuthorizedOrNotFound")
	gatewaytest.Eventually(t, "it is forgotten", func() bool {
		_, err := p.client.GetContainerInstance(t.Context(), containerinstances.GetContainerInstanceRequest{ContainerInstanceId: id})
		return err != nil
	})
}

func TestWorkRequestsProgress(t *testing.T) {
	p := newPlant(t)
	p.cloud.Realistic(0.01)
	_, id := p.create("one")
	p.gate <- nil
	read := func() containerinstances.WorkRequest {
		t.Helper()
		got, err := p.client.GetWorkRequest(t.Context(), containerinstances.GetWorkRequestRequest{WorkRequestId: id})
		if err != nil {
			t.Fatal(err)
		}
		return got.WorkRequest
	}
	seen := map[float32]bool{}
	var last float32
	gatewaytest.Eventually(t, "it succeeds", func() bool {
		w := read()
		if *w.PercentComplete < last {
			t.Fatalf("progress goes back from %v to %v", last, *w.PercentComplete)
		}
		last = *w.PercentComplete
		seen[last] = true
		if w.Status != containerinstances.OperationStatusSucceeded && (last == 100 || w.TimeFinished != nil) {
			t.Fatalf("%v at %v %%, finished %v", w.Status, last, w.TimeFinished)
		}
		return w.Status == containerinstances.OperationStatusSucceeded
	})
	if last != 100 || len(seen) < 4 {
		t.Errorf("its steps were %v", seen)
	}
	p.settle()
	first, again := read().TimeFinished, read().TimeFinished
	if first == nil || !first.Equal(again.Time) || !first.After(read().TimeAccepted.Time) {
		t.Errorf("it finished at %v, or at %v; it was accepted at %v", first, again, read().TimeAccepted)
	}
}

// unlucky lets every new resource fail.
type unlucky struct{}

func (unlucky) OfProvisioning(string) error { return errors.New("out of luck") }

func TestFailureOfProvisioningByPlan(t *testing.T) {
	p := newPlant(t)
	p.cloud.Engine.Faults = unlucky{}
	id, request := p.create("one")
	p.settle()
	got, err := p.client.GetContainerInstance(t.Context(), containerinstances.GetContainerInstanceRequest{ContainerInstanceId: id})
	if err != nil || got.LifecycleState != containerinstances.ContainerInstanceLifecycleStateFailed || *got.LifecycleDetails != "out of luck" {
		t.Fatalf("it is %v, %v", got.ContainerInstance, err)
	}
	if got := p.workRequest(request); got != "CREATE_CONTAINER_INSTANCE FAILED CREATED: out of luck" {
		t.Errorf("work request is %s", got)
	}
}
