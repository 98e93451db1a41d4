package containerinstances_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/containerinstances"
)

func active(i sdk.ContainerInstance) bool {
	return i.LifecycleState == sdk.ContainerInstanceLifecycleStateActive
}

func inactive(i sdk.ContainerInstance) bool {
	return i.LifecycleState == sdk.ContainerInstanceLifecycleStateInactive
}

func TestJobEndsInactive(t *testing.T) {
	c := newCloud(t)
	for code, policy := range map[string]sdk.ContainerInstanceContainerRestartPolicyEnum{"7": "NEVER", "0": "ON_FAILURE"} {
		response, err := c.client.CreateContainerInstance(t.Context(), sdk.CreateContainerInstanceRequest{
			CreateContainerInstanceDetails: details(func(d *sdk.CreateContainerInstanceDetails) {
				d.ContainerRestartPolicy = policy
				d.Containers[0].EnvironmentVariables = map[string]string{"EXIT": code}
			})})
		if err != nil {
			t.Fatal(err)
		}
		instance := c.await(t, *response.Id, inactive)
		container := c.container(t, instance)
		if container.LifecycleState != sdk.ContainerLifecycleStateInactive ||
			*container.ExitCode != int(code[0]-'0') || container.TimeTerminated == nil {
			t.Errorf("container %v", container)
		}
	}
}

func TestCrashIsRestarted(t *testing.T) {
	c := newCloud(t)
	instance := c.create(t, nil)
	c.get(t, "10.0.0.2:8080", "/health")
	if _, err := http.Post("http://"+c.network.find("10.0.0.2:8080")+"/exit", "", nil); err == nil {
		t.Fatal("it did not crash")
	}
	eventually(t, func() string {
		if container := c.container(t, instance); *container.ContainerRestartAttemptCount == 1 && *container.ExitCode == 5 {
			return ""
		}
		return "the crash is not told"
	})
	c.get(t, "10.0.0.2:8080", "/health")
	c.await(t, *instance.Id, active)
}

func TestHealthCheckKills(t *testing.T) {
	c := newCloud(t)
	check := sdk.CreateContainerHttpHealthCheckDetails{
		Path: common.String("/health"), Port: common.Int(8080), IntervalInSeconds: common.Int(1), FailureThreshold: common.Int(1),
		Headers: []sdk.HealthCheckHttpHeader{{Name: common.String("X-Check"), Value: common.String("yes")}},
	}
	tcp := sdk.CreateContainerTcpHealthCheckDetails{Port: common.Int(8080), IntervalInSeconds: common.Int(1)}
	well := c.create(t, func(d *sdk.CreateContainerInstanceDetails) {
		d.Containers[0].HealthChecks = []sdk.CreateContainerHealthCheckDetails{check, tcp}
		d.Containers[0].EnvironmentVariables = map[string]string{"CHECK": "yes"}
	})
	sick := c.create(t, func(d *sdk.CreateContainerInstanceDetails) {
		d.Containers[0].HealthChecks = []sdk.CreateContainerHealthCheckDetails{check}
		d.Containers[0].EnvironmentVariables = map[string]string{"SICK": "1"}
		d.ContainerRestartPolicy = sdk.ContainerInstanceContainerRestartPolicyNever
	})
	c.await(t, *sick.Id, inactive)
	container := c.container(t, sick)
	if *container.ExitCode != 137 || !strings.Contains(*container.LifecycleDetails, "health check failed 1 times: GET /health answered 503") {
		t.Errorf("container %v", container)
	}
	eventually(t, func() string {
		for _, check := range c.container(t, well).HealthChecks {
			if check.GetStatus() != sdk.ContainerHealthCheckStatusHealthy {
				return "check is " + string(check.GetStatus())
			}
		}
		return ""
	})
	if n := *c.container(t, well).ContainerRestartAttemptCount; n != 0 {
		t.Errorf("the healthy one was restarted %d times", n)
	}
}

