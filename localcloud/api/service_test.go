package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
)

// open is a cloud with a service that anybody may call.
func open(t *testing.T) *gatewaytest.Cloud {
	t.Helper()
	cloud := gatewaytest.New(t)
	service := api.NewService("test", "test.{region}.oraclecloud.com")
	service.RouteOpen("ListNumbers", "GET /numbers", func(c *api.Call) (*api.Response, error) {
		return api.Page(c, []int{0, 1, 2, 3, 4}, c.Query("collection") != "")
	})
	service.RouteOpen("ListNothing", "GET /nothing", func(c *api.Call) (*api.Response, error) { return api.Page(c, []int(nil), false) })
	service.RouteOpen("UseSecret", "GET /p/{bearer}/x", func(c *api.Call) (*api.Response, error) { return api.OK(c.Param("bearer")), nil })
	service.RouteOpen("Panic", "GET /panic", func(*api.Call) (*api.Response, error) { panic("a bug") })
	service.RouteOpen("Fail", "GET /fail", func(*api.Call) (*api.Response, error) {
		return nil, fmt.Errorf("while failing: %w", api.Conflict("Taken", "%q is taken.", "it"))
	})
	cloud.Add(service)
	return cloud
}

func get(t *testing.T, cloud *gatewaytest.Cloud, path string) (*http.Response, string) {
	t.Helper()
	response, err := cloud.Client.Get(host + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, strings.TrimSpace(string(text))
}

func TestPages(t *testing.T) {
	cloud := open(t)
	for _, tt := range []struct {
		path   string
		status int
		body   string // or what the message says
		next   string
	}{
		{"/numbers", 200, "[0,1,2,3,4]", ""},
		{"/numbers?limit=2", 200, "[0,1]", "2"},
		{"/numbers?limit=2&page=2", 200, "[2,3]", "4"},
		{"/numbers?limit=2&page=4", 200, "[4]", ""},
		{"/numbers?limit=2&page=2&collection=1", 200, `{"items":[2,3]}`, "4"},
		{"/numbers?page=9", 200, "[]", ""},
		{"/numbers?limit=9223372036854775807&page=1", 200, "[1,2,3,4]", ""},
		{"/nothing", 200, "[]", ""},
		{"/numbers?limit=0", 400, "limit must be a positive integer", ""},
		{"/numbers?limit=-1", 400, "limit must be a positive integer", ""},
		{"/numbers?limit=two", 400, "limit must be a positive integer", ""},
		{"/numbers?limit=99999999999999999999", 400, "limit must be a positive integer", ""},
		{"/numbers?page=-1", 400, "not a token of this list", ""},
		{"/numbers?page=two", 400, "not a token of this list", ""},
	} {
		t.Run(tt.path, func(t *testing.T) {
			response, text := get(t, cloud, tt.path)
			if response.StatusCode != tt.status || response.Header.Get("opc-next-page") != tt.next {
				t.Errorf("answer is %s, next page %q", response.Status, response.Header.Get("opc-next-page"))
			}
			if tt.status == 200 && text != tt.body || !strings.Contains(text, tt.body) {
				t.Errorf("body is %s, want %s", text, tt.body)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	cloud := open(t)
	for path, want := range map[string]struct {
		status        int
		code, message string
	}{
		"/fail":    {409, "Taken", `"it" is taken.`},
		"/panic":   {500, "InternalServerError", "operation panicked: a bug"},
		"/unknown": {501, "MethodNotImplemented", "does not serve GET /unknown"},
	} {
		t.Run(path, func(t *testing.T) {
			response, text := get(t, cloud, path)
			var e api.Error
			if err := json.Unmarshal([]byte(text), &e); err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != want.status || e.Code != want.code || !strings.Contains(e.Message, want.message) {
				t.Errorf("answer is %s %s", response.Status, text)
			}
			if response.Header.Get("opc-request-id") == "" {
				t.Error("the answer has no opc-request-id")
			}
		})
	}
}

func TestJournal(t *testing.T) {
	cloud := open(t)
	get(t, cloud, "/20160918/numbers?limit=2")
	get(t, cloud, "/fail")
	get(t, cloud, "/p/verysecret/x")
	get(t, cloud, "/unknown")
	var told []string
	entries, err := cloud.Journal.Read(func(e api.Entry) bool {
		return !e.Time.IsZero() && e.Duration >= 0 && e.ID != "" && e.Service == "test"
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		told = append(told, fmt.Sprint(e.Operation, " ", e.Method, " ", e.Path, " ", e.Status, " ", strings.SplitN(e.Error, ":", 2)[0]))
	}
	want := []string{
		"ListNumbers GET /numbers?limit=2 200 ", "Fail GET /fail 409 Taken", "UseSecret GET /p/***/x 200 ", "unknown GET /unknown 501 MethodNotImplemented",
	}
	if got := strings.Join(told, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("the journal has\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}
