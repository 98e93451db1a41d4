package e2e

import (
	"html"
	"net/http"
	"strings"
	"testing"

	"oci-media-pipelines/internal/transcoding"
)

// TestTranscodingClips uploads clips of many kinds at once, as people do, and plays back
// what becomes of each.
func TestTranscodingClips(t *testing.T) {
	s := newStudio(t)
	clips, names := map[string]clip{}, map[string]string{}
	for kind, r := range recipes {
		clips[kind] = film(t, r)
		names[kind] = s.upload(clips[kind])
	}
	for kind, name := range names {
		t.Run(kind, func(t *testing.T) {
			s := s.with(t)
			job := s.succeeded(name)
			if job.Attempt != 1 || job.BucketName != s.videos || job.ObjectName != name {
				t.Errorf("job %+v", job)
			}
			s.wantPlayable(clips[kind], name, job)
		})
	}
	s.wantNobody()
}

// TestTranscodingHopeless: what is no video says so where the person looks who sent it.
func TestTranscodingHopeless(t *testing.T) {
	s := newStudio(t)
	whole := film(t, recipes["without sound"])
	for name, c := range map[string]struct {
		file    string
		content []byte
		status  int
	}{
		"text":    {"words.mp4", []byte("These are words and no video.\n"), http.StatusUnsupportedMediaType},
		"nothing": {"nothing.mp4", nil, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			if got := s.with(t).send(c.file, c.content); got.code != c.status || !strings.Contains(got.Error, c.file) {
				t.Errorf("got %+v, want %d", got, c.status)
			}
		})
	}
	// The beginning is a video's, and the rest is not there.
	name := s.upload(clip{name: "cut.mp4", content: whole.content[:len(whole.content)/3]})
	job := s.ended(name)
	if job.State != transcoding.Failed || job.Error == "" || job.Result != nil {
		t.Errorf("job %+v", job)
	}
	if made := s.made(name); len(made) > 0 {
		t.Errorf("it has become %v", made)
	}
	if told := s.shown(name); told.Status != "failed" || told.Error != job.Error || len(told.Manifests) > 0 {
		t.Errorf("the app tells %+v", told)
	}
	if page := html.UnescapeString(s.page(s.at("/card/", name))); !strings.Contains(page, "Not transcoded.") || !strings.Contains(page, job.Error) {
		t.Errorf("the card does not say %q: %s", job.Error, page)
	}
	s.wantNobody()
}
