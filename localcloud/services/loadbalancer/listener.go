package loadbalancer

import (
	"slices"

	sdk "github.com/oracle/oci-go-sdk/v65/loadbalancer"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

const listenerPath = "/loadBalancers/{id}/listeners"

// httpIdleTimeout is OCI's default for HTTP listeners, in seconds (API reference:
// ConnectionConfiguration).
const httpIdleTimeout = 60

func (s *Service) routeListeners(a operations) {
	a.Route("CreateListener", "POST "+listenerPath, func(c *api.Call) (*api.Response, error) {
		details, err := body(c, sdk.CreateListenerDetails{})
		if err != nil {
			return nil, err
		}
		name := details.Str("name")
		delete(details, "name")
		return s.perform(c, "CreateListener", func(lb kind.Object) error { return addListener(lb, name, details) })
	})
	a.Route("UpdateListener", "PUT "+listenerPath+"/{listener}", func(c *api.Call) (*api.Response, error) {
		details, err := body(c, sdk.UpdateListenerDetails{})
		if err != nil {
			return nil, err
		}
		return s.perform(c, "UpdateListener", func(lb kind.Object) error {
			if _, err := entry(lb, "listeners", "listener", c.Param("listener")); err != nil {
				return err
			}
			return setListener(lb, c.Param("listener"), details)
		})
	})
	a.Route("DeleteListener", "DELETE "+listenerPath+"/{listener}", func(c *api.Call) (*api.Response, error) {
		return s.perform(c, "DeleteListener", func(lb kind.Object) error {
			if _, err := entry(lb, "listeners", "listener", c.Param("listener")); err != nil {
				return err
			}
			delete(part(lb, "listeners"), c.Param("listener"))
			return nil
		})
	})
	a.Route("ListListenerRules", "GET "+listenerPath+"/{listener}/rules", s.listListenerRules)
}

// listListenerRules answers the rules of a listener's rule sets in their order.
func (s *Service) listListenerRules(c *api.Call) (*api.Response, error) {
	lb, err := s.get(c.Param("id"))
	if err != nil {
		return nil, err
	}
	listener, err := entry(lb, "listeners", "listener", c.Param("listener"))
	if err != nil {
		return nil, err
	}
	var rules []map[string]any
	for _, name := range listener.Strings("ruleSetNames") {
		items, _ := part(lb, "ruleSets").Object(name)["items"].([]any)
		for _, item := range items {
			rules = append(rules, map[string]any{"name": name, "rule": item})
		}
	}
	return api.Page(c, rules, false)
}

func addListener(lb kind.Object, name string, details any) error {
	if err := vacant(lb, "listeners", "listener", name); err != nil {
		return err
	}
	listener, err := redecode(details, sdk.ListenerDetails{})
	if err != nil {
		return err
	}
	return setListener(lb, name, listener)
}

func setListener(lb kind.Object, name string, listener kind.Object) error {
	listener["name"] = name
	listener.Default("hostnameNames", []any{})
	listener.Default("ruleSetNames", []any{})
	if err := between("port", listener.Number("port"), 1, 65535); err != nil {
		return err
	}
	for _, other := range list(lb, "listeners") {
		if other.Str("name") != name && other.Number("port") == listener.Number("port") {
			return api.InvalidParameter("port %v is the port of listener %q.", listener["port"], other.Str("name"))
		}
	}
	if err := unsupported(listener, map[string]string{
		"hostnameNames":     later["hostnames"],
		"pathRouteSetName":  later["pathRouteSets"],
		"routingPolicyName": "the local cloud's listeners have no routing policies.",
	}); err != nil {
		return err
	}
	if _, err := entry(lb, "backendSets", "backend set", listener.Str("defaultBackendSetName")); err != nil {
		return err
	}
	for _, rules := range listener.Strings("ruleSetNames") {
		if _, err := entry(lb, "ruleSets", "rule set", rules); err != nil {
			return err
		}
	}
	if err := checkProtocol(lb, listener); err != nil {
		return err
	}
	if listener.Object("connectionConfiguration") == nil {
		listener["connectionConfiguration"] = map[string]any{"idleTimeout": httpIdleTimeout}
	}
	if err := between("connectionConfiguration.idleTimeout", listener.Object("connectionConfiguration").Number("idleTimeout"), 1, 7200); err != nil {
		return err
	}
	part(lb, "listeners")[name] = map[string]any(listener)
	return nil
}

func checkProtocol(lb, listener kind.Object) error {
	tls := listener.Object("sslConfiguration")
	switch protocol := listener.Str("protocol"); protocol {
	case "HTTP":
	case "HTTP2":
		if tls == nil {
			return api.InvalidParameter("protocol HTTP2 needs an sslConfiguration.")
		}
	case "TCP", "GRPC":
		return api.NotImplemented("protocol %s: the local cloud's listeners speak HTTP and HTTP2.", protocol)
	default:
		return api.InvalidParameter("protocol must be HTTP, HTTP2, TCP or GRPC, it is %q.", protocol)
	}
	if tls == nil {
		return nil
	}
	if len(tls.Strings("certificateIds")) > 0 {
		return api.NotImplemented("sslConfiguration.certificateIds: the local cloud has no Certificates service; use certificateName.")
	}
	if tls.Bool("verifyPeerCertificate") {
		return api.NotImplemented("sslConfiguration.verifyPeerCertificate: the local cloud's listeners do not ask for client certificates.")
	}
	if _, err := entry(lb, "certificates", "certificate", tls.Str("certificateName")); err != nil {
		return err
	}
	tls.Default("verifyPeerCertificate", false)
	tls.Default("verifyDepth", 1)
	tls.Default("hasSessionResumption", true)
	tls.Default("cipherSuiteName", "oci-default-ssl-cipher-suite-v1")
	tls.Default("serverOrderPreference", "ENABLED")
	tls.Default("protocols", []any{"TLSv1.2"})
	return nil
}

// usesRules reports whether a listener has a rule set.
func usesRules(name string) func(kind.Object) bool {
	return func(l kind.Object) bool { return slices.Contains(l.Strings("ruleSetNames"), name) }
}
