package loadbalancer

import (
	"regexp"
	"slices"

	sdk "github.com/oracle/oci-go-sdk/v65/loadbalancer"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

const setPath = "/loadBalancers/{id}/backendSets"

func (s *Service) routeBackendSets(a operations) {
	a.Route("CreateBackendSet", "POST "+setPath, func(c *api.Call) (*api.Response, error) {
		details, err := body(c, sdk.CreateBackendSetDetails{})
		if err != nil {
			return nil, err
		}
		name := details.Str("name")
		delete(details, "name")
		return s.perform(c, "CreateBackendSet", func(lb kind.Object) error { return addBackendSet(lb, name, details) })
	})
	a.Route("ListBackendSets", "GET "+setPath, s.listParts("backendSets"))
	a.Route("GetBackendSet", "GET "+setPath+"/{set}", s.getPart("backendSets", "backend set", "set"))
	a.Route("UpdateBackendSet", "PUT "+setPath+"/{set}", func(c *api.Call) (*api.Response, error) {
		details, err := body(c, sdk.UpdateBackendSetDetails{})
		if err != nil {
			return nil, err
		}
		return s.perform(c, "UpdateBackendSet", func(lb kind.Object) error {
			if _, err := entry(lb, "backendSets", "backend set", c.Param("set")); err != nil {
				return err
			}
			return setBackendSet(lb, c.Param("set"), details)
		})
	})
	a.Route("DeleteBackendSet", "DELETE "+setPath+"/{set}", func(c *api.Call) (*api.Response, error) {
		return s.perform(c, "DeleteBackendSet", func(lb kind.Object) error {
			name := c.Param("set")
			if _, err := entry(lb, "backendSets", "backend set", name); err != nil {
				return err
			}
			delete(part(lb, "backendSets"), name)
			return unused(lb, "backend set", name, func(l kind.Object) bool { return l.Str("defaultBackendSetName") == name })
		})
	})
	a.Route("GetHealthChecker", "GET "+setPath+"/{set}/healthChecker", func(c *api.Call) (*api.Response, error) {
		lb, err := s.get(c.Param("id"))
		if err != nil {
			return nil, err
		}
		set, err := entry(lb, "backendSets", "backend set", c.Param("set"))
		if err != nil {
			return nil, err
		}
		return api.OK(set.Object("healthChecker")), nil
	})
	a.Route("UpdateHealthChecker", "PUT "+setPath+"/{set}/healthChecker", func(c *api.Call) (*api.Response, error) {
		checker, err := body(c, sdk.UpdateHealthCheckerDetails{})
		if err != nil {
			return nil, err
		}
		return s.perform(c, "UpdateHealthChecker", func(lb kind.Object) error {
			set, err := entry(lb, "backendSets", "backend set", c.Param("set"))
			if err != nil {
				return err
			}
			set["healthChecker"] = map[string]any(checker)
			return checkChecker(checker)
		})
	})
}

// listParts and getPart serve the parts that a load balancer keeps by name.
func (s *Service) listParts(field string) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		lb, err := s.get(c.Param("id"))
		if err != nil {
			return nil, err
		}
		return api.Page(c, sorted(part(lb, field)), false)
	}
}

func (s *Service) getPart(field, noun, parameter string) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		lb, err := s.get(c.Param("id"))
		if err != nil {
			return nil, err
		}
		e, err := entry(lb, field, noun, c.Param(parameter))
		if err != nil {
			return nil, err
		}
		return api.OK(e), nil
	}
}

func addBackendSet(lb kind.Object, name string, details any) error {
	if err := vacant(lb, "backendSets", "backend set", name); err != nil {
		return err
	}
	set, err := redecode(details, sdk.BackendSetDetails{})
	if err != nil {
		return err
	}
	return setBackendSet(lb, name, set)
}

var policies = []string{"ROUND_ROBIN", "LEAST_CONNECTIONS", "IP_HASH"}

func setBackendSet(lb kind.Object, name string, set kind.Object) error {
	if !slices.Contains(policies, set.Str("policy")) {
		return api.InvalidParameter("policy must be one of %v, it is %q.", policies, set.Str("policy"))
	}
	if err := unsupported(set, map[string]string{
		"sslConfiguration":                        "the local cloud speaks plain HTTP to backends.",
		"sessionPersistenceConfiguration":         "the local cloud's load balancers have no session persistence.",
		"lbCookieSessionPersistenceConfiguration": "the local cloud's load balancers have no session persistence.",
	}); err != nil {
		return err
	}
	set["name"] = name
	checker := set.Object("healthChecker")
	if err := checkChecker(checker); err != nil {
		return err
	}
	given, _ := set["backends"].([]any)
	backends := []any{}
	for _, item := range given {
		b, err := redecode(item, sdk.BackendDetails{})
		if err != nil {
			return err
		}
		if backends, err = addBackend(backends, b); err != nil {
			return err
		}
	}
	set["backends"] = backends
	part(lb, "backendSets")[name] = map[string]any(set)
	return nil
}

// checkChecker checks a health checker and fills in OCI's defaults (API
// reference: HealthCheckerDetails).
func checkChecker(checker kind.Object) error {
	checker.Default("port", 0)
	checker.Default("returnCode", 200)
	checker.Default("retries", 3)
	checker.Default("timeoutInMillis", 3000)
	checker.Default("intervalInMillis", 10000)
	checker.Default("responseBodyRegex", ".*")
	checker.Default("isForcePlainText", false)
	switch protocol := checker.Str("protocol"); protocol {
	case "HTTP":
		if path := checker.Str("urlPath"); path == "" || path[0] != '/' {
			return api.InvalidParameter("healthChecker.urlPath must begin with a slash for the protocol HTTP, it is %q.", path)
		}
	case "TCP":
	default:
		return api.InvalidParameter("healthChecker.protocol must be HTTP or TCP, it is %q.", protocol)
	}
	if _, err := regexp.Compile(checker.Str("responseBodyRegex")); err != nil {
		return api.InvalidParameter("healthChecker.responseBodyRegex: %v.", err)
	}
	for _, bound := range []struct {
		field     string
		low, high int
	}{{"port", 0, 65535}, {"returnCode", 0, 599}, {"retries", 1, 100}, {"timeoutInMillis", 1, 600000}, {"intervalInMillis", 1000, 1800000}} {
		if err := between("healthChecker."+bound.field, checker.Number(bound.field), bound.low, bound.high); err != nil {
			return err
		}
	}
	return nil
}
