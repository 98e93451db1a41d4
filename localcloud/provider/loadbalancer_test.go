package provider_test

import (
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// TestLoadBalancerParts: composite ids, work requests, and conflicts waited out.
func TestLoadBalancerParts(t *testing.T) {
	const token = "oci:LoadBalancer/backend:Backend"
	var attempts, polls atomic.Int32
	exists := atomic.Bool{}
	theCloud.serve(t, map[string]http.HandlerFunc{
		"POST /20170115/loadBalancers/lb/backendSets/web/backends": func(w http.ResponseWriter, _ *http.Request) {
			if attempts.Add(1) < 3 {
				refuse(w, http.StatusConflict, "Conflict")
				return
			}
			w.Header().Set("opc-work-request-id", "wr1")
			w.WriteHeader(http.StatusNoContent)
		},
		"GET /20170115/loadBalancerWorkRequests/wr1": func(w http.ResponseWriter, _ *http.Request) {
			state := "IN_PROGRESS"
			if polls.Add(1) > 2 {
				state = "SUCCEEDED"
				exists.Store(true)
			}
			reply(w, 200, object{"id": "wr1", "loadBalancerId": "lb", "lifecycleState": state, "type": "CreateBackend", "message": "", "errorDetails": list{}, "timeAccepted": "2030-01-01T00:00:00Z"})
		},
		"GET /20170115/loadBalancers/lb/backendSets/web/backends/{name}": func(w http.ResponseWriter, r *http.Request) {
			if !exists.Load() || r.PathValue("name") != "10.0.1.7:8080" {
				refuse(w, http.StatusNotFound, "NotAuthorizedOrNotFound")
				return
			}
			reply(w, 200, object{"name": "10.0.1.7:8080", "ipAddress": "10.0.1.7", "port": 8080, "weight": 1, "backup": false, "drain": false, "offline": false})
		},
		"PUT /20170115/loadBalancers/lb/backendSets/web/backends/{name}": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("opc-work-request-id", "wr1")
			w.WriteHeader(http.StatusNoContent)
		},
	})
	e := ready(t)
	inputs := object{"loadBalancerId": "lb", "backendsetName": "web", "ipAddress": "10.0.1.7", "port": 8080.0}
	id, outputs := e.create(token, inputs)
	if body := theCloud.seen("POST", "/backends")[0].body; !reflect.DeepEqual(body, object{"ipAddress": "10.0.1.7", "port": 8080.0, "backup": false}) {
		t.Errorf("create sent %v", body)
	}
	if id != "loadBalancers/lb/backendSets/web/backends/10.0.1.7:8080" || outputs["weight"] != 1.0 || attempts.Load() != 3 {
		t.Errorf("id %s, outputs %v, attempts %d", id, outputs, attempts.Load())
	}
	if _, err := e.update(token, id, inputs, with(inputs, object{"drain": true}), outputs); err != nil {
		t.Fatal(err)
	}
	if body := theCloud.seen("PUT", "/10.0.1.7:8080")[0].body; !reflect.DeepEqual(body, object{"weight": 1.0, "backup": false, "drain": true, "offline": false}) {
		t.Errorf("update sent %v", body)
	}
}

func TestWorkRequestFailureIsTold(t *testing.T) {
	theCloud.serve(t, map[string]http.HandlerFunc{
		"POST /20170115/loadBalancers": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("opc-work-request-id", "wr")
			w.WriteHeader(http.StatusNoContent)
		},
		"GET /20170115/loadBalancerWorkRequests/wr": func(w http.ResponseWriter, _ *http.Request) {
			reply(w, 200, object{"id": "wr", "loadBalancerId": "lb", "lifecycleState": "FAILED", "errorDetails": list{object{"errorCode": "BAD_INPUT", "message": "no such subnet"}}})
		},
	})
	_, err := ready(t).Create(t.Context(), &pulumirpc.CreateRequest{
		Urn: urnOf("oci:LoadBalancer/loadBalancer:LoadBalancer"), Properties: wire(t, object{"compartmentId": "c", "displayName": "lb", "shape": "flexible", "subnetIds": list{"s"}}),
	})
	if left := halfDone(t, err); left.GetId() != "lb" || !strings.Contains(left.GetReasons()[0], "no such subnet") {
		t.Errorf("left %v", left)
	}
}

