package api

import (
	"encoding/json"
	"log/slog"
	"path/filepath"
	"time"

	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/store"
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
	// Body is the request's body without secrets, with sorted keys; of what is no JSON
	// of OCI's own operations, and of what is long, only length and digest.
	Body json.RawMessage `json:"body,omitempty"`
	// Created is the OCID of what the request made.
	Created string `json:"created,omitempty"`
	// Error is the code and message of a refused or failed request.
	Error string `json:"error,omitempty"`
	// Fault is what the fault plan did to the request; the status of one whose answer
	// is lost is 0.
	Fault string `json:"fault,omitempty"`
	// Decisions are what policies and network said, in the order in which they were
	// asked.
	Decisions []Decision `json:"decisions,omitempty"`
}

func newEntry(service, operation string) Entry {
	return Entry{Time: time.Now(), ID: newRequestID(), Service: service, Operation: operation}
}

// journalLimit is the size at which a journal file is put aside, in bytes; one
// older file is kept.
const journalLimit = 32 << 20

// Journal records requests. A nil journal records nothing.
type Journal struct{ lines *store.Lines }

// OpenJournal appends to journal.jsonl in dir.
func OpenJournal(dir string) *Journal {
	return &Journal{store.OpenLines(filepath.Join(dir, "journal.jsonl"), journalLimit)}
}

// Add appends an entry. A journal that cannot be written is told on standard
// error and does not fail the request.
func (j *Journal) Add(e Entry) {
	if j == nil {
		return
	}
	if err := j.lines.Append(e); err != nil {
		slog.Error("request not in the journal", "error", err)
	}
}

// Read returns the kept entries that keep returns true for, in the order in which
// the requests ended.
func (j *Journal) Read(keep func(Entry) bool) ([]Entry, error) {
	return store.ReadLines(j.lines, keep)
}

// Close ends the journal.
func (j *Journal) Close() error { return j.lines.Close() }
