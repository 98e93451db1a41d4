package web_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/app/gallery"
)

func TestAnEmptyGallerySaysWhatToDo(t *testing.T) {
	page := parse(t, newSite(t).get("/").status(t, http.StatusOK))
	empty, ok := page.byID("empty")
	if !ok || empty.has("hidden") || !strings.Contains(empty.text(), "No pictures yet") {
		t.Error("no words for the empty gallery")
	}
	form, ok := page.byID("upload")
	if !ok || form.attr("action") != "/upload" || form.attr("enctype") != "multipart/form-data" || len(form.all("button")) != 1 {
		t.Error("no form that works without script")
	}
}

func TestTheGalleryShowsEachStatus(t *testing.T) {
	s := newSite(t)
	s.documents.write(succeeded(s.put(t, "done.png", time.Hour)))
	s.documents.write(failed(s.put(t, "broken.png", 2*time.Hour), "AI Vision takes JPEG and PNG only."))
	s.put(t, "new.png", time.Second)
	s.put(t, "lost.png", 3*time.Hour)
	page := parse(t, s.get("/"))
	same(t, "order", names(t, page), []string{"new.png", "done.png", "broken.png", "lost.png"})

	card := page.all("li", "is-succeeded")[0]
	boxes := card.all("g", "finding")
	same(t, "boxes", len(boxes), 3)
	dog := boxes[2] // the surest covers the others
	line := dog.all("rect", "line")[0]
	same(t, "box", []string{line.attr("x"), line.attr("y"), line.attr("width"), line.attr("height")}, []string{"10.00%", "20.00%", "30.00%", "40.00%"})
	same(t, "tag", dog.all("span", "tag")[0].text(), "Dog 97%")
	same(t, "face", boxes[1].text(), "Face 88%")
	chips := card.all("li", "chip")
	same(t, "chips", len(chips), 4)
	same(t, "label", chips[3].text(), "Outdoors 80%")
	same(t, "below the default confidence", card.all("li", "chip", "below")[0].text(), "Chair 31%")
	same(t, "alternative text", card.all("img")[0].attr("alt"), "done.png, showing Dog, Face, Outdoors")

	if words := page.all("li", "is-failed")[0].text(); !strings.Contains(words, "AI Vision takes JPEG and PNG only.") {
		t.Errorf("failed: %s", words)
	}
	overdue := page.all("li", "is-overdue")[0]
	same(t, "retry", overdue.all("form")[0].attr("action"), "/retry/lost.png")
	if pending := page.all("li", "is-pending")[0]; len(pending.all("form")) != 0 {
		t.Error("a pending picture offers a retry")
	}
}

func TestTheConfidenceFilterWorksWithoutScript(t *testing.T) {
	s := newSite(t)
	s.documents.write(succeeded(s.put(t, "dog.png", time.Hour)))
	same(t, "from 0 %", len(parse(t, s.get("/?min=0")).all("li", "chip", "below")), 0)
	same(t, "from 90 %", len(parse(t, s.get("/?min=90")).all("li", "chip", "below")), 3)
}

func TestAStaleDocumentIsIgnored(t *testing.T) {
	s := newSite(t)
	s.documents.write(succeeded(s.put(t, "dog.png", time.Hour)))
	s.put(t, "dog.png", time.Second) // overwritten
	same(t, "pending", len(parse(t, s.get("/")).all("li", "card", "is-pending")), 1)
	same(t, "results", strings.TrimSpace(s.get("/api/results").body), "[]")
}

func TestPagesOfTheGallery(t *testing.T) {
	s := newSite(t)
	for i := range 9 {
		s.put(t, fmt.Sprintf("%d.png", i), time.Duration(i)*time.Hour)
	}
	page := parse(t, s.get("/?page=2"))
	same(t, "page 2", names(t, page), []string{"4.png", "5.png", "6.png", "7.png"})
	links := page.all("nav", "pages")[0].all("a")
	same(t, "links", []string{links[0].attr("href"), links[1].attr("href")}, []string{"/?page=1", "/?page=3"})
	same(t, "page far beyond", names(t, parse(t, s.get("/?page=99"))), []string{"8.png"})
}

func TestResultsAreTheStoredDocumentsNewestFirst(t *testing.T) {
	s := newSite(t)
	for i, name := range []string{"old.png", "new.png"} {
		document := succeeded(s.put(t, name, time.Hour))
		document.Timestamp = document.Timestamp.Add(time.Duration(i) * time.Minute)
		s.documents.write(document)
	}
	answer := s.get("/api/results").status(t, http.StatusOK)
	same(t, "type", answer.Header.Get("Content-Type"), "application/json")
	got := decode[[]map[string]any](t, answer)
	same(t, "order", []any{got[0]["image_name"], got[1]["image_name"]}, []string{"new.png", "old.png"})
	objects := got[0]["analysis_results"].(map[string]any)["objects"].([]any)
	same(t, "box", objects[0].(map[string]any)["bounding_box"], map[string]any{"height": 0.4, "left": 0.1, "top": 0.2, "width": 0.3})
}

