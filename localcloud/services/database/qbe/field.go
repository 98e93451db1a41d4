package qbe

import (
	"fmt"
	"slices"
	"strings"
)

// predicate tests one value of a field.
type predicate func(value any) bool

// parseField reads the condition on a field: a literal, operators, or a nested
// condition on the fields of an object.
func parseField(name string, operand any) (condition, error) {
	p, err := parsePath(name)
	if err != nil {
		return nil, err
	}
	members, ok := operand.(map[string]any)
	if !ok {
		return anyValue(p, equals(operand)), nil
	}
	operators := 0
	for key := range members {
		if strings.HasPrefix(key, "$") {
			operators++
		}
	}
	switch operators {
	case len(members):
		if operators > 0 {
			return parseOperators(p, members)
		}
		fallthrough
	case 0:
		return parseNested(p, members)
	}
	return nil, fmt.Errorf("field %s: operators and fields are mixed", name)
}

// parseNested makes a condition that all fields of one object must satisfy.
func parseNested(p path, members map[string]any) (condition, error) {
	inner, err := parseCondition(members)
	if err != nil {
		return nil, err
	}
	return func(key string, document any) bool {
		return slices.ContainsFunc(p.unwrapped(document), func(value any) bool {
			_, isObject := value.(map[string]any)
			return isObject && inner(key, value)
		})
	}, nil
}

// parseOperators makes the condition of a field's operators. Those that compare
// must hold together for one value of the field; the others speak of the field.
func parseOperators(p path, members map[string]any) (condition, error) {
	var compare []predicate
	var all []condition
	for name, operand := range members {
		switch name {
		case "$exists":
			all = append(all, exists(p, truth(operand)))
		case "$nin":
			in, err := parseComparison("$in", operand)
			if err != nil {
				return nil, fmt.Errorf("$nin takes an array of values")
			}
			all = append(all, not(anyValue(p, in)))
		case "$all":
			list, ok := operand.([]any)
			if !ok {
				return nil, fmt.Errorf("$all takes an array of values")
			}
			for _, item := range list {
				all = append(all, anyValue(p, equals(item)))
			}
		case "$not":
			inner, ok := operand.(map[string]any)
			if !ok || len(inner) == 0 {
				return nil, fmt.Errorf("$not takes operators")
			}
			for key := range inner {
				if !strings.HasPrefix(key, "$") {
					return nil, fmt.Errorf("$not takes operators, %s is none", key)
				}
			}
			c, err := parseOperators(p, inner)
			if err != nil {
				return nil, err
			}
			all = append(all, not(c))
		default:
			test, err := parseComparison(name, operand)
			if err != nil {
				return nil, err
			}
			compare = append(compare, test)
		}
	}
	if len(compare) > 0 {
		all = append(all, anyValue(p, func(value any) bool {
			return !slices.ContainsFunc(compare, func(test predicate) bool { return !test(value) })
		}))
	}
	return and(all), nil
}

// anyValue holds where a value of the field passes the test; an array's elements
// count as values, too.
func anyValue(p path, test predicate) condition {
	return func(_ string, document any) bool { return slices.ContainsFunc(p.unwrapped(document), test) }
}

func exists(p path, wanted bool) condition {
	return func(_ string, document any) bool { return (len(p.values(document)) > 0) == wanted }
}

// truth reads $exists's operand: everything but false, null, 0 and "0" wants the
// field to exist.
func truth(operand any) bool {
	switch v := operand.(type) {
	case nil:
		return false
	case bool:
		return v
	case float64:
		return v != 0
	case string:
		return v != "0" && v != "false"
	}
	return true
}
