package api_test

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/localcloud/api"
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
			client := cloud.Client
			if tt.from != "" {
				client = cloud.Through(url.UserPassword(tt.from, "secret"))
			}
			response, err := client.Do(request)
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
