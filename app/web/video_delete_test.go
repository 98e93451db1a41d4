package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/app/gallery"
	"oci-media-pipelines/internal/transcoding"
)

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
