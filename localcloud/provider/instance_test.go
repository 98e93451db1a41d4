package provider_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// TestInstancesAreSeparate: two providers of one program attach to one port,
// each with its region.
func TestInstancesAreSeparate(t *testing.T) {
	server := vcns()
	theCloud.serve(t, server.routes())
	port := start(t)
	here, home := attach(t, port, "eu-frankfurt-1"), attach(t, port, "us-phoenix-1")
	here.create(vcn, vcnInputs)
	home.create(vcn, vcnInputs)
	here.create(vcn, vcnInputs)
	var hosts []string
	for _, r := range theCloud.seen("POST", "/vcns") {
		hosts = append(hosts, r.host)
	}
	want := []string{"iaas.eu-frankfurt-1.oraclecloud.com", "iaas.us-phoenix-1.oraclecloud.com", "iaas.eu-frankfurt-1.oraclecloud.com"}
	if !reflect.DeepEqual(hosts, want) {
		t.Errorf("requests went to %v, want %v", hosts, want)
	}
	// Cancelling one leaves the other alone.
	if _, err := here.Cancel(t.Context(), &emptypb.Empty{}); err != nil {
		t.Fatal(err)
	}
	home.create(vcn, vcnInputs)
}

func TestPluginInfo(t *testing.T) {
	info, err := ready(t).GetPluginInfo(t.Context(), &emptypb.Empty{})
	if err != nil || info.GetVersion() != "2.20.0" {
		t.Errorf("got %v, %v", info, err)
	}
}

func TestCheck(t *testing.T) {
	e := ready(t)
	for _, c := range []struct {
		name, token string
		inputs      object
		want        []string // beginnings of the failures
	}{
		{"misspelt", vcn, object{"compartmentId": "c", "cidrBlok": "10.0.0.0/16"}, []string{"cidrBlok: there is no such property"}},
		{"nearly right", vcn, object{"compartmentId": "c", "displayname": "x"}, []string{"displayname: there is no such property, but there is displayName"}},
		{"missing", vcn, object{}, []string{"compartmentId: missing required property"}},
		{"misspelt within", "oci:Core/routeTable:RouteTable", object{"compartmentId": "c", "vcnId": "v", "routeRules": list{object{"networkEntityId": "g", "dest": "0.0.0.0/0"}}},
			[]string{"routeRules[0].dest: there is no such property"}},
		{"missing within", "oci:Core/routeTable:RouteTable", object{"compartmentId": "c", "vcnId": "v", "routeRules": list{object{"destination": "0.0.0.0/0"}}},
			[]string{"routeRules[0].networkEntityId: missing required property"}},
		{"wrong type", vcn, object{"compartmentId": "c", "cidrBlocks": "10.0.0.0/16"}, []string{"cidrBlocks: is a string, want a list"}},
		{"not ours", "oci:ObjectStorage/bucket:Bucket", object{"compartmentId": "c", "namespace": "n", "retentionRules": list{object{"displayName": "r"}}},
			[]string{"retentionRules: not supported by this provider"}},
		{"not known yet", vcn, object{"compartmentId": unknown, "cidrBlocks": unknown}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := &engine{e.ResourceProviderClient, t}
			_, failures := e.check(c.token, c.inputs)
			if len(failures) != len(c.want) {
				t.Fatalf("failures %q, want %q", failures, c.want)
			}
			for i, want := range c.want {
				if !strings.HasPrefix(failures[i], want) {
					t.Errorf("failure %q, want %q", failures[i], want)
				}
			}
		})
	}
}