func TestViewResult(t *testing.T) {
	s := newSite(t)
	document := succeeded(s.put(t, "trips/2026/dog & bicycle é?.png", time.Hour))
	s.documents.write(document)
	stored, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	one := "/view_result/" + url.PathEscape(document.ImageName)
	bare := "/view_result/trips/2026/dog%20&%20bicycle%20%C3%A9%3F.png"
	for _, path := range []string{one, bare} {
		page := parse(t, s.get(path, "Accept", "text/html").status(t, http.StatusOK))
		same(t, "heading", page.all("h1")[0].text(), document.ImageName)
		same(t, "rows", len(page.all("tr", "finding")), 4)
		var shown any
		if err := json.Unmarshal([]byte(page.all("pre")[0].FirstChild.Data), &shown); err != nil {
			t.Errorf("the document on the page: %v", err)
		}
		same(t, "raw", strings.TrimSpace(s.get(path+"?raw=1").body), string(stored))
		same(t, "JSON", strings.TrimSpace(s.get(path, "Accept", "application/json").body), string(stored))
	}
	s.get("/view_result/none.png").status(t, http.StatusNotFound)
	s.put(t, "new.png", 0)
	answer := s.get("/view_result/new.png?raw=1").status(t, http.StatusNotFound)
	if got := decode[map[string]string](t, answer)["error"]; !strings.Contains(got, "pending") {
		t.Errorf("got %q", got)
	}
}

func TestDelete(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{"a/b.png", "c.png", "d.png"} {
		s.documents.write(succeeded(s.put(t, name, time.Hour)))
	}
	page := parse(t, s.get("/delete_file/a%2Fb.png").status(t, http.StatusOK))
	same(t, "form", page.all("form")[0].attr("action"), "/delete_file/a%2Fb.png")
	same(t, "objects after asking", len(s.bucket.objects), 3)

	same(t, "location", s.do("POST", "/delete_file/a%2Fb.png", nil).status(t, http.StatusSeeOther).Header.Get("Location"), "/")
	s.do("DELETE", "/delete_file/c.png", nil).status(t, http.StatusOK)
	same(t, "objects", len(s.bucket.objects), 1)
	same(t, "documents", len(s.documents.records), 1)
	s.do("DELETE", "/delete_file/c.png", nil).status(t, http.StatusNotFound)
	s.get("/delete_file/c.png").status(t, http.StatusNotFound)

	s.documents.fail(gallery.ErrNotReady)
	s.do("POST", "/delete_file/d.png", nil).status(t, http.StatusSeeOther)
	s.documents.fail(nil)
	same(t, "results of what is gone", strings.TrimSpace(s.get("/api/results").body), "[]")
}

func TestRetry(t *testing.T) {
	s := newSite(t)
	lost := s.put(t, "lost.png", time.Hour)
	s.do("POST", "/retry/lost.png", nil).status(t, http.StatusSeeOther)
	same(t, "analysed", s.analyzer.calls, []gallery.Object{lost})
	same(t, "shown", len(parse(t, s.get("/")).all("li", "is-succeeded")), 1)
	s.do("POST", "/retry/lost.png", nil).status(t, http.StatusConflict)
	s.do("POST", "/retry/none.png", nil).status(t, http.StatusNotFound)

	s.put(t, "again.png", time.Hour)
	s.analyzer.err = errors.New("the function was too slow")
	answer := s.do("POST", "/retry/again.png", nil, "Accept", "application/json").status(t, http.StatusBadGateway)
	if got := decode[map[string]string](t, answer)["error"]; !strings.Contains(got, "too slow") {
		t.Errorf("got %q", got)
	}
}

func TestWithoutDatabaseTheGalleryStillWorks(t *testing.T) {
	s := newSite(t)
	s.documents.fail(gallery.ErrNotReady)
	empty, _ := parse(t, s.get("/")).byID("database")
	same(t, "banner hidden on the empty page", empty.has("hidden"), false)
	s.send([]file{{"dog.png", png(t, 9, 9)}}).status(t, http.StatusSeeOther)
	page := parse(t, s.get("/").status(t, http.StatusOK))
	banner, _ := page.byID("database")
	if banner.has("hidden") || !strings.Contains(banner.text(), "not reachable yet") {
		t.Error("the page does not say that the database is missing")
	}
	same(t, "cards", len(page.all("li", "card", "is-unknown")), 1)
	s.get("/view_result/dog.png").status(t, http.StatusOK)
	s.get("/api/results").status(t, http.StatusServiceUnavailable)
	s.get("/health").status(t, http.StatusOK)
	s.documents.fail(nil)
	banner, _ = parse(t, s.get("/")).byID("database")
	same(t, "banner hidden", banner.has("hidden"), true)
}

func TestWithoutBucketThePageSaysSo(t *testing.T) {
	s := newSite(t)
	s.bucket.err = errors.New("secret detail")
	answer := s.get("/").status(t, http.StatusBadGateway)
	if !strings.Contains(answer.body, "cannot be listed") || strings.Contains(answer.body, "secret detail") {
		t.Error(answer.body)
	}
	s.get("/health").status(t, http.StatusOK)
}
