package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/store"
)

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRecordsSurvive(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for _, key := range []string{"a/1", "a/2", "b/1"} {
		if err := s.Put("table", key, map[string]string{"key": key}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.Open(dir); !errors.Is(err, store.ErrLocked) {
		t.Errorf("a second Open says %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	defer s.Close()
	failed := errors.New("no")
	err := s.Update(func(tx *store.Tx) error { return errors.Join(tx.Delete("table", "a/1"), failed) })
	if !errors.Is(err, failed) {
		t.Errorf("the transaction says %v", err)
	}
	err = s.Update(func(tx *store.Tx) error {
		return tx.Prune("table", "a/", func(key string, _ json.RawMessage) bool { return key == "a/2" })
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeletePrefix("table", "b/"); err != nil {
		t.Fatal(err)
	}
	var keys []string
	if err := s.Scan("table", "", func(key string, _ json.RawMessage) error { keys = append(keys, key); return nil }); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(keys, " "); got != "a/1" {
		t.Errorf("kept %s", got)
	}
}

func TestTheNewestAreKept(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close()
	for _, key := range []string{"a/1", "a/2", "b/1", "a/3", "a/4"} {
		err := s.Update(func(tx *store.Tx) error { return tx.PutNewest("table", key[:2], key, key, 2) })
		if err != nil {
			t.Fatal(err)
		}
	}
	for prefix, want := range map[string]string{"a/": "[a/3 a/4]", "b/": "[b/1]", "c/": "[]"} {
		if got, err := store.All[string](s, "table", prefix); err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s: got %v, %v, want %s", prefix, got, err, want)
		}
	}
}

func TestLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines.jsonl")
	const limit = 100
	lines := store.OpenLines(path, limit)
	read := func() string {
		t.Helper()
		records, err := store.ReadLines(lines, func(n int) bool { return n%2 == 0 })
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(records)
	}
	if got := read(); got != "[]" {
		t.Errorf("nothing written reads %s", got)
	}
	for n := range 200 {
		if err := lines.Append(1000 + n); err != nil {
			t.Fatal(err)
		}
	}
	got := read()
	if !strings.HasSuffix(got, "1196 1198]") || strings.Contains(got, " 1100 ") {
		t.Errorf("kept %s", got)
	}
	for _, name := range []string{path, path + ".1"} {
		info, err := os.Stat(name)
		if err != nil || info.Size() > 2*limit || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if err := lines.Close(); err != nil {
		t.Fatal(err)
	}
	// What a killed process left half-written costs itself only.
	if err := os.WriteFile(path, []byte("2\n{\"hal"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := lines.Append(4); err != nil {
		t.Fatal(err)
	}
	if got := read(); !strings.HasSuffix(got, " 2 4]") {
		t.Errorf("kept %s", got)
	}
	if err := lines.Remove(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
}
