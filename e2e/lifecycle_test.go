package e2e

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

func TestLifeCycle(t *testing.T) {
	s := openStack(t, "life", nil)

	before := time.Now()
	if changes := s.preview(); changes["create"] < 30 || len(changes) != 1 {
		t.Fatalf("the first preview plans %v", changes)
	}
	for _, entry := range journal(t, before) {
		if entry.Method != http.MethodGet && entry.Method != http.MethodHead {
			t.Errorf("preview wrote: %s %s%s", entry.Method, entry.Host, entry.Path)
		}
	}

	outputs, _ := s.up()
	url := output(t, outputs, "applicationUrl")
	wantStatus(t, url+"/health", http.StatusOK)

	none := map[string]int{}
	before = time.Now()
	wantChanges(t, "preview after up", s.preview(), none, s.progress)
	_, changes := s.up()
	wantChanges(t, "up after up", changes, none, s.progress)
	for _, entry := range journal(t, before) {
		if entry.Service == "registry" && entry.Method != http.MethodGet && entry.Method != http.MethodHead {
			t.Errorf("an unchanged image was pushed: %s %s", entry.Method, entry.Path)
		}
	}
	wantChanges(t, "refresh after up", s.refresh(), none, s.progress)

	edit(t, "function/analyze/main.go", "func main() {", "func main() {\n\tprintln(\"changed\")")
	_, changes = s.up()
	wantChanges(t, "up after a changed function", changes, map[string]int{"update": 1}, s.progress)

	s.destroy()
}

// edit changes a file of the project and changes it back when the test ends.
func edit(t *testing.T, path, old, new string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	must(t, err)
	text := strings.Replace(string(raw), old, new, 1)
	if text == string(raw) {
		t.Fatalf("%s does not hold %q", path, old)
	}
	must(t, os.WriteFile(path, []byte(text), 0o600))
	t.Cleanup(func() { must(t, os.WriteFile(path, raw, 0o600)) })
}
