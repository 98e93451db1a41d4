package ords_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"oci-media-pipelines/internal/ords"
)

// exchange is a request as the server saw it.
type exchange struct {
	method, uri, user, password, ifMatch, body string
}

// server answers with what handle says and remembers what it was asked.
type server struct {
	*httptest.Server
	mu  sync.Mutex
	got []exchange
}

// answer is one canned response; the zero status stands for 200.
type answer struct {
	status int
	header map[string]string
	body   string
}

// serve answers PUT of the collection with 201 by itself, everything else through handle.
func serve(t *testing.T, handle func(exchange) answer) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		body, _ := io.ReadAll(r.Body)
		got := exchange{r.Method, r.URL.RequestURI(), user, password, r.Header.Get("If-Match"), string(body)}
		s.mu.Lock()
		s.got = append(s.got, got)
		a := handle(got)
		s.mu.Unlock()
		for k, v := range a.header {
			w.Header().Set(k, v)
		}
		if a.status != 0 {
			w.WriteHeader(a.status)
		}
		io.WriteString(w, a.body)
	}))
	t.Cleanup(s.Close)
	return s
}

// collection opens collection C of user ADMIN with waits too short to notice.
func (s *server) collection(t *testing.T, change ...func(*ords.Config)) *ords.Collection {
	t.Helper()
	config := ords.Config{
		URL: s.URL + "/ords/", User: "ADMIN", FirstWait: time.Millisecond, MaxWait: time.Millisecond,
		Password: func(context.Context, bool) (string, error) { return "s3cret", nil },
		Log:      slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&config)
	}
	client, err := ords.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client.Collection("C")
}

// requests lists method and URI of what the server was asked, without the first n.
func (s *server) requests(n int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, e := range s.got[n:] {
		list = append(list, e.method+" "+e.uri)
	}
	return list
}

func isCollection(e exchange) bool { return e.method == "PUT" && e.uri == "/ords/admin/soda/latest/C" }

func TestEnsureAsksForClientAssignedKeysOnce(t *testing.T) {
	s := serve(t, func(exchange) answer { return answer{status: 201} })
	c := s.collection(t)
	for range 2 {
		if err := c.Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.got) != 1 || !isCollection(s.got[0]) || s.got[0].user != "ADMIN" || s.got[0].password != "s3cret" {
		t.Fatalf("the server saw %+v", s.got)
	}
	var metadata struct {
		KeyColumn struct{ AssignmentMethod string }
	}
	if err := json.Unmarshal([]byte(s.got[0].body), &metadata); err != nil || metadata.KeyColumn.AssignmentMethod != "CLIENT" {
		t.Errorf("metadata %s: %v", s.got[0].body, err)
	}
}

func TestEnsureWaitsForAWarmingDatabase(t *testing.T) {
	answers := []answer{{status: 503}, {status: 404, body: "<html>no such pool"}, {status: 401}, {status: 429, header: map[string]string{"Retry-After": "0"}}, {status: 200}}
	n := 0
	s := serve(t, func(exchange) answer { n++; return answers[n-1] })
	var out bytes.Buffer
	c := s.collection(t, func(config *ords.Config) { config.Log = slog.New(slog.NewTextHandler(&out, nil)) })
	if err := c.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n != len(answers) {
		t.Errorf("%d requests, want %d", n, len(answers))
	}
	if lines := strings.Count(out.String(), "\n"); lines != 4 || !strings.Contains(out.String(), "warming up") {
		t.Errorf("the waits are not logged:\n%s", &out)
	}
	for _, secret := range []string{"s3cret", "Basic "} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, &out)
		}
	}
}

func TestEnsureEndsWithTheContext(t *testing.T) {
	s := serve(t, func(exchange) answer { return answer{status: 503, body: `{"title":"Database is starting"}`} })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err := s.collection(t).Ensure(ctx)
	if err == nil || ctx.Err() == nil && !strings.Contains(err.Error(), "no time left") {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(err.Error(), "Database is starting") {
		t.Errorf("error %v hides why", err)
	}
}

func TestNewRefusesToSendAPasswordInClear(t *testing.T) {
	password := func(context.Context, bool) (string, error) { return "", nil }
	for _, url := range []string{"http://db.example.com/ords/", "db.example.com/ords/", "ftp://db/ords/", ""} {
		if _, err := ords.New(ords.Config{URL: url, User: "U", Password: password}); err == nil {
			t.Errorf("%q was accepted", url)
		}
	}
}
