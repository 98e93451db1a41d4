package qbe

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// order is one item of $orderby.
type order struct {
	path       path
	descending bool
	number     bool
}

// datatypes that $orderby knows; those that are true compare as numbers.
var datatypes = map[string]bool{
	"number": true, "varchar2": false, "varchar": false, "string": false,
	"date": false, "timestamp": false, "datetime": false,
}

// Ordered reports whether the query has an $orderby.
func (q *Query) Ordered() bool { return len(q.order) > 0 }

// Compare says how two documents follow one another by $orderby.
func (q *Query) Compare(a, b any) int {
	for _, o := range q.order {
		if c := o.compare(a, b); c != 0 {
			return c
		}
	}
	return 0
}

func (o order) compare(a, b any) int {
	c := o.ascending(a, b)
	if o.descending {
		return -c
	}
	return c
}

func (o order) ascending(a, b any) int {
	if o.number {
		x, okX := o.numberOf(a)
		y, okY := o.numberOf(b)
		if okX && okY {
			return cmp.Compare(x, y)
		}
		return rank(!okX) - rank(!okY)
	}
	x, okX := o.textOf(a)
	y, okY := o.textOf(b)
	if okX && okY {
		return strings.Compare(x, y)
	}
	return rank(!okX) - rank(!okY)
}

func (o order) textOf(document any) (string, bool) {
	for _, value := range o.path.values(document) {
		switch v := value.(type) {
		case string:
			return v, true
		case float64:
			return strconv.FormatFloat(v, 'f', -1, 64), true
		case bool:
			return strconv.FormatBool(v), true
		}
	}
	return "", false
}

func (o order) numberOf(document any) (float64, bool) {
	for _, value := range o.path.values(document) {
		switch v := value.(type) {
		case float64:
			return v, true
		case string:
			n, err := strconv.ParseFloat(v, 64)
			return n, err == nil
		}
	}
	return 0, false
}

// parseOrder reads $orderby: an array of {path, order, datatype}, the same
// within {"$fields": …}, or {"path": 1, "path": -1, …}.
func parseOrder(raw json.RawMessage) ([]order, error) {
	trimmed := bytes.TrimSpace(raw)
	if len(trimmed) > 0 && trimmed[0] == '{' {
		var wrapped struct {
			Fields json.RawMessage `json:"$fields"`
		}
		if err := json.Unmarshal(raw, &wrapped); err != nil {
			return nil, fmt.Errorf("$orderby: %w", err)
		}
		if wrapped.Fields == nil {
			return parseShortOrder(raw)
		}
		trimmed = wrapped.Fields
	}
	var items []struct {
		Path     string `json:"path"`
		Order    string `json:"order"`
		Datatype string `json:"datatype"`
	}
	if err := json.Unmarshal(trimmed, &items); err != nil {
		return nil, fmt.Errorf("$orderby must be an array of objects with path, order and datatype: %w", err)
	}
	var list []order
	for _, item := range items {
		p, err := parsePath(item.Path)
		if err != nil {
			return nil, fmt.Errorf("$orderby: %w", err)
		}
		if !slices.Contains([]string{"", "asc", "desc"}, item.Order) {
			return nil, fmt.Errorf("$orderby: order must be asc or desc, it is %q", item.Order)
		}
		number, known := datatypes[item.Datatype]
		if !known && item.Datatype != "" {
			return nil, fmt.Errorf("$orderby: unknown datatype %q", item.Datatype)
		}
		list = append(list, order{path: p, descending: item.Order == "desc", number: number})
	}
	return list, nil
}

// parseShortOrder reads {"path": 1 | -1, …}, whose order of members matters.
func parseShortOrder(raw json.RawMessage) ([]order, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("$orderby: %w", err)
	}
	var list []order
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("$orderby: %w", err)
		}
		var direction any
		if err := decoder.Decode(&direction); err != nil {
			return nil, fmt.Errorf("$orderby: %w", err)
		}
		p, err := parsePath(fmt.Sprint(name))
		if err != nil {
			return nil, fmt.Errorf("$orderby: %w", err)
		}
		text := fmt.Sprint(direction)
		if !slices.Contains([]string{"1", "-1", "asc", "desc"}, text) {
			return nil, fmt.Errorf("$orderby: %v must be 1 or -1, it is %s", name, text)
		}
		list = append(list, order{path: p, descending: text == "-1" || text == "desc"})
	}
	return list, nil
}
