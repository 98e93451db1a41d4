package containerinstances_test

import (
	"errors"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/runtime/imagetest"
)

func TestInstanceServesAtItsPrivateAddress(t *testing.T) {
	c := newCloud(t)
	instance := c.create(t, func(d *sdk.CreateContainerInstanceDetails) {
		d.Containers[0].EnvironmentVariables = map[string]string{"GREETING": "hello"}
		d.Containers[0].Arguments = []string{"with", "arguments"}
		d.Vnics[0].NsgIds = []string{"ocid1.networksecuritygroup.oc1..a"}
	})
	if !active(instance) || *instance.ContainerCount != 1 || *instance.ShapeConfig.NetworkingBandwidthInGbps != 1 ||
		instance.ContainerRestartPolicy != sdk.ContainerInstanceContainerRestartPolicyAlways {
		t.Fatalf("instance %v", instance)
	}
	vnic := c.network.attached[*instance.Vnics[0].VnicId]
	if vnic.Str("compartmentId") != iam.CompartmentID || !strings.Contains(*instance.Vnics[0].VnicId, "us-ashburn-1") || len(vnic.Strings("nsgIds")) != 1 {
		t.Errorf("interface %+v", vnic)
	}
	if got := c.get(t, "10.0.0.2:8080", "/env?name=GREETING"); got != "hello" {
		t.Errorf("GREETING is %q", got)
	}
	if got := c.get(t, "10.0.0.2:8080", "/env?name=OCI_RESOURCE_PRINCIPAL_VERSION"); got != "2.2" {
		t.Errorf("resource principal version %q", got)
	}
	if got := c.get(t, "10.0.0.2:8080", "/env?name=HTTPS_PROXY"); got != c.ProxyURL {
		t.Errorf("proxy %q", got)
	}
	if c.registry.by.ID != *instance.Id || c.registry.by.ResourceType != "computecontainerinstance" {
		t.Errorf("pulled by %+v", c.registry.by)
	}
	if got := c.logs(t, instance); got != "started with arguments\n" {
		t.Errorf("log %q", got)
	}
	list, err := c.client.ListContainers(t.Context(), sdk.ListContainersRequest{CompartmentId: instance.CompartmentId, ContainerInstanceId: instance.Id})
	if err != nil || len(list.Items) != 1 || list.Items[0].LifecycleState != sdk.ContainerLifecycleStateActive {
		t.Errorf("containers %v, %v", list.Items, err)
	}
	shapes, err := c.client.ListContainerInstanceShapes(t.Context(), sdk.ListContainerInstanceShapesRequest{CompartmentId: instance.CompartmentId})
	if err != nil || len(shapes.Items) != 3 {
		t.Errorf("shapes %v, %v", shapes.Items, err)
	}

	deleted, err := c.client.DeleteContainerInstance(t.Context(), sdk.DeleteContainerInstanceRequest{ContainerInstanceId: instance.Id})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func() string {
		wr, err := c.client.GetWorkRequest(t.Context(), sdk.GetWorkRequestRequest{WorkRequestId: deleted.OpcWorkRequestId})
		if err != nil {
			t.Fatal(err)
		}
		if wr.Status == sdk.OperationStatusSucceeded {
			return ""
		}
		return "work request is " + string(wr.Status)
	})
	if left := len(c.network.attached) + len(c.Engine.List("computecontainer", nil)); left != 0 {
		t.Errorf("%d things are left", left)
	}
}

