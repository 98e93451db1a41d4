package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"math"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"

	"oci-media-pipelines/internal/transcoding"
	"oci-media-pipelines/transcoder/stream"
)

// expected is what should come of a clip.
type expected struct {
	renditions []transcoding.Rendition
	seconds    float64
	// frame is the longest time between two frames, in seconds.
	frame float64
	audio bool
}

func TestClips(t *testing.T) {
	const ladder = "180p:400,120p:200"
	whole := []transcoding.Rendition{
		{Name: "180p", Width: 320, Height: 180, Bitrate: 400_000}, {Name: "120p", Width: 214, Height: 120, Bitrate: 200_000},
	}
	for name, c := range map[string]struct {
		args []string
		want expected
	}{
		"with audio": {
			args: slices.Concat(picture("320x180", "25", 9), sound(9), quick, []string{"-g", "37"}),
			want: expected{renditions: whole, seconds: 9, frame: 0.04, audio: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := newCloud(t, clip(t, c.args...))
			if code := cloud.newJob(ladder).run(t.Context()); code != exitDone {
				t.Fatalf("exit code %d, document %+v", code, cloud.doc())
			}
			check(t, cloud, c.want)
		})
	}
}

// check looks at a result as a player does.
func check(t *testing.T, c *cloud, want expected) {
	t.Helper()
	doc := c.doc()
	if doc.State != transcoding.Succeeded || doc.Percent != 100 || doc.Error != "" || doc.Result == nil {
		t.Fatalf("document %+v", doc)
	}
	result := *doc.Result
	if !slices.Equal(result.Renditions, want.renditions) {
		t.Errorf("renditions %+v, want %+v", result.Renditions, want.renditions)
	}
	if result.Width != want.renditions[0].Width || result.Height != want.renditions[0].Height {
		t.Errorf("the result has %dx%d pixels", result.Width, result.Height)
	}
	near(t, "the document's duration", result.Duration, want.seconds, want.frame)
	checkNames(t, c, &result)

	base := player(t, c)
	master := lines(string(c.result(result.HLS).body))
	var keys []int
	for i, want := range append(slices.Clone(want.renditions), transcoding.Rendition{})[:len(want.renditions)] {
		playlist := slices.IndexFunc(master, func(uri string) bool { return path.Base(uri) == want.Name+".m3u8" })
		if playlist < 0 {
			t.Fatalf("the master playlist lacks %s", want.Name)
		}
		streams := probe(t, base+escape(path.Join(path.Dir(result.HLS), master[playlist])))
		if len(streams) != 1 || streams[0].Codec != "h264" || streams[0].Width != want.Width || streams[0].Height != want.Height || streams[0].SideData != nil {
			t.Fatalf("%s: %+v", want.Name, streams)
		}
		if i == 0 {
			keys = streams[0].keys()
		} else if other := streams[0].keys(); !slices.Equal(keys, other) {
			t.Errorf("key frames of %s at %v, of %s at %v", result.Renditions[0].Name, keys, want.Name, other)
		}
	}
	if parts := int(math.Ceil(want.seconds / 4)); len(keys) < parts/2 || keys[0] != 0 {
		t.Errorf("key frames at %v", keys)
	}
	for _, manifest := range []string{result.HLS, result.DASH} {
		streams := probe(t, base+escape(manifest))
		videos, audios := 0, 0
		for _, s := range streams {
			switch s.Type {
			case "video":
				videos++
				near(t, fmt.Sprintf("%s's duration of %dx%d", manifest, s.Width, s.Height), s.end, want.seconds, want.frame)
			case "audio":
				audios++
				if s.Codec != "aac" {
					t.Errorf("audio is %s", s.Codec)
				}
				near(t, manifest+"'s duration of audio", s.end, want.seconds, 0.1)
			}
		}
		if videos != len(want.renditions) || (audios > 0) != want.audio {
			t.Errorf("%s has %d videos and %d audios", manifest, videos, audios)
		}
	}
	checkPictures(t, c, &result)
}

