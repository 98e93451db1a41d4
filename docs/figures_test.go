package docs

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDeployersStatements counts what the page for tenancies asks for; an end-to-end
// test deploys as a user who has these statements and no others.
func TestDeployersStatements(t *testing.T) {
	page, err := os.ReadFile("tenancy.md")
	if err != nil {
		t.Fatal(err)
	}
	WantFigure(t, "policy statements of the deploying user", len(regexp.MustCompile(`(?m)^    allow group <g> `).FindAll(page, -1)))
}

// TestLongestChain wants the README's figure, which a benchmark measures.
func TestLongestChain(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	ratio, found := figure("`up` against its longest chain")
	if !found || !strings.Contains(string(readme), "need one another | "+ratio+" (") {
		t.Errorf("the README's figures do not say that up takes %q of its longest chain", ratio)
	}
}
