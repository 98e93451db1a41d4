package e2e

import (
	"bytes"
	"html"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/objectstorage"

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

// TestTranscodingReplaced writes another video over one that is being watched: whoever
// opens the playlist finds the old one whole or the new one whole, and of the old one
// nothing stays.
func TestTranscodingReplaced(t *testing.T) {
	s := newStudio(t)
	before, after := film(t, recipes["with sound"]), film(t, recipes["4:3"])
	name := s.upload(before)
	s.succeeded(name)
	response, err := s.objects.PutObject(t.Context(), objectstorage.PutObjectRequest{
		NamespaceName: &s.namespace, BucketName: &s.videos, ObjectName: &name,
		PutObjectBody: io.NopCloser(bytes.NewReader(after.content)), ContentLength: new(int64(len(after.content))),
	})
	must(t, err)
	key := transcoding.Key(s.videos, name, *response.ETag)
	var job transcoding.Job
	watched := 0
	until(t, transcodingPatience, "the end of the second job", func() bool {
		if s.watchable(name) {
			watched++
		}
		for _, job = range s.about(name) {
			if job.Key() == key && job.State.Ended() {
				return true
			}
		}
		return false
	})
	if watched < 2 || job.State != transcoding.Succeeded {
		t.Fatalf("watched %d times; job %+v", watched, job)
	}
	s.wantNobody()
	s.wantPlayable(after, name, job)
}

// watchable opens a video's playlist and all that it leads to, and fails the test if that
// is not whole. It returns false where the playlist was replaced meanwhile.
func (s studio) watchable(name string) bool {
	s.Helper()
	at := s.stream(transcoding.HLS(name))
	text := s.fetch(at)
	m, err := parseMaster(text)
	must(s, err)
	lost := ""
	for _, v := range m.variants {
		target, err := resolve(at, v.uri)
		must(s, err)
		status, body := s.call(http.MethodGet, target)
		list, err := parsePlaylist(body)
		if status != http.StatusOK || err != nil {
			lost = target
			break
		}
		for _, segment := range list.segments {
			target, err := resolve(target, segment.uri)
			must(s, err)
			if status, _ := s.call(http.MethodHead, target); status != http.StatusOK {
				lost = target
			}
		}
	}
	if lost == "" {
		return true
	}
	if s.fetch(at) == text {
		s.Errorf("the playlist leads to %s, which is not there", lost)
	}
	return false
}
