package kind_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

// routes serves route tables, whose rules are objects inside the body.
func routes(t *testing.T) (*gatewaytest.Cloud, core.VirtualNetworkClient) {
	cloud, client := networking(t)
	service := api.NewService("routes", "routes.{region}.oraclecloud.com")
	cloud.Engine.Register(service, kind.Kind{
		Name: "RouteTable", Type: "routetable", Path: "/routeTables", Active: "AVAILABLE",
		Create: core.CreateRouteTableDetails{}, Update: core.UpdateRouteTableDetails{},
		Limits: []kind.Count{{Limit: limits.RouteTables, Per: "vcnId"}},
	})
	cloud.Add(service)
	client.Host = "https://routes.us-ashburn-1.oraclecloud.com"
	return cloud, client
}

// send makes a signed request that no SDK would.
func send(t *testing.T, cloud *gatewaytest.Cloud, method, url, body string) error {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	if err := common.DefaultRequestSigner(cloud.Credentials()).Sign(request); err != nil {
		t.Fatal(err)
	}
	response, err := cloud.Client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode < 300 {
		return nil
	}
	refused := refusal{status: response.StatusCode}
	if err := json.NewDecoder(response.Body).Decode(&refused); err != nil {
		t.Fatal(err)
	}
	return refused
}

// refusal is an error body, as the SDK's own errors are read.
type refusal struct {
	status  int
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (r refusal) Error() string           { return r.Code + ": " + r.Message }
func (r refusal) GetHTTPStatusCode() int  { return r.status }
func (r refusal) GetCode() string         { return r.Code }
func (r refusal) GetMessage() string      { return r.Message }
func (r refusal) GetOpcRequestID() string { return "" }

func wantRefusal(t *testing.T, err error, status int, code, words string) {
	t.Helper()
	var failure common.ServiceError
	if !errors.As(err, &failure) {
		t.Fatalf("error is %v, want a service error %d %s", err, status, code)
	}
	if failure.GetHTTPStatusCode() != status || failure.GetCode() != code || !strings.Contains(failure.GetMessage(), words) {
		t.Fatalf("error is %d %s %q, want %d %s with %q", failure.GetHTTPStatusCode(), failure.GetCode(), failure.GetMessage(), status, code, words)
	}
}

func TestFieldsInsideObjectsAreChecked(t *testing.T) {
	cloud, _ := routes(t)
	for _, tt := range []struct{ name, rules, code, words string }{
		{"a mandatory field is missing", `[{"destination": "0.0.0.0/0"}]`, "MissingParameter", "routeRules[0].networkEntityId is required"},
		{"a field is misspelt", `[{"networkEntityId": "x", "destinaton": "0.0.0.0/0"}]`, "InvalidParameter", "routeRules[0].destinaton is not a field"},
		{"a value is outside its enumeration", `[{"networkEntityId": "x", "destinationType": "IP"}]`, "InvalidParameter", "DestinationType"},
		{"a string is a number", `[{"networkEntityId": 7}]`, "CannotParseRequest", "networkEntityId"},
		{"an object is a string", `["x"]`, "CannotParseRequest", "routeRules"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := fmt.Sprintf(`{"compartmentId": %q, "vcnId": "v", "routeRules": %s}`, iam.CompartmentID, tt.rules)
			err := send(t, cloud, "POST", "https://routes.us-ashburn-1.oraclecloud.com/20160918/routeTables", body)
			wantRefusal(t, err, 400, tt.code, tt.words)
		})
	}
}

func TestWhatAResourceKeepsForLifeCannotBeUpdated(t *testing.T) {
	cloud, client := networking(t)
	made, err := client.CreateVcn(t.Context(), vcn("one"))
	if err != nil {
		t.Fatal(err)
	}
	url := "https://iaas.us-ashburn-1.oraclecloud.com/20160918/vcns/" + *made.Id
	wantRefusal(t, send(t, cloud, "PUT", url, `{"dnsLabel": "other"}`), 400, "InvalidParameter", "dnsLabel cannot be changed")
	wantRefusal(t, send(t, cloud, "PUT", url, `{"colour": "red"}`), 400, "InvalidParameter", "colour is not a field of UpdateVcnDetails")
}

