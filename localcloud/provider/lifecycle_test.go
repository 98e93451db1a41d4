package provider_test

import (
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

const vcn = "oci:Core/vcn:Vcn"

var vcnInputs = object{
	"compartmentId": "ocid1.compartment.oc1..c", "cidrBlocks": list{"10.0.0.0/16"}, "displayName": "net",
	"freeformTags": object{"project": "shop"}, "definedTags": object{"ops.owner": "me"}, "isIpv6enabled": false,
}

func vcns() *collection {
	return newCollection("/20160918/vcns", object{"dnsLabel": "servermade", "vcnDomainName": "servermade.oraclevcn.com", "defaultSecurityListId": "ocid1.securitylist.oc1..d"})
}

func TestLifeCycle(t *testing.T) {
	server := vcns()
	theCloud.serve(t, server.routes())
	e := ready(t)

	preview, err := e.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urnOf(vcn), Properties: wire(t, vcnInputs), Preview: true})
	if err != nil {
		t.Fatal(err)
	}
	foreseen := properties(t, preview.GetProperties())
	if !foreseen["defaultSecurityListId"].IsComputed() || foreseen["displayName"].StringValue() != "net" {
		t.Errorf("preview foresees %v", foreseen)
	}
	if n := len(theCloud.seen("POST", "/vcns")); n != 0 {
		t.Fatalf("preview sent %d requests", n)
	}

	id, outputs := e.create(vcn, vcnInputs)
	sent := theCloud.seen("POST", "/vcns")[0]
	if sent.header.Get("opc-retry-token") == "" || !strings.HasPrefix(sent.header.Get("Authorization"), "Signature ") {
		t.Errorf("headers %v", sent.header)
	}
	want := object{
		"compartmentId": "ocid1.compartment.oc1..c", "cidrBlocks": list{"10.0.0.0/16"}, "displayName": "net",
		"freeformTags": object{"project": "shop"}, "definedTags": object{"ops": object{"owner": "me"}}, "isIpv6Enabled": false,
	}
	if !reflect.DeepEqual(sent.body, want) {
		t.Errorf("sent %v\nwant %v", sent.body, want)
	}
	for name, value := range (object{
		"state": "AVAILABLE", "definedTags": object{"ops.owner": "me"}, "dnsLabel": "servermade", "timeCreated": "2030-01-02 03:04:05.678 +0000 UTC",
		"isIpv6enabled": false,
	}) {
		if !reflect.DeepEqual(outputs[name], value) {
			t.Errorf("output %s is %v, want %v", name, outputs[name], value)
		}
	}

	if d := e.diff(vcn, id, vcnInputs, vcnInputs, outputs); d.GetChanges() != pulumirpc.DiffResponse_DIFF_NONE {
		t.Errorf("no change shows as %v", d)
	}
	renamed := with(vcnInputs, object{"displayName": "network", "freeformTags": nil})
	d := e.diff(vcn, id, vcnInputs, renamed, outputs)
	if d.GetChanges() != pulumirpc.DiffResponse_DIFF_SOME || len(d.GetReplaces()) != 0 || !reflect.DeepEqual(d.GetDiffs(), []string{"displayName"}) {
		t.Errorf("a new name shows as %v", d)
	}
	updated, err := e.update(vcn, id, vcnInputs, renamed, outputs)
	if err != nil || updated["displayName"] != "network" {
		t.Fatalf("update: %v, %v", updated, err)
	}
	if body := theCloud.seen("PUT", id)[0].body; !reflect.DeepEqual(body, object{"displayName": "network"}) {
		t.Errorf("update sent %v", body)
	}

	if err := e.delete(vcn, id, renamed, updated); err != nil {
		t.Fatal(err)
	}
	if found, _, _ := e.look(vcn, id, renamed, updated); found != "" {
		t.Errorf("found %s after its deletion", found)
	}
	if err := e.delete(vcn, id, renamed, updated); err != nil {
		t.Errorf("second delete: %v", err)
	}
}

