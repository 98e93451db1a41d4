package database

import (
	"regexp"
	"strings"
)

// sqlStatement is one statement of a script, and where it stands, in lines from 1.
type sqlStatement struct {
	text       string
	start, end int
}

var (
	blockStart = regexp.MustCompile(`(?i)^(BEGIN|DECLARE)\b`)
	blockEnd   = regexp.MustCompile(`(?i)\bEND\s*;$`)
)

// splitScript cuts a SQL script into statements at semicolons outside of quotes,
// comments and PL/SQL blocks, and at lines with nothing but a slash.
func splitScript(script string) []sqlStatement {
	var list []sqlStatement
	var b strings.Builder
	line, start := 1, 0
	var quote rune
	flush := func() {
		if text := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(b.String()), ";")); text != "" {
			list = append(list, sqlStatement{text, start, line})
		}
		b.Reset()
		start = 0
	}
	for _, row := range strings.Split(strings.ReplaceAll(script, "\r\n", "\n"), "\n") {
		if quote == 0 && strings.TrimSpace(row) == "/" {
			flush()
			line++
			continue
		}
		previous := ' '
		for _, r := range row {
			if quote == 0 && r == '-' && previous == '-' {
				text := b.String()
				b.Reset()
				b.WriteString(text[:len(text)-1])
				break
			}
			previous = r
			switch {
			case quote != 0 && r == quote:
				quote = 0
			case quote == 0 && (r == '\'' || r == '"'):
				quote = r
			}
			if start == 0 && r != ' ' && r != '\t' {
				start = line
			}
			b.WriteRune(r)
			if quote == 0 && r == ';' {
				text := strings.TrimSpace(b.String())
				if !blockStart.MatchString(text) || blockEnd.MatchString(text) {
					flush()
				}
			}
		}
		b.WriteRune('\n')
		line++
	}
	line--
	flush()
	return list
}

// identifier matches a name, in quotes or not.
const identifier = `("[^"]+"|[A-Za-z][A-Za-z0-9_$#]*)`

// identified returns the name that an identifier stands for.
func identified(text string) string {
	if name, quoted := strings.CutPrefix(text, `"`); quoted {
		return strings.TrimSuffix(name, `"`)
	}
	return strings.ToUpper(text)
}
