package kind

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/api"
)

// Union is what the SDK calls polymorphic: an object that is one of several structs,
// told apart by one of its members. It may stand where a struct's zero value does, as
// Kind.Create and Kind.Update.
type Union struct {
	// Name is the SDK's name of what the structs are in common.
	Name string
	// Field is the member that says which struct the object is. It is required, and
	// those of a resource never change.
	Field string
	// Of are zero values of the structs by the values of the member.
	Of map[string]any
	// Unserved are the values that OCI has beside them and the local cloud refuses.
	Unserved []string
}

// Validate checks an object against the struct that it says it is. where is its path
// in the request, empty for the request's body.
func (u Union) Validate(where string, o Object) error {
	raw, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("encode %s: %w", u.Name, err)
	}
	if where != "" {
		where += "."
	}
	return u.validate(where, raw)
}

func (u Union) validate(where string, raw []byte) error {
	var body Object
	if err := json.Unmarshal(raw, &body); err != nil || body == nil {
		return api.CannotParseRequest("%s must be a JSON object.", strings.TrimSuffix(where+u.Name, "."))
	}
	details, err := u.member(where, body)
	if err != nil {
		return err
	}
	delete(body, u.Field)
	rest, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode %s: %w", u.Name, err)
	}
	return validate(where, rest, reflect.TypeOf(details))
}

// member finds the struct that an object says it is.
func (u Union) member(where string, body Object) (any, error) {
	value := body.Str(u.Field)
	if value == "" {
		return nil, api.MissingParameter("%s%s is required in %s.", where, u.Field, u.Name)
	}
	if details := u.Of[value]; details != nil {
		return details, nil
	}
	served := slices.Sorted(maps.Keys(u.Of))
	if slices.Contains(u.Unserved, value) {
		return nil, api.NotImplemented("%s%s: the local cloud does not serve %s. It serves: %s.", where, u.Field, value, strings.Join(served, ", "))
	}
	return nil, api.InvalidParameter("%s%s must be one of %s, it is %q.", where, u.Field, strings.Join(append(served, slices.Sorted(slices.Values(u.Unserved))...), ", "), value)
}

// structOf is the struct that a body must fit, by which union member it says it is; nil
// where it says none.
func structOf(details any, body Object) reflect.Type {
	if u, is := details.(Union); is {
		details = u.Of[body.Str(u.Field)]
	}
	return reflect.TypeOf(details)
}

// sameMember refuses an update that says of a resource that it is another of a
// union's structs.
func sameMember(k *Kind, old, body Object) error {
	if u, is := k.Update.(Union); is && old.Str(u.Field) != body.Str(u.Field) {
		return api.InvalidParameter("%s cannot be changed: a %s keeps it for life, and this one is %s.", u.Field, k.Name, old.Str(u.Field))
	}
	return nil
}
