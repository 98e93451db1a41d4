package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var (
	sdkTime  = reflect.TypeFor[common.SDKTime]()
	sdkDate  = reflect.TypeFor[common.SDKDate]()
	bytes    = reflect.TypeFor[[]byte]()
	tagsType = reflect.TypeFor[map[string]map[string]any]()
)

// decode fills target, a pointer to an SDK struct, with property values. It
// writes them as the API's JSON and lets the SDK's own decoder read that, which
// is what chooses the concrete type of polymorphic fields. Every property must
// match a field; unknown values (of a preview) are left out.
func (n naming) decode(values resource.PropertyMap, props properties, target any, path string) error {
	t := reflect.TypeOf(target).Elem()
	object, err := n.object(values, props, t, path)
	if err != nil {
		return err
	}
	text, err := json.Marshal(object)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := json.Unmarshal(text, target); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	unset(reflect.ValueOf(target).Elem(), object)
	return nil
}

// unset undoes a habit of the SDK's decoders: a polymorphic list that the JSON
// does not have becomes an empty one, and sending that would clear the list.
func unset(v reflect.Value, content any) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			unset(v.Elem(), content)
		}
	case reflect.Interface:
		if !v.IsNil() && v.Elem().Kind() == reflect.Struct {
			concrete := reflect.New(v.Elem().Type()).Elem()
			concrete.Set(v.Elem())
			unset(concrete, content)
			v.Set(concrete)
		}
	case reflect.Slice:
		items, _ := content.([]any)
		for i := 0; i < v.Len() && i < len(items); i++ {
			unset(v.Index(i), items[i])
		}
	case reflect.Struct:
		object, ok := content.(map[string]any)
		if !ok {
			return
		}
		for _, field := range fieldsOf(v.Type()) {
			value := v.FieldByIndex(field.Index)
			if inner, given := object[wireName(field)]; given {
				unset(value, inner)
			} else if value.Kind() == reflect.Slice && value.Len() == 0 {
				value.SetZero()
			}
		}
	}
}

func (n naming) object(values resource.PropertyMap, props properties, t reflect.Type, path string) (map[string]any, error) {
	object := map[string]any{}
	var problems []error
	for _, key := range values.StableKeys() {
		value, name := values[key], string(key)
		if absent(value) {
			continue
		}
		at := join(path, name)
		p := props[name]
		into, field, ok := object, reflect.StructField{}, false
		if field, ok = n.field(t, name, p); !ok {
			var outer reflect.StructField
			if outer, field, ok = n.inlined(t, name, p); ok {
				into = child(object, wireName(outer))
				if variant, ok := n.variants[wireName(outer)]; ok {
					into[variant.field] = variant.value
				}
			}
		}
		if !ok {
			problems = append(problems, fmt.Errorf("%s: the API takes no such field here (%s)", at, t.Name()))
			continue
		}
		converted, err := n.value(value, p.shape, field.Type, polymorphic{t, field}, at)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		into[wireName(field)] = converted
	}
	return object, errors.Join(problems...)
}

func child(object map[string]any, name string) map[string]any {
	if inner, ok := object[name].(map[string]any); ok {
		return inner
	}
	inner := map[string]any{}
	object[name] = inner
	return inner
}

