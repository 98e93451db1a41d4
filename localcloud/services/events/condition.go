package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// condition is a rule's condition: every member must match the event's member of
// the same name (documentation: Matching Events with Filters). An array means any
// of its values; * stands for any characters; {} matches every event.
type condition map[string]any

func parseCondition(text string) (condition, error) {
	var c condition
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return nil, fmt.Errorf("condition must be a JSON object: %w", err)
	}
	if c == nil {
		return nil, errors.New("condition must be a JSON object")
	}
	if err := c.check("condition"); err != nil {
		return nil, err
	}
	return c, nil
}

func (c condition) check(path string) error {
	for name, want := range c {
		at := path + "." + name
		switch w := want.(type) {
		case string:
		case map[string]any:
			if err := condition(w).check(at); err != nil {
				return err
			}
		case []any:
			for _, v := range w {
				if _, ok := v.(string); !ok {
					return fmt.Errorf("%s: an array may hold strings only", at)
				}
			}
		default:
			return fmt.Errorf("%s must be a string, an array of strings or an object", at)
		}
	}
	return nil
}

func (c condition) matches(event map[string]any) bool {
	for name, want := range c {
		if !matchesValue(want, event[name]) {
			return false
		}
	}
	return true
}

func matchesValue(want, have any) bool {
	switch w := want.(type) {
	case map[string]any:
		h, ok := have.(map[string]any)
		return ok && condition(w).matches(h)
	case []any:
		for _, v := range w {
			if matchesValue(v, have) {
				return true
			}
		}
		return false
	case string:
		h, ok := have.(string)
		return ok && wildcard(w, h)
	}
	return false
}

// wildcard matches text against a pattern in which * stands for any characters.
func wildcard(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = after
	}
	return strings.HasSuffix(text, last)
}
