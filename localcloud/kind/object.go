package kind

import "time"

// Object is a resource as its JSON members, in the words of OCI's API.
type Object map[string]any

// Str returns a string member, empty when absent or of another type.
func (o Object) Str(name string) string {
	s, _ := o[name].(string)
	return s
}

// Number returns a numeric member, 0 when absent or of another type.
func (o Object) Number(name string) float64 {
	switch n := o[name].(type) {
	case float64:
		return n
	case int:
		return float64(n)
	case int64:
		return float64(n)
	}
	return 0
}

// Bool returns a boolean member, false when absent or of another type.
func (o Object) Bool(name string) bool {
	b, _ := o[name].(bool)
	return b
}

// Strings returns a member that is an array of strings.
func (o Object) Strings(name string) []string {
	switch list := o[name].(type) {
	case []string:
		return list
	case []any:
		out := make([]string, 0, len(list))
		for _, v := range list {
			if s, ok := v.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// Object returns a member that is an object, nil when absent.
func (o Object) Object(name string) Object {
	switch m := o[name].(type) {
	case Object:
		return m
	case map[string]any:
		return m
	}
	return nil
}

// Objects returns a member that is an array of objects.
func (o Object) Objects(name string) []Object {
	list, _ := o[name].([]any)
	all := make([]Object, 0, len(list))
	for _, item := range list {
		switch m := item.(type) {
		case Object:
			all = append(all, m)
		case map[string]any:
			all = append(all, m)
		}
	}
	return all
}

// Default sets a member that is absent or null.
func (o Object) Default(name string, value any) {
	if o[name] == nil {
		o[name] = value
	}
}

// Clone copies the object and the objects and arrays of JSON inside it.
func (o Object) Clone() Object {
	if o == nil {
		return nil
	}
	return clone(o).(Object)
}

func clone(value any) any {
	switch v := value.(type) {
	case Object:
		c := make(Object, len(v))
		for name, member := range v {
			c[name] = clone(member)
		}
		return c
	case map[string]any:
		return map[string]any(clone(Object(v)).(Object))
	case []any:
		c := make([]any, len(v))
		for i, item := range v {
			c[i] = clone(item)
		}
		return c
	default:
		return v
	}
}

// Timestamp is a time as OCI's APIs write it.
func Timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
