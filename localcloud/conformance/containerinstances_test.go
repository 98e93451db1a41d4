package conformance_test

import (
	"io"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/artifacts"
	"github.com/oracle/oci-go-sdk/v65/containerinstances"
	"github.com/oracle/oci-go-sdk/v65/core"
	"github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/runtime/imagetest"
)

func testContainerInstances(t *testing.T, compartment *string) {
	n := newNetwork(t, compartment)
	repositories := connect(t, artifacts.NewArtifactsClientWithConfigurationProvider)
	repository, path := newRepository(t, repositories, compartment, "conformance/server")
	push(t, path+":1", imagetest.ProgramImage(t, imagetest.Program(t, "../services/containerinstances/testdata/server"), "PORT=0"))

	client := connect(t, containerinstances.NewContainerInstanceClientWithConfigurationProvider)
	shapes := pages(t, client.ListContainerInstanceShapes, containerinstances.ListContainerInstanceShapesRequest{CompartmentId: compartment})
	if len(shapes) < 2 {
		t.Errorf("shapes %v", shapes)
	}
	identities := connect(t, identity.NewIdentityClientWithConfigurationProvider)
	domain := do(t, identities.ListAvailabilityDomains, identity.ListAvailabilityDomainsRequest{CompartmentId: compartment}).Items[0].Name
	make := func(name string) *resource {
		r := create(t, client, "ContainerInstance", containerinstances.CreateContainerInstanceDetails{
			CompartmentId: compartment, DisplayName: &name, AvailabilityDomain: domain, Shape: str("CI.Standard.E4.Flex"),
			ShapeConfig: &containerinstances.CreateContainerInstanceShapeConfigDetails{Ocpus: float(1), MemoryInGBs: float(2)},
			Containers:  []containerinstances.CreateContainerDetails{{ImageUrl: str(path + ":1"), DisplayName: &name}},
			Vnics:       []containerinstances.CreateContainerVnicDetails{{SubnetId: &n.private, NsgIds: []string{n.group}}},
		})
		if instance := r.answer.Interface().(containerinstances.GetContainerInstanceResponse); instance.LifecycleState != containerinstances.ContainerInstanceLifecycleStateActive {
			t.Fatalf("instance %v", instance)
		}
		return r
	}
	b, a := make("b"), make("a")
	exactly(t, client.ListContainerInstances, containerinstances.ListContainerInstancesRequest{CompartmentId: compartment, SortBy: containerinstances.ListContainerInstancesSortByDisplayname}, a, b)
	exactly(t, client.ListContainerInstances, containerinstances.ListContainerInstancesRequest{CompartmentId: compartment, SortBy: containerinstances.ListContainerInstancesSortByTimecreated}, a, b)
	exactly(t, client.ListContainerInstances, containerinstances.ListContainerInstancesRequest{CompartmentId: compartment, DisplayName: str("b"), LifecycleState: containerinstances.ContainerInstanceLifecycleStateActive}, b)
	b.update(containerinstances.UpdateContainerInstanceDetails{FreeformTags: map[string]string{"a": "b"}})

	containers := pages(t, client.ListContainers, containerinstances.ListContainersRequest{CompartmentId: compartment, ContainerInstanceId: &b.id})
	if len(containers) != 1 {
		t.Fatalf("containers %v", containers)
	}
	container := containers[0].(containerinstances.ContainerSummary).Id
	do(t, client.UpdateContainer, containerinstances.UpdateContainerRequest{ContainerId: container, UpdateContainerDetails: containerinstances.UpdateContainerDetails{DisplayName: str("c")}})
	until(t, client.GetContainer, containerinstances.GetContainerRequest{ContainerId: container}, func(a containerinstances.GetContainerResponse) bool { return *a.DisplayName == "c" })
	gatewaytest.Eventually(t, "the container has said something", func() bool {
		logs := do(t, client.RetrieveLogs, containerinstances.RetrieveLogsRequest{ContainerId: container})
		return strings.Contains(read(t, io.NopCloser(logs.Content)), "started")
	})

	testVnics(t, n, *b.answer.Interface().(containerinstances.GetContainerInstanceResponse).Vnics[0].VnicId)

	state := func(want containerinstances.ContainerInstanceLifecycleStateEnum) {
		t.Helper()
		until(t, client.GetContainerInstance, containerinstances.GetContainerInstanceRequest{ContainerInstanceId: &b.id}, func(a containerinstances.GetContainerInstanceResponse) bool {
			return a.LifecycleState == want
		})
	}
	do(t, client.StopContainerInstance, containerinstances.StopContainerInstanceRequest{ContainerInstanceId: &b.id})
	state(containerinstances.ContainerInstanceLifecycleStateInactive)
	do(t, client.StartContainerInstance, containerinstances.StartContainerInstanceRequest{ContainerInstanceId: &b.id})
	state(containerinstances.ContainerInstanceLifecycleStateActive)
	work := do(t, client.RestartContainerInstance, containerinstances.RestartContainerInstanceRequest{ContainerInstanceId: &b.id}).OpcWorkRequestId
	until(t, client.GetWorkRequest, containerinstances.GetWorkRequestRequest{WorkRequestId: work}, func(a containerinstances.GetWorkRequestResponse) bool {
		return a.Status == containerinstances.OperationStatusSucceeded
	})
	state(containerinstances.ContainerInstanceLifecycleStateActive)
	if all := pages(t, client.ListWorkRequests, containerinstances.ListWorkRequestsRequest{CompartmentId: compartment, ResourceId: &b.id}); len(all) < 5 {
		t.Errorf("work requests %v", all)
	}
	if errors := pages(t, client.ListWorkRequestErrors, containerinstances.ListWorkRequestErrorsRequest{WorkRequestId: work}); len(errors) > 0 {
		t.Errorf("errors %v", errors)
	}
	pages(t, client.ListWorkRequestLogs, containerinstances.ListWorkRequestLogsRequest{WorkRequestId: work})
	moved := compartmentOf("moved")
	do(t, client.ChangeContainerInstanceCompartment, containerinstances.ChangeContainerInstanceCompartmentRequest{ContainerInstanceId: &b.id,
		ChangeContainerInstanceCompartmentDetails: containerinstances.ChangeContainerInstanceCompartmentDetails{CompartmentId: moved}})
	exactly(t, client.ListContainerInstances, containerinstances.ListContainerInstancesRequest{CompartmentId: moved}, b)
	for _, r := range []*resource{b, a, repository} {
		r.delete()
	}
}

