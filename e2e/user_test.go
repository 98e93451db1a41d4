package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/internal/analysis"
)

const (
	// promised is how soon after an upload its analysis is to be seen.
	promised = 2 * time.Second
	// patience bounds what takes as long as it takes.
	patience = 30 * time.Second
)

// user is someone with the app's URL and nothing else.
type user struct {
	testing.TB
	url string
}

func newUser(t testing.TB) user {
	t.Helper()
	url, _ := sharedApp(t)
	return user{t, url}
}

// receipt is what the app answers about one uploaded file.
type receipt struct {
	code                           int
	File, Name, Status, URL, Error string
}

// send posts a file the way a form does, under exactly this name.
func (u user) send(name string, content []byte) receipt {
	u.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	must(u, err)
	_, err = part.Write(content)
	must(u, err)
	must(u, form.Close())
	request, err := http.NewRequestWithContext(u.Context(), http.MethodPost, u.url+"/upload", &body)
	must(u, err)
	request.Header.Set("Content-Type", form.FormDataContentType())
	request.Header.Set("Accept", "application/json")
	status, answer := u.do(request)
	var files struct{ Files []receipt }
	if err := json.Unmarshal(answer, &files); err != nil || len(files.Files) != 1 {
		u.Fatalf("upload of %q: %d %s", name, status, answer)
	}
	files.Files[0].code = status
	return files.Files[0]
}

// upload sends a picture that the app is to take, deletes it when the test ends,
// and returns the name it got.
func (u user) upload(name string, content []byte) string {
	u.Helper()
	got := u.send(name, content)
	if got.code != http.StatusCreated || got.Name == "" || got.Status != "pending" {
		u.Fatalf("upload of %q: %+v", name, got)
	}
	u.forget(got.Name)
	return got.Name
}

// forget deletes a picture when the test ends, unless that has happened.
func (u user) forget(name string) {
	u.Cleanup(func() {
		request, err := http.NewRequest(http.MethodDelete, u.at("/delete_file/", name), nil)
		must(u, err)
		if status, answer := u.do(request); status != http.StatusOK && status != http.StatusNotFound {
			u.Errorf("delete %q: %d %s", name, status, answer)
		}
	})
}

// delete deletes a picture that is there.
func (u user) delete(name string) {
	u.Helper()
	if status, answer := u.call(http.MethodDelete, u.at("/delete_file/", name)); status != http.StatusOK {
		u.Fatalf("delete %q: %d %s", name, status, answer)
	}
}

// at is the address of a picture below a path.
func (u user) at(path, name string) string { return u.url + path + url.PathEscape(name) }

func (u user) do(request *http.Request) (status int, body []byte) {
	u.Helper()
	response, err := browser.Do(request)
	must(u, err)
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	must(u, err)
	return response.StatusCode, body
}

func (u user) call(method, target string) (status int, body string) {
	u.Helper()
	request, err := http.NewRequest(method, target, nil)
	must(u, err)
	request.Header.Set("Accept", "application/json")
	status, raw := u.do(request)
	return status, string(raw)
}

// page returns a page that is there, as HTML.
func (u user) page(target string) string {
	u.Helper()
	request, err := http.NewRequest(http.MethodGet, target, nil)
	must(u, err)
	status, body := u.do(request)
	if status != http.StatusOK {
		u.Fatalf("%s: %d %s", target, status, body)
	}
	return string(body)
}

// result returns the document about a picture from the list of all results, which
// an app that was started just now may not be able to give yet.
func (u user) result(name string) (doc analysis.Document, ok bool) {
	u.Helper()
	status, body := u.call(http.MethodGet, u.url+"/api/results")
	if status == http.StatusServiceUnavailable && strings.Contains(body, "not reachable yet") {
		return doc, false
	}
	var docs []analysis.Document
	if err := json.Unmarshal([]byte(body), &docs); status != http.StatusOK || err != nil {
		u.Fatalf("results: %d %s", status, body)
	}
	for _, d := range docs {
		if d.ImageName == name {
			if ok {
				u.Fatalf("two documents about %q: %s", name, body)
			}
			doc, ok = d, true
		}
	}
	return doc, ok
}

// waitFor returns the document about a picture, as soon as it is there.
func (u user) waitFor(name string, within time.Duration) analysis.Document {
	u.Helper()
	var doc analysis.Document
	until(u, within, fmt.Sprintf("a result for %q", name), func() (ok bool) {
		doc, ok = u.result(name)
		return ok
	})
	return doc
}

// until waits for a condition; what says what is waited for.
func until(t testing.TB, within time.Duration, what string, met func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	pause := 10 * time.Millisecond
	for !met() {
		select {
		case <-time.After(pause):
			pause = min(pause*5/4, 100*time.Millisecond)
		case <-ctx.Done():
			t.Fatalf("there is not, after %s: %s\n%s", within, what, tail(functionLog(t), 20))
		}
	}
}

func tail(lines []string, n int) string {
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// fresh makes a name that no other test and no earlier run has used.
func fresh(name string) string { return strings.ToLower(rand.Text()[:8]) + "-" + name }

func photo(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("e2e/testdata/photos", name))
	must(t, err)
	return raw
}