func TestDisplayNamesAndTagsHaveTheirLimits(t *testing.T) {
	_, client := networking(t)
	made, err := client.CreateVcn(t.Context(), vcn("one"))
	if err != nil {
		t.Fatal(err)
	}
	many := map[string]string{}
	for i := range 11 {
		many[fmt.Sprint("key", i)] = "value"
	}
	for _, tt := range []struct {
		name  string
		edit  core.UpdateVcnDetails
		words string
	}{
		{"a name is empty", core.UpdateVcnDetails{DisplayName: common.String("")}, "displayName"},
		{"a name has 256 characters", core.UpdateVcnDetails{DisplayName: common.String(strings.Repeat("é", 256))}, "it has 256"},
		{"a resource has eleven free-form tags", core.UpdateVcnDetails{FreeformTags: many}, "11 tags"},
		{"a tag's key has a space", core.UpdateVcnDetails{FreeformTags: map[string]string{"cost centre": "42"}}, `"cost centre"`},
		{"a tag's key has a period", core.UpdateVcnDetails{FreeformTags: map[string]string{"cost.centre": "42"}}, `"cost.centre"`},
		{"a tag's key has 101 characters", core.UpdateVcnDetails{FreeformTags: map[string]string{strings.Repeat("k", 101): "42"}}, "100 printable"},
		{"a tag's value has 257 characters", core.UpdateVcnDetails{FreeformTags: map[string]string{"key": strings.Repeat("v", 257)}}, "value of key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := client.UpdateVcn(t.Context(), core.UpdateVcnRequest{VcnId: made.Id, UpdateVcnDetails: tt.edit})
			wantRefusal(t, err, 400, "InvalidParameter", tt.words)
			create := vcn("two")
			create.FreeformTags = tt.edit.FreeformTags
			if tt.edit.DisplayName != nil {
				create.DisplayName = tt.edit.DisplayName
			}
			_, err = client.CreateVcn(t.Context(), create)
			wantRefusal(t, err, 400, "InvalidParameter", tt.words)
		})
	}
	longest := core.UpdateVcnDetails{DisplayName: common.String(strings.Repeat("é", 255)), FreeformTags: map[string]string{strings.Repeat("k", 100): strings.Repeat("é", 256)}}
	if _, err := client.UpdateVcn(t.Context(), core.UpdateVcnRequest{VcnId: made.Id, UpdateVcnDetails: longest}); err != nil {
		t.Error(err)
	}
}

func TestServiceLimitsCountPerParentAndEndWithDeletion(t *testing.T) {
	cloud, client := routes(t)
	cloud.Engine.Limits().Set(limits.RouteTables, 2)
	create := func(vcn string) (core.CreateRouteTableResponse, error) {
		return client.CreateRouteTable(t.Context(), core.CreateRouteTableRequest{CreateRouteTableDetails: core.CreateRouteTableDetails{
			CompartmentId: common.String(iam.CompartmentID), VcnId: common.String(vcn), RouteRules: []core.RouteRule{}}})
	}
	var made core.CreateRouteTableResponse
	for _, vcn := range []string{"a", "b", "a"} {
		var err error
		if made, err = create(vcn); err != nil {
			t.Fatal(err)
		}
	}
	_, err := create("a")
	wantRefusal(t, err, 400, "LimitExceeded", "The following service limits were exceeded: route-tables-per-vcn-count.")
	if _, err := client.DeleteRouteTable(t.Context(), core.DeleteRouteTableRequest{RtId: made.Id}); err != nil {
		t.Fatal(err)
	}
	if _, err := create("a"); err != nil {
		t.Error(err)
	}
}