// testVnics looks at a network interface that is in use.
func testVnics(t *testing.T, n network, id string) {
	vnic := do(t, n.client.GetVnic, core.GetVnicRequest{VnicId: &id})
	do(t, n.client.UpdateVnic, core.UpdateVnicRequest{VnicId: &id, IfMatch: vnic.Etag, UpdateVnicDetails: core.UpdateVnicDetails{DisplayName: str("eth")}})
	if got := do(t, n.client.GetVnic, core.GetVnicRequest{VnicId: &id}); *got.DisplayName != "eth" || *got.SubnetId != n.private {
		t.Errorf("interface %v", got)
	}
	addresses := pages(t, n.client.ListPrivateIps, core.ListPrivateIpsRequest{VnicId: &id})
	if len(addresses) != 1 || *addresses[0].(core.PrivateIp).IpAddress != *vnic.PrivateIp {
		t.Fatalf("addresses %v of %v", addresses, vnic)
	}
	one := do(t, n.client.GetPrivateIp, core.GetPrivateIpRequest{PrivateIpId: addresses[0].(core.PrivateIp).Id})
	inSubnet := pages(t, n.client.ListPrivateIps, core.ListPrivateIpsRequest{SubnetId: &n.private, IpAddress: one.IpAddress})
	members := pages(t, n.client.ListNetworkSecurityGroupVnics, core.ListNetworkSecurityGroupVnicsRequest{NetworkSecurityGroupId: &n.group})
	if len(inSubnet) != 1 || len(members) != 2 {
		t.Errorf("addresses in the subnet %v, interfaces in the group %v", inSubnet, members)
	}
}
