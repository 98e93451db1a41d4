package store

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
)

// Lines is a file of JSON records, one a line, that grows up to a limit: then it
// is put aside as path.1 and begun anew, so that about twice the limit is kept.
// It is safe for concurrent use.
type Lines struct {
	path  string
	limit int64

	mu   sync.Mutex
	file *os.File // nil until the first record
	size int64
}

// OpenLines keeps records at path, limit bytes to a file. Nothing is created
// before the first record.
func OpenLines(path string, limit int64) *Lines { return &Lines{path: path, limit: limit} }

// Append adds a record.
func (l *Lines) Append(record any) error {
	line, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("encode record: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil && l.size > l.limit {
		if err := os.Rename(l.path, l.previous()); err != nil {
			return fmt.Errorf("put records aside: %w", err)
		}
		if err := l.close(); err != nil {
			return err
		}
	}
	if l.file == nil {
		if err := l.open(); err != nil {
			return err
		}
	}
	n, err := l.file.Write(append(line, '\n'))
	l.size += int64(n)
	if err != nil {
		return fmt.Errorf("write record: %w", err)
	}
	return nil
}

func (l *Lines) previous() string { return l.path + ".1" }

func (l *Lines) open() error {
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open records: %w", err)
	}
	size, err := endLine(file)
	if err != nil {
		return fmt.Errorf("open records: %w", errors.Join(err, file.Close()))
	}
	l.file, l.size = file, size
	return nil
}

// endLine ends a line that a killed process left half-written, and returns the
// file's size.
func endLine(file *os.File) (int64, error) {
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return 0, err
	}
	last := make([]byte, 1)
	if _, err := file.ReadAt(last, info.Size()-1); err != nil || last[0] == '\n' {
		return info.Size(), err
	}
	n, err := file.Write([]byte{'\n'})
	return info.Size() + int64(n), err
}

func (l *Lines) close() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}

// Close closes the file until the next record.
func (l *Lines) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.close()
}

// Remove deletes all records.
func (l *Lines) Remove() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	errs := []error{l.close()}
	for _, path := range []string{l.previous(), l.path} {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// ReadLines returns the kept records for which keep returns true (all when nil),
// oldest first. A record that a killed process left half-written is passed over.
func ReadLines[T any](l *Lines, keep func(T) bool) ([]T, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var records []T
	for _, path := range []string{l.previous(), l.path} {
		file, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read records: %w", err)
		}
		records, err = readLines(file, records, keep)
		if err := errors.Join(err, file.Close()); err != nil {
			return nil, fmt.Errorf("read records: %w", err)
		}
	}
	return records, nil
}

func readLines[T any](file io.Reader, records []T, keep func(T) bool) ([]T, error) {
	lines := bufio.NewReader(file)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if err != nil {
			return records, err
		}
		var record T
		if json.Unmarshal(line, &record) == nil && (keep == nil || keep(record)) {
			records = append(records, record)
		}
	}
}
