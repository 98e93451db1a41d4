package containerinstances_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/runtime"
	"oci-media-pipelines/localcloud/runtime/imagetest"
	"oci-media-pipelines/localcloud/services/containerinstances"
)

const (
	reference = "ocir.us-ashburn-1.oci.oraclecloud.com/localcloud/app:1"
	subnet    = "ocid1.subnet.oc1.us-ashburn-1.test"
)

var serverProgram struct {
	once    sync.Once
	content []byte
}

func serverImage(tb testing.TB, env ...string) v1.Image {
	tb.Helper()
	serverProgram.once.Do(func() { serverProgram.content = imagetest.Program(tb, "./testdata/server") })
	return imagetest.ProgramImage(tb, serverProgram.content, env...)
}

// registry answers pulls from a map.
type registry struct {
	mu     sync.Mutex
	images map[string]v1.Image
	by     iam.Principal
}

func (r *registry) Image(_ context.Context, reference string, principal iam.Principal) (v1.Image, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.by = principal
	if img := r.images[reference]; img != nil {
		return img, nil
	}
	return nil, errors.New("the registry has no such manifest")
}

// network has one subnet and remembers what is published.
type network struct {
	mu        sync.Mutex
	next      int
	attached  map[string]kind.Object
	published map[string]string // "10.0.0.2:8080" to "127.0.0.1:…"
}

func (n *network) CheckVnic(details kind.Object) error {
	if id := details.Str("subnetId"); id != subnet {
		return api.NotAuthorizedOrNotFound("subnet %s was not found", id)
	}
	return nil
}

func (n *network) Reaches(kind.Object, string) error { return nil }

func (n *network) Enter(string, func() kind.Object) (*url.Userinfo, func()) { return nil, func() {} }

func (n *network) CreateVnic(region string, details kind.Object) (kind.Object, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.next++
	id := fmt.Sprintf("ocid1.vnic.oc1.%s.%d", region, n.next)
	details = details.Clone()
	details["privateIp"] = fmt.Sprintf("10.0.0.%d", n.next+1)
	n.attached[id] = details
	return kind.Object{"id": id, "privateIp": details["privateIp"]}, nil
}

func (n *network) DeleteVnic(id string) error {
	n.Unpublish(id)
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.attached, id)
	return nil
}

func (n *network) Publish(id string, port int, address string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.attached[id] == nil {
		return fmt.Errorf("there is no interface %s", id)
	}
	n.published[fmt.Sprintf("%s:%d", n.attached[id].Str("privateIp"), port)] = address
	return nil
}

func (n *network) Unpublish(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	prefix := n.attached[id].Str("privateIp") + ":"
	maps.DeleteFunc(n.published, func(at, _ string) bool { return strings.HasPrefix(at, prefix) })
}

func (n *network) find(address string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.published[address]
}

// shapeOf is a shape that runs images for an architecture.
var shapeOf = map[string]string{"amd64": "CI.Standard.E4.Flex", "arm64": "CI.Standard.A1.Flex"}

// logins know one name and password.
type logins struct{}

func (logins) Login(user, password string) (iam.Principal, error) {
	if user != "localcloud/alice" || password != "token" {
		return iam.Principal{}, fmt.Errorf("there is no user %s with that password", user)
	}
	return iam.Principal{Type: iam.User, ID: "alice"}, nil
}

// secrets hold what their ids say.
type secrets struct{}

func (secrets) Content(id string, _ int64) ([]byte, error) {
	return []byte(strings.TrimPrefix(id, "ocid1.vaultsecret.oc1.iad.")), nil
}

type cloud struct {
	*gatewaytest.Cloud
	service  *containerinstances.Service
	config   containerinstances.Config
	registry *registry
	network  *network
	client   sdk.ContainerInstanceClient
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	base := gatewaytest.New(t)
	c := &cloud{
		Cloud:    base,
		registry: &registry{images: map[string]v1.Image{reference: serverImage(t)}},
		network:  &network{attached: map[string]kind.Object{}, published: map[string]string{}},
	}
	c.config = containerinstances.Config{
		Engine: base.Engine, Images: c.registry, Network: c.network, Guard: base.Guard(), Logins: logins{}, Secrets: secrets{},
		AvailabilityDomains: func(region string) []string { return []string{"AD-1", region + "-AD-2"} },
	}
	c.restart(t)
	base.Add(c.service.APIs()...)
	var err error
	if c.client, err = sdk.NewContainerInstanceClientWithConfigurationProvider(base.Credentials()); err != nil {
		t.Fatal(err)
	}
	base.Use(&c.client.BaseClient)
	once := common.NoRetryPolicy()
	c.client.SetCustomClientConfiguration(common.CustomClientConfiguration{RetryPolicy: &once})
	t.Cleanup(func() { c.close(t) })
	return c
}

