package provider

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// TestMandatoryFieldsAreGiven: what the API insists on in a create request comes
// from an input that the schema requires, or has a default, or is named by
// Pulumi.
func TestMandatoryFieldsAreGiven(t *testing.T) {
	// Filled by a row's amend hook, or by the variant of an inline object.
	amended := map[string][]string{
		"oci:Core/routeTable:RouteTable":       {"routeRules"},
		"oci:Core/securityList:SecurityList":   {"egressSecurityRules", "ingressSecurityRules"},
		"oci:Identity/compartment:Compartment": {"compartmentId"},
	}
	for token, k := range kinds {
		method := k.method("Create")
		if method == "" {
			continue
		}
		bodies := bodyTypes(k, requestOf(t, openClient(t, k.client), method))
		if len(bodies) == 0 {
			continue
		}
		body := bodies[0]
		for _, field := range reflect.VisibleFields(body) {
			if wireName(field) == "" || slices.ContainsFunc(bodies, func(other reflect.Type) bool {
				same, ok := fieldsOf(other)[strings.ToLower(wireName(field))]
				return !ok || !mandatory(same) // Of a union what all structs insist on.
			}) {
				continue
			}
			given := slices.Contains(amended[token], wireName(field))
			for name, p := range k.schema().inputs {
				direct, ok := k.field(body, name, p)
				outer, _, inline := k.inlined(body, name, p)
				if !(ok && direct.Name == field.Name || inline && outer.Name == field.Name) {
					continue
				}
				_, hasDefault := k.defaults[resource.PropertyKey(name)]
				given = given || p.required || hasDefault || name == "name" || inline
			}
			if !given {
				t.Errorf("%s: %s insists on %s, which no required input gives", token, method, wireName(field))
			}
		}
	}
}
