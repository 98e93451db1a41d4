package kind_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
)

// plant is a cloud with a kind that takes its time. Each resource's provisioning
// and end waits for what its gate gives.
type plant struct {
	t      *testing.T
	cloud  *gatewaytest.Cloud
	client containerinstances.ContainerInstanceClient
	gate   chan error
	ended  chan string
}

func newPlant(t *testing.T) *plant {
	t.Helper()
	p := &plant{t: t, cloud: gatewaytest.New(t), gate: make(chan error), ended: make(chan string, 10)}
	service := api.NewService("containerinstances", "compute-containers.{region}.oci.oraclecloud.com")
	p.register(p.cloud.Engine, service)
	p.cloud.Engine.RegisterWorkRequests(service, true, "WORKREQUEST_INSPECT")
	p.cloud.Add(service)
	var err error
	if p.client, err = containerinstances.NewContainerInstanceClientWithConfigurationProvider(p.cloud.Credentials()); err != nil {
		t.Fatal(err)
	}
	p.cloud.Use(&p.client.BaseClient)
	once := common.NoRetryPolicy() // This client would ask again for minutes on a 409.
	p.client.SetCustomClientConfiguration(common.CustomClientConfiguration{RetryPolicy: &once})
	return p
}

func (p *plant) register(engine *kind.Engine, service *api.Service) {
	wait := func(ctx context.Context) error {
		select {
		case err := <-p.gate:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	engine.Register(service, kind.Kind{
		Name: "ContainerInstance", Type: "computecontainerinstance", Path: "/containerInstances", ListCollection: true,
		Create: containerinstances.CreateContainerInstanceDetails{}, Update: containerinstances.UpdateContainerInstanceDetails{}, WorkRequests: true,
		Provision: func(ctx context.Context, o kind.Object) error {
			o["vnics"] = []any{map[string]any{"vnicId": "of " + o.Str("displayName")}}
			return wait(ctx)
		},
		Terminate: func(ctx context.Context, _ kind.Object) error { return wait(ctx) },
		Deleted:   func(o kind.Object) error { p.ended <- o.Str("id"); return nil },
	})
}

func (p *plant) create(name string) (id, workRequest *string) {
	p.t.Helper()
	created, err := p.client.CreateContainerInstance(p.t.Context(), containerinstances.CreateContainerInstanceRequest{
		CreateContainerInstanceDetails: containerinstances.CreateContainerInstanceDetails{
			CompartmentId: common.String(iam.CompartmentID), AvailabilityDomain: common.String("AD-1"), DisplayName: common.String(name), Shape: common.String("s"),
			ShapeConfig: &containerinstances.CreateContainerInstanceShapeConfigDetails{Ocpus: common.Float32(1)},
			Containers:  []containerinstances.CreateContainerDetails{{ImageUrl: common.String("i")}},
			Vnics:       []containerinstances.CreateContainerVnicDetails{{SubnetId: common.String("s")}},
		}})
	if err != nil {
		p.t.Fatal(err)
	}
	if created.LifecycleState != containerinstances.ContainerInstanceLifecycleStateCreating {
		p.t.Fatalf("created %v", created)
	}
	return created.Id, created.OpcWorkRequestId
}

func (p *plant) settle() {
	p.t.Helper()
	if err := p.cloud.Engine.Wait(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// workRequest tells a work request's status, its action, and its errors.
func (p *plant) workRequest(id *string) string {
	p.t.Helper()
	got, err := p.client.GetWorkRequest(p.t.Context(), containerinstances.GetWorkRequestRequest{WorkRequestId: id})
	if err != nil {
		p.t.Fatal(err)
	}
	failures, err := p.client.ListWorkRequestErrors(p.t.Context(), containerinstances.ListWorkRequestErrorsRequest{WorkRequestId: id})
	if err != nil {
		p.t.Fatal(err)
	}
	text := fmt.Sprint(got.OperationType, " ", got.Status, " ", got.Resources[0].ActionType)
	for _, f := range failures.Items {
		text += ": " + *f.Message
	}
	return text
}

func TestProvisioning(t *testing.T) {
	p := newPlant(t)
	id, request := p.create("one")
	if got := p.workRequest(request); got != "CREATE_CONTAINER_INSTANCE IN_PROGRESS IN_PROGRESS" {
		t.Errorf("work request is %s", got)
	}
	_, err := p.client.UpdateContainerInstance(t.Context(), containerinstances.UpdateContainerInstanceRequest{ContainerInstanceId: id})
	wantError(t, err, 409, "IncorrectState")
	p.gate <- nil
	p.settle()
	got, err := p.client.GetContainerInstance(t.Context(), containerinstances.GetContainerInstanceRequest{ContainerInstanceId: id})
	if err != nil || got.LifecycleState != containerinstances.ContainerInstanceLifecycleStateActive || *got.Vnics[0].VnicId != "of one" {
		t.Fatalf("provisioned %v, %v", got, err)
	}
	if got := p.workRequest(request); got != "CREATE_CONTAINER_INSTANCE SUCCEEDED CREATED" {
		t.Errorf("work request is %s", got)
	}

	deleted, err := p.client.DeleteContainerInstance(t.Context(), containerinstances.DeleteContainerInstanceRequest{ContainerInstanceId: id})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.workRequest(deleted.OpcWorkRequestId); got != "DELETE_CONTAINER_INSTANCE IN_PROGRESS IN_PROGRESS" {
		t.Errorf("work request is %s", got)
	}
	_, err = p.client.DeleteContainerInstance(t.Context(), containerinstances.DeleteContainerInstanceRequest{ContainerInstanceId: id})
	wantError(t, err, 409, "IncorrectState")
	p.gate <- nil
	p.settle()
	if gone := <-p.ended; gone != *id {
		t.Errorf("%s was deleted", gone)
	}
	_, err = p.client.GetContainerInstance(t.Context(), containerinstances.GetContainerInstanceRequest{ContainerInstanceId: id})
	wantError(t, err, 404, "NotAuthorizedOrNotFound")
	if got := p.workRequest(deleted.OpcWorkRequestId); got != "DELETE_CONTAINER_INSTANCE SUCCEEDED DELETED" {
		t.Errorf("work request is %s", got)
	}
	if alive, err := p.cloud.Engine.Change(*id, func(kind.Object) error { return nil }); alive || err != nil {
		t.Errorf("what is gone was changed: %v, %v", alive, err)
	}
	for name, err := range map[string]error{
		"get":    second(p.client.GetWorkRequest(t.Context(), containerinstances.GetWorkRequestRequest{WorkRequestId: common.String("unknown")})),
		"errors": second(p.client.ListWorkRequestErrors(t.Context(), containerinstances.ListWorkRequestErrorsRequest{WorkRequestId: common.String("unknown")})),
		"logs":   second(p.client.ListWorkRequestLogs(t.Context(), containerinstances.ListWorkRequestLogsRequest{WorkRequestId: common.String("unknown")})),
	} {
		t.Run("unknown work request: "+name, func(t *testing.T) { wantError(t, err, 404, "NotAuthorizedOrNotFound") })
	}
}

func second[T any](_ T, err error) error { return err }

func TestFailedProvisioning(t *testing.T) {
	p := newPlant(t)
	id, request := p.create("one")
	p.gate <- errors.New("no capacity")
	p.settle()
	got, err := p.client.GetContainerInstance(t.Context(), containerinstances.GetContainerInstanceRequest{ContainerInstanceId: id})
	if err != nil || got.LifecycleState != containerinstances.ContainerInstanceLifecycleStateFailed || *got.LifecycleDetails != "no capacity" {
		t.Fatalf("provisioned %v, %v", got, err)
	}
	if got := p.workRequest(request); got != "CREATE_CONTAINER_INSTANCE FAILED CREATED: no capacity" {
		t.Errorf("work request is %s", got)
	}
}

func TestResume(t *testing.T) {
	p := newPlant(t)
	creating, _ := p.create("creating")
	deleting, _ := p.create("deleting")
	p.gate <- nil
	p.gate <- nil
	p.settle()
	set := func(id *string, state string) {
		t.Helper()
		if _, err := p.cloud.Engine.Change(*id, func(o kind.Object) error { o["lifecycleState"] = state; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	set(creating, "CREATING")
	set(deleting, "DELETING")

	// The first restart is stopped before anything is ready, the second is not.
	stopped := kind.NewEngine(p.cloud.Store)
	p.register(stopped, api.NewService("stopped"))
	stopped.Resume()
	stopped.Close()
	again := kind.NewEngine(p.cloud.Store)
	t.Cleanup(again.Close)
	p.register(again, api.NewService("again"))
	again.Resume()
	p.gate <- nil
	p.gate <- nil
	if err := again.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o, ok := again.Get(*creating); !ok || o.Str("lifecycleState") != "ACTIVE" {
		t.Errorf("what was being created is %v", o)
	}
	if o, ok := again.Get(*deleting); ok {
		t.Errorf("what was being deleted is %v", o)
	}
}

func TestParallelRetriesCreateOnce(t *testing.T) {
	cloud, client := networking(t)
	request := vcn("once")
	request.OpcRetryToken = common.String("token")
	var all sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		all.Go(func() {
			if r, err := client.CreateVcn(t.Context(), request); err == nil {
				ids[i] = *r.Id
			}
		})
	}
	all.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Fatalf("made %v", ids)
		}
	}
	if made := cloud.Engine.List("vcn", nil); len(made) != 1 {
		t.Errorf("made %v", made)
	}
}