// restart makes the service anew over the same state, as a new process would.
func (c *cloud) restart(t *testing.T) {
	t.Helper()
	if c.service != nil {
		c.close(t)
	}
	rt, err := runtime.New(runtime.Config{
		Dir: c.Dir + "/runtime", ProxyURL: c.ProxyURL, CAFile: c.CertFile, BackOff: func(int) time.Duration { return 10 * time.Millisecond },
		Identity: runtime.IdentityFunc(func(_ context.Context, s runtime.Subject) (string, []byte, error) {
			return c.Tenancy.Session(s.ID, s.ResourceType, s.CompartmentID)
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	c.config.Runtime = rt
	c.service = containerinstances.New(c.config)
	if err := c.service.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (c *cloud) close(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := errors.Join(c.service.Close(ctx), c.config.Runtime.Close(ctx)); err != nil {
		t.Error(err)
	}
}

// details are those of an instance with one container.
func details(change func(*sdk.CreateContainerInstanceDetails)) sdk.CreateContainerInstanceDetails {
	d := sdk.CreateContainerInstanceDetails{
		CompartmentId: common.String(iam.CompartmentID), AvailabilityDomain: common.String("AD-1"),
		Shape: common.String(shapeOf[goruntime.GOARCH]), ShapeConfig: &sdk.CreateContainerInstanceShapeConfigDetails{Ocpus: common.Float32(1), MemoryInGBs: common.Float32(2)},
		Containers: []sdk.CreateContainerDetails{{ImageUrl: common.String(reference)}},
		Vnics:      []sdk.CreateContainerVnicDetails{{SubnetId: common.String(subnet)}},
	}
	if change != nil {
		change(&d)
	}
	return d
}

// create makes an instance and waits until it is no longer CREATING.
func (c *cloud) create(t *testing.T, change func(*sdk.CreateContainerInstanceDetails)) sdk.ContainerInstance {
	t.Helper()
	response, err := c.client.CreateContainerInstance(t.Context(), sdk.CreateContainerInstanceRequest{CreateContainerInstanceDetails: details(change)})
	if err != nil {
		t.Fatal(err)
	}
	if response.OpcWorkRequestId == nil || response.LifecycleState != sdk.ContainerInstanceLifecycleStateCreating {
		t.Fatalf("answer %+v", response.ContainerInstance)
	}
	return c.await(t, *response.Id, func(i sdk.ContainerInstance) bool {
		return i.LifecycleState != sdk.ContainerInstanceLifecycleStateCreating
	})
}

func (c *cloud) await(t *testing.T, id string, ready func(sdk.ContainerInstance) bool) sdk.ContainerInstance {
	t.Helper()
	var last sdk.ContainerInstance
	eventually(t, func() string {
		response, err := c.client.GetContainerInstance(t.Context(), sdk.GetContainerInstanceRequest{ContainerInstanceId: &id})
		if err != nil {
			t.Fatal(err)
		}
		if last = response.ContainerInstance; ready(last) {
			return ""
		}
		return fmt.Sprintf("instance is %v", last)
	})
	return last
}

func (c *cloud) container(t *testing.T, instance sdk.ContainerInstance) sdk.Container {
	t.Helper()
	response, err := c.client.GetContainer(t.Context(), sdk.GetContainerRequest{ContainerId: instance.Containers[0].ContainerId})
	if err != nil {
		t.Fatal(err)
	}
	return response.Container
}

func (c *cloud) logs(t *testing.T, instance sdk.ContainerInstance) string {
	t.Helper()
	response, err := c.client.RetrieveLogs(t.Context(), sdk.RetrieveLogsRequest{ContainerId: instance.Containers[0].ContainerId})
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(response.Content)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// get asks what is published at an address of the network, once it answers.
func (c *cloud) get(t *testing.T, address, path string) string {
	t.Helper()
	var body string
	eventually(t, func() string {
		response, err := http.Get("http://" + c.network.find(address) + path)
		if err != nil {
			return err.Error()
		}
		defer response.Body.Close()
		content, err := io.ReadAll(response.Body)
		body = string(content)
		if err != nil {
			return err.Error()
		}
		return ""
	})
	return body
}

// eventually waits until try returns no complaint.
func eventually(t *testing.T, try func() string) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	timeout := time.After(20 * time.Second)
	for {
		complaint := try()
		if complaint == "" {
			return
		}
		select {
		case <-ticker.C:
		case <-timeout:
			t.Fatal(complaint)
		}
	}
}
