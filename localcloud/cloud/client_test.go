package cloud_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"os"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/localcloud/endpoint"
)

// credentials are the administrator's.
func credentials(t *testing.T, e endpoint.Endpoint) common.ConfigurationProvider {
	t.Helper()
	key, err := os.ReadFile(e.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	return common.NewRawConfigurationProvider(e.TenancyID, e.UserID, e.Region, e.Fingerprint, string(key), nil)
}

// proxied is a client as Environment would make one.
func proxied(t *testing.T, e endpoint.Endpoint) *http.Client {
	t.Helper()
	proxy, err := url.Parse(e.ProxyURL)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(e.CertFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}
