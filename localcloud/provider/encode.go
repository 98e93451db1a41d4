package provider

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// encode maps an SDK model to Pulumi's properties. A property whose field
// exists but is empty is null; one without a field is missing: so a reader can
// tell what the cloud has not from what it does not tell.
func (n naming) encode(model reflect.Value, props properties) resource.PropertyMap {
	values := resource.PropertyMap{}
	model = indirect(model)
	if model.Kind() != reflect.Struct {
		return values
	}
	for name, p := range props {
		key := resource.PropertyKey(name)
		if field, ok := n.field(model.Type(), name, p); ok {
			values[key] = n.property(model.FieldByIndex(field.Index), p.shape)
		} else if outer, inner, ok := n.inlined(model.Type(), name, p); ok {
			values[key] = resource.NewNullProperty()
			if object := indirect(model.FieldByIndex(outer.Index)); object.IsValid() && hasField(object.Type(), inner) {
				values[key] = n.property(object.FieldByIndex(inner.Index), p.shape)
			}
		} else if text, ok := discriminatorOf(model, name); ok {
			values[key] = resource.NewProperty(text)
		}
	}
	return values
}

// hasField says whether a field is one of the struct's own: a polymorphic object
// may be another variant than the row speaks of.
func hasField(t reflect.Type, field reflect.StructField) bool {
	own, ok := fieldsOf(t)[strings.ToLower(wireName(field))]
	return ok && reflect.DeepEqual(own.Index, field.Index)
}

// discriminatorOf returns the discriminator of a polymorphic model, which is no
// field of it: the SDK adds it when it writes JSON.
func discriminatorOf(model reflect.Value, name string) (string, bool) {
	if _, custom := model.Interface().(json.Marshaler); !custom {
		return "", false
	}
	text, err := json.Marshal(model.Interface())
	if err != nil {
		return "", false
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		return "", false
	}
	for key, value := range object {
		if s, ok := value.(string); ok && strings.EqualFold(key, name) {
			return s, true
		}
	}
	return "", false
}

func (n naming) property(v reflect.Value, s shape) resource.PropertyValue {
	v = indirect(v)
	if !v.IsValid() {
		return resource.NewNullProperty()
	}
	switch {
	case s.list:
		return n.list(v, s)
	case s.mapping:
		return mapProperty(v)
	case s.object != "":
		if v.Kind() == reflect.Slice {
			if v.Len() == 0 {
				return resource.NewNullProperty()
			}
			v = v.Index(0)
		}
		return resource.NewProperty(withoutNulls(n.encode(v, s.nested())))
	default:
		return scalarProperty(v, s)
	}
}

func (n naming) list(v reflect.Value, s shape) resource.PropertyValue {
	if v.Kind() != reflect.Slice {
		return resource.NewProperty([]resource.PropertyValue{n.property(v, s.elem())})
	}
	if v.IsNil() {
		return resource.NewNullProperty()
	}
	items := make([]resource.PropertyValue, v.Len())
	for i := range items {
		items[i] = n.property(v.Index(i), s.elem())
	}
	return resource.NewProperty(items)
}

func mapProperty(v reflect.Value) resource.PropertyValue {
	if v.Kind() != reflect.Map || v.IsNil() {
		return resource.NewNullProperty()
	}
	object := resource.PropertyMap{}
	for iter := v.MapRange(); iter.Next(); {
		key, element := iter.Key().String(), indirect(iter.Value())
		if v.Type() == tagsType {
			for tag, content := range element.Interface().(map[string]any) {
				object[resource.PropertyKey(key+"."+tag)] = resource.NewProperty(text(reflect.ValueOf(content)))
			}
			continue
		}
		object[resource.PropertyKey(key)] = resource.NewProperty(text(element))
	}
	return resource.NewProperty(object)
}

func scalarProperty(v reflect.Value, s shape) resource.PropertyValue {
	content := text(v)
	switch s.scalar {
	case "boolean":
		if b, err := strconv.ParseBool(content); err == nil {
			return resource.NewProperty(b)
		}
	case "integer", "number":
		if f, err := strconv.ParseFloat(content, 64); err == nil {
			return resource.NewProperty(f)
		}
	default:
		if v.Kind() != reflect.String || content != "" {
			return resource.NewProperty(content)
		}
	}
	return resource.NewNullProperty()
}

// text writes a scalar as the official provider does: times as Go's
// time.Time.String, bytes in Base64.
func text(v reflect.Value) string {
	v = indirect(v)
	if !v.IsValid() {
		return ""
	}
	switch content := v.Interface().(type) {
	case common.SDKTime:
		return content.String()
	case common.SDKDate:
		return content.Date.Format("2006-01-02")
	case []byte:
		return base64.StdEncoding.EncodeToString(content)
	}
	switch v.Kind() {
	case reflect.Float32:
		return strconv.FormatFloat(v.Float(), 'f', -1, 32)
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	case reflect.Map, reflect.Slice, reflect.Struct:
		if encoded, err := json.Marshal(v.Interface()); err == nil {
			return string(encoded)
		}
	}
	return fmt.Sprint(v.Interface())
}

// indirect follows pointers and interfaces; nil gives the zero Value.
func indirect(v reflect.Value) reflect.Value {
	for v.IsValid() && (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) {
		v = v.Elem()
	}
	return v
}

func withoutNulls(values resource.PropertyMap) resource.PropertyMap {
	kept := resource.PropertyMap{}
	for key, value := range values {
		if !value.IsNull() {
			kept[key] = value
		}
	}
	return kept
}
