package web_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/app/gallery"
	"oci-media-pipelines/internal/transcoding"
)

func TestAVideoIsStoredInItsOwnBucket(t *testing.T) {
	s := newStudio(t)
	content := clip(100 << 10) // more than a picture may have
	got := decode[uploaded](t, s.send([]file{{"trip.mp4", content}, {"dog.png", png(t, 9, 9)}}, "Accept", "application/json").status(t, http.StatusCreated))
	same(t, "names", []string{got.Files[0].Name, got.Files[1].Name}, []string{"trip.mp4", "dog.png"})
	same(t, "address", got.Files[0].URL, "/view_result/trip.mp4")
	same(t, "pictures", s.bucket.names(), []string{"dog.png"})
	same(t, "videos", s.source.names(), []string{"trip.mp4"})
	object, err := s.source.find("trip.mp4")
	if err != nil || string(object.content) != string(content) || object.contentType != "video/mp4" {
		t.Errorf("stored %d bytes of %s, %v", len(object.content), object.contentType, err)
	}
	page := parse(t, s.get("/"))
	same(t, "cards", len(page.all("li", "card", "is-pending")), 2)
	if card, ok := page.byID(gallery.Video{Object: object.Object}.ID()); !ok || !strings.Contains(card.text(), "Waiting to be transcoded") {
		t.Error("the video has no card that says what it waits for")
	}
	total, _ := page.byID("total")
	noun, _ := page.byID("noun")
	same(t, "count", total.text()+" "+noun.text(), "2 pictures and videos")
}

func TestRefusedVideos(t *testing.T) {
	s := newStudio(t)
	large := s.send([]file{{"trip.mp4", clip(256<<10 + 1)}}, "Accept", "application/json").status(t, http.StatusRequestEntityTooLarge)
	if got := decode[uploaded](t, large).Error; !strings.Contains(got, "larger than the limit of 256 KiB") {
		t.Errorf("words: %s", got)
	}
	picture := append(png(t, 9, 9), make([]byte, 64<<10)...)
	s.send([]file{{"dog.png", picture}}, "Accept", "application/json").status(t, http.StatusRequestEntityTooLarge)
	text := s.send([]file{{"trip.mp4", []byte("hello, world")}}, "Accept", "application/json").status(t, http.StatusUnsupportedMediaType)
	if got := decode[uploaded](t, text).Error; !strings.Contains(got, "is not a picture: its content looks like text/plain") || !strings.Contains(got, "videos as MP4") {
		t.Errorf("words: %s", got)
	}
	same(t, "stored", len(s.source.names())+len(s.bucket.names()), 0)
	s.send([]file{{"trip.mp4", clip(256 << 10)}}).status(t, http.StatusSeeOther)
}

func TestAnUploadThatComesSecondIsAskedToComeAgain(t *testing.T) {
	s := newStudio(t)
	s.source.err = gallery.ErrOvertaken
	answer := s.send([]file{{"trip.mp4", clip(100)}}, "Accept", "application/json").status(t, http.StatusConflict)
	if got := decode[uploaded](t, answer).Error; !strings.Contains(got, "Please upload yours again") {
		t.Errorf("words: %s", got)
	}
	s.bucket.err = errors.New("503 ServiceUnavailable") // whether a picture has the name cannot be told
	s.source.err = nil
	s.send([]file{{"trip.mp4", clip(100)}}).status(t, http.StatusBadGateway)
	same(t, "stored", len(s.source.names()), 0)
}

func TestWithoutVideosAVideoIsNoPicture(t *testing.T) {
	s := newSite(t)
	answer := s.send([]file{{"trip.mp4", clip(100)}}, "Accept", "application/json").status(t, http.StatusUnsupportedMediaType)
	same(t, "words", decode[uploaded](t, answer).Error, `"trip.mp4" is not a picture: its content looks like video/mp4. PNG, JPEG, GIF, WebP and BMP are accepted.`)
	s.send([]file{{"clip.mp4", png(t, 9, 9)}}).status(t, http.StatusSeeOther)
	same(t, "pictures", s.bucket.names(), []string{"clip.mp4"})
	s.get("/stream/trip.mp4/master.m3u8").status(t, http.StatusNotFound)
	if page := s.get("/").body; strings.Contains(page, "ideo") {
		t.Error("the page speaks of videos")
	}
}

