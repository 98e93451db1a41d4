package kind

import (
	"bytes"
	"encoding/json"
	"reflect"
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

// Validate checks a JSON body against an SDK struct (a zero value of it).
func Validate(raw []byte, details any) error {
	t := reflect.TypeOf(details)
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return api.CannotParseRequest("The request body must be a JSON object.")
	}
	known := map[string]bool{}
	for _, f := range reflect.VisibleFields(t) {
		name := jsonName(f)
		if name == "" {
			continue
		}
		known[name] = true
		value := members[name]
		absent := len(value) == 0 || bytes.Equal(value, []byte("null"))
		if f.Tag.Get("mandatory") == "true" && absent {
			return api.MissingParameter("%s is required in %s.", name, t.Name())
		}
	}
	for name := range members {
		if !known[name] {
			return api.InvalidParameter("%s is not a field of %s.", name, t.Name())
		}
	}
	decoded := reflect.New(t)
	if err := json.Unmarshal(raw, decoded.Interface()); err != nil {
		return api.CannotParseRequest("%s: %v.", t.Name(), err)
	}
	if v, ok := decoded.Interface().(interface{ ValidateEnumValue() (bool, error) }); ok {
		if bad, err := v.ValidateEnumValue(); bad {
			return api.InvalidParameter("%v", err)
		}
	}
	return nil
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" {
		return ""
	}
	return name
}