// TestBackendSetKeepsItsBackends: an update replaces the set whole, so it names
// the backends, which Pulumi knows as resources of their own.
func TestBackendSetKeepsItsBackends(t *testing.T) {
	const token = "oci:LoadBalancer/backendSet:BackendSet"
	checker := object{"protocol": "HTTP", "urlPath": "/health", "intervalInMillis": 5000.0}
	theCloud.serve(t, map[string]http.HandlerFunc{
		"GET /20170115/loadBalancers/lb/backendSets/web": func(w http.ResponseWriter, _ *http.Request) {
			reply(w, 200, object{"name": "web", "policy": "ROUND_ROBIN", "healthChecker": with(checker, object{"port": 0}), "backends": list{
				object{"name": "10.0.0.1:80", "ipAddress": "10.0.0.1", "port": 80, "weight": 2, "backup": false, "drain": true, "offline": false},
			}})
		},
		"PUT /20170115/loadBalancers/lb/backendSets/web": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
	})
	e := ready(t)
	inputs := object{"loadBalancerId": "lb", "name": "web", "policy": "ROUND_ROBIN", "healthChecker": object{"protocol": "HTTP", "urlPath": "/health", "intervalMs": 5000.0}}
	id, _, refreshed := e.look(token, "loadBalancers/lb/backendSets/web", inputs, inputs)
	if !reflect.DeepEqual(refreshed, inputs) {
		t.Errorf("read back as %v", refreshed)
	}
	if _, err := e.update(token, id, inputs, with(inputs, object{"policy": "LEAST_CONNECTIONS"}), inputs); err != nil {
		t.Fatal(err)
	}
	want := object{"policy": "LEAST_CONNECTIONS", "healthChecker": checker, "backends": list{
		object{"ipAddress": "10.0.0.1", "port": 80.0, "weight": 2.0, "backup": false, "drain": true, "offline": false},
	}}
	if body := theCloud.seen("PUT", "/backendSets/web")[0].body; !reflect.DeepEqual(body, want) {
		t.Errorf("sent %v\nwant %v", body, want)
	}
}

// TestListenerIsReadFromItsLoadBalancer: there is no request for one listener.
func TestListenerIsReadFromItsLoadBalancer(t *testing.T) {
	const token, id = "oci:LoadBalancer/listener:Listener", "loadBalancers/lb/listeners/http"
	created := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	theCloud.serve(t, map[string]http.HandlerFunc{"POST /20170115/loadBalancers/lb/listeners": created, "GET /20170115/loadBalancers/lb": func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, object{"id": "lb", "listeners": object{"http": object{
			"name": "http", "port": 80, "protocol": "HTTP", "defaultBackendSetName": "web", "connectionConfiguration": object{"idleTimeout": 300},
		}}})
	}})
	e := ready(t)
	inputs := object{"loadBalancerId": "lb", "name": "http", "port": 80.0, "protocol": "HTTP", "defaultBackendSetName": "web",
		"connectionConfiguration": object{"idleTimeoutInSeconds": "300"}}
	e.create(token, inputs)
	if names := theCloud.seen("POST", "/listeners")[0].body["hostnameNames"]; !reflect.DeepEqual(names, list{}) {
		t.Errorf("create sent host names %v", names)
	}
	if _, _, refreshed := e.look(token, id, inputs, inputs); !reflect.DeepEqual(refreshed, inputs) {
		t.Errorf("read back as %v", refreshed)
	}
	if found, _, _ := e.look(token, "loadBalancers/lb/listeners/other", inputs, inputs); found != "" {
		t.Error("found a listener that is not there")
	}
}
