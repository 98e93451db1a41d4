package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// clip is a video as somebody may upload it.
type clip struct {
	name    string
	content []byte
	path    string
	source  media
	audio   bool
	// busy clips have too much in them for any of the bitrates.
	busy bool
	// becomes are the sizes that are made of it, largest first, with ladder.
	becomes []image.Point
}

// recipe is how ffmpeg makes a clip: two inputs, if there is sound, and what becomes of
// them.
type recipe struct {
	name    string
	picture string // a lavfi source
	sound   bool
	options []string
	// turned is by how many degrees a player turns the picture.
	turned int
	busy   bool
	// becomes is as in clip; without any, 320 × 180 and 160 × 90.
	becomes []image.Point
}

// noisy makes a picture that no bitrate can hold.
const noisy = "noise=alls=40:allf=t"

var recipes = map[string]recipe{
	"with sound":    {name: "sound.mp4", picture: "testsrc2=size=320x180:rate=25:duration=12", sound: true, busy: true, options: []string{"-vf", noisy, "-pix_fmt", "yuv420p"}},
	"without sound": {name: "silent.mp4", picture: "testsrc2=size=320x180:rate=30:duration=2", options: []string{"-pix_fmt", "yuv420p"}},
	"portrait":      {name: "portrait.mp4", picture: "testsrc2=size=320x180:rate=25:duration=2", sound: true, turned: 90, becomes: []image.Point{{180, 320}, {90, 160}}, options: []string{"-pix_fmt", "yuv420p"}},
	"4:3":           {name: "four-three.mov", picture: "testsrc2=size=240x180:rate=24:duration=2", becomes: []image.Point{{240, 180}, {120, 90}}, options: []string{"-pix_fmt", "yuv420p"}},
	"smaller":       {name: "smaller.mp4", picture: "testsrc2=size=192x108:rate=25:duration=2", becomes: []image.Point{{192, 108}, {160, 90}}, options: []string{"-pix_fmt", "yuv420p"}},
	"odd size":      {name: "odd.mkv", picture: "testsrc2=size=320x180:rate=25:duration=2", options: []string{"-vf", "scale=321:181,setsar=1,format=yuv444p"}},
	"variable rate": {name: "variable.mp4", picture: "testsrc2=size=320x180:rate=30:duration=4", sound: true,
		options: []string{"-vf", "select='lt(mod(n,30),10)+not(mod(n,3))'", "-vsync", "vfr", "-pix_fmt", "yuv420p"}},
	"a minute": {name: "minute.mp4", picture: "testsrc2=size=160x90:rate=10:duration=60", sound: true, becomes: []image.Point{{160, 90}}, options: []string{"-pix_fmt", "yuv420p"}},
}

// film makes a clip.
func film(t testing.TB, r recipe) clip {
	t.Helper()
	file := filepath.Join(t.TempDir(), r.name)
	arguments := []string{"-f", "lavfi", "-i", r.picture}
	if r.sound {
		arguments = append(arguments, "-f", "lavfi", "-i", "sine=frequency=440", "-shortest", "-c:a", "aac")
	}
	arguments = append(arguments, r.options...)
	arguments = append(arguments, "-c:v", "libx264", "-preset", "ultrafast", file)
	ffmpeg(t, arguments...)
	if r.turned != 0 {
		straight := file + ".straight" + filepath.Ext(file)
		must(t, os.Rename(file, straight))
		ffmpeg(t, "-i", straight, "-c", "copy", "-metadata:s:v:0", "rotate="+strconv.Itoa(r.turned), file)
	}
	content, err := os.ReadFile(file)
	must(t, err)
	c := clip{name: r.name, content: content, path: file, source: probe(t, file), audio: r.sound, busy: r.busy, becomes: r.becomes}
	if c.becomes == nil {
		c.becomes = []image.Point{{320, 180}, {160, 90}}
	}
	return c
}

// ffmpeg runs this machine's, and returns what it writes to its standard output.
func ffmpeg(t testing.TB, arguments ...string) []byte {
	t.Helper()
	return tool(t, "ffmpeg", append([]string{"-hide_banner", "-loglevel", "error", "-nostdin", "-y"}, arguments...)...)
}

