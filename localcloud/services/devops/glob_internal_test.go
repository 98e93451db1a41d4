package devops

import "testing"

func TestGlob(t *testing.T) {
	for pattern, files := range map[string]map[string]bool{
		"function/**":           {"function/a.go": true, "function/a/b.go": true, "functions/a.go": false, "x/function/a.go": false},
		"**/*.md":               {"README.md": true, "docs/a/b.md": true, "README.mdx": false},
		"*.md":                  {"README.md": true, "docs/README.md": false},
		"docs":                  {"docs/a.md": true, "docs": true, "docs2/a.md": false, "a/docs/b": false},
		"/docs/":                {"docs/a.md": true, "docs": false},
		"go.{mod,sum}":          {"go.mod": true, "go.sum": true, "go.work": false, "goxmod": false},
		"a?c/[a-c]*.[!x]o":      {"abc/b1.go": true, "abc/d.go": false, "abc/a.xo": false, "a/c/b.go": false},
		"a/**/z":                {"a/z": true, "a/b/z": true, "a/b/c/z": true, "ab/z": false},
		"name with (parens)+.x": {"name with (parens)+.x": true, "name with parens.x": false},
	} {
		for file, want := range files {
			if got, err := matchesAny([]string{"none", pattern}, file); err != nil || got != want {
				t.Errorf("%s matches %s: %v %v, want %v", pattern, file, got, err, want)
			}
		}
	}
	for _, pattern := range []string{"[a", "{a", "a}", "[z-a]"} {
		if _, err := glob(pattern); err == nil {
			t.Errorf("%s is a pattern", pattern)
		}
	}
}
