package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	pngformat "image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"oci-media-pipelines/app/gallery"
	"oci-media-pipelines/app/web"
)

// site is a running server and a client that does not follow redirects.
type site struct {
	*world
	*httptest.Server
	web *web.Server
	t   *testing.T
}

func newSite(t *testing.T) *site {
	t.Helper()
	return serve(t, newWorld())
}

func serve(t *testing.T, w *world) *site {
	t.Helper()
	handler := web.New(w.gallery, web.Options{
		PageSize: 4, Heartbeat: 30 * time.Millisecond, Log: slog.New(slog.DiscardHandler),
		Pace: gallery.Pace{Fast: 5 * time.Millisecond, Slow: 20 * time.Millisecond, Idle: 30 * time.Millisecond},
	})
	w.gallery.Log = slog.New(slog.DiscardHandler)
	server := httptest.NewServer(handler)
	server.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.Cleanup(func() {
		handler.HangUp()
		server.Close()
	})
	return &site{w, server, handler, t}
}

type answer struct {
	*http.Response
	body string
}

// do sends one request; headers come in pairs.
func (s *site) do(method, path string, body io.Reader, headers ...string) answer {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := s.Client().Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{response, string(text)}
}

func (s *site) get(path string, headers ...string) answer {
	s.t.Helper()
	return s.do("GET", path, nil, headers...)
}

type file struct {
	name    string
	content []byte
}

// send uploads files the way a browser's form does.
func (s *site) send(files []file, headers ...string) answer {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, f := range files {
		part, err := form.CreateFormFile("file", f.name)
		if err != nil {
			s.t.Fatal(err)
		}
		if _, err := part.Write(f.content); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		s.t.Fatal(err)
	}
	return s.do("POST", "/upload", &body, append(headers, "Content-Type", form.FormDataContentType())...)
}

// status fails the test unless the answer has the status.
func (a answer) status(t *testing.T, want int) answer {
	t.Helper()
	if a.StatusCode != want {
		t.Fatalf("%s %s: status %d, want %d\n%s", a.Request.Method, a.Request.URL, a.StatusCode, want, a.body)
	}
	return a
}

// decode reads the answer as JSON.
func decode[T any](t *testing.T, a answer) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("not JSON (%v): %s", err, a.body)
	}
	return v
}

// element is a node of a parsed page.
type element struct{ *html.Node }

func parse(t *testing.T, a answer) element {
	t.Helper()
	node, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	return element{node}
}

// all finds the descendants with this tag (or any, if empty) that have every
// class given.
func (e element) all(tag string, classes ...string) []element {
	var found []element
	for node := range e.Descendants() {
		if node.Type != html.ElementNode || tag != "" && !strings.EqualFold(node.Data, tag) {
			continue
		}
		has := strings.Fields(element{node}.attr("class"))
		matches := true
		for _, class := range classes {
			matches = matches && strings.Contains(" "+strings.Join(has, " ")+" ", " "+class+" ")
		}
		if matches {
			found = append(found, element{node})
		}
	}
	return found
}

func (e element) byID(id string) (element, bool) {
	for node := range e.Descendants() {
		if (element{node}).attr("id") == id {
			return element{node}, true
		}
	}
	return element{}, false
}

func (e element) attr(name string) string {
	for _, a := range e.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func (e element) has(name string) bool {
	for _, a := range e.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func (e element) text() string {
	var b strings.Builder
	for node := range e.Descendants() {
		if node.Type == html.TextNode {
			b.WriteString(node.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// png makes a picture.
func png(t testing.TB, width, height int) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			picture.Set(x, y, color.RGBA{uint8(x * 5), uint8(y * 7), 120, 255})
		}
	}
	var out bytes.Buffer
	if err := pngformat.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func names(t *testing.T, page element) []string {
	t.Helper()
	var names []string
	for _, card := range page.all("li", "card") {
		names = append(names, card.attr("data-name"))
	}
	return names
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s: got %s, want %s", what, g, w)
	}
}
