package web_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
)

type uploaded struct {
	Files []struct{ File, Name, Status, URL, Error string }
	Error string
}

func TestUploadStoresThePictureAndRedirectsABrowser(t *testing.T) {
	s := newSite(t)
	picture := png(t, 40, 30)
	answer := s.send([]file{{"dog.png", picture}}, "Accept", "text/html,*/*").status(t, http.StatusSeeOther)
	same(t, "location", answer.Header.Get("Location"), "/")
	object, err := s.bucket.find("dog.png")
	if err != nil || !bytes.Equal(object.content, picture) || object.contentType != "image/png" {
		t.Errorf("stored %d bytes of %s, %v", len(object.content), object.contentType, err)
	}
	cards := parse(t, s.get("/")).all("li", "card", "is-pending")
	if len(cards) != 1 || !strings.Contains(cards[0].text(), "Analyzing…") {
		t.Errorf("the picture is not shown as being analysed: %d cards", len(cards))
	}
}

func TestUploadOfSeveralFilesAnswersForEach(t *testing.T) {
	s := newSite(t)
	got := decode[uploaded](t, s.send([]file{{"a.png", png(t, 9, 9)}, {"notes.png", []byte("not a picture")}, {"b.png", png(t, 8, 8)}},
		"Accept", "application/json").status(t, http.StatusUnsupportedMediaType))
	same(t, "names", []string{got.Files[0].Name, got.Files[1].Name, got.Files[2].Name}, []string{"a.png", "", "b.png"})
	if !strings.Contains(got.Files[1].Error, "not a picture") || got.Error != got.Files[1].Error {
		t.Errorf("words: %+v", got)
	}
	same(t, "status", got.Files[0].Status, "pending")
}

func TestUploadNeverOverwritesAnotherPicture(t *testing.T) {
	s := newSite(t)
	seen := make(map[string]bool)
	for i := range 6 {
		answer := s.send([]file{{"dog.png", png(t, 10+i, 10)}}, "Accept", "application/json").status(t, http.StatusCreated)
		name := decode[uploaded](t, answer).Files[0].Name
		if seen[name] {
			t.Fatalf("%s is given twice", name)
		}
		seen[name] = true
		if i == 1 {
			same(t, "second name", name, "dog-2.png")
		}
	}
}

func TestRefusedUploads(t *testing.T) {
	s := newSite(t)
	large := append(png(t, 40, 30), make([]byte, 64<<10)...)
	for name, c := range map[string]struct {
		files  []file
		status int
		words  string
	}{
		"nothing":         {nil, 400, "No file"},
		"0 bytes":         {[]file{{"empty.png", nil}}, 400, "empty (0 bytes)"},
		"text as jpg":     {[]file{{"text.jpg", []byte("hello, world")}}, 415, "not a picture"},
		"html as png":     {[]file{{"x.png", []byte("<html><script>alert(1)</script>")}}, 415, "text/html"},
		"svg":             {[]file{{"x.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)}}, 415, "not a picture"},
		"a byte too much": {[]file{{"large.png", large[:64<<10+1]}}, 413, "larger than the limit of 64 KiB"},
		"far too much":    {[]file{{"large.png", bytes.Repeat(large, 20)}}, 413, "larger than the limit"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := s.send(c.files, "Accept", "application/json").status(t, c.status)
			if got := decode[uploaded](t, answer).Error; !strings.Contains(got, c.words) {
				t.Errorf("got %q, want it to say %q", got, c.words)
			}
			page := parse(t, s.send(c.files, "Accept", "text/html").status(t, c.status))
			if words := page.all("ul", "words"); len(words) != 1 || !strings.Contains(words[0].text(), c.words) {
				t.Error("the page does not say why")
			}
		})
	}
	if len(s.bucket.objects) != 0 {
		t.Errorf("refused files were stored: %v", s.bucket.objects)
	}
	s.send([]file{{"fits.png", large[:64<<10]}}).status(t, http.StatusSeeOther)
}

func TestUploadsThatAreNoForm(t *testing.T) {
	s := newSite(t)
	s.do("POST", "/upload", strings.NewReader("x"), "Content-Type", "text/plain").status(t, 400)
	s.do("POST", "/upload", strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n\x89PNG\r\n\x1a\nbroken off"),
		"Content-Type", "multipart/form-data; boundary=b").status(t, 400)
	s.do("POST", "/upload", bytes.NewReader(make([]byte, 50*(64<<10+1<<16)+1)), "Content-Type", "multipart/form-data; boundary=b").status(t, 413)
	if len(s.bucket.objects) != 0 {
		t.Errorf("stored %v", s.bucket.objects)
	}
}

func TestNamesAreMadeSafe(t *testing.T) {
	for given, want := range map[string]string{
		"../../etc/passwd.png": "passwd.png",
		`C:\fakepath\dog.png`:  "dog.png",
		"Größe 日本 🐕.png":       "Größe 日本 🐕.png",
		"100% & more?#x.png":   "100% & more?#x.png",
		"noextension":          "noextension.png",
		"..":                   "picture.png",
	} {
		s := newSite(t)
		answer := s.send([]file{{given, png(t, 8, 8)}}, "Accept", "application/json").status(t, http.StatusCreated)
		got := decode[uploaded](t, answer).Files[0]
		same(t, given, got.Name, want)
		s.get(got.URL).status(t, http.StatusOK)
	}
}

func TestAnUploadThatCannotBeStoredSaysSo(t *testing.T) {
	s := newSite(t)
	s.bucket.err = errors.New("503 ServiceUnavailable")
	answer := s.send([]file{{"dog.png", png(t, 8, 8)}}, "Accept", "application/json").status(t, http.StatusBadGateway)
	if got := decode[uploaded](t, answer); !strings.Contains(got.Error, "could not be stored") || strings.Contains(answer.body, "ServiceUnavailable") {
		t.Errorf("got %+v", got)
	}
}
