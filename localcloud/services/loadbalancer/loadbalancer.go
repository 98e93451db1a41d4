package loadbalancer

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/loadbalancer"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/profile"
)

func (s *Service) routeLoadBalancers(a operations) {
	a.Route("CreateLoadBalancer", "POST /loadBalancers", s.create)
	a.Route("ListLoadBalancers", "GET /loadBalancers", s.listAll)
	a.Route("GetLoadBalancer", "GET /loadBalancers/{id}", func(c *api.Call) (*api.Response, error) {
		lb, err := s.get(c.Param("id"))
		if err != nil {
			return nil, err
		}
		return api.OK(shown(lb)), nil
	})
	a.Route("UpdateLoadBalancer", "PUT /loadBalancers/{id}", s.update)
	a.Route("DeleteLoadBalancer", "DELETE /loadBalancers/{id}", s.delete)
	a.Route("UpdateLoadBalancerShape", "PUT /loadBalancers/{id}/updateShape", s.updateShape)
	a.Route("UpdateNetworkSecurityGroups", "PUT /loadBalancers/{id}/networkSecurityGroups", s.updateGroups)
	a.Route("ListShapes", "GET /loadBalancerShapes", names(append([]string{flexible}, fixedShapes...)...))
	a.Route("ListPolicies", "GET /loadBalancerPolicies", names("ROUND_ROBIN", "LEAST_CONNECTIONS", "IP_HASH"))
	a.Route("ListProtocols", "GET /loadBalancerProtocols", names("HTTP", "HTTP2"))
}

func names(values ...string) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		var shown []map[string]string
		for _, value := range values {
			shown = append(shown, map[string]string{"name": value})
		}
		return api.Page(c, shown, false)
	}
}

// shown leaves out what only the local cloud keeps.
func shown(lb kind.Object) kind.Object {
	o := lb.Clone()
	if o.Str("lifecycleState") == creating {
		delete(o, "ipAddresses") // There is none before it is ready.
	}
	delete(o, "vnicId")
	delete(o, "timeUpdated")
	return o
}

func (s *Service) listAll(c *api.Call) (*api.Response, error) {
	found := s.engine.Listed(ocidType, func(lb kind.Object) bool {
		for _, field := range []string{"compartmentId", "displayName", "lifecycleState"} {
			if want := c.Query(field); want != "" && lb.Str(field) != want {
				return false
			}
		}
		return true
	})
	for i := range found {
		found[i] = shown(found[i])
	}
	return kind.Page(c, found, nil, false)
}

func (s *Service) create(c *api.Call) (*api.Response, error) {
	lb, err := body(c, sdk.CreateLoadBalancerDetails{})
	if err != nil {
		return nil, err
	}
	if err := s.mayCreate(c, lb); err != nil {
		return nil, err
	}
	s.change.Lock()
	defer s.change.Unlock()
	if earlier, ok := s.repeated(c); ok {
		return accepted(earlier), nil
	}
	if err := s.checkNew(lb); err != nil {
		return nil, err
	}
	lb["id"], lb["timeCreated"], lb["lifecycleState"] = kind.NewID(ocidType, c.Region), kind.Timestamp(time.Now()), "ACTIVE"
	if err := s.normalise(lb); err != nil {
		return nil, err
	}
	if err := s.withinLimits(lb); err != nil {
		return nil, err
	}
	private := lb.Bool("isPrivate")
	vnic, err := s.network.CreateVnic(c.Region, kind.Object{
		"subnetId": lb.Strings("subnetIds")[0], "assignPublicIp": false, "displayName": "VNIC for LB " + lb.Str("id"), "compartmentId": lb["compartmentId"],
	})
	if err != nil {
		return nil, err
	}
	address := vnic.Str("privateIp")
	if !private {
		address = s.freeAddress()
	}
	lb["vnicId"] = vnic["id"]
	lb["ipAddresses"] = []any{map[string]any{"ipAddress": address, "isPublic": !private}}
	wr := s.newWorkRequest(c, "CreateLoadBalancer", lb)
	_, err = s.balancer(lb.Str("id")).apply(lb)
	if err := cmp.Or(err, s.engine.Fails(ocidType)); err != nil {
		s.stop(lb.Str("id"))
		lb["lifecycleState"] = "FAILED"
		wr.fail(err)
	} else if s.takes(profile.Create) > 0 {
		lb["lifecycleState"], wr.State = creating, inProgress
	} else {
		wr.succeed()
	}
	if err := s.engine.Put(lb); err != nil {
		return nil, err
	}
	answer, err := s.accept(c, wr)
	if lb.Str("lifecycleState") == creating {
		s.become(lb)
	}
	return answer, err
}

