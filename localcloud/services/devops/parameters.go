package devops

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// substitute replaces the placeholders in a text by parameters' values. One without
// a value is an error that names it.
func substitute(text string, values map[string]string) (string, error) {
	missing := map[string]bool{}
	result := placeholder.ReplaceAllStringFunc(text, func(found string) string {
		name := found[len("${") : len(found)-1]
		value, known := values[name]
		if !known {
			missing[found] = true
		}
		return value
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("%q has placeholders without a value: %s; give the pipeline a parameter of that name, or export the variable in the build specification", text, strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
	}
	return result, nil
}

// parameters are the values that a run has for its pipeline's parameters: the
// defaults, and the run's arguments before them (documentation: Configuring
// Parameters).
func parameters(declared, arguments kind.Object) map[string]string {
	values := map[string]string{}
	for _, parameter := range declared.Objects("items") {
		if value, given := parameter["defaultValue"].(string); given {
			values[parameter.Str("name")] = value
		}
	}
	for _, argument := range arguments.Objects("items") {
		values[argument.Str("name")] = argument.Str("value")
	}
	return values
}

// checkArguments refuses arguments whose name no parameter can have, and ones that
// are given twice.
func checkArguments(field string, arguments kind.Object) error {
	seen := map[string]bool{}
	for _, argument := range arguments.Objects("items") {
		name := argument.Str("name")
		if !parameterName.MatchString(name) {
			return api.InvalidParameter("%s: the name %q must begin with a letter and have letters, digits and underscores only.", field, name)
		}
		if seen[name] {
			return api.InvalidParameter("%s: %s is given twice.", field, name)
		}
		seen[name] = true
	}
	return nil
}

// pairs is a collection of names and values, in the order of the names.
func pairs(values map[string]string) kind.Object {
	var list []kind.Object
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, kind.Object{"name": name, "value": values[name]})
	}
	return collection(list)
}
