package provider

import (
	"reflect"
	"strings"
	"testing"
)

// TestEveryKindCanBeLookedFor checks that each row's resources can be listed with
// what the program says of them, and that a list tells their ids.
func TestEveryKindCanBeLookedFor(t *testing.T) {
	for token, k := range kinds {
		if k.exists != "" && !k.schema().inputs[k.exists].required {
			t.Errorf("%s: the input %s need not be given", token, k.exists)
		}
		if k.lists == nothingStays || k.exists != "" {
			continue
		}
		t.Run(token, func(t *testing.T) {
			if k.viaWorkRequest && k.noun != "LoadBalancer" {
				wantParameters(t, k, requestOf(t, openClient(t, k.client), "ListWorkRequests"))
			}
			if !k.listed() {
				if k.method("Get") == "" && k.read == nil {
					t.Error("it has neither a list nor a way to be read")
				}
				return
			}
			r := requestOf(t, openClient(t, k.client), k.listMethod())
			wantParameters(t, k, r)
			model := deref(responseBody(r.method.Type().Out(0)))
			if items, ok := fieldsOf(model)["items"]; ok {
				model = deref(items.Type)
			}
			id := strings.ToLower(k.idField)
			if k.id != "" {
				id = strings.ToLower(placeholder.FindAllStringSubmatch(k.id, -1)[strings.Count(k.id, "{")-1][2])
			} else if id == "" {
				id = "id"
			}
			if _, ok := fieldsOf(model)[id]; !ok && model.Kind() == reflect.Struct {
				t.Errorf("%s tells no %s of a %v", k.listMethod(), id, model)
			}
		})
	}
}

// wantParameters checks that a list's mandatory parameters follow from the inputs.
func wantParameters(t *testing.T, k *kind, r *request) {
	t.Helper()
	for _, field := range r.parameters() {
		if _, ok := k.parameterInput(wireName(field)); !ok && mandatory(field) && k.amend == nil {
			t.Errorf("%s wants %s, which no input tells", r.name, wireName(field))
		}
	}
}
