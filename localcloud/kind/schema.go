package kind

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/api"
)

// decode reads a request body by the rules of an SDK details struct: unknown
// fields, missing mandatory fields and values outside an enumeration are
// refused, each by its name. It returns the body's members.
func decode(c *api.Call, details any) (Object, error) {
	raw, err := c.ReadBody()
	if err != nil {
		return nil, err
	}
	return Decode(raw, details)
}

// Decode reads a JSON body by the rules of an SDK details struct and returns its
// members, without those that are null.
func Decode(raw []byte, details any) (Object, error) {
	var body Object
	if err := json.Unmarshal(raw, &body); err != nil || body == nil {
		return nil, api.CannotParseRequest("The request body must be a JSON object.")
	}
	for name, value := range body {
		if value == nil {
			delete(body, name)
		}
	}
	return body, Validate(raw, details)
}

// decodeUpdate is decode for an update, which says so where a field can only be
// set on create.
func decodeUpdate(c *api.Call, k *Kind) (Object, error) {
	raw, err := c.ReadBody()
	if err != nil {
		return nil, err
	}
	body, err := Decode(raw, k.Update)
	if err == nil || k.Create == nil {
		return body, err
	}
	now, once := structOf(k.Update, body), structOf(k.Create, body)
	if now == nil || once == nil {
		return nil, err
	}
	updatable, settable := fieldsOf(now), fieldsOf(once)
	for _, name := range slices.Sorted(maps.Keys(body)) {
		if _, can := updatable[name]; can {
			continue
		}
		if _, once := settable[name]; once {
			return nil, api.InvalidParameter("%s cannot be changed: a %s keeps it for life.", name, k.Name)
		}
	}
	return nil, err
}

// Validate checks a JSON body against an SDK struct (a zero value of it) or a Union,
// and the objects in it whose type is fixed against theirs.
func Validate(raw []byte, details any) error {
	if u, is := details.(Union); is {
		return u.validate("", raw)
	}
	return validate("", raw, reflect.TypeOf(details))
}

func validate(where string, raw []byte, t reflect.Type) error {
	var body map[string]json.RawMessage
	if err := json.Unmarshal(raw, &body); err != nil {
		if where == "" {
			return api.CannotParseRequest("The request body must be a JSON object.")
		}
		return api.CannotParseRequest("%s must be a JSON object.", strings.TrimSuffix(where, "."))
	}
	fields := fieldsOf(t)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value := body[name]
		absent := len(value) == 0 || bytes.Equal(value, []byte("null"))
		if fields[name].Tag.Get("mandatory") == "true" && absent {
			return api.MissingParameter("%s%s is required in %s.", where, name, t.Name())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(body)) {
		if _, known := fields[name]; !known {
			return api.InvalidParameter("%s%s is not a field of %s.", where, name, t.Name())
		}
	}
	decoded := reflect.New(t)
	if err := unmarshal(raw, decoded.Interface()); err != nil {
		return api.CannotParseRequest("%s%s: %v.", where, t.Name(), err)
	}
	if v, ok := decoded.Interface().(interface{ ValidateEnumValue() (bool, error) }); ok {
		if bad, err := v.ValidateEnumValue(); bad {
			return api.InvalidParameter("%s%v", where, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(body)) {
		if err := validateInside(where+name, body[name], fields[name].Type); err != nil {
			return err
		}
	}
	return nil
}

// unmarshal decodes JSON into an SDK struct. Some of the SDK's decoders panic at an
// object that may be of several types and does not say, or says wrongly, of which
// (oci-go-sdk 65.129, devops.TriggerAction).
func unmarshal(raw []byte, into any) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("an object in it, of which there are several types, names none that there is")
		}
	}()
	return json.Unmarshal(raw, into)
}

// validateInside checks the objects in a field's value. What a field that may be
// of several types holds is for its service to check.
func validateInside(where string, raw json.RawMessage, t reflect.Type) error {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil
	}
	switch t.Kind() {
	case reflect.Struct:
		if len(fieldsOf(t)) == 0 {
			return nil // A time, for instance.
		}
		return validate(where+".", raw, t)
	case reflect.Slice:
		var items []json.RawMessage
		if json.Unmarshal(raw, &items) != nil {
			return nil // Bytes, which are a string in JSON.
		}
		for i, item := range items {
			if err := validateInside(fmt.Sprintf("%s[%d]", where, i), item, t.Elem()); err != nil {
				return err
			}
		}
	case reflect.Map:
		var items map[string]json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil {
			return api.CannotParseRequest("%s must be a JSON object.", where)
		}
		for _, name := range slices.Sorted(maps.Keys(items)) {
			if err := validateInside(where+"."+name, items[name], t.Elem()); err != nil {
				return err
			}
		}
	}
	return nil
}

// fieldsOf returns the fields of a struct by their names in JSON.
func fieldsOf(t reflect.Type) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			fields[name] = f
		}
	}
	return fields
}
