package web_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/app/gallery"
	"oci-media-pipelines/internal/transcoding"
)

func TestResultsNameTheManifestsOnceTheyPlay(t *testing.T) {
	s := newStudio(t)
	s.documents.write(succeeded(s.put(t, "dog.png", time.Hour)))
	ready, running := s.film("ready.mp4", time.Hour), s.film("running.mp4", time.Hour)
	s.film("new.mp4", 0)
	done := played(ready)
	done.Updated = done.Updated.Add(-time.Minute)
	s.jobs.write(done)
	s.jobs.write(job(running, transcoding.Running, 40))
	s.jobs.write(played(gallery.Object{Name: "deleted.mp4", ETag: "e"}))
	got := decode[[]map[string]any](t, s.get("/api/results").status(t, http.StatusOK))
	same(t, "entries", len(got), 4)
	by := make(map[string]map[string]any)
	for _, entry := range got {
		if name, ok := entry["video_name"].(string); ok {
			by[name] = entry
		} else {
			same(t, "picture", entry["image_name"], "dog.png")
		}
	}
	same(t, "manifests", by["ready.mp4"]["manifests"], []string{"ready.mp4/master.m3u8", "ready.mp4/dash.mpd"})
	same(t, "status", []any{by["ready.mp4"]["status"], by["running.mp4"]["status"], by["new.mp4"]["status"]}, []string{"succeeded", "running", "pending"})
	same(t, "per cent", by["running.mp4"]["percent"], 40)
	same(t, "manifests before they play", []any{by["running.mp4"]["manifests"], by["new.mp4"]["manifests"]}, "[[] []]")
	same(t, "bucket", by["ready.mp4"]["bucket_name"], "videos")
	same(t, "job", by["ready.mp4"]["job"].(map[string]any)["object_name"], "ready.mp4")
	same(t, "last", got[3]["image_name"], "dog.png")
}

func TestThePageOfAVideoPlaysIt(t *testing.T) {
	s := newStudio(t)
	object := s.film("trips/2026 é?.mp4", time.Hour)
	s.jobs.write(played(object))
	path := "/view_result/trips%2F2026%20%C3%A9%3F.mp4"
	answer := s.get(path, "Accept", "text/html").status(t, http.StatusOK)
	same(t, "policy", strings.TrimPrefix(answer.Header.Get("Content-Security-Policy"), s.get("/").Header.Get("Content-Security-Policy")), "; media-src 'self' blob:")
	player, ok := parse(t, answer).byID("player")
	if !ok {
		t.Fatal("no player")
	}
	const folder = "/stream/trips%2F2026%20%C3%A9%3F.mp4/"
	same(t, "playlist", player.attr("data-hls"), folder+"master.m3u8")
	same(t, "pictures for seeking", player.attr("data-seek"), folder+"seek.vtt")
	if poster := player.all("video")[0].attr("poster"); !strings.HasPrefix(poster, "/stream/thumbnails%2Ftrips%2F2026%20%C3%A9%3F.mp4_thumb.png?") {
		t.Errorf("poster %s", poster)
	}
	var choices []string
	for _, option := range player.all("option") {
		choices = append(choices, option.attr("value")+" "+option.text())
	}
	same(t, "choice", choices, []string{" Auto", "1280x720 720p", "640x360 360p"})

	var raw transcoding.Job
	if err := json.Unmarshal([]byte(s.get(path+"?raw=1").status(t, http.StatusOK).body), &raw); err != nil || raw.ObjectName != object.Name {
		t.Errorf("raw: %+v, %v", raw, err)
	}
	s.film("new.mp4", 0)
	said := decode[map[string]string](t, s.get("/view_result/new.mp4?raw=1").status(t, http.StatusNotFound))["error"]
	same(t, "words", said, "This video has no job yet; its status is pending.")
	s.result(object.Name+"/master.m3u8", "#EXTM3U")
	same(t, "the playlist itself", s.get(player.attr("data-hls")).status(t, http.StatusOK).body, "#EXTM3U")
}

func TestADASHOnlyVideoSaysWhatToDo(t *testing.T) {
	s := newStudio(t)
	done := played(s.film("trip.mp4", time.Hour))
	done.Result.HLS = ""
	s.jobs.write(done)
	page := s.get("/view_result/trip.mp4").status(t, http.StatusOK)
	if _, player := parse(t, page).byID("player"); player || !strings.Contains(page.body, "MPEG-DASH only") || !strings.Contains(page.body, "/stream/trip.mp4/dash.mpd") {
		t.Error(page.body)
	}
}

