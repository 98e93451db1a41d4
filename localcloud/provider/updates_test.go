package provider_test

import (
	"net/http"
	"reflect"
	"sync/atomic"
	"testing"
)

// TestUpdateSendsWhatChanged: no more than the change and what the API insists
// on; a new secret content alone makes a new version, a new image alone changes
// a function.
func TestUpdateSendsWhatChanged(t *testing.T) {
	for _, c := range []struct {
		name, token, base string
		inputs, changes   object
		want              object
	}{
		{"secret", "oci:Vault/secret:Secret", "/20180608/secrets",
			object{"compartmentId": "c", "keyId": "k", "vaultId": "v", "secretName": "n", "description": "d", "secretContent": object{"contentType": "BASE64", "content": "YQ=="}},
			object{"secretContent": object{"contentType": "BASE64", "content": "Yg=="}},
			object{"secretContent": object{"contentType": "BASE64", "content": "Yg=="}}},
		{"function image", "oci:Functions/function:Function", "/20260325/functions",
			object{"applicationId": "a", "displayName": "f", "memoryInMbs": "256", "image": "h/f:1", "config": object{"A": "1"}},
			object{"image": "h/f:2"},
			object{"sourceDetails": object{"sourceType": "CONTAINER_IMAGE", "image": "h/f:2"}}},
		{"function setting", "oci:Functions/function:Function", "/20260325/functions",
			object{"applicationId": "a", "displayName": "f", "memoryInMbs": "256", "image": "h/f:1", "config": object{"A": "1", "B": "2"}},
			object{"config": object{"A": "1"}},
			object{"config": object{"A": "1"}}},
		{"rules taken away", "oci:Core/securityList:SecurityList", "/20160918/securityLists",
			object{"compartmentId": "c", "vcnId": "v", "ingressSecurityRules": list{object{"protocol": "6", "source": "0.0.0.0/0"}}},
			object{"ingressSecurityRules": nil},
			object{"ingressSecurityRules": list{}}},
		{"alarm", "oci:Monitoring/alarm:Alarm", "/20180401/alarms",
			object{"compartmentId": "c", "displayName": "a", "destinations": list{"t"}, "isEnabled": true, "metricCompartmentId": "c", "namespace": "oci_faas", "query": "q", "severity": "CRITICAL"},
			object{"severity": "WARNING"},
			object{"severity": "WARNING"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := newCollection(c.base, nil)
			server.state = "ACTIVE"
			theCloud.serve(t, server.routes())
			e := ready(t)
			id, outputs := e.create(c.token, c.inputs)
			if _, err := e.update(c.token, id, c.inputs, with(c.inputs, c.changes), outputs); err != nil {
				t.Fatal(err)
			}
			if body := theCloud.seen("PUT", id)[0].body; !reflect.DeepEqual(body, c.want) {
				t.Errorf("sent %v\nwant %v", body, c.want)
			}
		})
	}
}

func TestUnsupportedChangeIsAnError(t *testing.T) {
	server := vcns()
	theCloud.serve(t, server.routes())
	e := ready(t)
	id, outputs := e.create(vcn, vcnInputs)
	_, err := e.update(vcn, id, vcnInputs, with(vcnInputs, object{"cidrBlocks": list{"10.1.0.0/16"}, "displayName": "x"}), outputs)
	if err == nil || len(theCloud.seen("PUT", id)) != 0 {
		t.Errorf("got %v, and %d requests", err, len(theCloud.seen("PUT", id)))
	}
}

