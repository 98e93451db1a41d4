// Package docs holds the project's pages, and keeps the figures in conformance.md
// equal to what tests count.
package docs

import (
	_ "embed"
	"strconv"
	"strings"
	"testing"
)

//go:embed conformance.md
var conformance string

// WantFigure fails a test unless the table row of conformance.md that begins with
// what gives a number as its figure.
func WantFigure(t testing.TB, what string, number int) {
	t.Helper()
	if got, found := figure(what); !found {
		t.Errorf("docs/conformance.md has no row that begins with: | %s |", what)
	} else if got != strconv.Itoa(number) {
		t.Errorf("docs/conformance.md gives %s for %q; it is %d now: write that", got, what, number)
	}
}

// figure is the second cell of the row whose first cell is what.
func figure(what string) (cell string, found bool) {
	_, row, found := strings.Cut(conformance, "\n| "+what+" | ")
	if !found {
		return "", false
	}
	cell, _, found = strings.Cut(row, " | ")
	return cell, found
}
