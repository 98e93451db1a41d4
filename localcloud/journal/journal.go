// Package journal compares what two clients asked of a cloud: the requests of two
// journals, without what each cloud generated, in whatever order they came.
package journal

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"oci-media-pipelines/localcloud/api"
)

// Read reads a journal from a file with an entry on each line: an export, or the
// journal.jsonl of a state folder.
func Read(path string) ([]api.Entry, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	defer file.Close()
	var entries []api.Entry
	decoder := json.NewDecoder(bufio.NewReader(file))
	for {
		var entry api.Entry
		err := decoder.Decode(&entry)
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read journal %s, entry %d: %w; give a file that `localcloud journal export` wrote", path, len(entries)+1, err)
		}
		entries = append(entries, entry)
	}
}

// Write writes a journal as Read reads it.
func Write(w io.Writer, entries []api.Entry) error {
	buffered := bufio.NewWriter(w)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for _, entry := range entries {
		if err := encoder.Encode(entry); err != nil {
			return fmt.Errorf("write journal: %w", err)
		}
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}