// freeAddress is the loopback address of the next public load balancer. Only
// Linux answers to all of 127.0.0.0/8 without being told to.
func (s *Service) freeAddress() string {
	taken := map[string]bool{}
	for _, lb := range s.engine.List(ocidType, nil) {
		taken[addressOf(lb)] = true
	}
	for i := 1; i < 255 && runtime.GOOS == "linux"; i++ {
		if a := fmt.Sprintf("127.0.0.%d", i); !taken[a] {
			return a
		}
	}
	return "127.0.0.1"
}

// addressOf is a load balancer's one address.
func addressOf(lb kind.Object) string {
	addresses, _ := lb["ipAddresses"].([]any)
	if len(addresses) == 0 {
		return ""
	}
	address, _ := addresses[0].(map[string]any)
	return kind.Object(address).Str("ipAddress")
}

func (s *Service) update(c *api.Call) (*api.Response, error) {
	change, err := body(c, sdk.UpdateLoadBalancerDetails{})
	if err != nil {
		return nil, err
	}
	return s.perform(c, "UpdateLoadBalancer", func(lb kind.Object) error {
		for name, value := range change {
			lb[name] = value
		}
		return unsupported(lb, later)
	})
}

func (s *Service) updateShape(c *api.Call) (*api.Response, error) {
	change, err := body(c, sdk.UpdateLoadBalancerShapeDetails{})
	if err != nil {
		return nil, err
	}
	return s.perform(c, "UpdateLoadBalancerShape", func(lb kind.Object) error {
		delete(lb, "shapeDetails")
		for name, value := range change {
			lb[name] = value
		}
		return checkShape(lb)
	})
}

func (s *Service) updateGroups(c *api.Call) (*api.Response, error) {
	change, err := body(c, sdk.UpdateNetworkSecurityGroupsDetails{})
	if err != nil {
		return nil, err
	}
	return s.perform(c, "UpdateNetworkSecurityGroups", func(lb kind.Object) error {
		lb["networkSecurityGroupIds"] = slices.Clone(change.Strings("networkSecurityGroupIds"))
		return s.checkNetwork(lb)
	})
}

func (s *Service) delete(c *api.Call) (*api.Response, error) {
	s.change.Lock()
	defer s.change.Unlock()
	lb, err := s.get(c.Param("id"))
	if err != nil {
		return nil, err
	}
	if lb.Bool("isDeleteProtectionEnabled") {
		return nil, api.IncorrectState("Load balancer %s is protected from deletion (isDeleteProtectionEnabled).", lb.Str("id"))
	}
	if err := s.free(lb); err != nil {
		return nil, err
	}
	wr := s.newWorkRequest(c, "DeleteLoadBalancer", lb)
	s.stop(lb.Str("id"))
	if s.takes(profile.Delete) > 0 {
		lb["lifecycleState"], wr.State = deleting, inProgress
		if err := s.engine.Put(lb); err != nil {
			return nil, err
		}
		answer, err := s.accept(c, wr)
		s.become(lb)
		return answer, err
	}
	if err := s.remove(lb); err != nil {
		return nil, err
	}
	wr.succeed()
	return s.accept(c, wr)
}

// remove takes away what is left of a load balancer that does not run any more.
func (s *Service) remove(lb kind.Object) error {
	if err := s.keys.removeAll(lb.Str("id")); err != nil {
		return err
	}
	if err := s.engine.Forget(lb); err != nil {
		return err
	}
	return s.network.DeleteVnic(lb.Str("vnicId"))
}

// stop ends the running side of a load balancer.
func (s *Service) stop(id string) {
	s.mu.Lock()
	b := s.balances[id]
	delete(s.balances, id)
	s.mu.Unlock()
	if b != nil {
		b.close()
	}
}
