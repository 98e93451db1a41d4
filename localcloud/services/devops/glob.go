package devops

import (
	"fmt"
	"regexp"
	"strings"
)

// matchesAny reports whether a file matches one of some glob patterns.
func matchesAny(patterns []string, file string) (bool, error) {
	for _, pattern := range patterns {
		expression, err := glob(pattern)
		if err != nil {
			return false, err
		}
		if expression.MatchString(file) {
			return true, nil
		}
	}
	return false, nil
}

// glob turns a glob pattern into an expression. OCI documents of its patterns only
// that they are globs of files and directories; these are the rules that glob(7) and
// .gitignore files have in common: * and ? stay within a directory, ** crosses them,
// [a-z] and [!a-z] are one character, {a,b} is either, and a directory stands for all
// that is in it.
func glob(pattern string) (*regexp.Regexp, error) {
	rest := strings.TrimPrefix(pattern, "/")
	var e strings.Builder
	e.WriteString("^")
	depth := 0
	for rest != "" {
		switch {
		case strings.HasPrefix(rest, "**/"):
			e.WriteString("(?:.*/)?")
			rest = rest[3:]
			continue
		case strings.HasPrefix(rest, "**"):
			e.WriteString(".*")
			rest = rest[2:]
			continue
		}
		switch c := rest[0]; c {
		case '*':
			e.WriteString("[^/]*")
		case '?':
			e.WriteString("[^/]")
		case '[':
			end := strings.IndexByte(rest[1:], ']')
			if end < 1 {
				return nil, fmt.Errorf("file filter %q: [ has no ]", pattern)
			}
			set := rest[1 : 1+end]
			if negated, is := strings.CutPrefix(set, "!"); is {
				set = "^" + negated
			}
			e.WriteString("[" + strings.ReplaceAll(set, `\`, `\\`) + "]")
			rest = rest[end+1:]
		case '{':
			depth++
			e.WriteString("(?:")
		case '}':
			if depth--; depth < 0 {
				return nil, fmt.Errorf("file filter %q: } has no {", pattern)
			}
			e.WriteString(")")
		case ',':
			if depth > 0 {
				e.WriteString("|")
			} else {
				e.WriteString(",")
			}
		default:
			e.WriteString(regexp.QuoteMeta(rest[:1]))
		}
		rest = rest[1:]
	}
	if depth > 0 {
		return nil, fmt.Errorf("file filter %q: { has no }", pattern)
	}
	if strings.HasSuffix(pattern, "/") {
		e.WriteString(".*$")
	} else {
		e.WriteString("(?:/.*)?$")
	}
	expression, err := regexp.Compile(e.String())
	if err != nil {
		return nil, fmt.Errorf("file filter %q: %w", pattern, err)
	}
	return expression, nil
}
