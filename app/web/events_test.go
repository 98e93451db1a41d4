package web_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/app/gallery"
)

// stream reads server-sent events.
type stream struct {
	t     *testing.T
	lines chan string
	stop  func()
}

func (s *site) listen() *stream {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), "GET", s.URL+"/events", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	response, err := s.Client().Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"} {
		same(s.t, name, response.Header.Get(name), want)
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(response.Body)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			lines <- scanner.Text()
		}
	}()
	stop := func() {
		response.Body.Close()
		for range lines {
		}
	}
	s.t.Cleanup(stop)
	return &stream{s.t, lines, stop}
}

func (e *stream) line() (string, bool) {
	e.t.Helper()
	select {
	case line, ok := <-e.lines:
		return line, ok
	case <-time.After(10 * time.Second):
		e.t.Fatal("nothing came")
		return "", false
	}
}

// next waits for the next event of a kind and decodes its data.
func next[T any](t *testing.T, e *stream, kind string) T {
	t.Helper()
	for {
		line, ok := e.line()
		if !ok {
			t.Fatalf("the stream ended before an event %s", kind)
		}
		if line != "event: "+kind {
			continue
		}
		data, _ := e.line()
		var v T
		if err := json.Unmarshal([]byte(strings.TrimPrefix(data, "data: ")), &v); err != nil {
			t.Fatalf("event %s: %v in %q", kind, err, data)
		}
		return v
	}
}

type pictureEvent struct{ ID, Name, Status, Version, HTML string }

func TestEventsFollowAPictureFromUploadToDeletion(t *testing.T) {
	s := newSite(t)
	old := s.put(t, "old.png", time.Hour)
	s.documents.write(succeeded(old))
	events := s.listen()
	versions := next[map[string]string](t, events, "sync")
	if len(versions) != 1 || !strings.HasPrefix(versions["old.png"], old.ETag+" succeeded") {
		t.Errorf("sync: %v", versions)
	}
	same(t, "version on the page", parse(t, s.get("/")).all("li", "card")[0].attr("data-version"), versions["old.png"])

	s.send([]file{{"dog.png", png(t, 20, 20)}}).status(t, http.StatusSeeOther)
	pending := next[pictureEvent](t, events, "picture")
	same(t, "event", []string{pending.Name, pending.Status}, []string{"dog.png", "pending"})

	object, err := s.bucket.find("dog.png")
	if err != nil {
		t.Fatal(err)
	}
	s.documents.write(succeeded(object.Object)) // as the function does, unknown to the app
	done := next[pictureEvent](t, events, "picture")
	same(t, "event", []string{done.Name, done.Status, done.ID}, []string{"dog.png", "succeeded", pending.ID})
	if !strings.Contains(done.HTML, "Dog 97%") || done.Version == pending.Version {
		t.Errorf("card: %s", done.HTML)
	}
	same(t, "card", strings.TrimSpace(s.get("/card/dog.png").body), strings.TrimSpace(done.HTML))

	s.do("DELETE", "/delete_file/dog.png", nil).status(t, http.StatusOK)
	same(t, "removed", next[map[string]string](t, events, "removed")["name"], "dog.png")
}

func TestEventsTellOfChangesThatOthersMade(t *testing.T) {
	s := newSite(t)
	events := s.listen()
	next[map[string]string](t, events, "sync")
	s.put(t, "other.png", 0) // another replica, another tool
	same(t, "picture", next[pictureEvent](t, events, "picture").Name, "other.png")
	s.put(t, "lost.png", time.Hour)
	same(t, "status", next[pictureEvent](t, events, "picture").Status, "overdue")
}

func TestEventsTellOfTheDatabase(t *testing.T) {
	s := newSite(t)
	s.put(t, "dog.png", 0)
	s.documents.fail(gallery.ErrNotReady)
	events := s.listen()
	same(t, "reachable", next[map[string]bool](t, events, "database")["reachable"], false)
	s.documents.fail(nil)
	same(t, "reachable", next[map[string]bool](t, events, "database")["reachable"], true)
}

func TestEventsBeatWhileNothingHappens(t *testing.T) {
	s := newSite(t)
	events := s.listen()
	next[map[string]bool](t, events, "database")
	for range 3 {
		for line := ""; !strings.HasPrefix(line, ":"); {
			var ok bool
			if line, ok = events.line(); !ok {
				t.Fatal("the stream ended")
			}
		}
	}
}

func TestEventsEndWhenTheServerHangsUp(t *testing.T) {
	s := newSite(t)
	events := s.listen()
	next[map[string]string](t, events, "sync")
	s.web.HangUp()
	for {
		if _, ok := events.line(); !ok {
			return
		}
	}
}

func TestNobodyListensNobodyLooks(t *testing.T) {
	s := newSite(t)
	s.put(t, "dog.png", 0)
	events := s.listen()
	next[map[string]string](t, events, "sync")
	events.stop()
	looks := func() int {
		s.bucket.mu.Lock()
		defer s.bucket.mu.Unlock()
		return s.bucket.lists
	}
	deadline := time.After(10 * time.Second)
	for before := -1; ; {
		now := looks()
		if now == before {
			return // none for five times the idle interval
		}
		before = now
		select {
		case <-time.After(150 * time.Millisecond):
		case <-deadline:
			t.Fatal("the watcher goes on looking")
		}
	}
}
