package policy

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

type tokenKind int

const (
	word tokenKind = iota
	quoted
	pattern
	mark
	nothing
)

type token struct {
	kind tokenKind
	text string
}

type parser struct {
	tokens []token
	at     int
}

func newParser(text string) (*parser, error) {
	tokens, err := scan(text)
	if err != nil {
		return nil, err
	}
	if len(tokens) == 0 {
		return nil, errors.New("it is empty")
	}
	return &parser{tokens: tokens}, nil
}

func (p *parser) peek() token {
	if p.end() {
		return token{kind: nothing}
	}
	return p.tokens[p.at]
}

func (p *parser) next() token {
	t := p.peek()
	if !p.end() {
		p.at++
	}
	return t
}

func (p *parser) end() bool { return p.at >= len(p.tokens) }

// is reports whether the next token is a keyword or a mark; keywords are not case
// sensitive.
func (p *parser) is(text string) bool {
	t := p.peek()
	return (t.kind == word || t.kind == mark) && strings.EqualFold(t.text, text)
}

func (p *parser) word(text string) error {
	if !p.is(text) {
		return fmt.Errorf("%q was expected, not %q", text, p.peek().text)
	}
	p.next()
	return nil
}

// marks stand for themselves, without blanks around them.
const marks = "{}(),=!"

// scan cuts a text into tokens. A name in quotes may be followed by a slash and
// another: 'Domain'/'group'.
func scan(text string) ([]token, error) {
	var tokens []token
	runes := []rune(text)
	for i := 0; i < len(runes); {
		r := runes[i]
		switch {
		case unicode.IsSpace(r):
			i++
		case r == '\'' || r == '"':
			end := closing(runes, i)
			if end < 0 {
				return nil, fmt.Errorf("a quote is not closed: %s", string(runes[i:]))
			}
			tokens = append(tokens, token{quoted, string(runes[i+1 : end])})
			i = end + 1
		case r == '/' && len(tokens) > 0 && tokens[len(tokens)-1].kind == quoted:
			if i+1 == len(runes) {
				return nil, errors.New("a domain needs a name after its slash")
			}
			domain := tokens[len(tokens)-1].text
			i++
			end, name := name(runes, i)
			if end < 0 {
				return nil, fmt.Errorf("domain %s needs a name after its slash", domain)
			}
			tokens[len(tokens)-1].text = domain + "/" + name
			i = end
		case r == '/':
			end := closing(runes, i)
			if end < 0 {
				return nil, fmt.Errorf("a pattern is not closed: %s", string(runes[i:]))
			}
			tokens = append(tokens, token{pattern, string(runes[i+1 : end])})
			i = end + 1
		case r == '!' && i+1 < len(runes) && runes[i+1] == '=':
			tokens = append(tokens, token{mark, "!="})
			i += 2
		case strings.ContainsRune(marks, r):
			tokens = append(tokens, token{mark, string(r)})
			i++
		default:
			end := plainEnd(runes, i)
			tokens = append(tokens, token{word, string(runes[i:end])})
			i = end
		}
	}
	return tokens, nil
}

// closing finds the mark that closes the one at i.
func closing(runes []rune, i int) int {
	for j := i + 1; j < len(runes); j++ {
		if runes[j] == runes[i] {
			return j
		}
	}
	return -1
}

func plainEnd(runes []rune, i int) int {
	for i < len(runes) && !unicode.IsSpace(runes[i]) && !strings.ContainsRune(marks+`'"`, runes[i]) {
		i++
	}
	return i
}

// name reads a name in quotes or without at i.
func name(runes []rune, i int) (end int, text string) {
	if runes[i] == '\'' || runes[i] == '"' {
		if end = closing(runes, i); end < 0 {
			return -1, ""
		}
		return end + 1, string(runes[i+1 : end])
	}
	end = plainEnd(runes, i)
	if end == i {
		return -1, ""
	}
	return end, string(runes[i:end])
}
