package image

import (
	"fmt"
	"net"
	"net/http"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// guard lets a credential out only over HTTPS and only to the registry or its
// neighbours. A registry names the place to get a token from, and may redirect;
// neither may carry a signed request, a password or a token to a stranger.
type guard struct {
	registry string
	next     http.RoundTripper
}

// RoundTrip implements http.RoundTripper. The error names the host that was
// refused; nothing has been sent to it then.
func (g *guard) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Scheme != "https" {
		closeBody(request)
		return nil, fmt.Errorf("registry %s: refusing to speak %s to %s, https only", g.registry, request.URL.Scheme, request.URL.Host)
	}
	if request.Header.Get("Authorization") != "" && !related(g.registry, request.URL.Host) {
		closeBody(request)
		return nil, fmt.Errorf("registry %s: refusing to send a credential to %s, which is neither the registry nor under its domain", g.registry, request.URL.Host)
	}
	return g.next.RoundTrip(request)
}

// related reports whether host is the registry itself or, on the standard
// port, under the same registrable domain (for OCIR oraclecloud.com or
// ocir.io, and the like in other realms).
func related(registry, host string) bool {
	if strings.EqualFold(registry, host) {
		return true
	}
	registryName, _ := splitPort(registry)
	hostName, port := splitPort(host)
	if port != "" && port != "443" {
		return false
	}
	if net.ParseIP(registryName) != nil || net.ParseIP(hostName) != nil {
		return false
	}
	registryDomain, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(registryName))
	if err != nil {
		return false
	}
	hostDomain, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(hostName))
	return err == nil && registryDomain == hostDomain
}

func splitPort(hostport string) (host, port string) {
	if host, port, err := net.SplitHostPort(hostport); err == nil {
		return host, port
	}
	return hostport, ""
}

func closeBody(request *http.Request) {
	if request.Body != nil {
		request.Body.Close()
	}
}
