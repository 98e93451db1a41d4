package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg"
	"image/png"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
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
	// soundEnds is when the audio ends, if not with the video.
	soundEnds float64
}

func TestClips(t *testing.T) {
	const ladder = "180p:400,120p:200"
	whole := []transcoding.Rendition{
		{Name: "180p", Width: 320, Height: 180, Bitrate: 400_000}, {Name: "120p", Width: 214, Height: 120, Bitrate: 200_000},
	}
	for name, c := range map[string]struct {
		args   []string
		rotate string
		want   expected
	}{
		"with audio": {
			args: slices.Concat(picture("320x180", "25", 9), sound(9), quick, []string{"-g", "37"}),
			want: expected{renditions: whole, seconds: 9, frame: 0.04, audio: true},
		},
		"silent, index first, 30000/1001 a second": {
			args: slices.Concat(picture("320x180", "30000/1001", 5), quick, []string{"-movflags", "faststart"}),
			want: expected{renditions: whole, seconds: 5.005, frame: 0.034},
		},
		"two seconds": {
			args: slices.Concat(picture("320x180", "25", 2), sound(2), quick),
			want: expected{renditions: whole, seconds: 2, frame: 0.04, audio: true},
		},
		"four frames": {
			args: slices.Concat(picture("320x180", "25", 0.16), quick),
			want: expected{renditions: whole, seconds: 0.16, frame: 0.04},
		},
		"portrait by rotation": {
			args: slices.Concat(picture("320x180", "25", 5), sound(5), quick), rotate: "90",
			want: expected{seconds: 5, frame: 0.04, audio: true, renditions: []transcoding.Rendition{
				{Name: "180p", Width: 180, Height: 320, Bitrate: 400_000}, {Name: "120p", Width: 120, Height: 214, Bitrate: 200_000},
			}},
		},
		"4:3, longer than a row of tiles": {
			args: slices.Concat(picture("160x120", "10", 25), sound(25), quick),
			want: expected{seconds: 25, frame: 0.1, audio: true, renditions: []transcoding.Rendition{
				{Name: "120p", Width: 160, Height: 120, Bitrate: 200_000},
			}},
		},
		"smaller than the ladder": {
			args: slices.Concat(picture("128x72", "25", 3), quick),
			want: expected{seconds: 3, frame: 0.04, renditions: []transcoding.Rendition{{Name: "72p", Width: 128, Height: 72, Bitrate: 92_951}}},
		},
		"odd size": {
			args: slices.Concat(picture("241x135", "25", 3), quick, []string{"-pix_fmt", "yuv444p"}),
			want: expected{seconds: 3, frame: 0.04, renditions: []transcoding.Rendition{
				{Name: "134p", Width: 240, Height: 134, Bitrate: 256_926}, {Name: "120p", Width: 214, Height: 120, Bitrate: 200_000},
			}},
		},
		"pixels twice as wide as high": {
			args: slices.Concat(picture("160x180", "25", 3), quick, []string{"-vf", "setsar=2"}),
			want: expected{renditions: whole, seconds: 3, frame: 0.04},
		},
		"variable frame rate": {
			args: slices.Concat(picture("320x180", "25", 10), sound(10), quick,
				[]string{"-vf", "select='if(lt(t,4),not(mod(n,5)),if(lt(t,6),eq(n,110),1))'", "-fps_mode", "vfr"}),
			want: expected{renditions: whole, seconds: 10, frame: 0.04, audio: true},
		},
		"sound that begins late, MPEG-TS": {
			args: slices.Concat(picture("320x180", "25", 5), []string{"-itsoffset", "1.5"}, sound(3), quick, []string{"-f", "mpegts"}),
			want: expected{renditions: whole, seconds: 5, frame: 0.04, audio: true, soundEnds: 4.5},
		},
		"without a duration, as browsers record": {
			args: slices.Concat(picture("320x180", "25", 5), sound(5), quick, []string{"-f", "matroska", "-live", "1"}),
			want: expected{renditions: whole, seconds: 5, frame: 0.04, audio: true},
		},
		"interlaced, ten bits": {
			args: slices.Concat(picture("320x180", "25", 3), quick, []string{"-pix_fmt", "yuv420p10le", "-flags", "+ildct+ilme", "-x264-params", "tff=1"}),
			want: expected{renditions: whole, seconds: 3, frame: 0.04},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content := clip(t, c.args...)
			if c.rotate != "" {
				content = rotated(t, content, c.rotate)
			}
			cloud := newCloud(t, content)
			if code := cloud.newJob(ladder).run(t.Context()); code != exitDone {
				t.Fatalf("exit code %d, document %+v", code, cloud.doc())
			}
			check(t, cloud, c.want)
		})
	}
}

