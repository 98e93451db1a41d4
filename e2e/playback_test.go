package e2e

import (
	"image"
	_ "image/jpeg"
	_ "image/png"
	"maps"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"oci-media-pipelines/internal/transcoding"
)

// playback is what one clip has become, looked at through the app.
type playback struct {
	studio
	clip clip
	name string
	*transcoding.Result
	// listed are the objects that a player is led to.
	listed map[string]bool
	keys   []float64 // of the first rendition
}

// wantPlayable plays a clip's result back, all of it.
func (s studio) wantPlayable(c clip, name string, job transcoding.Job) {
	s.Helper()
	p := &playback{studio: s, clip: c, name: name, Result: job.Result, listed: map[string]bool{}}
	if p.BucketName != s.streams || p.Result.HLS != transcoding.HLS(name) || p.Result.DASH != transcoding.DASH(name) || p.Thumbnail != transcoding.Thumbnail(name) || p.Seek != transcoding.Seek(name) {
		p.Errorf("the result names %+v", p.Result)
	}
	if told := s.shown(name); told.Status != "succeeded" || told.Percent != 100 || !slices.Equal(told.Manifests, []string{p.Result.HLS, p.Result.DASH}) {
		p.Errorf("the app tells %+v", told)
	}
	p.wantDuration("the document", p.Duration)
	p.wantRenditions()
	p.playHLS()
	hls := p.listed
	p.listed = map[string]bool{}
	p.playDASH()
	if a, b := segments(hls), segments(p.listed); !slices.Equal(a, b) {
		p.Errorf("HLS leads to %v, DASH to %v", a, b)
	}
	maps.Copy(p.listed, hls)
	p.wantThumbnail()
	p.wantSeekStrip()
	for _, object := range p.made(name) {
		if !p.listed[object] {
			p.Errorf("nothing leads to %s", object)
		}
	}
}

// segments are the objects that are no documents.
func segments(listed map[string]bool) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(listed)), func(object string) bool {
		return strings.HasSuffix(object, ".m3u8") || strings.HasSuffix(object, ".mpd")
	})
}

func (p *playback) wantDuration(what string, got float64) {
	p.Helper()
	want := p.clip.source.timing(p.TB, "video")
	if math.Abs(got-want.duration) > want.frame+0.002 {
		p.Errorf("%s takes %.3f s, the clip %.3f s, and a frame %.3f s", what, got, want.duration, want.frame)
	}
}

func (p *playback) wantRenditions() {
	p.Helper()
	var got []image.Point
	for _, r := range p.Renditions {
		got = append(got, image.Pt(r.Width, r.Height))
	}
	if !slices.Equal(got, p.clip.becomes) || p.Width != got[0].X || p.Height != got[0].Y {
		p.Fatalf("the renditions are %+v of %d × %d, want %v", p.Renditions, p.Width, p.Height, p.clip.becomes)
	}
}

// led notes an object that a document leads to and that is there.
func (p *playback) led(document, uri string) (target string) {
	p.Helper()
	target, err := resolve(document, uri)
	must(p, err)
	object := p.object(target)
	if !p.listed[object] {
		if status, body := p.call(http.MethodGet, target); status != http.StatusOK || body == "" {
			p.Errorf("%s: %d, %d bytes", target, status, len(body))
		}
	}
	p.listed[object] = true
	return target
}

