// Package qbe selects and sorts JSON documents by SODA filter specifications
// ("query by example"; documentation: SODA Filter Specifications).
//
// Where the documentation leaves room: $ne needs the field to exist, $nin and
// $not also hold where it does not; $regex finds its expression anywhere in the
// string, in Go's syntax. $orderby compares text unless a datatype says
// otherwise, and puts documents without the field last, first when descending.
// Item methods ($upper, $number, …), $contains and spatial operators are
// refused by name, as unknown operators are.
package qbe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Query is a parsed filter specification. It is safe for concurrent use.
type Query struct {
	filter condition
	order  []order
	// Patch is the JSON Patch of a bulk update, nil without one.
	Patch json.RawMessage
}

// condition tells whether a document satisfies a filter condition.
type condition func(key string, document any) bool

// clauses are the members of a composite filter.
var clauses = []string{"$query", "$filter", "$orderby", "$patch"}

// Parse reads a filter specification: a composite filter with $query (or
// $filter), $orderby and $patch, or a filter condition alone. No bytes select
// everything. Errors name what is wrong, for the caller to answer with a 400.
func Parse(raw []byte) (*Query, error) {
	q := &Query{filter: func(string, any) bool { return true }}
	if len(bytes.TrimSpace(raw)) == 0 {
		return q, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil || members == nil {
		return nil, fmt.Errorf("the filter specification must be a JSON object")
	}
	composite := false
	for name := range members {
		composite = composite || slices.Contains(clauses, name)
	}
	if !composite {
		return q, q.parseFilter(raw)
	}
	for name, value := range members {
		var err error
		switch name {
		case "$query", "$filter":
			if members["$query"] != nil && members["$filter"] != nil {
				return nil, fmt.Errorf("$query and $filter mean the same: give one of them")
			}
			err = q.parseFilter(value)
		case "$orderby":
			q.order, err = parseOrder(value)
		case "$patch":
			q.Patch = value
		default:
			return nil, fmt.Errorf("%s cannot stand beside %s", name, strings.Join(clauses, ", "))
		}
		if err != nil {
			return nil, err
		}
	}
	return q, nil
}

func (q *Query) parseFilter(raw []byte) error {
	var members map[string]any
	if err := json.Unmarshal(raw, &members); err != nil {
		return fmt.Errorf("a filter condition must be a JSON object")
	}
	var err error
	q.filter, err = parseCondition(members)
	return err
}

// Match reports whether the document (as encoding/json decodes it into any)
// with this key satisfies the query.
func (q *Query) Match(key string, document any) bool { return q.filter(key, document) }

func parseCondition(members map[string]any) (condition, error) {
	var all []condition
	for name, operand := range members {
		var one condition
		var err error
		switch {
		case name == "$and", name == "$or", name == "$nor":
			one, err = parseCombination(name, operand)
		case name == "$not":
			inner, ok := operand.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("$not takes a condition")
			}
			if one, err = parseCondition(inner); err == nil {
				one = not(one)
			}
		case name == "$id":
			one, err = parseID(operand)
		case strings.HasPrefix(name, "$"):
			return nil, fmt.Errorf("unknown operator %s", name)
		default:
			one, err = parseField(name, operand)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return and(all), nil
}

func parseCombination(name string, operand any) (condition, error) {
	list, ok := operand.([]any)
	if !ok || len(list) == 0 {
		return nil, fmt.Errorf("%s takes an array of conditions", name)
	}
	var parts []condition
	for _, item := range list {
		members, ok := item.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s takes an array of conditions", name)
		}
		part, err := parseCondition(members)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	switch name {
	case "$and":
		return and(parts), nil
	case "$nor":
		return not(or(parts)), nil
	}
	return or(parts), nil
}

func parseID(operand any) (condition, error) {
	list, ok := operand.([]any)
	if !ok {
		list = []any{operand}
	}
	var keys []string
	for _, item := range list {
		key, ok := item.(string)
		if !ok {
			return nil, fmt.Errorf("$id takes a key or an array of keys")
		}
		keys = append(keys, key)
	}
	return func(key string, _ any) bool { return slices.Contains(keys, key) }, nil
}

func and(parts []condition) condition {
	return func(key string, document any) bool {
		return !slices.ContainsFunc(parts, func(c condition) bool { return !c(key, document) })
	}
}

func or(parts []condition) condition {
	return func(key string, document any) bool {
		return slices.ContainsFunc(parts, func(c condition) bool { return c(key, document) })
	}
}

func not(c condition) condition {
	return func(key string, document any) bool { return !c(key, document) }
}