func TestAutomaticNames(t *testing.T) {
	e := ready(t)
	const token = "oci:Identity/policy:Policy"
	inputs := object{"compartmentId": "c", "description": "d", "statements": list{"s"}}
	checked, failures := e.check(token, inputs)
	name, ok := checked["name"].(string)
	if !ok || !strings.HasPrefix(name, "thing-") || len(name) != len("thing-")+7 || failures != nil {
		t.Fatalf("named %v, %v", checked["name"], failures)
	}
	again, err := e.Check(t.Context(), &pulumirpc.CheckRequest{Urn: urnOf(token), Olds: wire(t, checked), News: wire(t, inputs), RandomSeed: []byte(strings.Repeat("x", 32))})
	if err != nil || plainly(t, again.GetInputs())["name"] != name {
		t.Errorf("renamed to %v, %v", again, err)
	}
	if checked, _ := e.check(vcn, object{"compartmentId": "c"}); checked["name"] != nil {
		t.Errorf("a VCN has no name, but got %v", checked["name"])
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	e := ready(t)
	answer, err := e.CheckConfig(t.Context(), &pulumirpc.CheckRequest{News: wire(t, object{"region": "us-ashburn-1", "regoin": "x"})})
	if err != nil || len(answer.GetFailures()) != 1 || answer.GetFailures()[0].GetProperty() != "regoin" {
		t.Errorf("got %v, %v", answer, err)
	}
	_, err = e.Configure(t.Context(), &pulumirpc.ConfigureRequest{Args: wire(t, object{"tenancyOcid": "t"})})
	if err == nil || !strings.Contains(err.Error(), "region") {
		t.Errorf("without a region: %v", err)
	}
}

func TestFunctions(t *testing.T) {
	services := list{
		object{"id": "ocid1.service.1", "name": "OCI IAD Object Storage", "cidrBlock": "oci-iad-objectstorage", "description": "a"},
		object{"id": "ocid1.service.2", "name": "All IAD Services In Oracle Services Network", "cidrBlock": "all-iad-services", "description": "b"},
	}
	pages := map[string]list{"": services[:1], "2": services[1:]}
	theCloud.serve(t, map[string]http.HandlerFunc{
		"GET /20160918/services": func(w http.ResponseWriter, r *http.Request) {
			page := r.URL.Query().Get("page")
			if page == "" {
				w.Header().Set("opc-next-page", "2")
			}
			reply(w, 200, pages[page])
		},
		"GET /n/": func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, "mynamespace") },
		"GET /20160918/regions": func(w http.ResponseWriter, _ *http.Request) {
			reply(w, 200, list{object{"key": "IAD", "name": "us-ashburn-1"}})
		},
		"GET /20160918/tenancies/t/regionSubscriptions": func(w http.ResponseWriter, _ *http.Request) {
			reply(w, 200, list{object{"regionKey": "IAD", "regionName": "us-ashburn-1", "status": "READY", "isHomeRegion": true}})
		},
		"GET /20160918/availabilityDomains": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("compartmentId") != "c" {
				refuse(w, 400, "MissingParameter")
				return
			}
			reply(w, 200, list{object{"id": "ad1", "name": "Uocm:IAD-AD-1"}, object{"id": "ad2", "name": "Uocm:IAD-AD-2"}})
		},
		"GET /20190301/secretbundles/s": func(w http.ResponseWriter, r *http.Request) {
			reply(w, 200, object{"secretId": "s", "versionNumber": 3, "stages": list{r.URL.Query().Get("stage")},
				"secretBundleContent": object{"contentType": "BASE64", "content": "YWJj"}})
		},
		"GET /20180608/keys/k": func(w http.ResponseWriter, r *http.Request) {
			reply(w, 200, object{"id": "k", "compartmentId": "of-" + r.Host, "vaultId": "v"})
		},
		"GET /20210415/containerInstanceShapes": func(w http.ResponseWriter, _ *http.Request) {
			reply(w, 200, object{"items": list{object{"name": "CI.Standard.E4.Flex"}, object{"name": "CI.Standard.A1.Flex"}}})
		},
	})
	e := ready(t)
	for _, c := range []struct {
		token string
		args  object
		field string
		want  any
	}{
		{"oci:Core/getServices:getServices", object{"filters": list{object{"name": "name", "values": list{"All .* Services In Oracle Services Network"}, "regex": true}}},
			"services", list{services[1]}},
		{"oci:Core/getServices:getServices", object{"filters": list{object{"name": "cidr_block", "values": list{"x", "oci-iad-objectstorage"}}}}, "services", list{services[0]}},
		{"oci:Core/getServices:getServices", object{}, "services", services},
		{"oci:ObjectStorage/getNamespace:getNamespace", object{"compartmentId": "c"}, "namespace", "mynamespace"},
		{"oci:Identity/getRegions:getRegions", object{}, "regions", list{object{"key": "IAD", "name": "us-ashburn-1"}}},
		{"oci:Identity/getRegionSubscriptions:getRegionSubscriptions", object{"tenancyId": "t"}, "regionSubscriptions",
			list{object{"regionKey": "IAD", "regionName": "us-ashburn-1", "state": "READY", "isHomeRegion": true}}},
		{"oci:Identity/getAvailabilityDomain:getAvailabilityDomain", object{"compartmentId": "c", "adNumber": 2.0}, "name", "Uocm:IAD-AD-2"},
		{"oci:Secrets/getSecretbundle:getSecretbundle", object{"secretId": "s", "stage": "CURRENT"}, "secretBundleContents",
			list{object{"contentType": "BASE64", "content": "YWJj"}}},
		{"oci:Secrets/getSecretbundle:getSecretbundle", object{"secretId": "s", "stage": "CURRENT"}, "versionNumber", "3"},
		{"oci:Kms/getKey:getKey", object{"keyId": "k", "managementEndpoint": "https://a-management.kms.us-ashburn-1.oraclecloud.com"},
			"compartmentId", "of-a-management.kms.us-ashburn-1.oraclecloud.com"},
		{"oci:ContainerInstances/getContainerInstanceShapes:getContainerInstanceShapes",
			object{"compartmentId": "c", "filters": list{object{"name": "name", "values": list{"CI.Standard.A1.Flex"}}}},
			"containerInstanceShapeCollections", list{object{"items": list{object{"name": "CI.Standard.A1.Flex"}}}}},
	} {
		answer, err := e.Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: c.token, Args: wire(t, c.args)})
		if err != nil || len(answer.GetFailures()) > 0 {
			t.Errorf("%s: %v, %v", c.token, answer.GetFailures(), err)
			continue
		}
		if got := plainly(t, answer.GetReturn())[c.field]; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %s is %v\nwant %v", c.token, c.field, got, c.want)
		}
	}
	answer, err := e.Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: "oci:Core/getVnic:getVnic", Args: wire(t, object{})})
	if err != nil || len(answer.GetFailures()) != 1 {
		t.Errorf("a missing argument: %v, %v", answer, err)
	}
}
