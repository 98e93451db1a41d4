package loadbalancer

import (
	"net"
	"net/netip"
	"slices"
	"strconv"

	sdk "github.com/oracle/oci-go-sdk/v65/loadbalancer"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

const backendPath = setPath + "/{set}/backends"

func (s *Service) routeBackends(a operations) {
	a.Route("CreateBackend", "POST "+backendPath, func(c *api.Call) (*api.Response, error) {
		backend, err := body(c, sdk.CreateBackendDetails{})
		if err != nil {
			return nil, err
		}
		return s.performOnBackends(c, "CreateBackend", func(backends []any) ([]any, error) { return addBackend(backends, backend) })
	})
	a.Route("ListBackends", "GET "+backendPath, func(c *api.Call) (*api.Response, error) {
		backends, err := s.backends(c)
		if err != nil {
			return nil, err
		}
		return api.Page(c, backends, false)
	})
	a.Route("GetBackend", "GET "+backendPath+"/{backend}", func(c *api.Call) (*api.Response, error) {
		backends, err := s.backends(c)
		if err != nil {
			return nil, err
		}
		i, err := findBackend(backends, c.Param("backend"))
		if err != nil {
			return nil, err
		}
		return api.OK(backends[i]), nil
	})
	a.Route("UpdateBackend", "PUT "+backendPath+"/{backend}", func(c *api.Call) (*api.Response, error) {
		change, err := body(c, sdk.UpdateBackendDetails{})
		if err != nil {
			return nil, err
		}
		return s.performOnBackends(c, "UpdateBackend", func(backends []any) ([]any, error) {
			i, err := findBackend(backends, c.Param("backend"))
			if err != nil {
				return nil, err
			}
			changed := kind.Object(backends[i].(map[string]any))
			for name, value := range change {
				changed[name] = value
			}
			return backends, checkBackend(changed)
		})
	})
	a.Route("DeleteBackend", "DELETE "+backendPath+"/{backend}", func(c *api.Call) (*api.Response, error) {
		return s.performOnBackends(c, "DeleteBackend", func(backends []any) ([]any, error) {
			i, err := findBackend(backends, c.Param("backend"))
			if err != nil {
				return nil, err
			}
			return slices.Delete(backends, i, i+1), nil
		})
	})
}

func (s *Service) performOnBackends(c *api.Call, operation string, edit func([]any) ([]any, error)) (*api.Response, error) {
	return s.perform(c, operation, func(lb kind.Object) error {
		set, err := entry(lb, "backendSets", "backend set", c.Param("set"))
		if err != nil {
			return err
		}
		backends, _ := set["backends"].([]any)
		if backends, err = edit(backends); err != nil {
			return err
		}
		set["backends"] = backends
		return nil
	})
}

func (s *Service) backends(c *api.Call) ([]any, error) {
	lb, err := s.get(c.Param("id"))
	if err != nil {
		return nil, err
	}
	set, err := entry(lb, "backendSets", "backend set", c.Param("set"))
	if err != nil {
		return nil, err
	}
	backends, _ := set["backends"].([]any)
	return backends, nil
}

func findBackend(backends []any, name string) (int, error) {
	for i, item := range backends {
		if b, ok := item.(map[string]any); ok && b["name"] == name {
			return i, nil
		}
	}
	return 0, api.NotAuthorizedOrNotFound("The backend set has no backend %q.", name)
}

// addBackend appends a new backend, whose name is ip:port.
func addBackend(backends []any, b kind.Object) ([]any, error) {
	ip := b.Str("ipAddress")
	if _, err := netip.ParseAddr(ip); err != nil {
		return nil, api.InvalidParameter("ipAddress must be an IP address, it is %q.", ip)
	}
	if err := between("port", b.Number("port"), 1, 65535); err != nil {
		return nil, err
	}
	name := net.JoinHostPort(ip, strconv.Itoa(int(b.Number("port"))))
	if _, err := findBackend(backends, name); err == nil {
		return nil, api.Conflict("InvalidParameter", "The backend set already has a backend %q.", name)
	}
	b["name"] = name
	b.Default("weight", 1)
	for _, flag := range []string{"backup", "drain", "offline"} {
		b.Default(flag, false)
	}
	return append(backends, map[string]any(b)), checkBackend(b)
}

func checkBackend(b kind.Object) error {
	if err := between("weight", b.Number("weight"), 1, 100); err != nil {
		return err
	}
	if b["maxConnections"] == nil {
		return nil
	}
	return between("maxConnections", b.Number("maxConnections"), 256, 65535)
}
