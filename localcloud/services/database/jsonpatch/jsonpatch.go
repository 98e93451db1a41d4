// Package jsonpatch applies JSON Patch (RFC 6902) to decoded JSON.
package jsonpatch

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// ErrTestFailed is wrapped by Apply's error when a test operation does not hold.
var ErrTestFailed = errors.New("test failed")

type operation struct {
	Op    string          `json:"op"`
	Path  *string         `json:"path"`
	From  *string         `json:"from"`
	Value json.RawMessage `json:"value"`
}

// Apply returns the document with all operations of the patch applied. On an
// error the document may have been changed in part and must not be used.
func Apply(document any, patch []byte) (any, error) {
	var operations []operation
	if err := json.Unmarshal(patch, &operations); err != nil {
		return nil, fmt.Errorf("a JSON Patch is an array of operations: %w", err)
	}
	for i, o := range operations {
		changed, err := o.apply(document)
		if err != nil {
			return nil, fmt.Errorf("operation %d (%s): %w", i, o.Op, err)
		}
		document = changed
	}
	return document, nil
}

func (o operation) apply(document any) (any, error) {
	path, err := pointer(o.Path, "path")
	if err != nil {
		return nil, err
	}
	var value any
	switch o.Op {
	case "add", "replace", "test":
		if o.Value == nil {
			return nil, errors.New("value is missing")
		}
		if err := json.Unmarshal(o.Value, &value); err != nil {
			return nil, err
		}
	case "move", "copy":
		from, err := pointer(o.From, "from")
		if err != nil {
			return nil, err
		}
		if value, err = get(document, from); err != nil {
			return nil, err
		}
		if o.Op == "copy" {
			value = clone(value)
		} else if document, err = remove(document, from); err != nil {
			return nil, err
		}
	case "remove":
	default:
		return nil, errors.New("unknown operation")
	}
	switch o.Op {
	case "remove":
		return remove(document, path)
	case "replace":
		if _, err := get(document, path); err != nil {
			return nil, err
		}
		return set(document, path, value, false)
	case "test":
		current, err := get(document, path)
		if err != nil || !reflect.DeepEqual(current, value) {
			return nil, fmt.Errorf("%w: %s has another value", ErrTestFailed, *o.Path)
		}
		return document, nil
	}
	return set(document, path, value, true)
}

// pointer splits a JSON Pointer (RFC 6901).
func pointer(text *string, name string) ([]string, error) {
	if text == nil {
		return nil, fmt.Errorf("%s is missing", name)
	}
	if *text == "" {
		return nil, nil
	}
	if !strings.HasPrefix(*text, "/") {
		return nil, fmt.Errorf("%s %q must begin with /", name, *text)
	}
	parts := strings.Split((*text)[1:], "/")
	for i, part := range parts {
		parts[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
	}
	return parts, nil
}

func get(document any, path []string) (any, error) {
	for _, name := range path {
		switch container := document.(type) {
		case map[string]any:
			member, ok := container[name]
			if !ok {
				return nil, fmt.Errorf("%q is not there", name)
			}
			document = member
		case []any:
			i, err := position(name, len(container)-1)
			if err != nil {
				return nil, err
			}
			document = container[i]
		default:
			return nil, fmt.Errorf("%q is not there", name)
		}
	}
	return document, nil
}

// set puts a value at the path; in an array it is inserted, or replaces.
func set(document any, path []string, value any, insert bool) (any, error) {
	if len(path) == 0 {
		return value, nil
	}
	name, rest := path[0], path[1:]
	switch container := document.(type) {
	case map[string]any:
		member, ok := container[name]
		if !ok && len(rest) > 0 {
			return nil, fmt.Errorf("%q is not there", name)
		}
		changed, err := set(member, rest, value, insert)
		container[name] = changed
		return container, err
	case []any:
		if len(rest) == 0 && insert {
			i := len(container)
			if name != "-" {
				var err error
				if i, err = position(name, len(container)); err != nil {
					return nil, err
				}
			}
			return append(container[:i:i], append([]any{value}, container[i:]...)...), nil
		}
		i, err := position(name, len(container)-1)
		if err != nil {
			return nil, err
		}
		container[i], err = set(container[i], rest, value, insert)
		return container, err
	}
	return nil, fmt.Errorf("%q has no place in a scalar", name)
}

func remove(document any, path []string) (any, error) {
	if len(path) == 0 {
		return nil, errors.New("the whole document cannot be removed")
	}
	if _, err := get(document, path); err != nil {
		return nil, err
	}
	name, rest := path[0], path[1:]
	switch container := document.(type) {
	case map[string]any:
		if len(rest) == 0 {
			delete(container, name)
			return container, nil
		}
		changed, err := remove(container[name], rest)
		container[name] = changed
		return container, err
	case []any:
		i, err := position(name, len(container)-1)
		if err != nil {
			return nil, err
		}
		if len(rest) == 0 {
			return append(container[:i:i], container[i+1:]...), nil
		}
		container[i], err = remove(container[i], rest)
		return container, err
	}
	return nil, fmt.Errorf("%q is not there", name)
}

func position(text string, last int) (int, error) {
	i, err := strconv.Atoi(text)
	if err != nil || i < 0 || i > last || text != strconv.Itoa(i) {
		return 0, fmt.Errorf("%q is not a position of the array", text)
	}
	return i, nil
}

func clone(value any) any {
	switch v := value.(type) {
	case map[string]any:
		copied := make(map[string]any, len(v))
		for name, member := range v {
			copied[name] = clone(member)
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, item := range v {
			copied[i] = clone(item)
		}
		return copied
	}
	return value
}