func TestPortIsTheOneTheContainerIsMeantToUse(t *testing.T) {
	c := newCloud(t)
	c.registry.images["ocir.us-ashburn-1.oci.oraclecloud.com/localcloud/app:port"] = serverImage(t, "PORT=7000")
	c.create(t, func(d *sdk.CreateContainerInstanceDetails) {
		d.Containers[0].EnvironmentVariables = map[string]string{"PORT": "9000"}
	})
	c.create(t, func(d *sdk.CreateContainerInstanceDetails) {
		d.Containers[0].ImageUrl = common.String("ocir.us-ashburn-1.oci.oraclecloud.com/localcloud/app:port")
	})
	c.get(t, "10.0.0.2:9000", "/health")
	c.get(t, "10.0.0.3:7000", "/health")
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name    string
		change  func(*sdk.CreateContainerInstanceDetails)
		status  int
		message string
	}{
		{"unknown shape", func(d *sdk.CreateContainerInstanceDetails) { d.Shape = common.String("VM.Standard2.1") }, 400, "is not a shape"},
		{"too little memory", func(d *sdk.CreateContainerInstanceDetails) {
			d.ShapeConfig.Ocpus = common.Float32(4)
			d.ShapeConfig.MemoryInGBs = common.Float32(2)
		}, 400, "Invalid ratio of memory in GB to OCPUs"},
		{"too many OCPUs", func(d *sdk.CreateContainerInstanceDetails) { d.ShapeConfig.Ocpus = common.Float32(65) }, 400, "from 1 to 64"},
		{"two interfaces", func(d *sdk.CreateContainerInstanceDetails) { d.Vnics = append(d.Vnics, d.Vnics[0]) }, 400, "exactly one"},
		{"unknown subnet", func(d *sdk.CreateContainerInstanceDetails) {
			d.Vnics[0].SubnetId = common.String("ocid1.subnet.oc1..other")
		}, 404, "was not found"},
		{"check without a port", func(d *sdk.CreateContainerInstanceDetails) {
			d.Containers[0].HealthChecks = []sdk.CreateContainerHealthCheckDetails{sdk.CreateContainerHttpHealthCheckDetails{Path: common.String("/")}}
		}, 400, "port is required"},
		{"environment too large", func(d *sdk.CreateContainerInstanceDetails) {
			d.Containers[0].EnvironmentVariables = map[string]string{"X": strings.Repeat("x", 64<<10)}
		}, 400, "larger than"},
	}
	c := newCloud(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := c.client.CreateContainerInstance(t.Context(), sdk.CreateContainerInstanceRequest{CreateContainerInstanceDetails: details(tt.change)})
			var failure common.ServiceError
			if !errors.As(err, &failure) || failure.GetHTTPStatusCode() != tt.status || !strings.Contains(failure.GetMessage(), tt.message) {
				t.Errorf("error %v", err)
			}
			if left := len(c.network.attached) + len(c.Engine.List("computecontainer", nil)); left != 0 {
				t.Errorf("%d things are left", left)
			}
		})
	}
}

func TestFailuresOfTheImage(t *testing.T) {
	c := newCloud(t)
	c.registry.images["foreign"] = imagetest.ImageFor(t, "linux", "s390x", v1.Config{})
	c.registry.images["empty"] = imagetest.Image(t, v1.Config{})
	tests := []struct {
		name, image string
		change      func(*sdk.CreateContainerDetails)
		want        []string
	}{
		{"missing", "missing", nil, []string{"could not be pulled due to inadequate network configuration", "no such manifest"}},
		{"other platform", "foreign", nil, []string{"built for linux/s390x"}},
		{"nothing to run", "empty", nil, []string{"could not be started", "nothing to run"}},
		{"runs as root", reference, func(d *sdk.CreateContainerDetails) {
			d.SecurityContext = sdk.CreateLinuxSecurityContextDetails{IsNonRootUserCheckEnabled: common.Bool(true)}
		}, []string{"isNonRootUserCheckEnabled"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			response, err := c.client.CreateContainerInstance(t.Context(), sdk.CreateContainerInstanceRequest{
				CreateContainerInstanceDetails: details(func(d *sdk.CreateContainerInstanceDetails) {
					d.Containers[0].ImageUrl = &tt.image
					if tt.change != nil {
						tt.change(&d.Containers[0])
					}
				})})
			if err != nil {
				t.Fatal(err)
			}
			instance := c.await(t, *response.Id, func(i sdk.ContainerInstance) bool {
				return i.LifecycleState == sdk.ContainerInstanceLifecycleStateFailed
			})
			errs, err := c.client.ListWorkRequestErrors(t.Context(), sdk.ListWorkRequestErrorsRequest{WorkRequestId: response.OpcWorkRequestId})
			if err != nil || len(errs.Items) != 1 {
				t.Fatalf("work request errors %v, %v", errs.Items, err)
			}
			for _, want := range tt.want {
				if !strings.Contains(*instance.LifecycleDetails, want) || !strings.Contains(*errs.Items[0].Message, want) {
					t.Errorf("details %q do not say %q", *instance.LifecycleDetails, want)
				}
			}
			if container := c.container(t, instance); container.LifecycleState != sdk.ContainerLifecycleStateFailed {
				t.Errorf("container is %s", container.LifecycleState)
			}
		})
	}
}
