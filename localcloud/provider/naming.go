package provider

import (
	"reflect"
	"strings"
	"sync"
)

// naming says how Pulumi's property names differ from the SDK's field names
// beyond what the rules of [naming.field] cover.
type naming struct {
	// renames holds the SDK's JSON name for a Pulumi name, at any depth.
	renames map[string]string
	// inline names SDK objects (JSON names) whose fields Pulumi lists one level
	// up, among those of the object that holds them.
	inline []string
	// variants says, for an inline object that is polymorphic, which of its
	// kinds Pulumi's properties describe: its discriminator and the value.
	variants map[string]discriminator
}

// discriminator is the JSON field, and its value, that chooses a variant.
type discriminator struct{ field, value string }

// field finds the SDK field for a Pulumi property: by its rename; else by the
// same name, letter case aside (memoryInMbs is memoryInMBs); "state" is also
// lifecycleState; and a list's plural stands for a singular (terraform-provider-oci
// makes a list of one of every computed object, Pulumi names lists in the plural).
func (n naming) field(t reflect.Type, name string, p property) (reflect.StructField, bool) {
	fields := fieldsOf(t)
	if renamed, ok := n.renames[name]; ok {
		if field, ok := fields[strings.ToLower(renamed)]; ok {
			return field, true
		}
	}
	lower := strings.ToLower(name)
	if field, ok := fields[lower]; ok {
		return field, true
	}
	if lower == "state" {
		field, ok := fields["lifecyclestate"]
		return field, ok
	}
	if p.list {
		for _, singular := range singulars(lower) {
			if field, ok := fields[singular]; ok {
				return field, true
			}
		}
	}
	return reflect.StructField{}, false
}

// inlined finds a property among the fields of the row's inline objects. It
// returns the object's field and the property's field in it.
func (n naming) inlined(t reflect.Type, name string, p property) (outer, inner reflect.StructField, ok bool) {
	for _, object := range n.inline {
		outer, found := fieldsOf(t)[strings.ToLower(object)]
		if !found {
			continue
		}
		holder := deref(outer.Type)
		if variant, ok := n.variants[object]; ok && holder.Kind() == reflect.Interface {
			if holder, ok = (polymorphic{t, outer}).decodeAs(map[string]any{variant.field: variant.value}); !ok {
				continue
			}
		}
		if inner, ok := n.field(holder, name, p); ok {
			return outer, inner, true
		}
	}
	return outer, inner, false
}

func singulars(plural string) []string {
	var candidates []string
	if stem, ok := strings.CutSuffix(plural, "ies"); ok {
		candidates = append(candidates, stem+"y")
	}
	for _, ending := range []string{"s", "es"} {
		if stem, ok := strings.CutSuffix(plural, ending); ok {
			candidates = append(candidates, stem)
		}
	}
	return candidates
}

var structFields sync.Map // reflect.Type -> map[string]reflect.StructField

// fieldsOf indexes the exported fields of an SDK struct by lower-case wire
// name: the json tag of models and details, the name tag of requests and
// responses.
func fieldsOf(t reflect.Type) map[string]reflect.StructField {
	if t.Kind() != reflect.Struct {
		return nil
	}
	if fields, ok := structFields.Load(t); ok {
		return fields.(map[string]reflect.StructField)
	}
	fields := map[string]reflect.StructField{}
	for _, field := range reflect.VisibleFields(t) {
		if len(field.Index) > 1 || !field.IsExported() {
			continue
		}
		if name := wireName(field); name != "" {
			fields[strings.ToLower(name)] = field
		}
	}
	structFields.Store(t, fields)
	return fields
}

// wireName is the name of a field in JSON, path, query or header.
func wireName(field reflect.StructField) string {
	if tag := field.Tag.Get("json"); tag != "" {
		name, _, _ := strings.Cut(tag, ",")
		return name
	}
	return field.Tag.Get("name")
}

func mandatory(field reflect.StructField) bool { return field.Tag.Get("mandatory") == "true" }

// deref strips pointers and slices: the type that holds the fields.
func deref(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t
}