func (p *playback) playHLS() {
	p.Helper()
	at := p.stream(p.Result.HLS)
	m, err := parseMaster(p.fetch(at))
	must(p, err)
	p.listed[p.Result.HLS] = true
	if len(m.variants) != len(p.Renditions) {
		p.Errorf("the master playlist has %d variants, the document %d renditions", len(m.variants), len(p.Renditions))
	}
	seen := map[string]bool{}
	for _, v := range m.variants {
		seen[v.attributes["RESOLUTION"]] = true
		if v.attributes["BANDWIDTH"] == "" || v.attributes["CODECS"] == "" {
			p.Errorf("variant %+v", v)
		}
		p.playVariant(p.led(at, v.uri), v)
	}
	if len(seen) != len(p.Renditions) {
		p.Errorf("the resolutions are %v", seen)
	}
	sounds := 0
	for _, group := range m.media {
		if group["TYPE"] == "AUDIO" {
			sounds++
			target := p.led(at, group["URI"])
			p.playlist(target)
			sound := probe(p, target)
			if codec := sound.stream("audio").CodecName; codec != "aac" {
				p.Errorf("the sound's codec is %q", codec)
			}
			if d := sound.timing(p.TB, "audio").duration; math.Abs(d-p.clip.source.timing(p.TB, "audio").duration) > 0.1 {
				p.Errorf("the sound takes %.3f s", d)
			}
		}
	}
	if want := map[bool]int{true: 1}[p.clip.audio]; sounds != want {
		p.Errorf("there are %d sounds, want %d", sounds, want)
	}
}

// playlist reads a media playlist; all that it lists exists.
func (p *playback) playlist(target string) playlist {
	p.Helper()
	list, err := parsePlaylist(p.fetch(target))
	must(p, err)
	p.led(target, list.init)
	for _, s := range list.segments {
		p.led(target, s.uri)
	}
	return list
}

func (p *playback) playVariant(target string, v variant) {
	p.Helper()
	list := p.playlist(target)
	played := probe(p, target)
	picture, timing := played.stream("video"), played.timing(p.TB, "video")
	i := slices.IndexFunc(p.Renditions, func(r transcoding.Rendition) bool { return r.Width == picture.Width && r.Height == picture.Height })
	if i < 0 || picture.CodecName != "h264" || (picture.Aspect != "1:1" && picture.Aspect != "") {
		p.Errorf("%s plays %+v; the renditions are %+v", target, picture, p.Renditions)
		return
	}
	p.wantDuration(target, timing.duration)
	if p.clip.busy {
		got, want := float64(timing.bytes*8)/timing.duration, 1000*ladder[min(picture.Width, picture.Height)]
		if math.Abs(got-want) > want/10 {
			p.Errorf("%s has %.0f kbit/s, want %.0f", p.Renditions[i].Name, got/1000, want/1000)
		}
	}
	if p.keys == nil {
		p.keys = timing.keys
	}
	if !same(timing.keys, p.keys) {
		p.Errorf("%s can be joined at %v, another rendition at %v", target, timing.keys, p.keys)
	}
	at := 0.0
	for _, s := range list.segments {
		if !slices.ContainsFunc(timing.keys, func(key float64) bool { return math.Abs(key-at) < 0.01 }) {
			p.Errorf("segment %s of %s begins at %.3f s, where no picture stands alone: %v", s.uri, target, at, timing.keys)
		}
		at += s.duration
	}
	p.wantDuration("the playlist "+target, at)
}

func same(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(a, b float64) bool { return math.Abs(a-b) < 0.002 })
}

func (p *playback) playDASH() {
	p.Helper()
	at := p.stream(p.Result.DASH)
	m, err := parseMPD(p.fetch(at))
	must(p, err)
	p.listed[p.Result.DASH] = true
	duration, err := seconds(m.Duration)
	must(p, err)
	p.wantDuration("the manifest", duration)
	base := at
	if m.BaseURL != "" {
		base, err = resolve(at, m.BaseURL)
		must(p, err)
	}
	pictures, sounds := 0, 0
	for _, set := range m.Periods[0].Sets {
		for _, r := range set.Representations {
			template := r.Template
			if template == nil {
				template = set.Template
			}
			switch {
			case strings.HasPrefix(set.MimeType+r.MimeType+set.ContentType, "audio"):
				sounds++
			default:
				pictures++
				if !slices.ContainsFunc(p.Renditions, func(is transcoding.Rendition) bool { return is.Width == r.Width && is.Height == r.Height }) {
					p.Errorf("the manifest has a picture of %d × %d", r.Width, r.Height)
				}
			}
			if r.Bandwidth == 0 || r.Codecs == "" {
				p.Errorf("representation %+v", r)
			}
			segments, err := template.segments(r.ID, r.Bandwidth, duration)
			must(p, err)
			for _, uri := range segments {
				p.led(base, uri)
			}
		}
	}
	if want := map[bool]int{true: 1}[p.clip.audio]; pictures != len(p.Renditions) || sounds != want {
		p.Errorf("the manifest has %d pictures and %d sounds", pictures, sounds)
	}
	played := probe(p, at)
	if got := len(played.Streams); got != pictures+sounds {
		p.Errorf("a DASH player finds %d streams, want %d", got, pictures+sounds)
	}
}

