package provider

import (
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var placeholder = regexp.MustCompile(`\{(\w+)(?:=(\w+))?\}`)

// newID makes a resource's id from its inputs and its new model. Names in
// composite ids are path-escaped, as in the official provider.
func (k *kind) newID(inputs resource.PropertyMap, model reflect.Value) (string, error) {
	if k.id == "" {
		field := k.idField
		if field == "" {
			field = "id"
		}
		if id := modelText(model, field); id != "" {
			return id, nil
		}
		return "", fmt.Errorf("the service's answer has no %s", field)
	}
	var missing []string
	id := placeholder.ReplaceAllStringFunc(k.id, func(match string) string {
		names := placeholder.FindStringSubmatch(match)
		content, ok := "", false
		if names[2] != "" {
			content = modelText(model, names[2])
			ok = content != ""
		} else {
			content, ok = k.parameter(names[1], inputs)
		}
		if !ok {
			missing = append(missing, names[1])
		}
		return url.PathEscape(content)
	})
	if missing != nil {
		return "", fmt.Errorf("id: no value for %s", strings.Join(missing, ", "))
	}
	return id, nil
}

// parameter returns the value of a request parameter that follows from inputs.
func (k *kind) parameter(name string, inputs resource.PropertyMap) (string, bool) {
	if derive, ok := k.derive[name]; ok {
		return derive(inputs), true
	}
	input, ok := k.parameterInput(name)
	if !ok {
		return "", false
	}
	value := inputs[resource.PropertyKey(input)]
	if absent(value) {
		return "", false
	}
	content, err := scalar(plain(value), reflect.TypeFor[string](), input)
	if err != nil {
		return "", false
	}
	return content.(string), true
}

// parseID splits a composite id into its parameters.
func (k *kind) parseID(id string) (map[string]string, error) {
	if k.id == "" {
		return nil, nil
	}
	var names []string
	pattern := "^"
	rest := k.id
	for _, at := range placeholder.FindAllStringSubmatchIndex(k.id, -1) {
		offset := len(k.id) - len(rest)
		pattern += regexp.QuoteMeta(rest[:at[0]-offset]) + "([^/]+)"
		names = append(names, k.id[at[2]:at[3]])
		rest = k.id[at[1]:]
	}
	pattern += regexp.QuoteMeta(rest) + "$"
	matches := regexp.MustCompile(pattern).FindStringSubmatch(id)
	if matches == nil {
		return nil, fmt.Errorf("id %q does not have the form %s", id, k.id)
	}
	values := map[string]string{}
	for i, name := range names {
		value, err := url.PathUnescape(matches[i+1])
		if err != nil {
			return nil, fmt.Errorf("id %q: %w", id, err)
		}
		values[name] = value
	}
	return values, nil
}
