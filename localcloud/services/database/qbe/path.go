package qbe

import (
	"fmt"
	"strconv"
	"strings"
)

// path is a field's path: names, array positions, wildcards.
type path []step

// step is one part of a path: a field's name (or any), or positions of an array.
type step struct {
	name     string
	wildcard bool // any field, or any position
	array    bool
	ranges   [][2]int
}

// parsePath reads paths such as address.zip, items[0].name, items[*], a.*.b and
// `a.b`.c, where backquotes keep a name whole.
func parsePath(text string) (path, error) {
	var p path
	rest := text
	for rest != "" {
		var s step
		switch {
		case rest[0] == '[':
			inside, after, found := strings.Cut(rest[1:], "]")
			if !found {
				return nil, fmt.Errorf("path %s: [ is not closed", text)
			}
			positions, err := parsePositions(inside)
			if err != nil {
				return nil, fmt.Errorf("path %s: %w", text, err)
			}
			s, rest = positions, after
		case rest[0] == '`':
			name, after, found := strings.Cut(rest[1:], "`")
			if !found {
				return nil, fmt.Errorf("path %s: ` is not closed", text)
			}
			s, rest = step{name: name}, after
		default:
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			s, rest = step{name: rest[:end], wildcard: rest[:end] == "*"}, rest[end:]
		}
		if !s.array && s.name == "" {
			return nil, fmt.Errorf("path %q has an empty step", text)
		}
		p = append(p, s)
		if after, dotted := strings.CutPrefix(rest, "."); dotted {
			if after == "" {
				return nil, fmt.Errorf("path %q has an empty step", text)
			}
			rest = after
		}
	}
	if len(p) == 0 {
		return nil, fmt.Errorf("a path is empty")
	}
	return p, nil
}

func parsePositions(text string) (step, error) {
	s := step{array: true}
	if strings.TrimSpace(text) == "*" {
		s.wildcard = true
		return s, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		from, to, ranged := strings.Cut(part, " to ")
		low, err := strconv.Atoi(strings.TrimSpace(from))
		high := low
		if err == nil && ranged {
			high, err = strconv.Atoi(strings.TrimSpace(to))
		}
		if err != nil || low < 0 {
			return s, fmt.Errorf("[%s] is not an array position", text)
		}
		s.ranges = append(s.ranges, [2]int{low, high})
	}
	return s, nil
}

// values returns what is at the path. As in Oracle's lax mode, a name steps into
// the elements of an array, and a position takes a single value for an array of one.
func (p path) values(document any) []any {
	current := []any{document}
	for _, s := range p {
		var next []any
		for _, value := range current {
			next = s.from(value, next)
		}
		current = next
	}
	return current
}

// unwrapped returns what is at the path, and the elements of arrays there.
func (p path) unwrapped(document any) []any {
	var all []any
	for _, value := range p.values(document) {
		all = append(all, value)
		if list, ok := value.([]any); ok {
			all = append(all, list...)
		}
	}
	return all
}

func (s step) from(value any, found []any) []any {
	list, isArray := value.([]any)
	if s.array {
		if !isArray {
			list = []any{value}
		}
		for i, item := range list {
			if s.selects(i) {
				found = append(found, item)
			}
		}
		return found
	}
	if !isArray {
		list = []any{value}
	}
	for _, item := range list {
		members, ok := item.(map[string]any)
		if !ok {
			continue
		}
		if s.wildcard {
			for _, member := range members {
				found = append(found, member)
			}
		} else if member, ok := members[s.name]; ok {
			found = append(found, member)
		}
	}
	return found
}

func (s step) selects(i int) bool {
	for _, r := range s.ranges {
		if i >= r[0] && i <= r[1] {
			return true
		}
	}
	return s.wildcard
}