// save writes what the app has at an address to a file.
func (p *playback) save(target, name string) string {
	p.Helper()
	file := filepath.Join(p.TempDir(), name)
	must(p, os.WriteFile(file, []byte(p.fetch(target)), 0o600))
	return file
}

// alike bounds how far a picture may be from what it shows, which other encoding makes;
// a black one is far beyond.
const alike = 12

func (p *playback) wantThumbnail() {
	p.Helper()
	p.listed[p.Thumbnail] = true
	file := p.save(p.stream(p.Thumbnail), "thumbnail.png")
	size, format := measure(p, file)
	if shape := float64(p.Width) / float64(p.Height); format != "png" || math.Abs(float64(size.X)/float64(size.Y)-shape) > 0.05 {
		p.Errorf("the thumbnail is a %s of %v, the clip is as %d × %d", format, size, p.Width, p.Height)
	}
	at := 10.0
	if p.Duration <= 10 {
		at = p.Duration / 2
	}
	if d := glimpse(p, file, 0).difference(glimpse(p, p.clip.path, at)); d > alike {
		p.Errorf("the thumbnail differs by %.1f from the clip at %.1f s", d, at)
	}
}

// wantSeekStrip looks at the pictures that are shown while somebody seeks.
func (p *playback) wantSeekStrip() {
	p.Helper()
	at := p.stream(p.Seek)
	p.listed[p.Seek] = true
	cues, err := parseCues(p.fetch(at))
	must(p, err)
	files, next := map[string]string{}, 0.0
	for i, c := range cues {
		if math.Abs(c.from-next) > 0.002 || c.to <= c.from {
			p.Errorf("cue %d is from %.3f to %.3f s, the one before ends at %.3f s", i, c.from, c.to, next)
		}
		next = c.to
		target := p.led(at, c.image)
		if files[target] == "" {
			files[target] = p.save(target, "strip"+filepath.Ext(c.image))
		}
		size, _ := measure(p, files[target])
		part := image.Rect(c.x, c.y, c.x+c.width, c.y+c.height)
		if part.Empty() || !part.In(image.Rectangle{Max: size}) {
			p.Fatalf("cue %d is %v of a picture of %v", i, part, size)
		}
		if i == 0 || i == len(cues)/2 {
			seen := glimpse(p, cutOut(p, files[target], part), 0)
			from, mid := glimpse(p, p.clip.path, c.from), glimpse(p, p.clip.path, (c.from+min(c.to, p.Duration))/2)
			if d := min(seen.difference(from), seen.difference(mid)); d > alike {
				p.Errorf("the picture for %.1f to %.1f s differs by %.1f from the clip", c.from, c.to, d)
			}
		}
	}
	p.wantDuration("the seek strip", next)
}

func measure(p *playback, file string) (size image.Point, format string) {
	p.Helper()
	f, err := os.Open(file)
	must(p, err)
	defer f.Close()
	config, format, err := image.DecodeConfig(f)
	must(p, err)
	return image.Pt(config.Width, config.Height), format
}
