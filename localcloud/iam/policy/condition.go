package policy

import (
	"fmt"
	"regexp"
	"strings"
)

// Condition is a tree of comparisons.
type Condition struct {
	// All and Any hold conditions that must hold together, or one of them; a leaf
	// has neither.
	All, Any []*Condition
	// Variable, Operator (=, !=, in, not in, before, after, between, or exists for a tag
	// without a comparison) and Values make a leaf.
	Variable, Operator string
	Values             []Value
}

// Value is what a variable is compared with.
type Value struct {
	Text string
	// Pattern says that Text may begin or end with an asterisk.
	Pattern bool
	// Variable says that Text names another variable.
	Variable bool
}

// variable is what may stand on the left: target.bucket.name, request.permission,
// resource.type, tag.namespace.key.value, …
var variable = regexp.MustCompile(`^(request|target|resource|instance|tag|workload)\.[A-Za-z0-9_.-]+$`)

func (p *parser) condition() (*Condition, error) {
	if p.is("all") || p.is("any") {
		all := p.is("all")
		p.next()
		parts, err := p.conditions()
		if err != nil {
			return nil, err
		}
		if all {
			return &Condition{All: parts}, nil
		}
		return &Condition{Any: parts}, nil
	}
	left := p.next()
	if left.kind != word || !variable.MatchString(left.text) {
		return nil, fmt.Errorf("a condition begins with all, any or a variable such as target.bucket.name, not %q", left.text)
	}
	c := &Condition{Variable: left.text}
	switch {
	case p.is("=") || p.is("!="):
		c.Operator = p.next().text
		return c, p.value(c)
	case p.is("in"):
		p.next()
		c.Operator = "in"
		return c, p.values(c)
	case p.is("not"):
		p.next()
		c.Operator = "not in"
		if err := p.word("in"); err != nil {
			return nil, err
		}
		return c, p.values(c)
	case p.is("before") || p.is("after"):
		c.Operator = strings.ToLower(p.next().text)
		return c, p.value(c)
	case p.is("between"):
		c.Operator = strings.ToLower(p.next().text)
		if err := p.value(c); err != nil {
			return nil, err
		}
		if err := p.word("and"); err != nil {
			return nil, err
		}
		return c, p.value(c)
	case strings.HasPrefix(left.text, "tag."):
		c.Operator = "exists"
		return c, nil
	}
	return nil, fmt.Errorf("%s is followed by %q, where =, !=, in, not in, before, after or between was expected", left.text, p.peek().text)
}

func (p *parser) conditions() ([]*Condition, error) {
	if err := p.word("{"); err != nil {
		return nil, err
	}
	var parts []*Condition
	for {
		c, err := p.condition()
		if err != nil {
			return nil, err
		}
		parts = append(parts, c)
		if closing := p.next().text; closing == "}" {
			return parts, nil
		} else if closing != "," {
			return nil, fmt.Errorf("conditions are separated by commas, not %q", closing)
		}
	}
}

func (p *parser) value(c *Condition) error {
	v := p.next()
	switch v.kind {
	case quoted:
		c.Values = append(c.Values, Value{Text: v.text})
	case pattern:
		c.Values = append(c.Values, Value{Text: v.text, Pattern: true})
	case word:
		// OCI refuses a value without quotes with these words.
		if !variable.MatchString(v.text) {
			return fmt.Errorf("Invalid right-hand side in condition: %s is compared with %s, which is no variable; values are in single quotes", c.Variable, v.text) //lint:ignore ST1005 OCI's words.
		}
		c.Values = append(c.Values, Value{Text: v.text, Variable: true})
	default:
		return fmt.Errorf("%s is compared with %q, where a value in quotes was expected", c.Variable, v.text)
	}
	return nil
}

func (p *parser) values(c *Condition) error {
	if err := p.word("("); err != nil {
		return err
	}
	for {
		if err := p.value(c); err != nil {
			return err
		}
		if closing := p.next().text; closing == ")" {
			return nil
		} else if closing != "," {
			return fmt.Errorf("values are separated by commas, not %q", closing)
		}
	}
}

// ruleVariable is what a dynamic group's rule may look at.
var ruleVariable = regexp.MustCompile(`^(resource\.(id|type|compartment\.id|[a-z_.]+)|instance\.(id|compartment\.id)|workload\.[a-z_.]+|tag\.[^.]+\.[^.]+\.value)$`)

// ParseRule reads the matching rule of a dynamic group.
func ParseRule(text string) (*Condition, error) {
	p, err := newParser(text)
	if err != nil {
		return nil, err
	}
	c, err := p.condition()
	if err != nil {
		return nil, err
	}
	if !p.end() {
		return nil, fmt.Errorf("%q is left over at the end", p.peek().text)
	}
	return c, c.checkRule()
}

func (c *Condition) checkRule() error {
	for _, part := range append(append([]*Condition{}, c.All...), c.Any...) {
		if err := part.checkRule(); err != nil {
			return err
		}
	}
	if c.Variable == "" {
		return nil
	}
	if !ruleVariable.MatchString(c.Variable) {
		return fmt.Errorf("a matching rule cannot look at %s", c.Variable)
	}
	if c.Operator != "=" && c.Operator != "!=" && c.Operator != "exists" {
		return fmt.Errorf("a matching rule compares with = or !=, not with %s", c.Operator)
	}
	return nil
}