func tool(t testing.TB, name string, arguments ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Fatalf("%v: install it, on Debian with tools/require.sh ffmpeg", err)
	}
	command := exec.CommandContext(t.Context(), name, arguments...)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%s %q: %v\n%s", name, arguments, err, complaints.Bytes())
	}
	return out
}

// media is what ffprobe finds in a file or a stream.
type media struct {
	Streams []mediaStream
	Packets []packet
}

type mediaStream struct {
	Index     int
	CodecType string `json:"codec_type"`
	CodecName string `json:"codec_name"`
	Width     int
	Height    int
	Aspect    string `json:"sample_aspect_ratio"`
	Frames    string `json:"nb_read_frames"`
}

type packet struct {
	Stream   int    `json:"stream_index"`
	Time     string `json:"pts_time"`
	Duration string `json:"duration_time"`
	Size     string
	Flags    string
}

// probe decodes the whole of what is at a path or URL. Whatever a decoder or demultiplexer
// complains of fails the test.
func probe(t testing.TB, target string) media {
	t.Helper()
	out := tool(t, "ffprobe", "-loglevel", "error", "-count_frames", "-show_entries",
		"stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,nb_read_frames:packet=stream_index,pts_time,duration_time,size,flags", "-of", "json", target)
	var found media
	must(t, json.Unmarshal(out, &found))
	return found
}

// stream returns the first stream of a type; without one its type is empty.
func (m media) stream(codecType string) mediaStream {
	for _, s := range m.Streams {
		if s.CodecType == codecType {
			return s
		}
	}
	return mediaStream{}
}

// timing is when the pictures of a stream are shown.
type timing struct {
	duration float64
	// frame is the longest that a picture is shown.
	frame float64
	// keys are the times at which decoding can begin, from the first picture on.
	keys  []float64
	bytes int
}

func (m media) timing(t testing.TB, codecType string) timing {
	t.Helper()
	of := m.stream(codecType)
	first, last := math.Inf(1), math.Inf(-1)
	var found timing
	for _, p := range m.Packets {
		if p.Stream != of.Index {
			continue
		}
		at, duration, size := number(t, p.Time), 0.0, number(t, p.Size)
		if p.Duration != "" { // The first one of a stream of sound may have none.
			duration = number(t, p.Duration)
		}
		first, last = min(first, at), max(last, at+duration)
		found.frame, found.bytes = max(found.frame, duration), found.bytes+int(size)
		if p.Flags[0] == 'K' {
			found.keys = append(found.keys, at)
		}
	}
	for i := range found.keys {
		found.keys[i] -= first
	}
	found.duration = last - first
	return found
}

func number(t testing.TB, text string) float64 {
	t.Helper()
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatalf("ffprobe tells no number: %v", err)
	}
	return value
}

// glance is a picture in few grey pixels, so that two can be compared that were encoded
// differently.
type glance []byte

const glanceWidth, glanceHeight = 32, 32

// glimpse looks at a clip or a picture at a time.
func glimpse(t testing.TB, file string, at float64) glance {
	t.Helper()
	seen := ffmpeg(t, "-ss", fmt.Sprintf("%.3f", at), "-i", file, "-frames:v", "1",
		"-vf", fmt.Sprintf("scale=%d:%d:flags=area", glanceWidth, glanceHeight), "-f", "rawvideo", "-pix_fmt", "gray", "-")
	if len(seen) != glanceWidth*glanceHeight {
		t.Fatalf("%s has no picture at %.3f s", file, at)
	}
	return seen
}

// difference is by how much the pixels of two differ on average, from 0 to 255.
func (g glance) difference(other glance) float64 {
	sum := 0.0
	for i := range g {
		sum += math.Abs(float64(g[i]) - float64(other[i]))
	}
	return sum / float64(len(g))
}

// cutOut writes a part of a picture to a file of its own.
func cutOut(t testing.TB, picture string, part image.Rectangle) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "part.png")
	ffmpeg(t, "-i", picture, "-vf", fmt.Sprintf("crop=%d:%d:%d:%d", part.Dx(), part.Dy(), part.Min.X, part.Min.Y), "-frames:v", "1", file)
	return file
}
