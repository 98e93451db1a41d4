package containerinstances_test

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/containerinstances"
)

// principalOf signs as a running instance does, with the token and key that its
// container was given.
type principalOf struct {
	key   *rsa.PrivateKey
	token string
}

func (p principalOf) PrivateRSAKey() (*rsa.PrivateKey, error) { return p.key, nil }
func (p principalOf) KeyID() (string, error)                  { return "ST$" + p.token, nil }

func (c *cloud) principal(t *testing.T, address string) principalOf {
	t.Helper()
	read := func(variable string) []byte {
		content, err := os.ReadFile(c.get(t, address, "/env?name="+variable))
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	key, err := common.PrivateKeyFromBytes(read("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return principalOf{key, string(read("OCI_RESOURCE_PRINCIPAL_RPST"))}
}

// A job's last act is to delete the instance that it runs in: the call is answered, the
// job gets SIGTERM and its time, and nothing is left.
func TestAJobDeletesItsOwnInstance(t *testing.T) {
	c := newCloud(t)
	last := filepath.Join(t.TempDir(), "last")
	instance := c.create(t, func(d *sdk.CreateContainerInstanceDetails) {
		d.ContainerRestartPolicy = sdk.ContainerInstanceContainerRestartPolicyNever
		d.GracefulShutdownTimeoutInSeconds = common.Int64(20)
		d.Containers[0].EnvironmentVariables = map[string]string{"LAST": last}
	})
	self := c.client
	self.Signer = common.DefaultRequestSigner(c.principal(t, "10.0.0.2:8080"))
	response, err := self.DeleteContainerInstance(t.Context(), sdk.DeleteContainerInstanceRequest{ContainerInstanceId: instance.Id})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func() string {
		work, err := c.client.GetWorkRequest(t.Context(), sdk.GetWorkRequestRequest{WorkRequestId: response.OpcWorkRequestId})
		if err != nil {
			return err.Error()
		}
		if work.Status != sdk.OperationStatusSucceeded {
			return string(work.Status)
		}
		return ""
	})
	if content, err := os.ReadFile(last); err != nil || string(content) != "drained" {
		t.Errorf("the job was not given its time: %q, %v", content, err)
	}
	list, err := c.client.ListContainerInstances(t.Context(), sdk.ListContainerInstancesRequest{CompartmentId: instance.CompartmentId})
	if err != nil {
		t.Fatal(err)
	}
	for _, left := range list.Items {
		if left.LifecycleState != sdk.ContainerInstanceLifecycleStateDeleted {
			t.Errorf("left is %v", left)
		}
	}
	if left := len(c.network.attached) + len(c.Engine.List("computecontainer", nil)); left != 0 {
		t.Errorf("%d things are left", left)
	}
}

// A job that says much: the last 256 KB are kept to read.
func TestLogsAreTheLast256KB(t *testing.T) {
	c := newCloud(t)
	instance := c.create(t, func(d *sdk.CreateContainerInstanceDetails) {
		d.ContainerRestartPolicy = sdk.ContainerInstanceContainerRestartPolicyNever
		d.Containers[0].EnvironmentVariables = map[string]string{"LINES": "9000", "EXIT": "0"}
	})
	c.await(t, *instance.Id, inactive)
	log := c.logs(t, instance)
	if len(log) > 256<<10 || len(log) < 250<<10 || !strings.HasSuffix(log, " 9000\n") || strings.Contains(log, "started") {
		t.Errorf("%d bytes, which begin with %.60q and end with %q", len(log), log, log[max(0, len(log)-20):])
	}
}

// This machine's ffmpeg and ffprobe are there for images that do not bring them.
func TestFfmpegOfThisMachine(t *testing.T) {
	c := newCloud(t)
	programs := t.TempDir()
	for _, name := range []string{"ffmpeg", "other"} {
		if err := os.WriteFile(filepath.Join(programs, name), []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", programs)
	c.create(t, nil)
	for name, want := range map[string]bool{"ffmpeg": true, "ffprobe": false, "other": false} {
		if found := c.get(t, "10.0.0.2:8080", "/program?name="+name); (found != "") != want {
			t.Errorf("%s is at %q", name, found)
		}
	}
}

// OCPUs of stopped instances count against the limit until they are deleted, in their
// availability domain.
func TestLimitOfOcpus(t *testing.T) {
	c := newCloud(t)
	c.Engine.Limits().Set("container-instance-ocpu-count", 2)
	job := func(d *sdk.CreateContainerInstanceDetails) {
		d.ContainerRestartPolicy = sdk.ContainerInstanceContainerRestartPolicyNever
		d.Containers[0].EnvironmentVariables = map[string]string{"EXIT": "0"}
	}
	first := c.create(t, job)
	c.create(t, job)
	c.await(t, *first.Id, inactive)
	third := func(change func(*sdk.CreateContainerInstanceDetails)) error {
		_, err := c.client.CreateContainerInstance(t.Context(), sdk.CreateContainerInstanceRequest{CreateContainerInstanceDetails: details(change)})
		return err
	}
	var failure common.ServiceError
	if err := third(job); !errors.As(err, &failure) || failure.GetCode() != "LimitExceeded" || !strings.Contains(failure.GetMessage(), "container-instance-ocpu-count") {
		t.Errorf("a third OCPU: %v", err)
	}
	if err := third(func(d *sdk.CreateContainerInstanceDetails) { d.AvailabilityDomain = common.String("us-ashburn-1-AD-2") }); err != nil {
		t.Errorf("in another availability domain: %v", err)
	}
	if _, err := c.client.DeleteContainerInstance(t.Context(), sdk.DeleteContainerInstanceRequest{ContainerInstanceId: first.Id}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() string {
		if err := third(job); err != nil {
			return err.Error()
		}
		return ""
	})
}

// unlucky lets every new resource fail.
type unlucky struct{}

func (unlucky) OfProvisioning(string) error { return errors.New("out of luck") }

// An instance that a fault plan lets fail has run nothing.
func TestWhatCannotBeProvisionedDoesNotRun(t *testing.T) {
	c := newCloud(t)
	c.Engine.Faults = unlucky{}
	instance := c.create(t, nil)
	if instance.LifecycleState != sdk.ContainerInstanceLifecycleStateFailed || *instance.LifecycleDetails != "out of luck" {
		t.Errorf("instance %v", instance)
	}
	if container := c.container(t, instance); container.LifecycleState != sdk.ContainerLifecycleStateFailed {
		t.Errorf("container %v", container)
	}
	if log := c.logs(t, instance); log != "" {
		t.Errorf("it said %q", log)
	}
	if _, err := c.client.DeleteContainerInstance(t.Context(), sdk.DeleteContainerInstanceRequest{ContainerInstanceId: instance.Id}); err != nil {
		t.Error(err)
	}
	eventually(t, func() string {
		if left := len(c.Engine.List("computecontainerinstance", nil)) + len(c.Engine.List("computecontainer", nil)); left != 0 {
			return fmt.Sprintf("%d things are left", left)
		}
		return ""
	})
}
