package provider

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestEverySchemaTokenHasARow(t *testing.T) {
	for token := range schema().resources {
		if kinds[token] == nil {
			t.Errorf("schema.json has %s, the table has not", token)
		}
	}
	for token := range kinds {
		if _, ok := schema().resources[token]; !ok {
			t.Errorf("the table has %s, schema.json has not", token)
		}
	}
	for token := range schema().functions {
		if invokable[token] == nil {
			t.Errorf("schema.json has %s, the table has not", token)
		}
	}
	for token := range invokable {
		if _, ok := schema().functions[token]; !ok {
			t.Errorf("the table has %s, schema.json has not", token)
		}
	}
}

// TestEveryInputHasItsPlace finds renames without a server: each input of the
// schema must have a field in the create request, or a stated reason.
func TestEveryInputHasItsPlace(t *testing.T) {
	for token, k := range kinds {
		t.Run(token, func(t *testing.T) {
			client := openClient(t, k.client)
			var bodies []reflect.Type
			if body, ok := hookBodies[token]; ok {
				bodies = append(bodies, body)
			}
			parameters := []string{}
			if method := k.method("Create"); method != "" {
				r := requestOf(t, client, method)
				for _, field := range r.parameters() {
					if input, ok := k.parameterInput(wireName(field)); ok {
						parameters = append(parameters, input)
					}
				}
				if bodies == nil {
					bodies = bodyTypes(k, r)
				}
			}
			for name, p := range k.schema().inputs {
				_, local := k.local[name]
				_, unsupported := k.unsupported[name]
				sent := slices.Contains(parameters, name) || slices.Contains(hookInputs[token], name)
				fits := slices.ContainsFunc(bodies, func(body reflect.Type) bool { return k.fits(body, name) })
				sent = sent || k.union != nil && name == k.union.by
				switch {
				case !fits && !sent && !local && !unsupported:
					t.Errorf("input %s has no field in %v", name, bodies)
				case fits && local:
					t.Errorf("input %s is said to be local, but the request takes it", name)
				case fits:
					checkNested(t, k.naming, bodies, modelTypes(t, k, client), hookParts[token][name], name, p, name)
				}
			}
		})
	}
}

// TestEveryOutputHasItsSource is the same for outputs and the API's model.
func TestEveryOutputHasItsSource(t *testing.T) {
	for token, k := range kinds {
		t.Run(token, func(t *testing.T) {
			models := modelTypes(t, k, openClient(t, k.client))
			for name, p := range k.schema().outputs {
				matched := slices.ContainsFunc(models, func(model reflect.Type) bool {
					_, plainly := k.field(model, name, p)
					_, _, inline := k.inlined(model, name, p)
					return plainly || inline
				})
				matched = matched || k.union != nil && name == k.union.by // The SDK writes it by itself.
				why, excused := k.unmatched[name]
				_, unsupported := k.unsupported[name]
				_, local := k.local[name]
				switch {
				case !matched && !excused && !unsupported && !local:
					t.Errorf("output %s has no field in %v", name, models)
				case matched && excused:
					t.Errorf("output %s is excused (%s), but %v has a field for it", name, why, models)
				}
			}
		})
	}
}

// TestEveryPathCanBeFilled checks the parameters in the paths of all requests:
// each comes from the id, an input, or is the id.
func TestEveryPathCanBeFilled(t *testing.T) {
	for token, k := range kinds {
		t.Run(token, func(t *testing.T) {
			client := openClient(t, k.client)
			for _, verb := range []string{"Create", "Get", "Update", "Delete"} {
				method := k.method(verb)
				if method == "" {
					continue
				}
				ids := 0
				for _, field := range requestOf(t, client, method).parameters() {
					name := wireName(field)
					_, derived := k.derive[name]
					_, isInput := k.parameterInput(name)
					switch {
					case field.Tag.Get("contributesTo") != "path" || derived:
					case strings.Contains(k.id, "{"+name) && verb != "Create":
					case name == k.idParameter && verb != "Create":
						ids++
					case isInput:
					default:
						ids++
					}
				}
				want := 1
				if verb == "Create" || k.id != "" {
					want = 0
				}
				if ids != want {
					t.Errorf("%s: %d path parameters left for the id, want %d", method, ids, want)
				}
			}
		})
	}
}

// TestExceptionsNameProperties finds stale exceptions.
func TestExceptionsNameProperties(t *testing.T) {
	for token, k := range kinds {
		outputs := k.schema().outputs
		for _, exceptions := range []map[string]string{k.local, k.unsupported, k.unmatched} {
			for name := range exceptions {
				if _, ok := outputs[name]; !ok {
					t.Errorf("%s: exception for %s, which the schema does not have", token, name)
				}
			}
		}
		for _, name := range slices.Concat(k.clears, k.keeps) {
			if _, ok := outputs[name]; !ok {
				t.Errorf("%s: list names %s, which the schema does not have", token, name)
			}
		}
	}
}

func TestEveryFunctionFindsItsFields(t *testing.T) {
	// What the SDK's newer models no longer have, or never had.
	excused := map[string][]string{
		"oci:Kms/getKey:getKey":     {"desiredState", "externalKeyReferences", "restoreFromFiles", "restoreFromObjectStores", "restoreTrigger"},
		"oci:Kms/getVault:getVault": {"externalKeyManagerMetadatas", "restoreFromFiles", "restoreFromObjectStores", "restoreTrigger"},
		// The API lists less than it tells of one.
		"oci:Functions/getApplications:getApplications": {"config", "syslogUrl"},
		"oci:Functions/getFunctions:getFunctions":       {"config"},
		"oci:Database/getAutonomousDatabase:getAutonomousDatabase": slices.Concat(
			slices.Collect(maps.Keys(kinds["oci:Database/autonomousDatabase:AutonomousDatabase"].unsupported)),
			slices.Collect(maps.Keys(kinds["oci:Database/autonomousDatabase:AutonomousDatabase"].unmatched))),
	}
	for token, f := range invokable {
		if f.run != nil {
			continue
		}
		t.Run(token, func(t *testing.T) {
			r := requestOf(t, openClient(t, f.client), f.method)
			outputs := f.schema().outputs
			model := deref(responseBody(r.method.Type().Out(0)))
			if f.list != "" {
				s := outputs[f.list].shape
				if f.collection {
					s = s.nested()["items"].shape
				}
				outputs = s.nested()
				if items, ok := fieldsOf(model)["items"]; ok {
					model = deref(items.Type)
				}
			}
			for name, p := range outputs {
				_, echoed := f.schema().inputs[name]
				_, plainly := f.field(model, name, p)
				_, _, inline := f.inlined(model, name, p)
				if !plainly && !inline && !echoed && name != "id" && !slices.Contains(excused[token], name) {
					t.Errorf("output %s has no field in %v", name, model)
				}
			}
		})
	}
}
