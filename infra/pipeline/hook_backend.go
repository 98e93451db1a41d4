package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/loadbalancer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// healthPatience is how long a new backend may take to turn healthy: the image
	// pull is over by then, the database may still be warming up.
	healthPatience = 10 * time.Minute
	healthInterval = time.Second
	// changePatience is how long another change of the load balancer may take, and
	// changeInterval the time between two tries.
	changePatience = 10 * time.Minute
	changeInterval = time.Second
)

// waitUntilHealthy runs after a backend was created. As long as it waits, nothing old
// is removed; when it gives up, the update fails and the old backends go on serving.
func (s *stack) waitUntilHealthy(args *pulumi.ResourceHookArgs) error {
	backend, err := backendOf(args.NewOutputs, args.NewInputs)
	if err != nil {
		return err
	}
	client, err := s.loadBalancers()
	if err != nil {
		return err
	}
	_ = s.ctx.Log.Info("waiting until "+backend.name+" is healthy", nil)
	ctx, cancel := context.WithTimeout(s.hookContext(), healthPatience)
	defer cancel()
	for {
		answer, err := client.GetBackendHealth(ctx, loadbalancer.GetBackendHealthRequest{
			LoadBalancerId: &backend.balancer,
			BackendSetName: &backend.set,
			BackendName:    &backend.name,
		})
		switch {
		case err == nil && answer.Status == loadbalancer.BackendHealthStatusOk:
			return nil
		case err != nil && ctx.Err() == nil && !missing(err):
			return fmt.Errorf("asking for the health of backend %s: %w", backend.name, err)
		}
		if s.room.wait(ctx, healthInterval) != nil {
			return fmt.Errorf("backend %s is not healthy after %s (last status %q): the app's log tells why its %s does not answer 200; earlier backends go on serving",
				backend.name, healthPatience, answer.Status, healthPath)
		}
	}
}

// drainBackend runs before a backend is removed: it gets no new requests, and some
// time to finish those it has.
func (s *stack) drainBackend(args *pulumi.ResourceHookArgs) error {
	backend, err := backendOf(args.OldOutputs, args.OldInputs)
	if err != nil {
		return err
	}
	client, err := s.loadBalancers()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(s.hookContext(), changePatience)
	defer cancel()
	for {
		_, err = client.UpdateBackend(ctx, loadbalancer.UpdateBackendRequest{
			LoadBalancerId: &backend.balancer,
			BackendSetName: &backend.set,
			BackendName:    &backend.name,
			UpdateBackendDetails: loadbalancer.UpdateBackendDetails{
				Weight: common.Int(1), Backup: common.Bool(false), Drain: common.Bool(true), Offline: common.Bool(false),
			},
		})
		// A load balancer takes one change at a time.
		if !answered(err, 409) || s.room.wait(ctx, changeInterval) != nil {
			break
		}
	}
	if missing(err) {
		return nil // gone already, with whatever it was serving
	}
	if err != nil {
		return fmt.Errorf("draining backend %s: %w", backend.name, err)
	}
	return s.room.wait(s.hookContext(), time.Duration(s.settings.DrainSeconds)*time.Second)
}

func (s *stack) loadBalancers() (loadbalancer.LoadBalancerClient, error) {
	client, err := loadbalancer.NewLoadBalancerClientWithConfigurationProvider(s.account.client)
	if err != nil {
		return client, fmt.Errorf("opening the Load Balancer API: %w", err)
	}
	client.SetRegion(s.account.region)
	s.account.prepare(&client.BaseClient)
	return client, nil
}

type backendName struct{ balancer, set, name string }

func backendOf(outputs, inputs resource.PropertyMap) (backendName, error) {
	var b backendName
	var address string
	for property, target := range map[resource.PropertyKey]*string{
		"loadBalancerId": &b.balancer, "backendsetName": &b.set, "ipAddress": &address,
	} {
		var err error
		if *target, err = textOf(property, outputs, inputs); err != nil {
			return b, err
		}
	}
	b.name = fmt.Sprintf("%s:%d", address, appPort)
	return b, nil
}

// textOf reads a string property of a resource, whichever of its properties has it.
func textOf(key resource.PropertyKey, sources ...resource.PropertyMap) (string, error) {
	for _, properties := range sources {
		value := properties[key]
		for value.IsSecret() || value.IsOutput() {
			if value.IsSecret() {
				value = value.SecretValue().Element
			} else {
				value = value.OutputValue().Element
			}
		}
		if value.IsString() && value.StringValue() != "" {
			return value.StringValue(), nil
		}
	}
	return "", fmt.Errorf("the resource has no %s", key)
}

// missing tells OCI's answer for what does not exist (or is not ours to see).
func missing(err error) bool { return answered(err, 404) }

func answered(err error, status int) bool {
	var failure common.ServiceError
	return errors.As(err, &failure) && failure.GetHTTPStatusCode() == status
}
