package provider

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// filter is one element of a function's filters argument: the named property
// has one of the values, or matches one of the expressions. Names are the
// properties', in Pulumi's or in Terraform's spelling; dots go deeper. (OCI
// provider documentation, "Filters".)
type filter struct {
	path   []string
	values []string
	exprs  []*regexp.Regexp
}

// filters hold together: an item must pass all of them.
type filters []filter

func parseFilters(argument resource.PropertyValue) (filters, error) {
	argument = plain(argument)
	if !argument.IsArray() {
		return nil, nil
	}
	var parsed filters
	for i, element := range argument.ArrayValue() {
		object := plain(element).ObjectValue()
		f := filter{path: strings.Split(plain(object["name"]).StringValue(), ".")}
		isExpr := plain(object["regex"])
		for _, value := range plain(object["values"]).ArrayValue() {
			text, err := scalar(plain(value), reflect.TypeFor[string](), fmt.Sprintf("filters[%d].values", i))
			if err != nil {
				return nil, err
			}
			f.values = append(f.values, text.(string))
		}
		if isExpr.IsBool() && isExpr.BoolValue() {
			for _, text := range f.values {
				expr, err := regexp.Compile(text)
				if err != nil {
					return nil, fmt.Errorf("filters[%d]: %w", i, err)
				}
				f.exprs = append(f.exprs, expr)
			}
			f.values = nil
		}
		parsed = append(parsed, f)
	}
	return parsed, nil
}

func (fs filters) match(item resource.PropertyValue) bool {
	return !slices.ContainsFunc(fs, func(f filter) bool { return !f.match(item, f.path) })
}

func (f filter) match(value resource.PropertyValue, path []string) bool {
	switch {
	case value.IsArray():
		return slices.ContainsFunc(value.ArrayValue(), func(item resource.PropertyValue) bool { return f.match(item, path) })
	case value.IsObject() && len(path) > 0:
		// Map keys may hold dots themselves.
		if whole, ok := value.ObjectValue()[resource.PropertyKey(strings.Join(path, "."))]; ok {
			return f.match(whole, nil)
		}
		for key, inner := range value.ObjectValue() {
			if sameName(string(key), path[0]) {
				return f.match(inner, path[1:])
			}
		}
		return false
	}
	text, err := scalar(value, reflect.TypeFor[string](), "")
	if err != nil {
		return false
	}
	return slices.Contains(f.values, text.(string)) ||
		slices.ContainsFunc(f.exprs, func(expr *regexp.Regexp) bool { return expr.MatchString(text.(string)) })
}

// sameName compares a property's name with Pulumi's or Terraform's spelling.
func sameName(a, b string) bool {
	return strings.EqualFold(strings.ReplaceAll(a, "_", ""), strings.ReplaceAll(b, "_", ""))
}
