package journal_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"oci-media-pipelines/docs"
	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/journal"
)

const (
	network = "iaas.us-ashburn-1.oraclecloud.com"
	subnetA = "ocid1.subnet.oc1.iad.aaaaaaaaaaaaaaaaaaaa"
	subnetB = "ocid1.subnet.oc1.iad.bbbbbbbbbbbbbbbbbbbb"
	subnetC = "ocid1.subnet.oc1.iad.cccccccccccccccccccc"
	subnetD = "ocid1.subnet.oc1.iad.dddddddddddddddddddd"
)

// entry is a request: "METHOD path", its operation, its body.
func entry(line, operation, body string) api.Entry {
	method, path, _ := strings.Cut(line, " ")
	return api.Entry{Principal: iam.Principal{Type: "user"}, Operation: operation, Method: method, Host: network, Path: path, Body: json.RawMessage(body)}
}

// created is a request that made a resource.
func created(line, operation, body, id string) api.Entry {
	e := entry(line, operation, body)
	e.Created = id
	return e
}

// on is a request to another host.
func on(host string, e api.Entry) api.Entry {
	e.Host = host
	return e
}

// by is a request of somebody else.
func by(who string, e api.Entry) api.Entry {
	e.Principal.Type = iam.PrincipalType(who)
	return e
}

// twoPipelines makes pipelines, each with a stage and one after it, that are named alike.
func twoPipelines(cloud string, names ...string) []api.Entry {
	var all []api.Entry
	for _, name := range names {
		pipeline, first, second := "ocid1.devopsbuildpipeline.oc1.iad.pipeline"+name+cloud, "ocid1.devopsbuildpipelinestage.oc1.iad.first"+name+cloud, "ocid1.devopsbuildpipelinestage.oc1.iad.second"+name+cloud
		stage := func(display, before, id string) api.Entry {
			return created("POST /20210630/buildPipelineStages", "CreateBuildPipelineStage", `{"displayName":"`+display+`","buildPipelineId":"`+pipeline+`","before":"`+before+`"}`, id)
		}
		all = append(all, created("POST /20210630/buildPipelines", "CreateBuildPipeline", `{"displayName":"`+name+`"}`, pipeline), stage("build", pipeline, first), stage("deliver", first, second))
	}
	return all
}