func TestReplace(t *testing.T) {
	e := ready(t)
	for _, c := range []struct {
		name     string
		token    string
		old, new object
		replaces []string
		changes  pulumirpc.DiffResponse_DiffChanges
	}{
		{"flagged input", vcn, object{"dnsLabel": "a"}, object{"dnsLabel": "b"}, []string{"dnsLabel"}, pulumirpc.DiffResponse_DIFF_SOME},
		{"not known yet", vcn, object{"dnsLabel": "a"}, object{"dnsLabel": unknown}, []string{"dnsLabel"}, pulumirpc.DiffResponse_DIFF_SOME},
		{"flagged part", "oci:Logging/log:Log",
			object{"configuration": object{"source": object{"resource": "a", "category": "c"}}},
			object{"configuration": object{"source": object{"resource": "b", "category": "c"}}}, []string{"configuration"}, pulumirpc.DiffResponse_DIFF_SOME},
		{"no longer set", vcn, object{"dnsLabel": "a"}, object{}, nil, pulumirpc.DiffResponse_DIFF_NONE},
		{"order of a list", vcn, object{"cidrBlocks": list{"a", "b"}}, object{"cidrBlocks": list{"b", "a"}}, nil, pulumirpc.DiffResponse_DIFF_NONE},
		{"same instant", "oci:ObjectStorage/preauthrequest:Preauthrequest",
			object{"timeExpires": "2030-01-01T00:00:00Z"}, object{"timeExpires": "2030-01-01T01:00:00+01:00"}, nil, pulumirpc.DiffResponse_DIFF_NONE},
		{"rules taken away", "oci:Core/securityList:SecurityList",
			object{"ingressSecurityRules": list{object{"protocol": "6", "source": "0.0.0.0/0"}}}, object{}, nil, pulumirpc.DiffResponse_DIFF_SOME},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := &engine{e.ResourceProviderClient, t}
			d := e.diff(c.token, "ocid1.x", c.old, c.new, object{"state": "AVAILABLE"})
			if !reflect.DeepEqual(d.GetReplaces(), c.replaces) || d.GetChanges() != c.changes || d.GetDeleteBeforeReplace() {
				t.Errorf("got %v", d)
			}
		})
	}
}

// TestSetToWhatOCIChose: a program that sets what OCI had chosen for it changes
// nothing, not even where a change would replace the resource.
func TestSetToWhatOCIChose(t *testing.T) {
	e := ready(t)
	const token = "oci:ContainerEngine/containerInstance:ContainerInstance"
	state := object{"state": "ACTIVE", "faultDomain": "FAULT-DOMAIN-1"}
	for domain, changes := range map[string]pulumirpc.DiffResponse_DiffChanges{
		"FAULT-DOMAIN-1": pulumirpc.DiffResponse_DIFF_NONE, "FAULT-DOMAIN-2": pulumirpc.DiffResponse_DIFF_SOME,
	} {
		if d := e.diff(token, "ocid1.x", object{}, object{"faultDomain": domain}, state); d.GetChanges() != changes || len(d.GetReplaces()) != len(d.GetDiffs()) {
			t.Errorf("%s: %v", domain, d)
		}
	}
}

// TestFromTheOfficialProvider: what that provider noted in a stack's state is no
// change, in whatever depth.
func TestFromTheOfficialProvider(t *testing.T) {
	e := ready(t)
	noted := object{"__defaults": list{}, "compartmentId": "c", "displayName": "k", "managementEndpoint": "m",
		"keyShape": object{"__defaults": list{}, "algorithm": "AES", "length": 32.0}}
	wanted := object{"compartmentId": "c", "displayName": "k", "managementEndpoint": "m", "keyShape": object{"algorithm": "AES", "length": 32.0}}
	if d := e.diff("oci:Kms/key:Key", "ocid1.x", noted, wanted, object{"__meta": "{}", "state": "ENABLED"}); d.GetChanges() != pulumirpc.DiffResponse_DIFF_NONE {
		t.Errorf("got %v", d)
	}
	rules := func(note object) object {
		return object{"compartmentId": "c", "vcnId": "v", "routeRules": list{with(object{"networkEntityId": "g", "destination": "0.0.0.0/0"}, note)}}
	}
	if d := e.diff("oci:Core/routeTable:RouteTable", "ocid1.x", rules(object{"__defaults": list{}}), rules(nil), object{}); d.GetChanges() != pulumirpc.DiffResponse_DIFF_NONE {
		t.Errorf("got %v", d)
	}
}

func TestIgnoredChanges(t *testing.T) {
	e := ready(t)
	d, err := e.Diff(t.Context(), &pulumirpc.DiffRequest{
		Id: "ocid1.x", Urn: urnOf(vcn), Olds: wire(t, object{}), OldInputs: wire(t, object{"displayName": "a", "dnsLabel": "a"}),
		News: wire(t, object{"displayName": "b", "dnsLabel": "b"}), IgnoreChanges: []string{"dnsLabel"},
	})
	if err != nil || !reflect.DeepEqual(d.GetDiffs(), []string{"displayName"}) || len(d.GetReplaces()) != 0 {
		t.Errorf("got %v, %v", d, err)
	}
}

func TestDrift(t *testing.T) {
	server := vcns()
	theCloud.serve(t, server.routes())
	e := ready(t)
	id, outputs := e.create(vcn, vcnInputs)

	_, _, refreshed := e.look(vcn, id, vcnInputs, outputs)
	if !reflect.DeepEqual(refreshed, vcnInputs) {
		t.Errorf("refresh of an unchanged resource gives inputs %v\nwant %v", refreshed, vcnInputs)
	}

	server.set(id, "displayName", "renamed by hand")
	server.set(id, "freeformTags", object{"project": "shop", "extra": "1"})
	server.set(id, "definedTags", object{"ops": object{"owner": "me"}, "Oracle-Tags": object{"CreatedBy": "somebody"}})
	_, outputs, refreshed = e.look(vcn, id, vcnInputs, outputs)
	want := with(vcnInputs, object{"displayName": "renamed by hand", "freeformTags": object{"project": "shop", "extra": "1"}})
	if !reflect.DeepEqual(refreshed, want) {
		t.Errorf("refresh gives inputs %v\nwant %v", refreshed, want)
	}
	d := e.diff(vcn, id, refreshed, vcnInputs, outputs)
	if !reflect.DeepEqual(d.GetDiffs(), []string{"displayName", "freeformTags"}) {
		t.Errorf("drift shows as %v", d)
	}
	if _, err := e.update(vcn, id, refreshed, vcnInputs, outputs); err != nil {
		t.Fatal(err)
	}
	if _, _, repaired := e.look(vcn, id, vcnInputs, outputs); !reflect.DeepEqual(repaired, vcnInputs) {
		t.Errorf("after the repair inputs are %v", repaired)
	}
}

