package e2e

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// changedApp replaces the app by a changed one while people use it.
func (l *life) changedApp(t *testing.T) {
	instances, function := l.instances(), l.output("functionImage")
	const title, changed = `{{template "head" "Image analysis"}}`, `{{template "head" "Changed app"}}`
	l.edit("app/web/templates/gallery.html", title, changed)
	before := time.Now()

	visitors := visit(t, l.url()+"/")
	changes := l.deploy()
	pages := visitors.leave()

	// The engine counts instance and backend as replacements.
	wantChanges(t, "up after a changed app", changes, map[string]int{"replace": 2}, l.progress)
	if visitors.failed != nil {
		t.Errorf("%d of %d requests failed during the update, the first: %v", len(visitors.failed), len(visitors.failed)+len(pages), visitors.failed[0])
	}
	if n := strings.Count(strings.Join(pages, "\n"), "<title>"); n < 50 {
		t.Errorf("only %d pages were seen during the update, which proves little", n)
	}
	if !strings.Contains(pages[len(pages)-1], "Changed app") || strings.Contains(pages[0], "Changed app") {
		t.Errorf("the first page is of the old app: %v, the last of the new one: %v", !strings.Contains(pages[0], "Changed app"), strings.Contains(pages[len(pages)-1], "Changed app"))
	}
	for _, id := range l.instances() {
		if slices.Contains(instances, id) {
			t.Errorf("instance %s was not replaced", id)
		}
	}
	if l.output("functionImage") != function {
		t.Error("a changed app changed the function's image")
	}
	if pushed := pushes(t, before); len(pushed) != 1 || !strings.Contains(pushed[0], "-app-") {
		t.Errorf("images were pushed to %v, want one to the app's repository", pushed)
	}
	wrote := writes(t, before)
	for _, pair := range [][2]string{
		{"CreateContainerInstance", "CreateBackend"},
		{"CreateBackend", "UpdateBackend"}, // which drains the old one
		{"UpdateBackend", "DeleteBackend"},
		{"DeleteBackend", "DeleteContainerInstance"},
	} {
		if when(t, wrote, pair[0], operation(pair[0])) > when(t, wrote, pair[1], operation(pair[1])) {
			t.Errorf("%s came after %s:\n%s", pair[0], pair[1], requests(wrote))
		}
	}
	for _, e := range wrote {
		if e.Operation == "UpdateFunction" || e.Operation == "CreateFunction" {
			t.Errorf("a changed app changed the function: %s", e.Operation)
		}
	}
	tryOut(t, l.url())
}

// visitors are people who look at a page all the time.
type visitors struct {
	stop chan struct{}
	all  sync.WaitGroup

	mu     sync.Mutex
	pages  []string
	failed []error
}

// visit sends visitors to a page, some over connections that stay open, some over a
// new one each time. They have seen it once when visit returns.
func visit(t *testing.T, page string) *visitors {
	t.Helper()
	v := &visitors{stop: make(chan struct{})}
	seen := make(chan struct{}, 4)
	for i := range cap(seen) {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: i%2 == 0}, Timeout: time.Minute}
		v.all.Go(func() {
			defer client.CloseIdleConnections()
			again := time.NewTicker(10 * time.Millisecond)
			defer again.Stop()
			for first := true; ; first = false {
				v.look(client, page)
				if first {
					seen <- struct{}{}
				}
				select {
				case <-again.C:
				case <-v.stop:
					return
				}
			}
		})
	}
	for range cap(seen) {
		<-seen
	}
	return v
}

func (v *visitors) look(client *http.Client, page string) {
	var body []byte
	response, err := client.Get(page)
	if err == nil {
		body, err = io.ReadAll(response.Body)
		response.Body.Close()
		if err == nil && response.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", response.Status, body)
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err != nil {
		v.failed = append(v.failed, err)
		return
	}
	v.pages = append(v.pages, string(body))
}

// leave ends the visits, with one last look, and returns the pages seen.
func (v *visitors) leave() []string {
	close(v.stop)
	v.all.Wait()
	return v.pages
}
