package api_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
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
	service.Route("DeleteThing", "DELETE /things/{id}", answer)
	service.Route("HeadThing", "HEAD /things/{id}", answer)
	service.Route("PatchThing", "PATCH /things/{id}", answer)
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
		{name: "delete", method: "DELETE", want: 200},
		{name: "delete whose target is not signed", method: "DELETE", generic: []string{"date", "host"}, want: 401, wantMessageHas: "(request-target) must be signed"},
		{name: "head", method: "HEAD", want: 200},
		{name: "head whose host is not signed", method: "HEAD", generic: []string{"date", "(request-target)"}, want: 401},
		{name: "patch", method: "PATCH", want: 200},
		{name: "a patch whose body is not signed", method: "PATCH", body: []string{}, want: 401, wantMessageHas: "x-content-sha256 must be signed"},
		{name: "a post whose type is not signed", method: "POST", path: "/things", body: []string{"x-content-sha256", "content-length"}, want: 401, wantMessageHas: "content-type must be signed"},
		{name: "a put whose length is not signed", method: "PUT", body: []string{"x-content-sha256", "content-type"}, want: 401, wantMessageHas: "content-length must be signed"},
		{name: "a put whose date is not signed", method: "PUT", generic: []string{"(request-target)", "host"}, want: 401, wantMessageHas: "date or x-date must be signed"},
		{name: "bytes whose host is not signed", method: "PUT", path: "/bytes/a", generic: []string{"date", "(request-target)"}, body: []string{}, want: 401, wantMessageHas: "host must be signed"},
		{name: "another type", method: "PUT", after: func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, want: 401, wantMessageHas: "Failed to verify"},
		{name: "another digest", method: "PUT", after: func(r *http.Request) {
			r.Header.Set("X-Content-Sha256", "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=")
		}, want: 401, wantMessageHas: "Failed to verify"},
		{name: "another host", after: func(r *http.Request) {
			r.Host, r.URL.Host = "test.eu-frankfurt-1.oraclecloud.com", "test.eu-frankfurt-1.oraclecloud.com"
		}, want: 401, wantMessageHas: "Failed to verify"},
		{name: "no version", after: replace(`version="1",`, ""), want: 200},
		{name: "another version", after: replace(`version="1"`, `version="2"`), want: 401, wantMessageHas: "version"},
		{name: "no algorithm", after: replace(`algorithm="rsa-sha256"`, `a="b"`), want: 401, wantMessageHas: "rsa-sha256"},
		{name: "no list of headers", after: replace(`headers="`, `h="`), want: 401, wantMessageHas: "must be signed"},
		{name: "no signature in it", after: replace(`signature="`, `s="`), want: 401, wantMessageHas: "Failed to verify"},
		{name: "a password", after: func(r *http.Request) { r.SetBasicAuth("user", "password") }, want: 401},
		{name: "another body", method: "POST", path: "/things", after: body(`{"a":2}`), want: 401, wantMessageHas: "does not match the body"},
		{name: "another path", after: func(r *http.Request) { r.URL.Path = "/things/b" }, want: 401},
		{name: "another query", after: func(r *http.Request) { r.URL.RawQuery = "all=true" }, want: 401},
		{name: "another method", after: func(r *http.Request) { r.Method = "PUT" }, want: 401},
		{name: "almost five minutes late", before: date(-5*time.Minute + 10*time.Second), want: 200},
		{name: "almost five minutes early", before: date(5*time.Minute - 10*time.Second), want: 200},
		{name: "more than five minutes late", before: date(-5*time.Minute - 2*time.Second), want: 401, wantMessageHas: "differs"},
		{name: "more than five minutes early", before: date(5*time.Minute + 2*time.Second), want: 401, wantMessageHas: "differs"},
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
			if tt.body == nil {
				tt.body = ofBody
			}
			var content io.Reader
			withBody := slices.Contains([]string{"POST", "PUT", "PATCH"}, tt.method)
			if withBody {
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
			signer := common.RequestSignerWithBodyHashingPredicate(by.Credentials(), tt.generic, tt.body, func(*http.Request) bool {
				return withBody && len(tt.body) > 0
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
			if response.Header.Get("opc-request-id") == "" {
				t.Error("the answer has no opc-request-id")
			}
			if tt.method == http.MethodHead {
				if response.StatusCode != tt.want {
					t.Errorf("answer is %d, want %d", response.StatusCode, tt.want)
				}
				return
			}
			if response.StatusCode != tt.want || !strings.Contains(string(text), tt.wantMessageHas) {
				t.Fatalf("answer is %d %s, want %d with %q", response.StatusCode, text, tt.want, tt.wantMessageHas)
			}
			var failure struct{ Code, Message string }
			if err := json.Unmarshal(text, &failure); err != nil || tt.want == 401 && (failure.Code != "NotAuthenticated" || failure.Message == "") {
				t.Errorf("error is %s, %v", text, err)
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
	_, another, err := cloud.Tenancy.Session("ocid1.fnfunc.oc1.us-ashburn-1.another", "fnfunc", "ocid1.compartment.oc1..any")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		token string
		key   []byte
		want  int
	}{
		"as issued":                 {token, key, 200},
		"forged":                    {forge(t, token), key, 401},
		"another workload's key":    {token, another, 401},
		"expired":                   {reissue(t, cloud, token, time.Now().Add(-time.Second)), key, 401},
		"issued again":              {reissue(t, cloud, token, time.Now().Add(time.Minute)), key, 200},
		"never ending":              {reissue(t, cloud, token, time.Time{}), key, 401},
		"issued by another tenancy": {reissue(t, gatewaytest.New(t), token, time.Now().Add(time.Minute)), key, 401},
		"no token":                  {"", key, 401},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequest(http.MethodGet, host+"/things/a", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
			private, err := common.PrivateKeyFromBytes(tt.key, nil)
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

// reissue gives a token another end, none when it is zero, and signs it as a tenancy
// does.
func reissue(t *testing.T, cloud *gatewaytest.Cloud, token string, end time.Time) string {
	t.Helper()
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
		t.Fatal(err)
	}
	delete(claims, "exp")
	if !end.IsZero() {
		claims["exp"] = end.Unix()
	}
	raw, err := os.ReadFile(filepath.Join(filepath.Dir(cloud.Tenancy.KeyFile), "token-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := common.PrivateKeyFromBytes(raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
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
