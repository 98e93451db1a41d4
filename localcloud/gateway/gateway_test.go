package gateway_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
)

func TestHosts(t *testing.T) {
	cloud := gatewaytest.New(t)
	service := api.NewService("test", "test.{region}.oraclecloud.com", "{any}.kms.{region}.oraclecloud.com")
	service.RouteOpen("GetRegion", "GET /region", func(c *api.Call) (*api.Response, error) { return api.OK(c.Region), nil })
	cloud.Add(service)
	for _, tt := range []struct {
		url  string
		want string // the body, or what the error says
	}{
		{"https://test.us-ashburn-1.oraclecloud.com/20160918/region", `"us-ashburn-1"`},
		{"https://TEST.eu-frankfurt-1.oraclecloud.com/region", `"eu-frankfurt-1"`},
		{"https://abc-crypto.kms.ap-tokyo-1.oraclecloud.com/region", `"ap-tokyo-1"`},
		{"https://a.b.kms.ap-tokyo-1.oraclecloud.com/region", "localcloud does not serve a.b.kms.ap-tokyo-1.oraclecloud.com:443"},
		{"https://example.com/", "localcloud does not serve example.com:443"},
		{"https://test.us-ashburn-1.oraclecloud.com:8443/region", "localcloud does not serve test.us-ashburn-1.oraclecloud.com:8443"},
		{"http://test.us-ashburn-1.oraclecloud.com/region", "over https only"},
		{"https://test.us-ashburn-1.oraclecloud.com/other", "does not serve GET /other. It serves: GetRegion."},
	} {
		t.Run(tt.url, func(t *testing.T) {
			got := fetch(t, cloud.Client, tt.url)
			if !strings.Contains(got, tt.want) {
				t.Errorf("answer is %q, want %q", got, tt.want)
			}
		})
	}
}

// fetch returns the body, or the error's text.
func fetch(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	response, err := client.Get(url)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestControlIsForThisMachinesProgramsOnly(t *testing.T) {
	authority, err := gateway.OpenAuthority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	g := gateway.New(authority, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- g.Serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := g.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	for _, tt := range []struct {
		name, host, origin string
		want               int
	}{
		{"by address", "", "", http.StatusTeapot},
		{"by localhost", "localhost:1", "", http.StatusTeapot},
		{"by a name that resolves here", "evil.example:1", "", http.StatusForbidden},
		{"from a page", "", "https://evil.example", http.StatusForbidden},
	} {
		t.Run(tt.name, func(t *testing.T) {
			request, err := http.NewRequest(http.MethodGet, "http://"+listener.Addr().String()+"/status", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Host = tt.host
			if tt.origin != "" {
				request.Header.Set("Origin", tt.origin)
			}
			response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != tt.want {
				t.Errorf("answer is %s, want %d", response.Status, tt.want)
			}
		})
	}
}