func TestCompare(t *testing.T) {
	vcn := entry("POST /20160918/vcns", "CreateVcn", `{"displayName":"v"}`)
	for _, tt := range []struct {
		name     string
		a, b     []api.Entry
		compared int
		want     []string // lines of the report, but for the last
	}{
		{"nothing", nil, nil, 0, nil},
		{"alike", []api.Entry{vcn}, []api.Entry{vcn}, 1, nil},
		{"parts of the same name, in another order", twoPipelines("in1", "a", "b"), twoPipelines("in2", "b", "a"), 6, nil},
		{"another version of the API", []api.Entry{vcn}, []api.Entry{entry("POST /20200101/vcns", "CreateVcn", `{"displayName":"v"}`)}, 1, nil},
		{"another order", []api.Entry{vcn, entry("GET /vcns", "ListVcns", "")}, []api.Entry{entry("GET /vcns", "ListVcns", ""), vcn}, 2, nil},
		{"polls", []api.Entry{entry("GET /vcns/1", "GetVcn", "")}, []api.Entry{entry("GET /vcns/1", "GetVcn", ""), entry("GET /vcns/1", "GetVcn", "")}, 1, nil},
		{"order of a query", []api.Entry{entry("GET /vcns?a=1&b=2", "ListVcns", "")}, []api.Entry{entry("GET /vcns?b=2&a=1", "ListVcns", "")}, 1, nil},
		{"order of fields", []api.Entry{entry("GET /b?fields=a,b", "GetBucket", "")}, []api.Entry{entry("GET /b?fields=b%2Ca", "GetBucket", "")}, 1, nil},
		{"order of a set", []api.Entry{entry("POST /x", "X", `{"routeRules":[{"a":1},{"b":2}]}`)}, []api.Entry{entry("POST /x", "X", `{"routeRules":[{"b":2},{"a":1}]}`)}, 1, nil},
		{"order of a list", []api.Entry{entry("POST /x", "X", `{"arguments":["a","b"]}`)}, []api.Entry{entry("POST /x", "X", `{"arguments":["b","a"]}`)}, 2,
			[]string{"~ differs, 1×: POST https://" + network + "/x (X)", `    body.arguments[0]: "a" and "b"`, `    body.arguments[1]: "b" and "a"`}},
		{"a write twice", []api.Entry{vcn}, []api.Entry{vcn, vcn}, 2, []string{"+ only in B, 1×: POST https://" + network + "/vcns (CreateVcn)", `    {"displayName":"v"}`}},
		{"a read more", []api.Entry{entry("GET /vcns", "ListVcns", "")}, nil, 1, []string{"- only in A, 1×: GET https://" + network + "/vcns (ListVcns)"}},
		{"a member", []api.Entry{vcn}, []api.Entry{entry("POST /vcns", "CreateVcn", `{"displayName":"v","dnsLabel":"d"}`)}, 2,
			[]string{"~ differs, 1×: POST https://" + network + "/vcns (CreateVcn)", `    body.dnsLabel: nothing and "d"`}},
		{"a member within a list", []api.Entry{entry("POST /x", "X", `{"l":[1,{"m":"a"}]}`)}, []api.Entry{entry("POST /x", "X", `{"l":[1,{"m":"b"}]}`)}, 2,
			[]string{"~ differs, 1×: POST https://" + network + "/x (X)", `    body.l[1].m: "a" and "b"`}},
		{"lists of two lengths", []api.Entry{entry("POST /x", "X", `{"l":[1]}`)}, []api.Entry{entry("POST /x", "X", `{"l":[1,2]}`)}, 2,
			[]string{"~ differs, 1×: POST https://" + network + "/x (X)", `    body.l: [1] and [1,2]`}},
		{"a query", []api.Entry{entry("DELETE /x?force=true", "X", "")}, []api.Entry{entry("DELETE /x", "X", "")}, 2,
			[]string{"~ differs, 1×: DELETE https://" + network + "/x?force=true (X)", `    query: "force=true" and ""`}},
		{"another host", []api.Entry{vcn}, []api.Entry{on("iaas.eu-frankfurt-1.oraclecloud.com", vcn)}, 2,
			[]string{"- only in A, 1×: POST https://" + network + "/vcns (CreateVcn)", `    {"displayName":"v"}`, "+ only in B, 1×: POST https://iaas.eu-frankfurt-1.oraclecloud.com/vcns (CreateVcn)", `    {"displayName":"v"}`}},
		{"others' requests", []api.Entry{vcn}, []api.Entry{vcn, by("resource", vcn), by("", vcn)}, 1, nil},
		{"the same resources under other ids",
			[]api.Entry{
				created("POST /subnets", "CreateSubnet", `{"displayName":"web"}`, subnetA), created("POST /subnets", "CreateSubnet", `{"displayName":"app"}`, subnetB),
				entry("POST /loadBalancers", "CreateLoadBalancer", `{"subnetIds":["`+subnetA+`"]}`), entry("DELETE /subnets/"+subnetB, "DeleteSubnet", ""),
			},
			[]api.Entry{
				created("POST /subnets", "CreateSubnet", `{"displayName":"app"}`, subnetC), created("POST /subnets", "CreateSubnet", `{"displayName":"web"}`, subnetD),
				entry("POST /loadBalancers", "CreateLoadBalancer", `{"subnetIds":["`+subnetD+`"]}`), entry("DELETE /subnets/"+subnetC, "DeleteSubnet", ""),
			}, 4, nil},
		{"another resource",
			[]api.Entry{
				created("POST /subnets", "CreateSubnet", `{"displayName":"web"}`, subnetA), created("POST /subnets", "CreateSubnet", `{"displayName":"app"}`, subnetB),
				entry("POST /loadBalancers", "CreateLoadBalancer", `{"subnetIds":["`+subnetA+`"]}`),
			},
			[]api.Entry{
				created("POST /subnets", "CreateSubnet", `{"displayName":"web"}`, subnetC), created("POST /subnets", "CreateSubnet", `{"displayName":"app"}`, subnetD),
				entry("POST /loadBalancers", "CreateLoadBalancer", `{"subnetIds":["`+subnetD+`"]}`),
			}, 4, []string{"~ differs, 1×: POST https://" + network + "/loadBalancers (CreateLoadBalancer)", `    body.subnetIds[0]: "<subnet web>" and "<subnet app>"`}},
		{"one of two with a name",
			[]api.Entry{created("POST /subnets", "C", `{"name":"n"}`, subnetA), created("POST /subnets", "C", `{"name":"n"}`, subnetB), entry("DELETE /subnets/"+subnetA, "D", "")},
			[]api.Entry{created("POST /subnets", "C", `{"name":"n"}`, subnetC), created("POST /subnets", "C", `{"name":"n"}`, subnetD), entry("DELETE /subnets/"+subnetD, "D", "")},
			4, []string{"- only in A, 1×: DELETE https://" + network + "/subnets/<subnet n> (D)", "+ only in B, 1×: DELETE https://" + network + "/subnets/<subnet n #2> (D)"}},
		{"a resource of both", []api.Entry{entry("GET /compartments/ocid1.compartment.oc1..x", "G", ""), entry("GET /compartments/ocid1.compartment.oc1..y", "G", "")},
			[]api.Entry{entry("GET /compartments/ocid1.compartment.oc1..x", "G", "")}, 2,
			[]string{"- only in A, 1×: GET https://" + network + "/compartments/<compartment> (G)"}},
		{"a host named after a resource",
			[]api.Entry{created("POST /vaults", "C", `{"displayName":"v"}`, subnetA), on("aaaaaaaaaaaa-management.kms.us-ashburn-1.oraclecloud.com", entry("POST /keys", "K", ""))},
			[]api.Entry{created("POST /vaults", "C", `{"displayName":"v"}`, subnetB), on("bbbbbbbbbbbb-management.kms.us-ashburn-1.oraclecloud.com", entry("POST /keys", "K", ""))}, 2, nil},
		{"what a cloud makes up",
			[]api.Entry{entry("POST /x/10.0.0.3:80", "X", `{"at":"2030-01-01T00:00:00.5Z","by":"0C5F7FB4-8A3B-4D9E-9C57-6C6E4AF2A111","rules":["04ABEC"],"n":"1234567890123456","s":"name-0a1b2c3d"}`)},
			[]api.Entry{entry("POST /x/10.0.0.4:80", "X", `{"at":"2031-01-01T01:00:00+01:00","by":"1c5f7fb4-8a3b-4d9e-9c57-6c6e4af2a111","rules":["15BCFD"],"n":"9934567890123456","s":"name-3d2c1b0a"}`)}, 1, nil},
		{"address ranges are settings", []api.Entry{entry("POST /x", "X", `{"cidr":"10.0.0.0/16"}`)}, []api.Entry{entry("POST /x", "X", `{"cidr":"10.1.0.0/16"}`)}, 2,
			[]string{"~ differs, 1×: POST https://" + network + "/x (X)", `    body.cidr: "10.0.0.0/16" and "10.1.0.0/16"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			report := journal.Compare(tt.a, tt.b, nil)
			if report.Compared != tt.compared {
				t.Errorf("%d requests compared, want %d", report.Compared, tt.compared)
			}
			var out bytes.Buffer
			if err := report.Print(&out, "A", "B"); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			if got := lines[:len(lines)-1]; strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("the report is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			if (report.Left() == 0) != (len(tt.want) == 0) {
				t.Errorf("%d differences are left", report.Left())
			}
		})
	}
}

func TestProvidersDifferences(t *testing.T) {
	for _, tt := range []struct {
		name string
		a, b []api.Entry
		left int
	}{
		{"a known read", []api.Entry{entry("GET /workRequests/1", "GetWorkRequest", "")}, nil, 0},
		{"a read that is not known", []api.Entry{entry("GET /vcns/1", "GetVcn", "")}, nil, 1},
		{"both forms of an image", []api.Entry{entry("POST /functions", "CreateFunction", `{"displayName":"f","image":"i","imageDigest":"d"}`)},
			[]api.Entry{entry("POST /functions", "CreateFunction", `{"displayName":"f","sourceDetails":{"sourceType":"CONTAINER_IMAGE","image":"i","imageDigest":"d"}}`)}, 0},
		{"another image", []api.Entry{entry("POST /functions", "CreateFunction", `{"image":"i"}`)},
			[]api.Entry{entry("POST /functions", "CreateFunction", `{"sourceDetails":{"sourceType":"CONTAINER_IMAGE","image":"j"}}`)}, 1},
		{"another source", []api.Entry{entry("POST /functions", "CreateFunction", `{"image":"i"}`)},
			[]api.Entry{entry("POST /functions", "CreateFunction", `{"sourceDetails":{"sourceType":"PRE_BUILT_FUNCTIONS","image":"i"}}`)}, 1},
		{"an update that repeats", []api.Entry{entry("PUT /functions/1", "UpdateFunction", `{"memoryInMBs":512,"image":"i"}`)}, []api.Entry{entry("PUT /functions/1", "UpdateFunction", `{"memoryInMBs":512}`)}, 0},
		{"an update to something else", []api.Entry{entry("PUT /functions/1", "UpdateFunction", `{"memoryInMBs":512,"image":"i"}`)}, []api.Entry{entry("PUT /functions/1", "UpdateFunction", `{"memoryInMBs":256}`)}, 1},
		{"an update of nothing", []api.Entry{entry("PUT /functions/1", "UpdateFunction", `{"memoryInMBs":512}`)}, []api.Entry{entry("PUT /functions/1", "UpdateFunction", `{}`)}, 1},
		{"a creation that says more", []api.Entry{entry("POST /vcns", "CreateVcn", `{"a":1,"b":2}`)}, []api.Entry{entry("POST /vcns", "CreateVcn", `{"a":1}`)}, 1},
		{"after a change of shape", []api.Entry{entry("PUT /loadBalancers/1", "UpdateLoadBalancer", `{"displayName":"l"}`)}, nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, pair := range [][2][]api.Entry{{tt.a, tt.b}, {tt.b, tt.a}} {
				if report := journal.Compare(pair[0], pair[1], journal.Providers); report.Left() != tt.left || len(report.Differences) != 1 {
					t.Errorf("%d differences are left of %+v, want %d", report.Left(), report.Differences, tt.left)
				}
			}
		})
	}
}

func TestFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	entries := []api.Entry{entry("POST /vcns", "CreateVcn", `{"displayName":"<v>"}`), by("resource", entry("GET /vcns", "ListVcns", ""))}
	var out bytes.Buffer
	if err := journal.Write(&out, entries); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := journal.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if len(got[i].Body) == 0 {
			got[i].Body = json.RawMessage("")
		}
	}
	if !reflect.DeepEqual(got, entries) {
		t.Errorf("read back as %+v", got)
	}
	if _, err := journal.Read(path + "x"); err == nil {
		t.Error("a file that is not there is read")
	}
	if err := os.WriteFile(path, []byte("[]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Read(path); err == nil || !strings.Contains(err.Error(), "localcloud journal export") {
		t.Errorf("a file that is no journal: %v", err)
	}
}

func TestKindsOfDifferenceAccepted(t *testing.T) {
	docs.WantFigure(t, "kinds of difference accepted", len(journal.Providers))
	for _, kind := range journal.Providers {
		if kind.Reason == "" {
			t.Error("a kind of difference is accepted without a reason")
		}
	}
}
