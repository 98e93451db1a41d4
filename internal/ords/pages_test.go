package ords_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"oci-media-pipelines/internal/ords"
)

// paged answers with total documents, at most most of them at a time.
func paged(total, most int) func(exchange) answer {
	return func(e exchange) answer {
		if isCollection(e) {
			return answer{status: 200}
		}
		u, _ := url.Parse(e.uri)
		offset, _ := strconv.Atoi(u.Query().Get("offset"))
		limit, _ := strconv.Atoi(u.Query().Get("limit"))
		var items []string
		for i := offset; i < min(total, offset+min(limit, most)); i++ {
			items = append(items, fmt.Sprintf(`{"id":"k%d","etag":"E%d","lastModified":"2026-03-01T12:00:00.5Z","created":"2026-03-01T11:00:00Z","value":{"n":%d}}`, i, i, i))
		}
		more := offset+len(items) < total
		return answer{body: fmt.Sprintf(`{"items":[%s],"hasMore":%v,"count":%d}`, strings.Join(items, ","), more, len(items))}
	}
}

func TestQueryPagesThroughEverything(t *testing.T) {
	s := serve(t, paged(7, 3))
	query := ords.Query{
		Filter:   map[string]any{"image_name": "a.jpg"},
		OrderBy:  []ords.Order{{Path: "timestamp", Descending: true}},
		PageSize: 5,
	}
	n := 0
	for doc, err := range s.collection(t).Query(t.Context(), query) {
		if err != nil {
			t.Fatal(err)
		}
		var value struct{ N int }
		if err := doc.Decode(&value); err != nil || value.N != n || doc.Key != fmt.Sprintf("k%d", n) || doc.ETag != fmt.Sprintf("E%d", n) {
			t.Errorf("document %d: %+v, %v", n, doc, err)
		}
		if doc.Created.Hour() != 11 || doc.LastModified.Hour() != 12 {
			t.Errorf("document %d: created %v, modified %v", n, doc.Created, doc.LastModified)
		}
		n++
	}
	if n != 7 {
		t.Errorf("%d documents, want 7", n)
	}
	if got, want := s.requests(1)[1], "POST /ords/admin/soda/latest/C?action=query&limit=5&offset=3"; got != want {
		t.Errorf("second page asked with %s, want %s", got, want)
	}
	want := `{"$orderby":[{"order":"desc","path":"timestamp"}],"$query":{"image_name":"a.jpg"}}`
	if got := s.got[1].body; got != want {
		t.Errorf("query is %s, want %s", got, want)
	}
}

func TestListAsksForEverythingAndStopsWhenTold(t *testing.T) {
	s := serve(t, paged(500, 100))
	for doc, err := range s.collection(t).List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if doc.Key == "k1" {
			break
		}
	}
	got := s.requests(1)
	if len(got) != 1 || got[0] != "GET /ords/admin/soda/latest/C?fields=all&limit=100&offset=0" {
		t.Errorf("requests %q", got)
	}
}

func TestQueryOfNothing(t *testing.T) {
	s := serve(t, paged(0, 10))
	for doc, err := range s.collection(t).Query(t.Context(), ords.Query{}) {
		t.Errorf("yielded %+v, %v", doc, err)
	}
	if !json.Valid([]byte(s.got[1].body)) || s.got[1].body != `{"$query":{}}` {
		t.Errorf("query is %s", s.got[1].body)
	}
}

func TestQueryRefusesAServiceThatIgnoresTheOffset(t *testing.T) {
	first := paged(7, 3)
	s := serve(t, func(e exchange) answer {
		if !isCollection(e) {
			e.uri = "/?limit=3&offset=0"
		}
		return first(e)
	})
	n, last := 0, error(nil)
	for _, err := range s.collection(t).Query(t.Context(), ords.Query{}) {
		if n++; n > 10 {
			t.Fatal("the same page is read for ever")
		}
		last = err
	}
	if last == nil || !strings.Contains(last.Error(), "ignores offset") {
		t.Errorf("ended with %v", last)
	}
}

func TestQueryEndsWithTheError(t *testing.T) {
	s := serve(t, func(e exchange) answer {
		if isCollection(e) {
			return answer{status: 200}
		}
		return answer{status: 400, body: `{"title":"Invalid QBE"}`}
	})
	n := 0
	for _, err := range s.collection(t).Query(t.Context(), ords.Query{Filter: map[string]any{"$bad": 1}}) {
		if n++; err == nil || !strings.Contains(err.Error(), "Invalid QBE") {
			t.Errorf("got %v", err)
		}
	}
	if n != 1 {
		t.Errorf("yielded %d times, want 1", n)
	}
}
