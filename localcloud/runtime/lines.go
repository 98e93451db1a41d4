package runtime

import (
	"bytes"
	"sync"
	"time"
)

// maxLine is the longest line handed on whole, in bytes; longer ones come in
// pieces.
const maxLine = 64 << 10

// Line is one line that a process wrote.
type Line struct {
	// Time is when the line was complete.
	Time time.Time
	// Stream is "stdout" or "stderr".
	Stream string
	// Text is the line without its end.
	Text string
}

// lineWriter copies output to a log and hands it on line by line.
type lineWriter struct {
	log    *Log
	stream string
	each   func(Line)

	mu      sync.Mutex
	partial []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	// Output is not allowed to stop the process: a full disk costs the log.
	_, _ = w.log.Write(p)
	if w.each == nil {
		return len(p), nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.partial = append(w.partial, p...)
	for {
		end := bytes.IndexByte(w.partial, '\n')
		next := end + 1
		if end < 0 || end > maxLine {
			if len(w.partial) < maxLine {
				return len(p), nil
			}
			end, next = maxLine, maxLine
		}
		w.emit(w.partial[:end])
		w.partial = w.partial[next:]
	}
}

// flush hands on a last line that has no end.
func (w *lineWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.partial) > 0 {
		w.emit(w.partial)
		w.partial = nil
	}
}

func (w *lineWriter) emit(line []byte) {
	w.each(Line{Time: time.Now(), Stream: w.stream, Text: string(bytes.TrimSuffix(line, []byte{'\r'}))})
}
