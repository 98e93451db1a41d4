package api_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
)

const host = "https://test.us-ashburn-1.oraclecloud.com"

// echo is a cloud with a service that answers what it is sent.
func echo(t *testing.T) *gatewaytest.Cloud {
	t.Helper()
	cloud := gatewaytest.New(t)
	service := api.NewService("test", "test.{region}.oraclecloud.com")
	answer := func(c *api.Call) (*api.Response, error) {
		body, err := c.ReadBody()
		return api.OK(map[string]string{"body": string(body), "caller": c.Principal.ID}), err
	}
	service.Route("GetThing", "GET /things/{id}", answer)
	service.Route("CreateThing", "POST /things", answer)
	service.Route("UpdateThing", "PUT /things/{id}", answer)
	service.RouteStream("PutBytes", "PUT /bytes/{id}", answer)
	cloud.Add(service)
	return cloud
}

// headers that OCI's SDKs sign.
var (
	generic = []string{"date", "(request-target)", "host"}
	ofBody  = []string{"content-length", "content-type", "x-content-sha256"}
)

func TestSignatures(t *testing.T) {
	cloud := echo(t)
	stranger := gatewaytest.New(t)
	replace := func(old, new string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, new, 1))
		}
	}
	body := func(text string) func(*http.Request) {
		return func(r *http.Request) {
			r.Body, r.ContentLength, r.GetBody = io.NopCloser(strings.NewReader(text)), int64(len(text)), nil
		}
	}
	date := func(ahead time.Duration) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat)) }
	}
	for _, tt := range []struct {
		name           string
		method, path   string
		generic, body  []string
		before, after  func(*http.Request) // around signing
		by             *gatewaytest.Cloud
		want           int
		wantMessageHas string
	}{
		{name: "get", want: 200},
		{name: "get with a version and a query", path: "/20160918/things/a?q=1%202", want: 200},
		{name: "post", method: "POST", path: "/things", want: 200},
		{name: "put", method: "PUT", want: 200},
		{name: "bytes without a signed body", method: "PUT", path: "/bytes/a", body: []string{}, want: 200},
		{name: "no signature", after: func(r *http.Request) { r.Header.Del("Authorization") }, want: 401},
		{name: "another scheme", after: replace("Signature", "Bearer"), want: 401},
		{name: "the target not signed", generic: []string{"date", "host"}, want: 401, wantMessageHas: "(request-target) must be signed"},
		{name: "the host not signed", generic: []string{"date", "(request-target)"}, want: 401, wantMessageHas: "host must be signed"},
		{name: "the date not signed", generic: []string{"(request-target)", "host"}, want: 401, wantMessageHas: "date or x-date must be signed"},
		{name: "a post whose body is not signed", method: "POST", path: "/things", body: []string{}, want: 401, wantMessageHas: "x-content-sha256 must be signed"},
		{name: "a put whose body is not signed", method: "PUT", body: []string{}, want: 401, wantMessageHas: "x-content-sha256 must be signed"},
		{name: "another body", method: "POST", path: "/things", after: body(`{"a":2}`), want: 401, wantMessageHas: "does not match the body"},
		{name: "another path", after: func(r *http.Request) { r.URL.Path = "/things/b" }, want: 401},
		{name: "another query", after: func(r *http.Request) { r.URL.RawQuery = "all=true" }, want: 401},
		{name: "another method", after: func(r *http.Request) { r.Method = "PUT" }, want: 401},
		{name: "four minutes late", before: date(-4 * time.Minute), want: 200},
		{name: "six minutes late", before: date(-6 * time.Minute), want: 401, wantMessageHas: "differs"},
		{name: "six minutes early", before: date(6 * time.Minute), want: 401, wantMessageHas: "differs"},
		{name: "late, with a new date that is not signed", before: date(-6 * time.Minute), after: func(r *http.Request) {
			r.Header.Set("X-Date", time.Now().UTC().Format(http.TimeFormat))
		}, want: 401, wantMessageHas: "differs"},
		{name: "another date", after: date(-time.Minute), want: 401},
		{name: "no date at all", before: func(r *http.Request) { r.Header.Set("Date", "yesterday") }, want: 401, wantMessageHas: "not an HTTP date"},
		{name: "another algorithm", after: replace("rsa-sha256", "hmac-sha256"), want: 401, wantMessageHas: "rsa-sha256"},
		{name: "not base64", after: replace(`signature="`, `signature="*`), want: 401, wantMessageHas: "base64"},
		{name: "the key of another cloud", by: stranger, want: 401},
		{name: "an unknown key id", after: replace("ocid1.tenancy", "ocid1.another"), want: 401, wantMessageHas: "unknown or expired key"},
		{name: "another cloud's key under our key id", by: stranger, after: replace(stranger.Tenancy.KeyID(), cloud.Tenancy.KeyID()), want: 401, wantMessageHas: "Failed to verify"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.method == "" {
				tt.method = http.MethodGet
			}
			if tt.path == "" {
				tt.path = "/things/a"
			}
			if tt.generic == nil {
				tt.generic = generic
			}
			signsBody := tt.body == nil
			var content io.Reader
			if tt.method != http.MethodGet {
				content = strings.NewReader(`{"a":1}`)
			}
			request, err := http.NewRequest(tt.method, host+tt.path, content)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/json")
			date(0)(request)
			if tt.before != nil {
				tt.before(request)
			}
			by := cloud
			if tt.by != nil {
				by = tt.by
			}
			signer := common.RequestSignerWithBodyHashingPredicate(by.Credentials(), tt.generic, ofBody, func(r *http.Request) bool {
				return signsBody && r.Method != http.MethodGet
			})
			if err := signer.Sign(request); err != nil {
				t.Fatal(err)
			}
			if tt.after != nil {
				tt.after(request)
			}
			response, err := cloud.Client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != tt.want || !strings.Contains(string(text), tt.wantMessageHas) {
				t.Fatalf("answer is %d %s, want %d with %q", response.StatusCode, text, tt.want, tt.wantMessageHas)
			}
			if tt.want == 401 && !strings.Contains(string(text), `"code":"NotAuthenticated"`) {
				t.Errorf("error is %s", text)
			}
			if tt.want == 200 && !strings.Contains(string(text), cloud.Tenancy.UserID) {
				t.Errorf("the caller is not known: %s", text)
			}
		})
	}
}

func TestSessionTokensSign(t *testing.T) {
	cloud := echo(t)
	const workload = "ocid1.fnfunc.oc1.us-ashburn-1.workload"
	token, key, err := cloud.Tenancy.Session(workload, "fnfunc", "ocid1.compartment.oc1..any")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		token string
		want  int
	}{
		"as issued": {token, 200},
		"forged":    {forge(t, token), 401},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequest(http.MethodGet, host+"/things/a", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
			private, err := common.PrivateKeyFromBytes(key, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := common.RequestSigner(session{private, tt.token}, generic, ofBody).Sign(request); err != nil {
				t.Fatal(err)
			}
			response, err := cloud.Client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != tt.want || (tt.want == 200) != strings.Contains(string(text), workload) {
				t.Errorf("answer is %d %s", response.StatusCode, text)
			}
		})
	}
}

// forge changes a token's claims and leaves its signature.
func forge(t *testing.T, token string) string {
	t.Helper()
	parts := strings.Split(token, ".")
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	parts[1] = base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(claims), "workload", "forged", 1)))
	return strings.Join(parts, ".")
}
