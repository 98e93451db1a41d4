package main

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"oci-media-pipelines/internal/transcoding"
)

// clip makes a file with ffmpeg; args come before its name.
func clip(t testing.TB, args ...string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "clip."+"mp4")
	if out, err := exec.Command("ffmpeg", append(append([]string{"-v", "error"}, args...), file)...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, out)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// rotated marks an MP4 file to be shown rotated, as telephones do.
func rotated(t testing.TB, content []byte, degrees string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "upright.mp4")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return clip(t, "-i", file, "-c", "copy", "-metadata:s:v", "rotate="+degrees)
}

// picture and sound are inputs of ffmpeg.
func picture(size, rate string, seconds float64) []string {
	return []string{"-f", "lavfi", "-i", fmt.Sprintf("testsrc2=s=%s:r=%s:d=%g", size, rate, seconds)}
}

func sound(seconds float64) []string {
	return []string{"-f", "lavfi", "-i", fmt.Sprintf("sine=f=440:d=%g", seconds)}
}

var quick = []string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"}

// player serves the results of a cloud to ffprobe.
func player(t testing.TB, c *cloud) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		o := c.result(name)
		if o.etag == "" {
			t.Errorf("%s is referred to but not there", name)
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", o.kind)
		http.ServeContent(w, r, "", o.at, strings.NewReader(string(o.body)))
	}))
	t.Cleanup(server.Close)
	return server.URL + "/"
}

type frame struct {
	time float64
	key  bool
}

// stream is what ffprobe says of one stream.
type probedStream struct {
	Type     string `json:"codec_type"`
	Codec    string `json:"codec_name"`
	Width    int    `json:"width"`
	Height   int    `json:"height"`
	SideData []any  `json:"side_data_list"`
	packets  []frame
	end      float64
}

// probe reads all of a file or manifest.
func probe(t testing.TB, address string) []probedStream {
	t.Helper()
	cmd := exec.Command("ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_packets", "-allowed_extensions", "ALL", "-i", address)
	if !strings.HasSuffix(address, ".m3u8") {
		cmd.Args = slices.DeleteFunc(cmd.Args, func(a string) bool { return a == "-allowed_extensions" || a == "ALL" })
	}
	var words strings.Builder
	cmd.Stderr = &words
	out, err := cmd.Output()
	if err != nil || words.Len() > 0 {
		t.Fatalf("ffprobe %s: %v: %s", path.Base(address), err, &words)
	}
	var found struct {
		Streams []probedStream
		Packets []struct {
			Stream   int    `json:"stream_index"`
			Time     string `json:"pts_time"`
			Duration string `json:"duration_time"`
			Flags    string
		}
	}
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	for _, p := range found.Packets {
		at, _ := strconv.ParseFloat(p.Time, 64)
		duration, _ := strconv.ParseFloat(p.Duration, 64)
		s := &found.Streams[p.Stream]
		s.packets = append(s.packets, frame{at, strings.HasPrefix(p.Flags, "K")})
		s.end = max(s.end, at+duration)
	}
	return found.Streams
}

// keys are the times of the key frames, in milliseconds.
func (s probedStream) keys() []int {
	var keys []int
	for _, p := range s.packets {
		if p.key {
			keys = append(keys, int(math.Round(1000*p.time)))
		}
	}
	return keys
}

// times are those of all frames, in milliseconds and in order.
func (s probedStream) times() []int {
	var times []int
	for _, p := range s.packets {
		times = append(times, int(math.Round(1000*p.time)))
	}
	slices.Sort(times)
	return times
}

// lines returns the lines of a playlist that are no tags, and the URI attributes of tags.
func lines(text string) (uris []string) {
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		if _, uri, ok := strings.Cut(line, `URI="`); ok {
			uri, _, _ = strings.Cut(uri, `"`)
			uris = append(uris, uri)
		} else if !strings.HasPrefix(line, "#") && line != "" {
			uris = append(uris, line)
		}
	}
	return uris
}

// referred returns all objects that a result's manifests and track refer to, with themselves.
func referred(t testing.TB, c *cloud, result *transcoding.Result) []string {
	t.Helper()
	names := []string{result.Thumbnail, result.Seek, result.DASH, result.HLS}
	for _, playlist := range lines(string(c.result(result.HLS).body)) {
		name := path.Join(path.Dir(result.HLS), playlist)
		names = append(names, name)
		for _, segment := range lines(string(c.result(name).body)) {
			names = append(names, path.Join(path.Dir(name), segment))
		}
	}
	for line := range strings.SplitSeq(string(c.result(result.Seek).body), "\n") {
		if sprite, _, ok := strings.Cut(line, "#xywh="); ok {
			names = append(names, path.Join(path.Dir(result.Seek), sprite))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
