package policy

import (
	"slices"
	"strings"
	"time"
)

// lookup finds the values of a variable, and whether it applies.
type lookup func(variable string) ([]string, bool)

// holds evaluates a condition. A variable that does not apply makes its comparison
// false, whatever the operator (documentation: Conditions, Variables Not Applicable
// to a Request Result in a Declined Request).
func (c *Condition) holds(find lookup) bool {
	switch {
	case c == nil:
		return true
	case c.All != nil:
		return !slices.ContainsFunc(c.All, func(part *Condition) bool { return !part.holds(find) })
	case c.Any != nil:
		return slices.ContainsFunc(c.Any, func(part *Condition) bool { return part.holds(find) })
	}
	given, applies := find(c.Variable)
	if !applies {
		return false
	}
	switch c.Operator {
	case "exists":
		return true
	case "=", "in", "!=", "not in":
		matches, applies := c.matches(given, find)
		return applies && matches == (c.Operator == "=" || c.Operator == "in")
	case "before", "after":
		return c.compares(given[0])
	case "between":
		return c.between(given[0])
	}
	return false
}

// matches reports whether any value that is given is one of the condition's, and
// whether all variables among those apply.
func (c *Condition) matches(given []string, find lookup) (matches, applies bool) {
	for _, value := range c.Values {
		wanted := []string{value.Text}
		if value.Variable {
			if wanted, applies = find(value.Text); !applies {
				return false, false
			}
		}
		for _, text := range wanted {
			matches = matches || slices.ContainsFunc(given, func(g string) bool { return value.equals(g, text) })
		}
	}
	return matches, true
}

// equals compares without regard to case, as OCI does. A pattern may begin and end
// with an asterisk.
func (v Value) equals(given, text string) bool {
	if !v.Pattern {
		return strings.EqualFold(given, text)
	}
	given, text = strings.ToLower(given), strings.ToLower(text)
	rest, open := strings.CutPrefix(text, "*")
	middle, tail := strings.CutSuffix(rest, "*")
	switch {
	case open && tail:
		return strings.Contains(given, middle)
	case open:
		return strings.HasSuffix(given, rest)
	case tail:
		return strings.HasPrefix(given, middle)
	}
	return given == text
}

// stamps are the forms of ISO 8601 that the documentation shows for a time stamp.
var stamps = []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02Z07:00"}

func (c *Condition) compares(given string) bool {
	at, ok := parse(stamps, given)
	bound, known := parse(stamps, c.Values[0].Text)
	if !ok || !known {
		return false
	}
	if c.Operator == "before" {
		return at.Before(bound)
	}
	return at.After(bound)
}

// clocks are those for a time of day.
var clocks = []string{"15:04:05Z", "15:04:05", "15:04Z", "15:04"}

// between is of times of day; an interval may go past midnight.
func (c *Condition) between(given string) bool {
	at, ok := parse(clocks, given)
	from, begins := parse(clocks, c.Values[0].Text)
	to, ends := parse(clocks, c.Values[1].Text)
	if !ok || !begins || !ends {
		return false
	}
	if from.After(to) {
		return !at.Before(from) || !at.After(to)
	}
	return !at.Before(from) && !at.After(to)
}

func parse(layouts []string, text string) (time.Time, bool) {
	for _, layout := range layouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
