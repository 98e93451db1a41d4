package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

func TestImage(t *testing.T) {
	s := newSite(t)
	object := s.put(t, "a/dog #1.png", time.Minute)
	path := "/image/a%2Fdog%20%231.png"
	answer := s.get(path).status(t, http.StatusOK)
	same(t, "bytes", len(answer.body), object.Size)
	for name, want := range map[string]string{
		"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Etag": `"` + object.ETag + `"`,
		"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, no-cache", "Accept-Ranges": "bytes",
	} {
		same(t, name, answer.Header.Get(name), want)
	}
	same(t, "cache", s.get(path+"?v="+object.ETag).Header.Get("Cache-Control"), "private, max-age=31536000, immutable")
	same(t, "body of 304", s.get(path, "If-None-Match", `W/"`+object.ETag+`"`).status(t, http.StatusNotModified).body, "")
	s.get(path, "If-None-Match", `"other"`).status(t, http.StatusOK)

	part := s.get(path, "Range", "bytes=1-3").status(t, http.StatusPartialContent)
	same(t, "part", part.body, "PNG")
	if !strings.HasPrefix(part.Header.Get("Content-Range"), "bytes 1-3/") {
		t.Errorf("range %q", part.Header.Get("Content-Range"))
	}
	s.get(path, "Range", "bytes=999999-").status(t, http.StatusRequestedRangeNotSatisfiable)
	same(t, "body of HEAD", s.do("HEAD", path, nil).status(t, http.StatusOK).body, "")
	s.get("/image/none.png").status(t, http.StatusNotFound)
}

func TestWhatIsNoPictureIsADownload(t *testing.T) {
	s := newSite(t)
	s.bucket.mu.Lock()
	s.bucket.store("page.html", "text/html", []byte("<script>alert(1)</script>"), time.Now())
	s.bucket.mu.Unlock()
	answer := s.get("/image/page.html").status(t, http.StatusOK)
	same(t, "type", answer.Header.Get("Content-Type"), "application/octet-stream")
	same(t, "disposition", answer.Header.Get("Content-Disposition"), "attachment")
}

func TestOtherSitesCannotChangeAnything(t *testing.T) {
	s := newSite(t)
	s.put(t, "dog.png", time.Hour)
	for _, path := range []string{"/delete_file/dog.png", "/retry/dog.png", "/upload"} {
		s.do("POST", path, nil, "Sec-Fetch-Site", "cross-site").status(t, http.StatusForbidden)
		s.do("POST", path, nil, "Origin", "https://evil.example").status(t, http.StatusForbidden)
	}
	same(t, "objects", len(s.bucket.objects), 1)
	s.do("POST", "/delete_file/dog.png", nil, "Origin", s.URL, "Sec-Fetch-Site", "same-origin").status(t, http.StatusSeeOther)
}

// The policy forbids inline script and style; pages must not contain any.
func TestPagesObeyTheContentSecurityPolicy(t *testing.T) {
	s := newSite(t)
	s.documents.write(succeeded(s.put(t, `"><script>alert(1)</script>.png`, time.Hour)))
	s.documents.write(failed(s.put(t, "b.png", time.Hour), "<b>words</b>"))
	s.put(t, "lost.png", time.Hour)
	name := `%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E.png`
	for _, path := range []string{"/", "/view_result/" + name, "/delete_file/" + name, "/none"} {
		answer := s.get(path)
		policy := answer.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		for _, element := range parse(t, answer).all("") {
			if element.Data == "style" || element.Data == "script" && !element.has("src") {
				t.Errorf("%s: inline %s", path, element.Data)
			}
			for _, a := range element.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s: inline %s on %s", path, a.Key, element.Data)
				}
				if remote(element, a) {
					t.Errorf("%s: %s loads %s from elsewhere", path, element.Data, a.Val)
				}
			}
		}
	}
}

func remote(e element, a html.Attribute) bool {
	return (a.Key == "src" || a.Key == "href") && (strings.Contains(a.Val, "//"))
}

func TestAssetsAreServedAndLinked(t *testing.T) {
	s := newSite(t)
	page := s.get("/")
	linked := regexp.MustCompile(`/assets/[^"]+`).FindAllString(page.body, -1)
	if len(linked) < 3 {
		t.Fatalf("links: %v", linked)
	}
	imports := regexp.MustCompile(`from '\./([a-z]+\.js)'`)
	for _, path := range linked {
		answer := s.get(path).status(t, http.StatusOK)
		same(t, path, answer.Header.Get("Cache-Control"), "public, max-age=31536000, immutable")
		for _, match := range imports.FindAllStringSubmatch(answer.body, -1) {
			module := s.get(path[:strings.LastIndex(path, "/")+1]+match[1]).status(t, http.StatusOK)
			same(t, match[1], module.Header.Get("Content-Type"), "text/javascript; charset=utf-8")
		}
	}
	same(t, "another version", s.get("/assets/0/app.css").status(t, http.StatusOK).Header.Get("Cache-Control"), "no-cache")
	s.get("/assets/0/..%2Fassets.go").status(t, http.StatusNotFound)
}

func TestUnknownPagesAndMethods(t *testing.T) {
	s := newSite(t)
	s.get("/nothing").status(t, http.StatusNotFound)
	same(t, "JSON", decode[map[string]string](t, s.get("/nothing", "Accept", "application/json"))["error"], "There is no such page.")
	s.get("/view_result/").status(t, http.StatusNotFound)
	s.do("PUT", "/upload", nil).status(t, http.StatusNotFound)
}

func TestHealthWhileDraining(t *testing.T) {
	s := newSite(t)
	s.get("/health").status(t, http.StatusOK)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		s.web.Drain(time.Minute)
	}()
	for s.get("/health").StatusCode != http.StatusServiceUnavailable {
	}
	<-drained // well before the minute, because the probe has seen it
	s.get("/").status(t, http.StatusOK)
}

func TestDrainingEndsWithoutALoadBalancer(t *testing.T) {
	s := newSite(t)
	s.get("/health").status(t, http.StatusOK)
	const patience = 50 * time.Millisecond
	asked := time.Now()
	s.web.Drain(patience)
	if waited := time.Since(asked); waited > time.Second {
		t.Errorf("draining took %v although nobody asked", waited)
	}
	// Nobody has asked for longer than patience, so there is nobody to wait for.
	again := time.Now()
	s.web.Drain(patience)
	if waited := time.Since(again); waited >= patience {
		t.Errorf("draining took %v although nobody had asked before for %v", waited, patience)
	}
}
