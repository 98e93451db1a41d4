package loadbalancer

import (
	"slices"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/loadbalancer/balance"
)

func (s *Service) routeHealth(a operations) {
	a.Route("GetBackendHealth", "GET "+backendPath+"/{backend}/health", s.backendHealth)
	a.Route("GetBackendSetHealth", "GET "+setPath+"/{set}/health", s.setHealth)
	a.Route("GetLoadBalancerHealth", "GET /loadBalancers/{id}/health", s.health)
	a.Route("ListLoadBalancerHealths", "GET /loadBalancerHealths", func(c *api.Call) (*api.Response, error) {
		var all []map[string]any
		for _, lb := range s.engine.List(ocidType, func(lb kind.Object) bool { return lb.Str("compartmentId") == c.Query("compartmentId") }) {
			all = append(all, map[string]any{"loadBalancerId": lb["id"], "status": s.healthOf(lb).verdict})
		}
		return api.Page(c, all, false)
	})
}

// poolHealth is the health of a set's backends by name.
func (s *Service) poolHealth(lbID, set string) map[string]balance.Health {
	b := s.running(lbID)
	if b == nil {
		return nil
	}
	return b.health(set)
}

func (s *Service) backendHealth(c *api.Call) (*api.Response, error) {
	backends, err := s.backends(c)
	if err != nil {
		return nil, err
	}
	if _, err := findBackend(backends, c.Param("backend")); err != nil {
		return nil, err
	}
	lb, err := s.get(c.Param("id"))
	if err != nil {
		return nil, err
	}
	vnic, _ := s.engine.Get(lb.Str("vnicId"))
	h, known := s.poolHealth(lb.Str("id"), c.Param("set"))[c.Param("backend")]
	results := []map[string]any{}
	if known {
		results = append(results, map[string]any{
			"subnetId": lb.Strings("subnetIds")[0], "sourceIpAddress": vnic.Str("privateIp"),
			"timestamp": kind.Timestamp(h.Time), "healthCheckStatus": h.Last,
		})
	} else {
		h.Verdict = balance.Unknown
	}
	return api.OK(map[string]any{"status": h.Verdict, "healthCheckResults": results}), nil
}

// sum is the health of a whole by its parts' names.
type sum struct {
	verdict                    balance.Verdict
	warning, critical, unknown []string
	total                      int
}

func (s *sum) add(name string, v balance.Verdict) {
	s.total++
	switch v {
	case balance.Warning:
		s.warning = append(s.warning, name)
	case balance.Critical:
		s.critical = append(s.critical, name)
	case balance.Unknown:
		s.unknown = append(s.unknown, name)
	}
}

func (s *sum) shown(warning, critical, unknown, total string) map[string]any {
	sortedNames := func(names []string) []string {
		slices.Sort(names)
		return append([]string{}, names...)
	}
	return map[string]any{
		"status": s.verdict, total: s.total,
		warning: sortedNames(s.warning), critical: sortedNames(s.critical), unknown: sortedNames(s.unknown),
	}
}

// setSum judges a backend set (API reference: BackendSetHealth, status): OK when
// all are, CRITICAL when half or more are, UNKNOWN when more than half are or
// there are none, and WARNING in between.
func setSum(backends map[string]balance.Health) *sum {
	s := &sum{verdict: balance.Warning}
	for name, h := range backends {
		s.add(name, h.Verdict)
	}
	bad := len(s.warning) + len(s.critical) + len(s.unknown)
	switch {
	case s.total == 0 || 2*len(s.unknown) > s.total:
		s.verdict = balance.Unknown
	case bad == 0:
		s.verdict = balance.OK
	case 2*len(s.critical) >= s.total:
		s.verdict = balance.Critical
	}
	return s
}

func (s *Service) setHealth(c *api.Call) (*api.Response, error) {
	lb, err := s.get(c.Param("id"))
	if err != nil {
		return nil, err
	}
	if _, err := entry(lb, "backendSets", "backend set", c.Param("set")); err != nil {
		return nil, err
	}
	total := setSum(s.poolHealth(lb.Str("id"), c.Param("set")))
	return api.OK(total.shown("warningStateBackendNames", "criticalStateBackendNames", "unknownStateBackendNames", "totalBackendCount")), nil
}

// healthOf judges a load balancer by its backend sets (API reference:
// LoadBalancerHealth, status): the worst of them counts, and none is UNKNOWN.
func (s *Service) healthOf(lb kind.Object) *sum {
	total := &sum{verdict: balance.OK}
	for _, set := range list(lb, "backendSets") {
		total.add(set.Str("name"), setSum(s.poolHealth(lb.Str("id"), set.Str("name"))).verdict)
	}
	switch {
	case len(total.critical) > 0:
		total.verdict = balance.Critical
	case len(total.warning) > 0:
		total.verdict = balance.Warning
	case total.total == 0 || len(total.unknown) > 0:
		total.verdict = balance.Unknown
	}
	return total
}

func (s *Service) health(c *api.Call) (*api.Response, error) {
	lb, err := s.get(c.Param("id"))
	if err != nil {
		return nil, err
	}
	return api.OK(s.healthOf(lb).shown("warningStateBackendSetNames", "criticalStateBackendSetNames", "unknownStateBackendSetNames", "totalBackendSetCount")), nil
}
