package api

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"oci-media-pipelines/localcloud/iam"
)

// Entry is one request in the journal.
type Entry struct {
	Time      time.Time     `json:"time"`
	ID        string        `json:"requestId"`
	Principal iam.Principal `json:"principal"`
	Service   string        `json:"service"`
	Operation string        `json:"operation"`
	Method    string        `json:"method"`
	Host      string        `json:"host"`
	Path      string        `json:"path"`
	Status    int           `json:"status"`
	Duration  time.Duration `json:"durationNs"`
	// Error is the code and message of a refused or failed request.
	Error string `json:"error,omitempty"`
}

// journalLimit is the size at which a journal file is put aside, in bytes; one
// older file is kept.
const journalLimit = 32 << 20

// Journal records requests as lines of JSON in a file. A nil journal records nothing.
type Journal struct {
	mu   sync.Mutex
	path string
	file *os.File
	size int64
}

// OpenJournal appends to journal.jsonl in dir.
func OpenJournal(dir string) (*Journal, error) {
	j := &Journal{path: filepath.Join(dir, "journal.jsonl")}
	return j, j.open()
}

func (j *Journal) open() error {
	file, err := os.OpenFile(j.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open journal: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("open journal: %w", err)
	}
	j.file, j.size = file, info.Size()
	return nil
}

// Add appends an entry. A journal that cannot be written is told on standard
// error and does not fail the request.
func (j *Journal) Add(e Entry) {
	if j == nil {
		return
	}
	line, err := json.Marshal(e)
	j.mu.Lock()
	defer j.mu.Unlock()
	if err == nil && j.size > journalLimit {
		err = j.rotate()
	}
	if err == nil {
		var n int
		n, err = j.file.Write(append(line, '\n'))
		j.size += int64(n)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "localcloud: journal:", err)
	}
}

func (j *Journal) rotate() error {
	if err := j.file.Close(); err != nil {
		return err
	}
	if err := os.Rename(j.path, j.path+".1"); err != nil {
		return err
	}
	return j.open()
}

// Read returns the entries of the current journal file that keep returns true
// for, oldest first.
func (j *Journal) Read(keep func(Entry) bool) ([]Entry, error) {
	file, err := os.Open(j.path)
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	defer file.Close()
	var entries []Entry
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e Entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			continue // A line that is being written.
		}
		if keep(e) {
			entries = append(entries, e)
		}
	}
	return entries, lines.Err()
}

// Close ends the journal.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.file.Close()
}
