package provider_test

import (
	"maps"
	"net/http"
	"reflect"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

var instanceInputs = object{
	"availabilityDomain": "Uocm:US-ASHBURN-AD-1", "compartmentId": "ocid1.compartment.oc1..c", "shape": "CI.Standard.E4.Flex",
	"gracefulShutdownTimeoutInSeconds": "30",
	"shapeConfig":                      object{"ocpus": 1.0, "memoryInGbs": 2.0},
	"vnics":                            list{object{"subnetId": "ocid1.subnet.oc1..s", "isPublicIpAssigned": false, "nsgIds": list{"ocid1.nsg.oc1..n"}}},
	"containers": list{object{
		"imageUrl": "ocir.us-ashburn-1.oci.oraclecloud.com/ns/app:1", "environmentVariables": object{"A": "1"}, "arguments": list{"-v", "-a"},
		"healthChecks": list{object{"healthCheckType": "HTTP", "path": "/health", "port": 8080.0, "failureAction": "KILL"}},
		"volumeMounts": list{object{"mountPath": "/etc/app", "volumeName": "config"}},
	}},
	"volumes": list{
		object{"name": "config", "volumeType": "CONFIGFILE", "configs": list{object{"fileName": "a", "data": "YQ=="}}},
		object{"name": "scratch", "volumeType": "EMPTYDIR", "backingStore": "MEMORY"},
	},
	"imagePullSecrets": list{
		object{"secretType": "VAULT", "registryEndpoint": "ocir.us-ashburn-1.oci.oraclecloud.com", "secretId": "ocid1.vaultsecret.oc1..x"},
		object{"secretType": "BASIC", "registryEndpoint": "docker.io", "username": "dXNlcg==", "password": "cGFzcw=="},
	},
}

// TestPolymorphicBodies compares what goes over the wire, field by field, for
// objects that come in several kinds.
func TestPolymorphicBodies(t *testing.T) {
	for _, c := range []struct {
		token, base string
		inputs      object
		answer      object // what the service adds
		field       string
		want        any
	}{
		{"oci:Vault/secret:Secret", "/20180608/secrets", object{
			"compartmentId": "c", "keyId": "k", "vaultId": "v", "secretName": "password",
			"secretContent": object{"contentType": "BASE64", "content": "c2VjcmV0", "stage": "CURRENT"},
		}, nil, "secretContent", object{"contentType": "BASE64", "content": "c2VjcmV0", "stage": "CURRENT"}},
		{"oci:Events/rule:Rule", "/20181201/rules", object{
			"compartmentId": "c", "condition": "{}", "displayName": "uploads", "isEnabled": true,
			"actions": object{"actions": list{
				object{"actionType": "FAAS", "isEnabled": true, "functionId": "f"},
				object{"actionType": "ONS", "isEnabled": false, "topicId": "t"},
			}},
		}, nil, "actions", object{"actions": list{
			object{"actionType": "FAAS", "isEnabled": true, "functionId": "f"},
			object{"actionType": "ONS", "isEnabled": false, "topicId": "t"},
		}}},
		{"oci:Functions/function:Function", "/20260325/functions", object{
			"applicationId": "a", "displayName": "analyze", "memoryInMbs": "256", "timeoutInSeconds": 60.0, "image": "host/ns/analyze:1", "imageDigest": "sha256:1",
		}, nil, "sourceDetails", object{"sourceType": "CONTAINER_IMAGE", "image": "host/ns/analyze:1", "imageDigest": "sha256:1"}},
		{"oci:Core/securityList:SecurityList", "/20160918/securityLists", object{
			"compartmentId": "c", "vcnId": "v", "ingressSecurityRules": list{
				object{"protocol": "6", "source": "0.0.0.0/0", "stateless": true, "tcpOptions": object{"min": 80.0, "max": 81.0, "sourcePortRange": object{"min": 1.0, "max": 2.0}}},
			},
		}, nil, "ingressSecurityRules", list{
			object{"protocol": "6", "source": "0.0.0.0/0", "isStateless": true, "tcpOptions": object{
				"destinationPortRange": object{"min": 80.0, "max": 81.0}, "sourcePortRange": object{"min": 1.0, "max": 2.0}}},
		}},
		{"oci:ContainerEngine/containerInstance:ContainerInstance", "/20210415/containerInstances", instanceInputs,
			object{"lifecycleState": "ACTIVE", "vnics": list{}, "containers": list{}}, "imagePullSecrets", instanceInputs["imagePullSecrets"]},
	} {
		t.Run(c.token, func(t *testing.T) {
			server := newCollection(c.base, nil)
			server.state = "ACTIVE"
			routes := server.routes()
			if c.answer != nil {
				post := routes["POST "+c.base]
				routes["POST "+c.base] = func(w http.ResponseWriter, r *http.Request) {
					post(w, r)
					server.mu.Lock()
					defer server.mu.Unlock()
					maps.Copy(server.items["ocid1.thing.oc1..1"], c.answer)
				}
			}
			theCloud.serve(t, routes)
			e := ready(t)
			id, outputs := e.create(c.token, c.inputs)
			body := theCloud.seen("POST", c.base)[0].body
			if !reflect.DeepEqual(body[c.field], c.want) {
				t.Errorf("sent %s %v\nwant %v", c.field, body[c.field], c.want)
			}
			// And back: reading gives the inputs again.
			if _, _, refreshed := e.look(c.token, id, c.inputs, outputs); c.answer == nil && !reflect.DeepEqual(refreshed, c.inputs) {
				t.Errorf("read back as %v\nwant %v", refreshed, c.inputs)
			}
		})
	}
}

func TestContainerInstanceOnTheWire(t *testing.T) {
	server := newCollection("/20210415/containerInstances", nil)
	server.state = "ACTIVE"
	routes := server.routes()
	post := routes["POST /20210415/containerInstances"]
	routes["POST /20210415/containerInstances"] = func(w http.ResponseWriter, r *http.Request) {
		post(w, r)
		server.mu.Lock()
		defer server.mu.Unlock()
		maps.Copy(server.items["ocid1.thing.oc1..1"], object{
			"vnics": list{object{"vnicId": "ocid1.vnic"}}, "containers": list{object{"containerId": "ocid1.container", "displayName": "c0"}},
			"containerCount": 1,
		})
	}
	routes["GET /20160918/vnics/{id}"] = func(w http.ResponseWriter, r *http.Request) {
		reply(w, 200, object{"id": r.PathValue("id"), "privateIp": "10.0.1.7", "subnetId": "ocid1.subnet.oc1..s", "lifecycleState": "AVAILABLE", "nsgIds": list{"ocid1.nsg.oc1..n"}})
	}
	routes["GET /20210415/containers/{id}"] = func(w http.ResponseWriter, r *http.Request) {
		reply(w, 200, object{"id": r.PathValue("id"), "imageUrl": "ocir.us-ashburn-1.oci.oraclecloud.com/ns/app:1", "lifecycleState": "ACTIVE",
			"environmentVariables": object{"A": "1"}, "arguments": list{"-v", "-a"}, "containerInstanceId": "ocid1.thing.oc1..1", "timeCreated": "2030-01-01T00:00:00Z",
			"healthChecks": instanceInputs["containers"].(list)[0].(object)["healthChecks"], "volumeMounts": instanceInputs["containers"].(list)[0].(object)["volumeMounts"]})
	}
	theCloud.serve(t, routes)
	e := ready(t)
	const token = "oci:ContainerEngine/containerInstance:ContainerInstance"

	preview, err := e.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urnOf(token), Properties: wire(t, instanceInputs), Preview: true})
	if err != nil {
		t.Fatal(err)
	}
	foreseen := properties(t, preview.GetProperties())["vnics"].ArrayValue()[0].ObjectValue()
	if !foreseen["privateIp"].IsComputed() || foreseen["subnetId"].StringValue() != "ocid1.subnet.oc1..s" {
		t.Errorf("preview foresees the interface %v", foreseen)
	}

	id, outputs := e.create(token, instanceInputs)
	body := theCloud.seen("POST", "/containerInstances")[0].body
	if body["gracefulShutdownTimeoutInSeconds"] != 30.0 || body["shapeConfig"].(object)["memoryInGBs"] != 2.0 {
		t.Errorf("sent %v", body)
	}
	check := body["containers"].(list)[0].(object)["healthChecks"].(list)[0].(object)
	if !reflect.DeepEqual(check, object{"healthCheckType": "HTTP", "path": "/health", "port": 8080.0, "failureAction": "KILL"}) {
		t.Errorf("health check %v", check)
	}
	vnic := outputs["vnics"].(list)[0].(object)
	if vnic["privateIp"] != "10.0.1.7" || vnic["vnicId"] != "ocid1.vnic" || vnic["isPublicIpAssigned"] != false {
		t.Errorf("interface %v", vnic)
	}
	if container := outputs["containers"].(list)[0].(object); container["containerId"] != "ocid1.container" || container["imageUrl"] == nil {
		t.Errorf("container %v", container)
	}
	_, _, refreshed := e.look(token, id, instanceInputs, outputs)
	if d := e.diff(token, id, refreshed, instanceInputs, outputs); d.GetChanges() != pulumirpc.DiffResponse_DIFF_NONE {
		t.Errorf("refresh shows drift where there is none: %v", d)
	}
}

func TestSecretOutputs(t *testing.T) {
	server := newCollection("/20160918/autonomousDatabases", object{"connectionUrls": object{"ordsUrl": "https://x/ords/"}})
	theCloud.serve(t, server.routes())
	e := ready(t)
	answer, err := e.Create(t.Context(), &pulumirpc.CreateRequest{
		Urn:        urnOf("oci:Database/autonomousDatabase:AutonomousDatabase"),
		Properties: wire(t, object{"compartmentId": "c", "dbName": "DB", "adminPassword": "Secret-12345", "dbWorkload": "AJD", "computeCount": 2.0, "computeModel": "ECPU"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	outputs := properties(t, answer.GetProperties())
	if !outputs["adminPassword"].IsSecret() {
		t.Errorf("the password is %v", outputs["adminPassword"])
	}
	if url := outputs["connectionUrls"].ArrayValue()[0].ObjectValue()["ordsUrl"]; url.StringValue() != "https://x/ords/" {
		t.Errorf("connection URLs %v", outputs["connectionUrls"])
	}
	if body := theCloud.seen("POST", "/autonomousDatabases")[0].body; body["source"] != "NONE" || body["computeCount"] != 2.0 {
		t.Errorf("sent %v", body)
	}
}
