package runner

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// mask stands in logs and errors for a secret's content.
const mask = "***"

// maxLine is the longest line handed on whole, in bytes; longer ones come in
// pieces.
const maxLine = 64 << 10

// log hands lines on, one at a time, without secrets.
type log struct {
	mu      sync.Mutex
	line    func(string)
	secrets *strings.Replacer
}

func newLog(line func(string), secrets map[string]string) *log {
	// Lines of a secret with several are masked each: they come one by one.
	var parts []string
	for _, secret := range secrets {
		parts = append(parts, secret)
		parts = append(parts, strings.Split(secret, "\n")...)
	}
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	// The longest first, for one may be the beginning of another.
	slices.SortFunc(parts, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, part := range parts {
		pairs = append(pairs, part, mask)
	}
	return &log{line: line, secrets: strings.NewReplacer(pairs...)}
}

func (l *log) masked(text string) string { return l.secrets.Replace(text) }

// printf is for what the runner says. Where OCI's has words for it, they are these:
// https://github.com/oracle-devrel/oci-devops-examples has logs, in
// oci-config-examples/oci-devops-variables-shell-buildpiepline/images.
func (l *log) printf(format string, arguments ...any) {
	for line := range strings.SplitSeq(fmt.Sprintf(format, arguments...), "\n") {
		l.print(line)
	}
}

func (l *log) print(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.line != nil {
		l.line(strings.ToValidUTF8(l.masked(line), "\uFFFD"))
	}
}

// output is what a process writes, on its way into the log line by line.
type output struct {
	log     *log
	prefix  string
	mu      sync.Mutex
	partial []byte
}

// Write implements io.Writer and never fails.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.partial = append(o.partial, p...)
	for {
		end := bytes.IndexByte(o.partial, '\n')
		next := end + 1
		if end < 0 || end > maxLine {
			if len(o.partial) < maxLine {
				return len(p), nil
			}
			end, next = maxLine, maxLine
		}
		o.log.print(o.prefix + strings.TrimSuffix(string(o.partial[:end]), "\r"))
		o.partial = o.partial[next:]
	}
}

// flush hands on a last line that has no end.
func (o *output) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.partial) > 0 {
		o.log.print(o.prefix + string(o.partial))
		o.partial = nil
	}
}