func TestNoNameStandsForAPictureAndAVideo(t *testing.T) {
	s := newStudio(t)
	s.put(t, "old.mp4", time.Hour) // a picture from before videos were taken
	s.film("dog.png", time.Hour)   // a video from another tool
	for _, c := range []struct {
		given   string
		content []byte
		want    string
	}{
		{"dog.jpg", clip(100), "dog.jpg.mp4"},
		{"clip.mp4", png(t, 9, 9), "clip.mp4.png"},
		{"holiday", clip(100), "holiday.mp4"},
		{"..", clip(100), "video.mp4"},
		{"clip.MOV", clip(100), "clip.MOV"},
		{"old.mp4", clip(100), "old-2.mp4"},
		{"dog.png", png(t, 9, 9), "dog-2.png"},
	} {
		answer := s.send([]file{{c.given, c.content}}, "Accept", "application/json").status(t, http.StatusCreated)
		same(t, c.given, decode[uploaded](t, answer).Files[0].Name, c.want)
	}
}

func TestANameInBothBucketsMeansThePicture(t *testing.T) {
	s := newStudio(t)
	s.put(t, "both.mp4", time.Hour)
	s.film("both.mp4", time.Hour)
	same(t, "cards", names(t, parse(t, s.get("/"))), []string{"both.mp4"})
	isVideo := func() bool {
		page, _ := parse(t, s.get("/view_result/both.mp4").status(t, http.StatusOK)).byID("result")
		return page.attr("data-kind") == "video"
	}
	same(t, "video", isVideo(), false)
	s.do("DELETE", "/delete_file/both.mp4", nil).status(t, http.StatusOK)
	same(t, "video once the picture is gone", isVideo(), true)
	same(t, "videos", s.source.names(), []string{"both.mp4"})
}

func TestEachStateOfAVideoIsToldInWords(t *testing.T) {
	waiting := job(gallery.Object{}, transcoding.Waiting, 0)
	waiting.Error = "OCI has no capacity for the shape."
	failed := job(gallery.Object{}, transcoding.Failed, 12)
	failed.Error = "The file has no picture."
	stalled := job(gallery.Object{}, transcoding.Running, 60)
	stalled.Updated = time.Now().Add(-time.Hour)
	for name, c := range map[string]struct {
		age    time.Duration
		job    *transcoding.Job
		status string
		words  string
		retry  bool
	}{
		"new":       {0, nil, "pending", "Waiting to be transcoded", false},
		"lost":      {time.Hour, nil, "overdue", "may have been lost", true},
		"waiting":   {time.Hour, &waiting, "waiting", "OCI has no capacity for the shape.", true},
		"starting":  {time.Hour, new(job(gallery.Object{}, transcoding.Starting, 0)), "starting", "is starting", false},
		"running":   {time.Hour, new(job(gallery.Object{}, transcoding.Running, 42.9)), "running", "Transcoding, 42 %", false},
		"stalled":   {time.Hour, &stalled, "stalled", "may have broken down at 60 %", true},
		"failed":    {time.Hour, &failed, "failed", "The file has no picture.", true},
		"succeeded": {time.Hour, new(played(gallery.Object{Name: "trip.mp4"})), "succeeded", "1:02 · 1280 × 720", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t)
			object := s.film("trip.mp4", c.age)
			if c.job != nil {
				c.job.ObjectName, c.job.ETag = object.Name, object.ETag
				s.jobs.write(*c.job)
			}
			for _, path := range []string{"/", "/view_result/trip.mp4", "/card/trip.mp4"} {
				page := parse(t, s.get(path).status(t, http.StatusOK))
				state := page.all("div", "progress-state")[0]
				if !strings.Contains(state.text(), c.words) {
					t.Errorf("%s: %s", path, state.text())
				}
				same(t, "retry on "+path, len(state.all("form", "retry")) == 1, c.retry)
			}
			same(t, "status", parse(t, s.get("/")).all("li", "card")[0].attr("data-status"), c.status)
			answer := s.do("POST", "/retry/trip.mp4", nil)
			if c.retry || name == "new" { // nobody knows of a job of the new one either
				answer.status(t, http.StatusSeeOther)
				same(t, "asked for", s.transcoder.calls, []string{"trip.mp4"})
			} else {
				answer.status(t, http.StatusConflict)
				same(t, "asked for", len(s.transcoder.calls), 0)
			}
		})
	}
}

func TestARetryThatFailsSaysSo(t *testing.T) {
	s := newStudio(t)
	s.film("trip.mp4", time.Hour)
	s.transcoder.err = errors.New("the function is gone")
	answer := s.do("POST", "/retry/trip.mp4", nil, "Accept", "application/json").status(t, http.StatusBadGateway)
	if got := decode[map[string]string](t, answer)["error"]; !strings.Contains(got, "the function is gone") {
		t.Errorf("words: %s", got)
	}
}