func TestMoveToAnotherCompartment(t *testing.T) {
	server := vcns()
	routes := server.routes()
	routes["POST /20160918/vcns/{id}/actions/changeCompartment"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	theCloud.serve(t, routes)
	e := ready(t)
	id, outputs := e.create(vcn, vcnInputs)
	if _, err := e.update(vcn, id, vcnInputs, with(vcnInputs, object{"compartmentId": "other"}), outputs); err != nil {
		t.Fatal(err)
	}
	moves := theCloud.seen("POST", "/actions/changeCompartment")
	if len(moves) != 1 || !reflect.DeepEqual(moves[0].body, object{"compartmentId": "other"}) {
		t.Errorf("moves %v", moves)
	}
}

// TestWorkRequestNamesTheResource: a log's creation answers with nothing but a
// work request.
func TestWorkRequestNamesTheResource(t *testing.T) {
	const token = "oci:Logging/log:Log"
	deleted := atomic.Bool{}
	theCloud.serve(t, map[string]http.HandlerFunc{
		"POST /20200531/logGroups/g/logs": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("opc-work-request-id", "wr")
			w.WriteHeader(http.StatusAccepted)
		},
		"GET /20200531/workRequests/wr": func(w http.ResponseWriter, _ *http.Request) {
			reply(w, 200, object{"id": "wr", "status": "SUCCEEDED", "resources": list{
				object{"entityType": "loggroup", "actionType": "RELATED", "identifier": "g"},
				object{"entityType": "log", "actionType": "CREATED", "identifier": "ocid1.log"},
			}})
		},
		"GET /20200531/logGroups/g/logs/ocid1.log": func(w http.ResponseWriter, _ *http.Request) {
			if deleted.Load() {
				refuse(w, http.StatusNotFound, "NotAuthorizedOrNotFound")
				return
			}
			reply(w, 200, object{"id": "ocid1.log", "logGroupId": "g", "displayName": "invoke", "logType": "SERVICE", "lifecycleState": "ACTIVE", "isEnabled": true,
				"configuration": object{"source": object{"sourceType": "OCISERVICE", "service": "functions", "resource": "app", "category": "invoke"}, "compartmentId": "c"}})
		},
		"DELETE /20200531/logGroups/g/logs/ocid1.log": func(w http.ResponseWriter, _ *http.Request) {
			deleted.Store(true)
			w.Header().Set("opc-work-request-id", "wr")
			w.WriteHeader(http.StatusAccepted)
		},
	})
	e := ready(t)
	inputs := object{"logGroupId": "g", "displayName": "invoke", "logType": "SERVICE", "isEnabled": true, "configuration": object{
		"source": object{"sourceType": "OCISERVICE", "service": "functions", "resource": "app", "category": "invoke"},
	}}
	id, outputs := e.create(token, inputs)
	if id != "ocid1.log" {
		t.Fatalf("id %s", id)
	}
	source := theCloud.seen("POST", "/logs")[0].body["configuration"].(object)["source"]
	if !reflect.DeepEqual(source, inputs["configuration"].(object)["source"]) {
		t.Errorf("sent source %v", source)
	}
	if _, _, refreshed := e.look(token, id, inputs, outputs); !reflect.DeepEqual(refreshed, inputs) {
		t.Errorf("read back as %v", refreshed)
	}
	if err := e.delete(token, id, inputs, outputs); err != nil || !deleted.Load() {
		t.Errorf("delete: %v", err)
	}
}

// TestCompartmentStaysUnlessAllowed: like the official provider.
func TestCompartmentStaysUnlessAllowed(t *testing.T) {
	const token = "oci:Identity/compartment:Compartment"
	server := newCollection("/20160918/compartments", nil)
	server.state = "ACTIVE"
	theCloud.serve(t, server.routes())
	e := ready(t)
	inputs := object{"description": "d", "name": "n"}
	id, outputs := e.create(token, inputs)
	if parent := theCloud.seen("POST", "/compartments")[0].body["compartmentId"]; parent != "ocid1.tenancy.oc1..t" {
		t.Errorf("created under %v", parent)
	}
	if err := e.delete(token, id, inputs, outputs); err != nil || len(theCloud.seen("DELETE", id)) != 0 {
		t.Errorf("deleted although not allowed: %v", err)
	}
	if err := e.delete(token, id, with(inputs, object{"enableDelete": true}), outputs); err != nil || len(theCloud.seen("DELETE", id)) != 1 {
		t.Errorf("not deleted although allowed: %v", err)
	}
}
