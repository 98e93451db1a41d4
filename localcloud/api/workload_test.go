package api_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
)

// holders lets everybody through, and takes the names of their credentials for
// workloads.
type holders struct{}

func (holders) Tunnel(_ context.Context, credentials *url.Userinfo, _ netip.Addr, _ string) (api.Source, error) {
	if credentials == nil {
		return api.Source{}, nil
	}
	return api.Source{Workload: credentials.Username()}, nil
}

// through is a client with a workload's proxy credentials, none when it is empty.
func through(t *testing.T, cloud *gatewaytest.Cloud, workload string) *http.Client {
	t.Helper()
	proxy, err := url.Parse(cloud.ProxyURL)
	if err != nil {
		t.Fatal(err)
	}
	if workload != "" {
		proxy.User = url.UserPassword(workload, "secret")
	}
	pem, err := os.ReadFile(cloud.CertFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestSessionTokensBelongToTheirWorkload(t *testing.T) {
	cloud := echo(t)
	cloud.Filter(holders{})
	const one, other = "ocid1.fnfunc.oc1..one", "ocid1.fnfunc.oc1..other"
	for _, tt := range []struct {
		name, token, from string
		want              int
	}{
		{"its own", one, one, 200},
		{"another's", one, other, 401},
		{"outside of workloads", one, "", 200},
		{"a user's key within a workload", "", other, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			request, err := http.NewRequest(http.MethodGet, host+"/things/a", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
			var keys common.KeyProvider = cloud.Credentials()
			if tt.token != "" {
				token, pem, err := cloud.Tenancy.Session(tt.token, "fnfunc", "ocid1.compartment.oc1..any")
				if err != nil {
					t.Fatal(err)
				}
				private, err := common.PrivateKeyFromBytes(pem, nil)
				if err != nil {
					t.Fatal(err)
				}
				keys = session{private, token}
			}
			if err := common.RequestSigner(keys, generic, ofBody).Sign(request); err != nil {
				t.Fatal(err)
			}
			response, err := through(t, cloud, tt.from).Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != tt.want || tt.want == 401 && !strings.Contains(string(text), "comes from "+tt.from) {
				t.Errorf("answer is %d %s, want %d", response.StatusCode, text, tt.want)
			}
		})
	}
}
