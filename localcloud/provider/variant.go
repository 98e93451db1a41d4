package provider

import (
	"encoding/json"
	"fmt"
	"reflect"
	"unicode"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// polymorphic is a field of an SDK interface type: one property of the value,
// the discriminator, says which of several structs it is. Only the SDK's
// decoder of the struct that holds the field knows the discriminator and the
// structs, so that decoder is asked.
type polymorphic struct {
	holder reflect.Type
	field  reflect.StructField
}

// variant converts an object to the JSON of the concrete struct it names.
func (n naming) variant(values resource.PropertyMap, s shape, owner polymorphic, path string) (any, error) {
	concrete, discriminator, err := owner.resolve(values)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	rest := resource.PropertyMap{}
	for key, value := range values {
		if string(key) != discriminator {
			rest[key] = value
		}
	}
	object, err := n.object(rest, s.nested(), concrete, path)
	if err != nil {
		return nil, err
	}
	object[discriminator] = plain(values[resource.PropertyKey(discriminator)]).StringValue()
	return object, nil
}

// resolve finds the concrete struct, and the property that chose it, by letting
// the SDK decode an object of one string property at a time.
func (p polymorphic) resolve(values resource.PropertyMap) (concrete reflect.Type, discriminator string, err error) {
	for _, key := range values.StableKeys() {
		value := plain(values[key])
		if !value.IsString() {
			continue
		}
		if concrete, ok := p.decodeAs(map[string]any{string(key): value.StringValue()}); ok {
			return concrete, string(key), nil
		}
	}
	return nil, "", fmt.Errorf("no field, or none with a known value, says which kind of %s this is", deref(p.field.Type).Name())
}

// decodeAs says what the SDK takes an object for. Some of its decoders panic at one
// that does not say (oci-go-sdk 65.129, devops.TriggerAction).
func (p polymorphic) decodeAs(object map[string]any) (concrete reflect.Type, ok bool) {
	defer func() {
		if recover() != nil {
			concrete, ok = nil, false
		}
	}()
	var content any = object
	if p.field.Type.Kind() == reflect.Slice {
		content = []any{object}
	}
	text, err := json.Marshal(map[string]any{wireName(p.field): content})
	if err != nil {
		return nil, false
	}
	holder := reflect.New(p.holder)
	if err := json.Unmarshal(text, holder.Interface()); err != nil {
		return nil, false
	}
	value := holder.Elem().FieldByIndex(p.field.Index)
	if value.Kind() == reflect.Slice {
		if value.Len() == 0 {
			return nil, false
		}
		value = value.Index(0)
	}
	if value.IsNil() {
		return nil, false
	}
	concrete = value.Elem().Type()
	// For a value that it does not know the SDK keeps its unexported base struct.
	return concrete, unicode.IsUpper(rune(concrete.Name()[0]))
}

// plain strips a secret's wrapping.
func plain(value resource.PropertyValue) resource.PropertyValue {
	if value.IsSecret() {
		return value.SecretValue().Element
	}
	return value
}
