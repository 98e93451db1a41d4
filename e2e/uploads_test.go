package e2e

import (
	"bytes"
	"html"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"oci-media-pipelines/internal/analysis"
)

func TestRefusedUploads(t *testing.T) {
	u, b := newUser(t), goBackstage(t)
	before := b.contents()
	for name, c := range map[string]struct {
		file    string
		content []byte
		status  int
		says    string
	}{
		"text":        {"words.jpg", []byte("These are words and no picture.\n"), http.StatusUnsupportedMediaType, `"words.jpg" is not a picture: its content looks like text/plain`},
		"page":        {"page.png", []byte("<!doctype html><script>alert(1)</script>"), http.StatusUnsupportedMediaType, "looks like text/html"},
		"nothing":     {"nothing.jpg", nil, http.StatusBadRequest, `"nothing.jpg" is empty (0 bytes).`},
		"too large":   {"large.jpg", padded(t, 5<<20+1), http.StatusRequestEntityTooLarge, `"large.jpg" is larger than the limit of 5 MiB.`},
		"much larger": {"huge.jpg", padded(t, 40<<20), http.StatusRequestEntityTooLarge, `"huge.jpg" is larger than the limit of 5 MiB.`},
	} {
		t.Run(name, func(t *testing.T) {
			got := user{t, u.url}.send(c.file, c.content)
			if got.code != c.status || got.Name != "" || !strings.Contains(got.Error, c.says) {
				t.Errorf("got %+v, want %d saying %q", got, c.status, c.says)
			}
		})
	}
	wantContents(t, b.contents(), before)
	// A form without script gets the words on a page.
	request, err := http.NewRequest(http.MethodPost, u.url+"/upload", strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\nwords\r\n--x--\r\n"))
	must(t, err)
	request.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	if status, page := u.do(request); status != http.StatusUnsupportedMediaType || !bytes.Contains(page, []byte("<h1>Not uploaded</h1>")) || !bytes.Contains(page, []byte("is not a picture")) {
		t.Errorf("a refusal in a browser: %d %s", status, page)
	}
	wantContents(t, b.contents(), before)
}

// TestLargestUpload is one byte smaller than what is refused.
func TestLargestUpload(t *testing.T) {
	u, b := newUser(t), goBackstage(t)
	name := u.upload(fresh("largest.jpg"), padded(t, 5<<20))
	if doc := u.waitFor(name, patience); doc.Status != analysis.Succeeded || len(doc.Results.Objects) == 0 || doc.ETag != b.etag(name) {
		t.Errorf("the largest picture: %+v", doc)
	}
}

func TestStrangeNames(t *testing.T) {
	u, b := newUser(t), goBackstage(t)
	unique := fresh("")
	for name, c := range map[string]struct{ file, object string }{
		"upwards":      {"../../../etc/" + unique + "up.jpg", unique + "up.jpg"},
		"backslashes":  {`..\..\windows\` + unique + "back.jpg", unique + "back.jpg"},
		"only upwards": {"../..", "picture.jpg"},
		"unicode":      {unique + "Größe 日本 семья 👩‍🚀.jpg", unique + "Größe 日本 семья 👩‍🚀.jpg"},
		"markup":       {unique + "<b>&amp;'%2F?#+ ;.jpg", unique + "<b>&amp;'%2F?#+ ;.jpg"},
		"disguise":     {unique + "\u202egpj.exe.jpg", unique + "gpj.exe.jpg"},
	} {
		t.Run(name, func(t *testing.T) {
			u, b := user{t, u.url}, b
			b.TB = t
			got := u.upload(c.file, photo(t, "coffee.jpg"))
			if got != c.object {
				t.Errorf("the object is named %q, want %q", got, c.object)
			}
			if doc := u.waitFor(got, patience); doc.ETag != b.etag(got) || doc.Status != analysis.Succeeded {
				t.Errorf("document %+v", doc)
			}
			if status, image := u.call(http.MethodGet, u.at("/image/", got)); status != http.StatusOK || image != string(photo(t, "coffee.jpg")) {
				t.Errorf("its picture: %d, %d bytes", status, len(image))
			}
			if page := u.page(u.url + "/"); !strings.Contains(html.UnescapeString(page), `data-name="`+got+`"`) || strings.Contains(page, "<b>") {
				t.Errorf("the gallery does not show %q, or not in its letters: %s", got, page)
			}
			if page := u.page(u.at("/view_result/", got)); !strings.Contains(html.UnescapeString(page), "<h1>"+got+"</h1>") {
				t.Errorf("its own page: %s", page)
			}
			u.delete(got)
			if etag := b.etag(got); etag != "" || len(b.documentsAbout(got)) > 0 {
				t.Errorf("left after its deletion: object %q, documents %+v", etag, b.documentsAbout(got))
			}
		})
	}
}

// TestTheSameName: two people may call their pictures alike.
func TestTheSameName(t *testing.T) {
	u := newUser(t)
	name := fresh("alike.jpg")
	first := u.upload(name, photo(t, "astronaut.jpg"))
	second := u.upload(name, photo(t, "coffee.jpg"))
	if first != name || second != strings.TrimSuffix(name, ".jpg")+"-2.jpg" {
		t.Errorf("the pictures are named %q and %q", first, second)
	}
	if a, b := u.waitFor(first, patience), u.waitFor(second, patience); !sees(a, "Human face") || sees(b, "Human face") {
		t.Errorf("the analyses are confused: %+v, %+v", a, b)
	}
}

// TestHopelessPictures: what cannot be analysed says why, and is not tried for ever.
func TestHopelessPictures(t *testing.T) {
	u, b := newUser(t), goBackstage(t)
	gif := []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")
	cut := photo(t, "coffee.jpg")[:9000]
	for name, c := range map[string]struct {
		store func(user, backstage) string
		says  string
	}{
		"a text behind the app": {behind("notes.jpg", []byte("No picture at all.\n")), "The file is not an image (its content looks like text/plain; charset=utf-8)."},
		"nothing behind it":     {behind("nothing.png", nil), "The file is empty."},
		"too much behind it":    {behind("large.jpg", padded(t, 6<<20)), "The file has 6.0 MiB; AI Vision takes images of up to 5 MiB."},
		"a cut upload":          {uploaded("cut.jpg", cut), "AI Vision refuses the image"},
		"an upload of a GIF":    {uploaded("animation.gif", gif), "AI Vision refuses the image"},
	} {
		t.Run(name, func(t *testing.T) {
			u, b := user{t, u.url}, b
			b.TB = t
			name := c.store(u, b)
			doc := u.waitFor(name, patience)
			if doc.Status != analysis.Failed || !strings.HasPrefix(doc.Error, c.says) || len(doc.Results.Objects) > 0 {
				t.Errorf("document %+v, want it to say %q", doc, c.says)
			}
			for _, page := range []string{u.page(u.url + "/"), u.page(u.at("/view_result/", name))} {
				if text := html.UnescapeString(page); !strings.Contains(text, "Not analysed.") || !strings.Contains(text, doc.Error) {
					t.Errorf("a page does not say %q: %s", doc.Error, text)
				}
			}
			if strings.Contains(u.page(u.at("/card/", name)), "data-retry") {
				t.Error("a retry is offered that cannot help")
			}
			b.wantDocuments(name, doc)
		})
	}
}

func TestDeletion(t *testing.T) {
	u, b := newUser(t), goBackstage(t)
	kept := u.upload(fresh("kept.jpg"), photo(t, "coffee.jpg"))
	name := u.upload(fresh("deleted.jpg"), photo(t, "coffee.jpg"))
	stays, _ := u.waitFor(kept, patience), u.waitFor(name, patience)
	if page := u.page(u.at("/delete_file/", name)); !strings.Contains(page, "Delete this picture?") || b.etag(name) == "" {
		t.Errorf("a mere link deletes, or asks nothing: %s", page)
	}
	u.delete(name)
	if etag := b.etag(name); etag != "" {
		t.Errorf("the object is still there: %s", etag)
	}
	b.wantDocuments(name)
	b.wantDocuments(kept, stays)
	for _, path := range []string{"/view_result/", "/image/", "/card/", "/delete_file/"} {
		if status, body := u.call(http.MethodGet, u.at(path, name)); status != http.StatusNotFound {
			t.Errorf("%s of a deleted picture: %d %s", path, status, body)
		}
	}
	if strings.Contains(u.page(u.url+"/"), name) {
		t.Error("the gallery still shows the picture")
	}
}

// TestDeletionDuringTheAnalysis: an analysis that ends later leaves nothing.
func TestDeletionDuringTheAnalysis(t *testing.T) {
	u, b := newUser(t), goBackstage(t)
	name := u.upload(fresh("fleeting.jpg"), photo(t, "astronaut.jpg"))
	until(t, patience, "the analysis under way", func() bool { return strings.Contains(tail(functionLog(t), 10), `"object inspected","object":"`+name) })
	u.delete(name)
	until(t, patience, "the end of the analysis", func() bool { return len(outcomes(t, name)) == 1 })
	b.wantDocuments(name)
}

// behind stores an object that the app knows nothing of.
func behind(name string, content []byte) func(user, backstage) string {
	return func(u user, b backstage) string {
		name := fresh(name)
		u.forget(name)
		b.put(name, content)
		return name
	}
}

func uploaded(name string, content []byte) func(user, backstage) string {
	return func(u user, _ backstage) string { return u.upload(fresh(name), content) }
}

// padded is a photo of exactly this size: a JPEG may be followed by anything.
func padded(t testing.TB, size int) []byte {
	t.Helper()
	picture := photo(t, "coffee.jpg")
	return append(picture, make([]byte, size-len(picture))...)
}

func wantContents(t testing.TB, got, want []string) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("bucket and database hold %q, want %q", got, want)
	}
}