// value converts one property value to the JSON that a field of type t reads.
func (n naming) value(value resource.PropertyValue, s shape, t reflect.Type, owner polymorphic, path string) (any, error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if value.IsSecret() {
		value = value.SecretValue().Element
	}
	switch {
	case value.IsNull() || value.IsComputed():
		return nil, nil
	case t == bytes, t == sdkDate:
		return scalar(value, reflect.TypeFor[string](), path)
	case t == sdkTime:
		return instant(value, path)
	case t == tagsType:
		return nestTags(value, path)
	case t.Kind() == reflect.Slice:
		if !value.IsArray() {
			value = resource.NewProperty([]resource.PropertyValue{value})
		}
		items := []any{}
		for i, element := range value.ArrayValue() {
			item, err := n.value(element, s.elem(), t.Elem(), owner, fmt.Sprintf("%s[%d]", path, i))
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		return items, nil
	case value.IsArray():
		// Terraform's list of at most one, where the API has an object.
		if len(value.ArrayValue()) != 1 {
			return nil, fmt.Errorf("%s: %d elements, the API takes exactly one", path, len(value.ArrayValue()))
		}
		return n.value(value.ArrayValue()[0], s.elem(), t, owner, path)
	case t.Kind() == reflect.Map:
		return n.mapping(value, t, path)
	case t.Kind() == reflect.Struct, t.Kind() == reflect.Interface && t.Name() != "":
		if !value.IsObject() {
			return nil, fmt.Errorf("%s: a %s, want an object", path, value.TypeString())
		}
		if t.Kind() == reflect.Struct {
			return n.object(value.ObjectValue(), s.nested(), t, path)
		}
		return n.variant(value.ObjectValue(), s, owner, path)
	default:
		return scalar(value, t, path)
	}
}

func (n naming) mapping(value resource.PropertyValue, t reflect.Type, path string) (any, error) {
	if !value.IsObject() {
		return nil, fmt.Errorf("%s: a %s, want a map", path, value.TypeString())
	}
	object := map[string]any{}
	for key, element := range value.ObjectValue() {
		converted, err := n.value(element, shape{scalar: "string"}, t.Elem(), polymorphic{}, join(path, string(key)))
		if err != nil {
			return nil, err
		}
		object[string(key)] = converted
	}
	return object, nil
}

// scalar converts between Pulumi's and the API's scalars: 64-bit numbers, for
// one, are strings in Pulumi and numbers on the wire.
func scalar(value resource.PropertyValue, t reflect.Type, path string) (any, error) {
	var text string
	switch {
	case value.IsString():
		text = value.StringValue()
	case value.IsNumber():
		text = strconv.FormatFloat(value.NumberValue(), 'f', -1, 64)
	case value.IsBool():
		text = strconv.FormatBool(value.BoolValue())
	default:
		return nil, fmt.Errorf("%s: a %s, want a %s", path, value.TypeString(), t.Kind())
	}
	var err error
	switch t.Kind() {
	case reflect.String, reflect.Interface:
		return text, nil
	case reflect.Bool:
		var b bool
		if b, err = strconv.ParseBool(text); err == nil {
			return b, nil
		}
	case reflect.Int, reflect.Int64, reflect.Int32:
		var i int64
		if i, err = strconv.ParseInt(text, 10, 64); err == nil {
			return i, nil
		}
	case reflect.Float32, reflect.Float64:
		var f float64
		if f, err = strconv.ParseFloat(text, 64); err == nil {
			return f, nil
		}
	}
	return nil, fmt.Errorf("%s: %q is not a %s", path, text, t.Kind())
}

// timeLayouts are how times are written: by people, and by the outputs of this
// provider and the official one (Go's time.Time.String).
var timeLayouts = []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999 -0700 MST"}

func parseTime(text string) (time.Time, bool) {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func instant(value resource.PropertyValue, path string) (any, error) {
	if value.IsString() {
		if t, ok := parseTime(value.StringValue()); ok {
			return t.Format(time.RFC3339Nano), nil
		}
	}
	return nil, fmt.Errorf("%s: %v is not a time in RFC 3339, such as 2030-01-31T12:00:00Z", path, value)
}

// nestTags turns Pulumi's flat "namespace.key" into the API's nested maps.
func nestTags(value resource.PropertyValue, path string) (any, error) {
	if !value.IsObject() {
		return nil, fmt.Errorf("%s: a %s, want a map", path, value.TypeString())
	}
	tags := map[string]any{}
	for name, element := range value.ObjectValue() {
		namespace, key, ok := strings.Cut(string(name), ".")
		if !ok {
			return nil, fmt.Errorf("%s: key %q, want namespace.key", path, name)
		}
		text, err := scalar(element, reflect.TypeFor[string](), join(path, string(name)))
		if err != nil {
			return nil, err
		}
		child(tags, namespace)[key] = text
	}
	return tags, nil
}

// absent says whether a value is to be left out of a request: null, or not
// known yet.
func absent(value resource.PropertyValue) bool {
	if value.IsSecret() {
		value = value.SecretValue().Element
	}
	return value.IsNull() || value.IsComputed() || value.IsOutput()
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