func TestImportTakesWhatTheCloudTells(t *testing.T) {
	server := vcns()
	theCloud.serve(t, server.routes())
	e := ready(t)
	id, _ := e.create(vcn, vcnInputs)
	_, _, inputs := e.look(vcn, id, object{}, object{})
	if inputs["displayName"] != "net" || inputs["dnsLabel"] != "servermade" || inputs["vcnDomainName"] != nil {
		t.Errorf("imported inputs %v", inputs)
	}
}

func TestScheduledDeletionIsGone(t *testing.T) {
	server := newCollection("/20180608/vaults", object{})
	server.state = "PENDING_DELETION"
	theCloud.serve(t, server.routes())
	server.items["ocid1.vault"] = object{"id": "ocid1.vault", "lifecycleState": "PENDING_DELETION"}
	if found, _, _ := ready(t).look("oci:Kms/vault:Vault", "ocid1.vault", object{}, object{}); found != "" {
		t.Errorf("a vault that is to be deleted is found as %s", found)
	}
}

func TestFailedCreationIsKept(t *testing.T) {
	const token = "oci:ContainerEngine/containerInstance:ContainerInstance"
	server := newCollection("/20210415/containerInstances", object{"lifecycleDetails": "image pull failed", "containers": list{}, "vnics": list{}})
	server.state = "FAILED"
	theCloud.serve(t, server.routes())
	e := ready(t)
	_, err := e.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urnOf(token), Properties: wire(t, instanceInputs)})
	left := halfDone(t, err)
	state := plainly(t, left.GetProperties())
	if left.GetId() != "ocid1.thing.oc1..1" || state["state"] != "FAILED" || !strings.Contains(left.GetReasons()[0], "image pull failed") {
		t.Errorf("left behind: %v", left)
	}
	if inputs := plainly(t, left.GetInputs()); inputs["shape"] != instanceInputs["shape"] {
		t.Errorf("inputs of the failed resource: %v", inputs)
	}
	d := e.diff(token, left.GetId(), instanceInputs, instanceInputs, state)
	if !reflect.DeepEqual(d.GetReplaces(), []string{"state"}) {
		t.Errorf("the next run would not replace it: %v", d)
	}
}

func TestRefusalSaysWhy(t *testing.T) {
	theCloud.serve(t, map[string]http.HandlerFunc{"POST /20160918/vcns": func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "NotAuthorizedOrNotFound")
	}})
	_, err := ready(t).Create(t.Context(), &pulumirpc.CreateRequest{Urn: urnOf(vcn), Properties: wire(t, vcnInputs)})
	for _, word := range []string{"NotAuthorizedOrNotFound", "404", "opc-request-id REQ-1", "CreateVcn"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("error %v does not say %q", err, word)
		}
	}
}

func TestTimeLimitNamesTheState(t *testing.T) {
	server := vcns()
	server.state = "PROVISIONING"
	theCloud.serve(t, server.routes())
	_, err := ready(t).Create(t.Context(), &pulumirpc.CreateRequest{Urn: urnOf(vcn), Properties: wire(t, vcnInputs), Timeout: 0.3})
	left := halfDone(t, err)
	if !strings.Contains(left.GetReasons()[0], "PROVISIONING") || !strings.Contains(left.GetReasons()[0], "customTimeouts") {
		t.Errorf("got %v", left.GetReasons())
	}
}

func TestCancelEndsWaiting(t *testing.T) {
	server := vcns()
	server.state = "PROVISIONING"
	routes := server.routes()
	polled := make(chan struct{}, 1000)
	var count atomic.Int32
	get := routes["/20160918/vcns/{id}"]
	routes["/20160918/vcns/{id}"] = func(w http.ResponseWriter, r *http.Request) {
		if count.Add(1) < 1000 {
			polled <- struct{}{}
		}
		get(w, r)
	}
	theCloud.serve(t, routes)
	e := ready(t)
	done := make(chan error, 1)
	go func() {
		_, err := e.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urnOf(vcn), Properties: wire(t, vcnInputs)})
		done <- err
	}()
	<-polled
	if _, err := e.Cancel(t.Context(), &emptypb.Empty{}); err != nil {
		t.Fatal(err)
	}
	if left := halfDone(t, <-done); left.GetId() == "" {
		t.Error("the cancelled resource is lost")
	}
}
