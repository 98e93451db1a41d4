package pipeline

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/loadbalancer"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Ingress is the load balancer, the only thing that the internet can reach.
type Ingress struct {
	pulumi.ResourceState

	LoadBalancerID pulumi.StringOutput
	URL            pulumi.StringOutput
}

func newIngress(s *stack, network *Network, webApp *WebApp) (*Ingress, error) {
	r := &Ingress{}
	child, err := s.component("Ingress", "ingress", r)
	if err != nil {
		return nil, err
	}
	balancer, err := loadbalancer.NewLoadBalancer(s.ctx, "load-balancer", &loadbalancer.LoadBalancerArgs{
		CompartmentId: s.compartment(),
		DisplayName:   pulumi.String(s.names.display("load-balancer", 255)),
		Shape:         pulumi.String("flexible"),
		ShapeDetails: loadbalancer.LoadBalancerShapeDetailsArgs{
			MinimumBandwidthInMbps: pulumi.Int(s.settings.LoadBalancerMinMbps),
			MaximumBandwidthInMbps: pulumi.Int(s.settings.LoadBalancerMaxMbps),
		},
		IsPrivate:               pulumi.Bool(false),
		SubnetIds:               pulumi.StringArray{network.PublicSubnetID},
		NetworkSecurityGroupIds: pulumi.StringArray{network.Groups[tierLoadBalancer]},
		FreeformTags:            s.tags,
	}, child)
	if err != nil {
		return nil, err
	}
	backends, err := loadbalancer.NewBackendSet(s.ctx, "backend-set", &loadbalancer.BackendSetArgs{
		LoadBalancerId: balancer.ID(),
		Name:           pulumi.String("app"),
		Policy:         pulumi.String("LEAST_CONNECTIONS"),
		// A stopping app waits for the next check (app/main.go), so checks are frequent.
		HealthChecker: loadbalancer.BackendSetHealthCheckerArgs{
			Protocol:        pulumi.String("HTTP"),
			Port:            pulumi.Int(appPort),
			UrlPath:         pulumi.String(healthPath),
			ReturnCode:      pulumi.Int(200),
			IntervalMs:      pulumi.Int(2000),
			TimeoutInMillis: pulumi.Int(1500),
			Retries:         pulumi.Int(5),
		},
	}, child)
	if err != nil {
		return nil, err
	}
	if err := r.join(s, balancer, backends, webApp, child); err != nil {
		return nil, err
	}
	_, err = loadbalancer.NewListener(s.ctx, "listener", &loadbalancer.ListenerArgs{
		LoadBalancerId:        balancer.ID(),
		Name:                  pulumi.String("http"),
		DefaultBackendSetName: backends.Name,
		Port:                  pulumi.Int(s.settings.ListenerPort),
		Protocol:              pulumi.String("HTTP"),
		// Long enough for a slow upload, and for server-sent events between heartbeats.
		ConnectionConfiguration: loadbalancer.ListenerConnectionConfigurationArgs{IdleTimeoutInSeconds: pulumi.String("300")},
	}, child)
	if err != nil {
		return nil, err
	}
	r.LoadBalancerID = balancer.ID().ToStringOutput()
	r.URL = whileThere(balancer.ID(), balancer.IpAddressDetails, func(details []loadbalancer.LoadBalancerIpAddressDetail) (string, error) {
		return applicationURL(details, s.settings.ListenerPort)
	})
	return r, s.ctx.RegisterResourceOutputs(r, pulumi.Map{"loadBalancerId": r.LoadBalancerID, "applicationUrl": r.URL})
}

// join adds every instance as a backend. A replaced instance's new backend is made,
// and waited for until it is healthy, before the old one is drained and removed.
func (r *Ingress) join(s *stack, balancer *loadbalancer.LoadBalancer, backends *loadbalancer.BackendSet, webApp *WebApp, child pulumi.ResourceOption) error {
	healthy, err := s.room.hook(s, "backend-healthy", s.waitUntilHealthy)
	if err != nil {
		return err
	}
	binding := &pulumi.ResourceHookBinding{AfterCreate: []*pulumi.ResourceHook{healthy}}
	if s.settings.DrainSeconds > 0 {
		drained, err := s.room.hook(s, "drain-backend", s.drainBackend)
		if err != nil {
			return err
		}
		binding.BeforeDelete = []*pulumi.ResourceHook{drained}
	}
	for i, address := range webApp.Addresses {
		_, err := loadbalancer.NewBackend(s.ctx, fmt.Sprintf("backend-%d", i), &loadbalancer.BackendArgs{
			LoadBalancerId: balancer.ID(),
			BackendsetName: backends.Name,
			IpAddress:      address,
			Port:           pulumi.Int(appPort),
		}, child, pulumi.ResourceHooks(binding))
		if err != nil {
			return err
		}
	}
	return nil
}

func applicationURL(details []loadbalancer.LoadBalancerIpAddressDetail, port int) (string, error) {
	for _, detail := range details {
		if detail.IpAddress != nil && *detail.IpAddress != "" {
			if port == 80 {
				return "http://" + *detail.IpAddress, nil
			}
			return fmt.Sprintf("http://%s:%d", *detail.IpAddress, port), nil
		}
	}
	return "", errors.New("the load balancer has no address")
}
