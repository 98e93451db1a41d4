// Package gatewaytest runs services behind a real gateway for tests, so that
// they are called the way any client calls them: over TLS, through the proxy, by
// OCI's host names, with signed requests.
package gatewaytest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

// Cloud is a gateway with some services, gone when the test ends.
type Cloud struct {
	T       testing.TB
	Dir     string
	Store   *store.Store
	Engine  *kind.Engine
	Tenancy *iam.Tenancy
	Journal *api.Journal
	// Client reaches the services through the proxy and trusts only its authority.
	Client *http.Client
	// ProxyURL and CertFile are for processes: HTTPS_PROXY and SSL_CERT_FILE.
	ProxyURL, CertFile string

	gateway *gateway.Gateway
}

// New starts a cloud without services.
func New(t testing.TB) *Cloud {
	t.Helper()
	c := &Cloud{T: t, Dir: t.TempDir()}
	authority, err := gateway.OpenAuthority(c.Dir)
	c.must(err)
	c.Tenancy, err = iam.OpenTenancy(c.Dir)
	c.must(err)
	c.Journal = api.OpenJournal(c.Dir)
	c.Store, err = store.Open(c.Dir)
	c.must(err)
	c.Engine = kind.NewEngine(c.Store)
	c.gateway = gateway.New(authority, http.NotFoundHandler())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	c.must(err)
	served := make(chan error, 1)
	go func() { served <- c.gateway.Serve(listener) }()
	c.ProxyURL, c.CertFile = "http://"+listener.Addr().String(), authority.CertFile
	c.Client = c.Through(nil)
	t.Cleanup(func() {
		c.Client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := c.gateway.Shutdown(ctx); err != nil {
			t.Log("gateway:", err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
		c.Engine.Close()
		if err := c.Store.Close(); err != nil {
			t.Error(err)
		}
		if err := c.Journal.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// Add serves services, to whom everybody may do everything.
func (c *Cloud) Add(services ...*api.Service) { c.T.Helper(); c.Enforce(Allowed{}, services...) }

// Enforce serves services whose callers an authorizer decides on.
func (c *Cloud) Enforce(authorizer api.Authorizer, services ...*api.Service) {
	c.T.Helper()
	for _, s := range services {
		s.Attach(api.Signatures{Keys: c.Tenancy}, authorizer, c.Journal)
		c.must(c.gateway.Add(s))
	}
}

// Filter asks a network about every tunnel.
func (c *Cloud) Filter(network gateway.Network) { c.gateway.Network = network }

// Credentials signs as the tenancy's administrator.
func (c *Cloud) Credentials() common.ConfigurationProvider {
	c.T.Helper()
	key, err := os.ReadFile(c.Tenancy.KeyFile)
	c.must(err)
	return common.NewRawConfigurationProvider(c.Tenancy.ID, c.Tenancy.UserID, iam.HomeRegion, c.Tenancy.Fingerprint, string(key), nil)
}

// Use points an SDK client at the cloud: c.Use(&client.BaseClient).
func (c *Cloud) Use(client *common.BaseClient) { client.HTTPClient = c.Client }

// Through is a client with credentials for the proxy, as workloads have them.
func (c *Cloud) Through(credentials *url.Userinfo) *http.Client {
	c.T.Helper()
	proxy, err := url.Parse(c.ProxyURL)
	c.must(err)
	proxy.User = credentials
	pem, err := os.ReadFile(c.CertFile)
	c.must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	c.T.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func (c *Cloud) must(err error) {
	c.T.Helper()
	if err != nil {
		c.T.Fatal(err)
	}
}

// Allowed lets everybody do everything, for tests of what services do.
type Allowed struct{}

// Decide allows.
func (Allowed) Decide(ask api.Ask) api.Decision {
	return api.Decision{Asked: ask.Permission + " in " + ask.CompartmentID, Allowed: true, By: "a test"}
}

// Guard lets services do everything for themselves and for others.
func (c *Cloud) Guard() *api.Guard { return &api.Guard{Authorizer: Allowed{}, Journal: c.Journal} }
