package buildspec

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a specification.
type Problem struct {
	// Line is where, counted from 1; 0 means nowhere in particular.
	Line int
	// Field is what it is about, such as "steps[0].timeoutInSeconds"; empty
	// means the whole file.
	Field string
	// Message says what is wrong and what is wanted.
	Message string
}

// String is the problem as one line.
func (p Problem) String() string {
	var text strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&text, "line %d: ", p.Line)
	}
	if p.Field != "" {
		fmt.Fprintf(&text, "%s: ", p.Field)
	}
	text.WriteString(p.Message)
	return text.String()
}

// Error is everything that is wrong with a specification.
type Error struct {
	// Problems are in the order of their lines. There is at least one.
	Problems []Problem
}

// Error names all problems, each on its own line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func newError(problems []Problem) *Error {
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Line - b.Line })
	return &Error{Problems: problems}
}