// checkNames compares what the manifests name with what is stored: HLS's and DASH's segments are the same, and nothing
// else is there.
func checkNames(t *testing.T, c *cloud, result *transcoding.Result) {
	t.Helper()
	named := referred(t, c, result)
	if stored := c.results(); !slices.Equal(named, stored) {
		t.Errorf("the manifests name\n%q\nbut there is\n%q", named, stored)
	}
	var manifest stream.Manifest
	if err := xml.Unmarshal(c.result(result.DASH).body, &manifest); err != nil {
		t.Fatal(err)
	}
	var segments []string
	for _, contentType := range []string{"video", "audio"} {
		for _, r := range manifest.Representations(contentType) {
			segments = append(segments, r.Init())
			for _, s := range r.Segments() {
				segments = append(segments, s.Name)
			}
		}
	}
	for i := range segments {
		segments[i] = path.Join(path.Dir(result.DASH), manifest.BaseURL, segments[i])
	}
	slices.Sort(segments)
	named = slices.DeleteFunc(named, func(name string) bool { return path.Ext(name) != ".m4s" && path.Ext(name) != ".mp4" })
	if !slices.Equal(named, segments) {
		t.Errorf("HLS names\n%q\nDASH names\n%q", named, segments)
	}
	for _, name := range c.results() {
		if o := c.result(name); o.kind == "" || len(o.body) == 0 ||
			strings.Contains(o.caching, "immutable") != (path.Dir(path.Dir(name)) == path.Dir(result.HLS)) {
			t.Errorf("%s: type %q, cache control %q, %d bytes", name, o.kind, o.caching, len(o.body))
		}
	}
}

// checkPictures sees to it that the cues cover the clip and each names a part of a sprite.
func checkPictures(t *testing.T, c *cloud, result *transcoding.Result) {
	t.Helper()
	still, kind, err := image.DecodeConfig(bytes.NewReader(c.result(result.Thumbnail).body))
	if err != nil || kind != "png" {
		t.Fatalf("thumbnail: %s, %v", kind, err)
	}
	near(t, "the thumbnail's shape", float64(still.Width)/float64(still.Height), float64(result.Width)/float64(result.Height), 0.05)
	end := "00:00:00.000"
	cues := strings.Split(strings.TrimSpace(string(c.result(result.Seek).body)), "\n\n")
	if cues[0] != "WEBVTT" || len(cues) < 2 {
		t.Fatalf("track %q", cues)
	}
	for _, cue := range cues[1:] {
		times, part, _ := strings.Cut(cue, "\n")
		from, to, _ := strings.Cut(times, " --> ")
		if from != end || to <= from {
			t.Errorf("cue %q follows one that ends at %s", cue, end)
		}
		end = to
		name, fragment, _ := strings.Cut(part, "#xywh=")
		var x, y, w, h int
		if _, err := fmt.Sscanf(fragment, "%d,%d,%d,%d", &x, &y, &w, &h); err != nil {
			t.Fatalf("cue %q: %v", cue, err)
		}
		sprite, kind, err := image.DecodeConfig(bytes.NewReader(c.result(path.Join(path.Dir(result.Seek), name)).body))
		if err != nil || kind != "jpeg" || w <= 0 || h <= 0 || x+w > sprite.Width || y+h > sprite.Height {
			t.Errorf("cue %q of a sprite %+v, %v", cue, sprite, err)
		}
	}
	var h, m int
	var s float64
	if _, err := fmt.Sscanf(end, "%d:%d:%f", &h, &m, &s); err != nil {
		t.Fatal(err)
	}
	near(t, "the track's end", float64(3600*h+60*m)+s, result.Duration, 0.001)
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance+1e-6 {
		t.Errorf("%s is %g, want %g within %g", what, got, want, tolerance)
	}
}

// escape makes a path of a name.
func escape(name string) string { return (&url.URL{Path: name}).EscapedPath() }