// TestThumbnail expects the very picture that is shown at ten seconds, or in the middle of a shorter clip.
func TestThumbnail(t *testing.T) {
	for name, c := range map[string]struct {
		seconds float64
		at      string
	}{
		"long": {seconds: 12, at: "10"}, "short": {seconds: 6, at: "3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content := clip(t, slices.Concat(picture("320x180", "10", c.seconds), quick)...)
			cloud := newCloud(t, content)
			if code := cloud.newJob("180p:400").run(t.Context()); code != exitDone {
				t.Fatalf("exit code %d", code)
			}
			file := filepath.Join(t.TempDir(), "source.mp4")
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := png.Decode(bytes.NewReader(cloud.result(transcoding.Thumbnail(video)).body))
			if err != nil {
				t.Fatal(err)
			}
			for at, same := range map[string]bool{c.at: true, "0": false, "4.5": false} {
				frame, err := exec.Command("ffmpeg", "-v", "error", "-ss", at, "-i", file, "-frames:v", "1", "-c:v", "png", "-f", "image2", "-").Output()
				if err != nil {
					t.Fatal(err)
				}
				want, err := png.Decode(bytes.NewReader(frame))
				if err != nil {
					t.Fatal(err)
				}
				if diff := difference(got, want); diff < 1 != same {
					t.Errorf("the thumbnail differs by %g a pixel from the picture at %s s", diff, at)
				}
			}
		})
	}
}

// difference is the mean of that of the pixels' brightness.
func difference(a, b image.Image) (mean float64) {
	if a.Bounds() != b.Bounds() {
		return math.Inf(1)
	}
	grey := func(m image.Image, x, y int) float64 {
		return float64(color.GrayModel.Convert(m.At(x, y)).(color.Gray).Y)
	}
	size := a.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			mean += math.Abs(grey(a, x, y)-grey(b, x, y)) / float64(size.X*size.Y)
		}
	}
	return mean
}

func TestVariableFrameRateKeepsTimes(t *testing.T) {
	// Frames come up to 24 ms late, and for half a second none comes.
	content := clip(t, slices.Concat(picture("320x180", "30", 6),
		[]string{"-vf", "settb=1/90000,setpts='N*3000+random(0)*2200+if(gt(N,90),45000,0)'", "-fps_mode", "vfr", "-enc_time_base", "1/90000"},
		quick, []string{"-video_track_timescale", "90000"})...)
	cloud := newCloud(t, content)
	if code := cloud.newJob("180p:400,120p:200").run(t.Context()); code != exitDone {
		t.Fatalf("exit code %d, document %+v", code, cloud.doc())
	}
	file := filepath.Join(t.TempDir(), "source.mp4")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	want := probe(t, file)[0].times()
	base := player(t, cloud)
	for _, s := range probe(t, base+escape(cloud.doc().Result.HLS)) {
		got := s.times()
		if len(got) != len(want) {
			t.Fatalf("%dx%d has %d frames, want %d", s.Width, s.Height, len(got), len(want))
		}
		moved := 0
		for i := range got {
			// ffmpeg's mp4 muxer has a segment begin where the last frame before it ends by the mean rate.
			if abs := math.Abs(float64(got[i] - want[i])); abs > 1 {
				moved++
				near(t, fmt.Sprintf("the time of frame %d, in ms,", i), abs, 0, 1000/30.)
			}
		}
		if moved > 1 {
			t.Errorf("%d frames of %dx%d were moved, more than the segments' first", moved, s.Width, s.Height)
		}
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
	if parts := int(math.Ceil(want.seconds / 4)); len(keys) < parts/2 || keys[0] > 50 {
		t.Errorf("key frames at %v", keys)
	}
	soundEnds := max(want.soundEnds, want.seconds)
	if want.soundEnds > 0 {
		soundEnds = want.soundEnds
	}
	for _, manifest := range []string{result.HLS, result.DASH} {
		videos, audios := 0, 0
		for _, s := range probe(t, base+escape(manifest)) {
			switch {
			case s.Type == "video" && s.Codec == "h264":
				videos++
			case s.Type == "audio" && s.Codec == "aac":
				audios++
			default:
				t.Errorf("%s has %s, %s", manifest, s.Type, s.Codec)
			}
			// ffprobe reads DASH up to where the shortest stream ends; for that the timelines are looked at below.
			if s.Type == "video" && manifest == result.HLS {
				near(t, fmt.Sprintf("the duration of %dx%d", s.Width, s.Height), s.end, want.seconds, want.frame)
			} else if manifest == result.HLS {
				near(t, "the duration of the audio", s.end, soundEnds, 0.1)
			}
		}
		if videos != len(want.renditions) || (audios > 0) != want.audio {
			t.Errorf("%s has %d videos and %d audios", manifest, videos, audios)
		}
	}
	var manifest stream.Manifest
	if err := xml.Unmarshal(c.result(result.DASH).body, &manifest); err != nil {
		t.Fatal(err)
	}
	for _, r := range manifest.Representations("video") {
		near(t, r.ID+"'s duration in DASH", r.Duration(), want.seconds, want.frame)
	}
	for _, r := range manifest.Representations("audio") {
		near(t, "the audio's duration in DASH", r.Duration(), soundEnds, 0.1)
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
