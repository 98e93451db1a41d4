package qbe

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// parseComparison reads an operator that tests one value.
func parseComparison(name string, operand any) (predicate, error) {
	switch name {
	case "$eq":
		return equals(operand), nil
	case "$ne":
		same := equals(operand)
		return func(value any) bool { return scalar(value) && !same(value) }, nil
	case "$gt", "$gte", "$lt", "$lte":
		if !scalar(operand) || operand == nil {
			return nil, fmt.Errorf("%s takes a number, string or boolean", name)
		}
		return ordered(operand, map[string]func(int) bool{
			"$gt": func(c int) bool { return c > 0 }, "$gte": func(c int) bool { return c >= 0 },
			"$lt": func(c int) bool { return c < 0 }, "$lte": func(c int) bool { return c <= 0 },
		}[name]), nil
	case "$in":
		list, ok := operand.([]any)
		if !ok || len(list) == 0 {
			return nil, fmt.Errorf("$in takes an array of values")
		}
		return func(value any) bool {
			return slices.ContainsFunc(list, func(item any) bool { return equals(item)(value) })
		}, nil
	case "$between":
		return parseBetween(operand)
	case "$startsWith", "$hasSubstring", "$instr", "$like", "$regex":
		return parseText(name, operand)
	}
	return nil, fmt.Errorf("unknown operator %s", name)
}

func equals(operand any) predicate {
	return func(value any) bool { return reflect.DeepEqual(value, operand) }
}

func scalar(value any) bool {
	switch value.(type) {
	case nil, bool, float64, string:
		return true
	}
	return false
}

// ordered tests how a value compares with the operand; values of another type
// do not compare.
func ordered(operand any, test func(int) bool) predicate {
	return func(value any) bool {
		switch o := operand.(type) {
		case float64:
			v, ok := value.(float64)
			return ok && test(cmp.Compare(v, o))
		case string:
			v, ok := value.(string)
			return ok && test(strings.Compare(v, o))
		case bool:
			v, ok := value.(bool)
			return ok && test(cmp.Compare(rank(v), rank(o)))
		}
		return false
	}
}

func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// parseBetween reads [low, high], both included; null leaves an end open.
func parseBetween(operand any) (predicate, error) {
	list, ok := operand.([]any)
	if !ok || len(list) != 2 || !scalar(list[0]) || !scalar(list[1]) || list[0] == nil && list[1] == nil {
		return nil, fmt.Errorf("$between takes an array of two scalars, one of which may be null")
	}
	low, high := list[0], list[1]
	return func(value any) bool {
		return (low == nil || ordered(low, func(c int) bool { return c >= 0 })(value)) &&
			(high == nil || ordered(high, func(c int) bool { return c <= 0 })(value))
	}, nil
}

func parseText(name string, operand any) (predicate, error) {
	text, ok := operand.(string)
	if !ok {
		return nil, fmt.Errorf("%s takes a string", name)
	}
	var test func(string) bool
	switch name {
	case "$startsWith":
		test = func(s string) bool { return strings.HasPrefix(s, text) }
	case "$hasSubstring", "$instr":
		test = func(s string) bool { return strings.Contains(s, text) }
	case "$like":
		test = regexp.MustCompile(likeExpression(text)).MatchString
	case "$regex":
		expression, err := regexp.Compile(text)
		if err != nil {
			return nil, fmt.Errorf("$regex: %w", err)
		}
		test = expression.MatchString
	}
	return func(value any) bool {
		s, ok := value.(string)
		return ok && test(s)
	}, nil
}

// likeExpression turns SQL's LIKE into an expression: % is any text, _ one
// character.
func likeExpression(like string) string {
	quoted := regexp.QuoteMeta(like)
	quoted = strings.ReplaceAll(quoted, "%", ".*")
	return "(?s)^" + strings.ReplaceAll(quoted, "_", ".") + "$"
}
