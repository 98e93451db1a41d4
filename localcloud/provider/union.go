package provider

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// union says of a row whose requests' bodies are an SDK interface which struct they
// are: that of the value of an input. In the JSON it is the discriminator, which the
// SDK writes by itself.
type union struct {
	by string
	// structs are, by the input's value, the zero values of the details of a create
	// and of an update.
	structs map[string][2]any
}

// body returns a pointer to a new struct for a method's body.
func (u *union) body(method, value string) (reflect.Value, error) {
	pair, ok := u.structs[value]
	if !ok {
		return reflect.Value{}, fmt.Errorf("%s is %q, want one of %s", u.by, value, strings.Join(slices.Sorted(maps.Keys(u.structs)), ", "))
	}
	if strings.HasPrefix(method, "Update") {
		return reflect.New(reflect.TypeOf(pair[1])), nil
	}
	return reflect.New(reflect.TypeOf(pair[0])), nil
}