// An action on another resource than a container instance finds nothing and
// changes nothing.
func TestActionsAreForContainerInstancesOnly(t *testing.T) {
	c := newCloud(t)
	container := c.container(t, c.create(t, nil))
	_, err := c.client.StopContainerInstance(t.Context(), sdk.StopContainerInstanceRequest{ContainerInstanceId: container.Id})
	var failure common.ServiceError
	if !errors.As(err, &failure) || failure.GetHTTPStatusCode() != 404 {
		t.Errorf("stopping a container as if it were an instance: %v", err)
	}
	after, err := c.client.GetContainer(t.Context(), sdk.GetContainerRequest{ContainerId: container.Id})
	if err != nil || after.LifecycleState != container.LifecycleState {
		t.Errorf("the container is %s, it was %s; %v", after.LifecycleState, container.LifecycleState, err)
	}
}

func TestStopStartRestart(t *testing.T) {
	c := newCloud(t)
	instance := c.create(t, func(d *sdk.CreateContainerInstanceDetails) { d.GracefulShutdownTimeoutInSeconds = common.Int64(10) })
	c.get(t, "10.0.0.2:8080", "/health")
	if _, err := c.client.StopContainerInstance(t.Context(), sdk.StopContainerInstanceRequest{ContainerInstanceId: instance.Id}); err != nil {
		t.Fatal(err)
	}
	c.await(t, *instance.Id, inactive)
	if log := c.logs(t, instance); !strings.Contains(log, "drained") {
		t.Errorf("it was not given its time: %q", log)
	}
	if address := c.network.find("10.0.0.2:8080"); address != "" {
		t.Errorf("still published at %s", address)
	}
	_, err := c.client.RestartContainerInstance(t.Context(), sdk.RestartContainerInstanceRequest{ContainerInstanceId: instance.Id})
	var failure common.ServiceError
	if !errors.As(err, &failure) || failure.GetCode() != "IncorrectState" {
		t.Errorf("restart of a stopped one: %v", err)
	}
	started, err := c.client.StartContainerInstance(t.Context(), sdk.StartContainerInstanceRequest{ContainerInstanceId: instance.Id})
	if err != nil {
		t.Fatal(err)
	}
	wr, err := c.client.GetWorkRequest(t.Context(), sdk.GetWorkRequestRequest{WorkRequestId: started.OpcWorkRequestId})
	if err != nil || wr.OperationType != sdk.OperationTypeStartContainerInstance {
		t.Errorf("work request %v, %v", wr.WorkRequest, err)
	}
	c.await(t, *instance.Id, active)
	c.get(t, "10.0.0.2:8080", "/health")
	if _, err := c.client.RestartContainerInstance(t.Context(), sdk.RestartContainerInstanceRequest{ContainerInstanceId: instance.Id}); err != nil {
		t.Fatal(err)
	}
	c.await(t, *instance.Id, active)
	// The process runs before its first line is read.
	eventually(t, func() string {
		if n := strings.Count(c.logs(t, instance), "started"); n != 3 {
			return fmt.Sprintf("started %d times", n)
		}
		return ""
	})
}

func TestInstancesRunAgainAfterARestartOfTheLocalCloud(t *testing.T) {
	c := newCloud(t)
	app := c.create(t, nil)
	job := c.create(t, func(d *sdk.CreateContainerInstanceDetails) {
		d.ContainerRestartPolicy = sdk.ContainerInstanceContainerRestartPolicyNever
	})
	c.get(t, "10.0.0.2:8080", "/health")
	before := c.network.find("10.0.0.2:8080")
	c.restart(t)
	c.get(t, "10.0.0.2:8080", "/health")
	c.await(t, *app.Id, active)
	if after := c.network.find("10.0.0.2:8080"); after == before {
		t.Errorf("still published at %s", after)
	}
	c.await(t, *job.Id, inactive)
	if container := c.container(t, job); *container.ExitCode != 137 {
		t.Errorf("job %v", container)
	}
}
