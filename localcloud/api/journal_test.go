package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
)

// recording is a cloud with a service that reads what it is sent.
func recording(t *testing.T) *gatewaytest.Cloud {
	t.Helper()
	cloud := gatewaytest.New(t)
	service := api.NewService("test", "test.{region}.oraclecloud.com")
	read := func(c *api.Call) (*api.Response, error) {
		_, err := io.Copy(io.Discard, c.Body)
		return api.OK(map[string]any{"id": "ocid1.thing.oc1..made", "token": "verysecret"}), err
	}
	service.Route("CreateThing", "POST /things", read, api.NoPermission)
	service.Route("UpdateThing", "PUT /things", read, api.NoPermission)
	service.RouteStream("PutBytes", "PUT /bytes", read, api.NoPermission)
	service.RouteOpen("AddDocument", "POST /documents", read)
	cloud.Add(service)
	return cloud
}

func TestJournalKeepsBodiesWithoutSecrets(t *testing.T) {
	for _, tt := range []struct {
		name, path, method string
		body, want         string
	}{
		{"sorted", "/things", "POST", `{"b": 1, "a": {"d": null, "c": [true, 9007199254740993]}}`, `{"a":{"c":[true,9007199254740993],"d":null},"b":1}`},
		{"password", "/things", "POST", `{"adminPassword": "verysecret", "displayName": "x"}`, `{"adminPassword":"***","displayName":"x"}`},
		{"secret content", "/things", "POST", `{"secretContent": {"contentType": "BASE64", "content": "verysecret"}, "secretName": "x"}`,
			`{"secretContent":{"content":"***","contentType":"BASE64"},"secretName":"x"}`},
		{"variables", "/things", "PUT", `{"config": {"DB_PASSWORD": "verysecret", "SECRET_ID": "ocid1.x", "DB_SECRET_OCID": "y", "api-key": "verysecret"}}`,
			`{"config":{"DB_PASSWORD":"***","DB_SECRET_OCID":"y","SECRET_ID":"ocid1.x","api-key":"***"}}`},
		{"pull secrets", "/things", "POST", `{"imagePullSecrets": [{"secretType": "BASIC", "registryEndpoint": "r", "password": "verysecret"}]}`,
			`{"imagePullSecrets":[{"password":"***","registryEndpoint":"r","secretType":"BASIC"}]}`},
		{"key", "/things", "POST", `{"pem": "-----BEGIN RSA PRIVATE KEY-----\nverysecret\n-----END RSA PRIVATE KEY-----"}`, `{"pem":"***"}`},
		{"pre-authenticated request", "/things", "POST", `{"from": "https://x/p/verysecret/n/a/b/c/o/d"}`, `{"from":"https://x/p/***/n/a/b/c/o/d"}`},
		{"web token", "/things", "POST", `["Bearer eyJhbGciOi.verysecret.sig"]`, `["Bearer ***"]`},
		{"session token", "/things", "POST", `["keyId=ST$verysecret"]`, `["keyId=***"]`},
		{"a flag and a time", "/things", "POST", `{"isTokenUsed": true, "tokenExpiryInSeconds": "60"}`, `{"isTokenUsed":true,"tokenExpiryInSeconds":"60"}`},
		{"no JSON", "/things", "POST", "not-json, verysecret!", `{"$length":21,"$sha256":"e485ef552659d456d91ff8fd99d28332d3ef466d25bc5223bc6d394deadc7d90"}`},
		{"two values", "/things", "POST", `{"a":1} {"verysecret"}`, `{"$length":22,"$sha256":"ebb52c5f20d949eb6f41b1ddfd245dab788f0d7ce78a9fec7be68b4977131815"}`},
		{"long", "/things", "POST", `{"a":"` + strings.Repeat("verysecret", 2000) + `"}`, `{"$length":20008,"$sha256":"21a07a9d90e9039713aa5421261e11481540946b500b07b97728706ad7a3605c"}`},
		{"stream", "/bytes", "PUT", `{"c":"verysecret"}   `, `{"$length":21,"$sha256":"6c8198a5cd4e235fd0bd837a6aca26601a5f50ae5aa6797008f2b09c534efe4a"}`},
		{"another service's", "/documents", "POST", `{"c":"verysecret"}   `, `{"$length":21,"$sha256":"6c8198a5cd4e235fd0bd837a6aca26601a5f50ae5aa6797008f2b09c534efe4a"}`},
		{"empty", "/things", "POST", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cloud := recording(t)
			request, err := http.NewRequest(tt.method, host+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			if tt.path != "/documents" {
				sign(t, cloud, request)
			}
			response, err := cloud.Client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != http.StatusOK {
				t.Fatal(response.Status)
			}
			entries, err := cloud.Journal.Read(nil)
			if err != nil || len(entries) != 1 {
				t.Fatalf("%d entries, %v", len(entries), err)
			}
			if got := string(entries[0].Body); got != tt.want {
				t.Errorf("the journal has %s, want %s", got, tt.want)
			}
			made := ""
			if tt.method == "POST" {
				made = "ocid1.thing.oc1..made"
			}
			if entries[0].Created != made {
				t.Errorf("created is %q, want %q", entries[0].Created, made)
			}
		})
	}
}

func sign(t *testing.T, cloud *gatewaytest.Cloud, request *http.Request) {
	t.Helper()
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	if err := common.DefaultRequestSigner(cloud.Credentials()).Sign(request); err != nil {
		t.Fatal(err)
	}
}