func TestEventsFollowAJob(t *testing.T) {
	s := newStudio(t)
	events := s.listen()
	next[map[string]string](t, events, "sync")
	s.send([]file{{"trip.mp4", clip(100)}}).status(t, http.StatusSeeOther)
	same(t, "status", next[pictureEvent](t, events, "video").Status, "pending")
	object, err := s.source.find("trip.mp4")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		job    transcoding.Job
		status string
		words  string
	}{
		{job(object.Object, transcoding.Starting, 0), "starting", "is starting"},
		{job(object.Object, transcoding.Running, 7.5), "running", "7 %"},
		{job(object.Object, transcoding.Running, 55), "running", "55 %"},
		{played(object.Object), "succeeded", "/stream/thumbnails%2Ftrip.mp4_thumb.png?at="},
	} {
		s.jobs.write(c.job)
		event := next[pictureEvent](t, events, "video")
		same(t, "event", []string{event.Name, event.Status}, []string{"trip.mp4", c.status})
		if !strings.Contains(event.HTML, c.words) || !strings.HasPrefix(event.Version, object.ETag+" "+c.status+" ") {
			t.Errorf("version %s, card %s", event.Version, event.HTML)
		}
	}
	s.do("DELETE", "/delete_file/trip.mp4", nil).status(t, http.StatusOK)
	same(t, "removed", next[map[string]string](t, events, "removed")["name"], "trip.mp4")
}

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

func TestDeletingAVideoRemovesAllThatBelongsToIt(t *testing.T) {
	s := newStudio(t)
	trip, inner, thumbnails := s.film("trip.mp4", time.Hour), s.film("trip.mp4/extra.mp4", time.Hour), s.film("thumbnails", time.Hour)
	for _, object := range []gallery.Object{trip, inner, thumbnails} {
		s.jobs.write(played(object))
		for _, name := range []string{"master.m3u8", "v1/720p-00001.m4s"} {
			s.result(transcoding.Folder(object.Name)+name, "x")
		}
		s.result(transcoding.Thumbnail(object.Name), "x")
	}
	old := played(trip)
	old.ETag = "older"
	s.jobs.write(old)
	page := s.get("/delete_file/trip.mp4").status(t, http.StatusOK)
	if !strings.Contains(page.body, "Delete this video?") || !strings.Contains(page.body, "everything made of it") {
		t.Error("the question does not say what will go")
	}
	before := len(s.streams.names())

	s.do("POST", "/delete_file/trip.mp4", nil).status(t, http.StatusSeeOther)
	same(t, "videos", s.source.names(), []string{"thumbnails", "trip.mp4/extra.mp4"})
	same(t, "streams", len(s.streams.names()), before-3)
	for _, name := range s.streams.names() {
		if strings.HasPrefix(name, "trip.mp4/") && !strings.HasPrefix(name, "trip.mp4/extra.mp4/") || name == transcoding.Thumbnail(trip.Name) {
			t.Errorf("%s is left", name)
		}
	}
	same(t, "jobs", len(s.jobs.records), 2)

	s.do("DELETE", "/delete_file/thumbnails", nil).status(t, http.StatusOK)
	same(t, "streams", s.streams.names(), []string{"thumbnails/trip.mp4/extra.mp4_thumb.png", "trip.mp4/extra.mp4/master.m3u8", "trip.mp4/extra.mp4/v1/720p-00001.m4s"})
	s.do("DELETE", "/delete_file/trip.mp4", nil).status(t, http.StatusNotFound)
	s.get("/delete_file/trip.mp4").status(t, http.StatusNotFound)
}

func TestADeletionThatFailsHalfWayCanBeTriedAgain(t *testing.T) {
	s := newStudio(t)
	s.jobs.write(played(s.film("trip.mp4", time.Hour)))
	s.result("trip.mp4/master.m3u8", "x")
	s.streams.stuck = "trip.mp4/master.m3u8"
	s.do("DELETE", "/delete_file/trip.mp4", nil).status(t, http.StatusBadGateway)
	same(t, "jobs: one at work must stop", len(s.jobs.records), 0)
	same(t, "videos", s.source.names(), []string{"trip.mp4"})
	s.streams.stuck = ""
	s.do("DELETE", "/delete_file/trip.mp4", nil).status(t, http.StatusOK)
	same(t, "left", slices.Concat(s.source.names(), s.streams.names()), []string{})

	s.film("again.mp4", time.Hour)
	s.jobs.fail(gallery.ErrNotReady)
	s.do("DELETE", "/delete_file/again.mp4", nil).status(t, http.StatusServiceUnavailable)
	same(t, "videos while no job can be stopped", s.source.names(), []string{"again.mp4"})
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
