package web_test

import (
	"errors"
	"net/http"
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