func TestStream(t *testing.T) {
	s := newStudio(t)
	for _, name := range []string{"master.m3u8", "dash.mpd", "v1/720p-init.mp4", "v1/720p-00001.m4s", "seek.vtt", "v1/sprite.jpg", "page.html", "nothing"} {
		s.result("trip.mp4/"+name, "0123456789")
	}
	for name, want := range map[string]string{
		"master.m3u8": "application/vnd.apple.mpegurl", "dash.mpd": "application/dash+xml", "v1/720p-init.mp4": "video/mp4",
		"v1/720p-00001.m4s": "video/iso.segment", "seek.vtt": "text/vtt; charset=utf-8", "v1/sprite.jpg": "image/jpeg",
	} {
		answer := s.get("/stream/trip.mp4/"+name).status(t, http.StatusOK)
		same(t, name, answer.Header.Get("Content-Type"), want)
		same(t, "policy", answer.Header.Get("Content-Security-Policy"), "default-src 'none'; sandbox")
		same(t, "cache", answer.Header.Get("Cache-Control"), "private, no-cache")
		same(t, "disposition", answer.Header.Get("Content-Disposition"), "")
		s.get("/stream/trip.mp4/"+name, "If-None-Match", answer.Header.Get("ETag")).status(t, http.StatusNotModified)
		part := s.get("/stream/trip.mp4/"+name, "Range", "bytes=2-4").status(t, http.StatusPartialContent)
		same(t, "part", part.body+" "+part.Header.Get("Content-Range"), "234 bytes 2-4/10")
	}
	for _, path := range []string{"/stream/trip.mp4/page.html", "/stream/trip.mp4/nothing", "/stream/none/master.m3u8", "/stream/", "/stream/trip.mp4"} {
		s.get(path).status(t, http.StatusNotFound)
	}
	segment := s.streams.objects["trip.mp4/v1/720p-00001.m4s"]
	segment.cacheControl = "private, max-age=31536000, immutable"
	s.streams.objects[segment.Name] = segment
	same(t, "cache", s.get("/stream/"+segment.Name).Header.Get("Cache-Control"), segment.cacheControl)
	same(t, "words", decode[map[string]string](t, s.get("/stream/none.m3u8", "Accept", "application/json"))["error"], "There is no such stream.")
	s.film("trip.mp4", time.Hour)
	s.get("/image/trip.mp4").status(t, http.StatusNotFound)
}

func TestPagesWithVideosObeyTheContentSecurityPolicy(t *testing.T) {
	s := newStudio(t)
	name := `"><script>alert(1)</script>.mp4`
	s.jobs.write(played(s.film(name, time.Hour)))
	s.jobs.write(job(s.film("running.mp4", time.Hour), transcoding.Running, 3))
	for _, path := range []string{"/", "/view_result/%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E.mp4", "/view_result/running.mp4"} {
		for _, element := range parse(t, s.get(path).status(t, http.StatusOK)).all("") {
			if element.Data == "style" || element.Data == "script" && !element.has("src") {
				t.Errorf("%s: inline %s", path, element.Data)
			}
			for _, a := range element.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || remote(element, a) {
					t.Errorf("%s: %s has %s=%q", path, element.Data, a.Key, a.Val)
				}
			}
		}
	}
}

func TestWithoutJobsTheGalleryStillWorks(t *testing.T) {
	s := newStudio(t)
	s.film("trip.mp4", time.Hour)
	s.jobs.fail(gallery.ErrNotReady)
	page := parse(t, s.get("/").status(t, http.StatusOK))
	same(t, "cards", len(page.all("li", "card", "is-unknown")), 1)
	banner, _ := page.byID("database")
	same(t, "banner hidden", banner.has("hidden"), false)
	s.get("/view_result/trip.mp4").status(t, http.StatusOK)
	s.get("/api/results").status(t, http.StatusServiceUnavailable)
	s.source.err = errors.New("no such bucket")
	s.get("/").status(t, http.StatusBadGateway)
}

func TestThePlayerIsServedWithItsLicence(t *testing.T) {
	s := newStudio(t)
	for file, kind := range map[string]string{"hls.min.mjs": "text/javascript; charset=utf-8", "player.js": "text/javascript; charset=utf-8", "hls.license.txt": "text/plain; charset=utf-8"} {
		same(t, file, s.get("/assets/0/"+file).status(t, http.StatusOK).Header.Get("Content-Type"), kind)
	}
	licence, player := s.get("/assets/0/hls.license.txt").body, s.get("/assets/0/hls.min.mjs").body
	if !strings.Contains(licence, "hls.js 1.7.4") || !strings.Contains(licence, "Apache License") || !strings.Contains(player, "1.7.4") {
		t.Error("the licence is not that of the player's version")
	}
}
