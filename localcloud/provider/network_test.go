package provider_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"testing"
)

func TestSecurityRuleOfAGroup(t *testing.T) {
	const token = "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule"
	rules := []object{}
	const group = "/20160918/networkSecurityGroups/nsg"
	theCloud.serve(t, map[string]http.HandlerFunc{
		"POST " + group + "/actions/addSecurityRules": func(w http.ResponseWriter, r *http.Request) {
			var details struct{ SecurityRules []object }
			must(json.NewDecoder(r.Body).Decode(&details))
			rule := with(details.SecurityRules[0], object{"id": "04ABEC", "isValid": true})
			rules = append(rules, rule)
			reply(w, 200, object{"securityRules": list{rule}})
		},
		"GET " + group + "/securityRules": func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, rules) },
		"POST " + group + "/actions/updateSecurityRules": func(w http.ResponseWriter, r *http.Request) {
			var details struct{ SecurityRules []object }
			must(json.NewDecoder(r.Body).Decode(&details))
			rules = details.SecurityRules
			reply(w, 200, details)
		},
		"POST " + group + "/actions/removeSecurityRules": func(w http.ResponseWriter, _ *http.Request) {
			rules = []object{}
			w.WriteHeader(http.StatusNoContent)
		},
	})
	e := ready(t)
	inputs := object{"networkSecurityGroupId": "nsg", "direction": "INGRESS", "protocol": "6", "source": "0.0.0.0/0", "sourceType": "CIDR_BLOCK",
		"stateless": false, "tcpOptions": object{"destinationPortRange": object{"min": 80.0, "max": 80.0}}}
	id, outputs := e.create(token, inputs)
	if id != "04ABEC" || rules[0]["isStateless"] != false {
		t.Fatalf("id %s, rule %v", id, rules)
	}
	if _, _, refreshed := e.look(token, id, inputs, outputs); !reflect.DeepEqual(refreshed, inputs) {
		t.Errorf("read back as %v", refreshed)
	}
	if _, err := e.update(token, id, inputs, with(inputs, object{"description": "web"}), outputs); err != nil || rules[0]["description"] != "web" || rules[0]["id"] != "04ABEC" {
		t.Errorf("updated to %v, %v", rules, err)
	}
	if err := e.delete(token, id, inputs, outputs); err != nil || len(rules) != 0 {
		t.Errorf("after delete %v, %v", rules, err)
	}
	if found, _, _ := e.look(token, id, inputs, outputs); found != "" {
		t.Error("found after delete")
	}
}

// TestDefaultSecurityList: it exists with its VCN, so creating takes it over and
// deleting leaves it without rules.
func TestDefaultSecurityList(t *testing.T) {
	const token, id = "oci:Core/defaultSecurityList:DefaultSecurityList", "ocid1.securitylist.oc1..d"
	security := object{"id": id, "vcnId": "ocid1.vcn.oc1..v", "compartmentId": "c", "lifecycleState": "AVAILABLE",
		"egressSecurityRules": list{object{"destination": "0.0.0.0/0", "protocol": "all"}}}
	theCloud.serve(t, map[string]http.HandlerFunc{
		"/20160918/securityLists/" + id: func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut {
				must(json.NewDecoder(r.Body).Decode(&security))
			}
			reply(w, 200, security)
		},
	})
	e := ready(t)
	inputs := object{"manageDefaultResourceId": id, "displayName": "locked", "compartmentId": "c"}
	got, outputs := e.create(token, inputs)
	if got != id || !reflect.DeepEqual(security["egressSecurityRules"], list{}) || security["displayName"] != "locked" {
		t.Errorf("id %s, list %v", got, security)
	}
	if _, _, refreshed := e.look(token, id, inputs, outputs); !reflect.DeepEqual(refreshed, inputs) {
		t.Errorf("read back as %v", refreshed)
	}
	security["ingressSecurityRules"] = list{object{"source": "0.0.0.0/0", "protocol": "all"}}
	if err := e.delete(token, id, inputs, outputs); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(security["ingressSecurityRules"], list{}) || !reflect.DeepEqual(security["egressSecurityRules"], list{}) {
		t.Errorf("left with %v", security)
	}
}
