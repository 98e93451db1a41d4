package loadbalancer

import (
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// The permissions of Load Balancing (documentation: Details for Load Balancing,
// https://docs.oracle.com/iaas/Content/Identity/policyreference/lbpolicyreference.htm).
// What a load balancer consists of is read with it and changed by updating it.
const (
	inspect      = "LOAD_BALANCER_INSPECT"
	read         = "LOAD_BALANCER_READ"
	update       = "LOAD_BALANCER_UPDATE"
	create       = "LOAD_BALANCER_CREATE"
	remove       = "LOAD_BALANCER_DELETE"
	attachSubnet = "SUBNET_ATTACH"
	joinGroup    = "NETWORK_SECURITY_GROUP_UPDATE_MEMBERS"
)

// operations adds operations to the API that Load Balancing shares with Networking,
// each with what it asks for.
type operations struct {
	service *Service
	api     *api.Service
}

// Route is like that of api.Service. An operation on a load balancer, or on a part
// of it, that the path's {id} names asks for the permission on it; one that lists
// load balancers asks in the compartment.
func (o operations) Route(operation, pattern string, handler api.Handler) {
	permission := update
	switch {
	case operation == "CreateLoadBalancer":
		o.api.Route(operation, pattern, handler, create, attachSubnet, joinGroup)
		return
	case operation == "DeleteLoadBalancer":
		permission = remove
	case operation == "ListLoadBalancers", operation == "ListLoadBalancerHealths", operation == "ListShapes", operation == "ListPolicies", operation == "ListProtocols":
		o.api.Route(operation, pattern, api.On(api.InCompartment, handler), inspect)
		return
	case operation == "GetLoadBalancerWorkRequest":
		o.api.Route(operation, pattern, api.On(o.service.workRequestTarget, handler), read)
		return
	case strings.HasPrefix(operation, "Get"), strings.HasPrefix(operation, "List"):
		permission = read
	}
	o.api.Route(operation, pattern, api.On(o.service.target, handler), permission)
}

// target is the load balancer that the path names.
func (s *Service) target(c *api.Call) (api.Target, error) {
	lb, err := s.get(c.Param("id"))
	return s.engine.Target(ocidType, lb), err
}

// workRequestTarget is the load balancer that a work request is about. Its record
// may outlive it.
func (s *Service) workRequestTarget(c *api.Call) (api.Target, error) {
	w, err := s.workRequest(c.Param("id"))
	return api.Target{CompartmentID: w.CompartmentID}, err
}

// mayCreate asks for what a new load balancer needs.
func (s *Service) mayCreate(c *api.Call, lb kind.Object) error {
	needs := s.engine.Target(ocidType, lb).Needs(create)
	for permission, ids := range map[string][]string{attachSubnet: lb.Strings("subnetIds"), joinGroup: lb.Strings("networkSecurityGroupIds")} {
		for _, id := range ids {
			if o, ok := s.engine.Get(id); ok {
				needs = append(needs, s.engine.Target("", o).Needs(permission)...)
			}
		}
	}
	return c.Authorize(needs...)
}
