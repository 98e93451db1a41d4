package media

import (
	"fmt"
	"math"
	"strings"
)

// SegmentSeconds is how long a segment is, but for the last one and what a variable frame rate makes of it.
const SegmentSeconds = 4

// Plan is what one run of ffmpeg makes of a clip.
type Plan struct {
	Clip       Clip
	Renditions []Rendition
	// Tile is the size of a picture for seeking, of which there is one every Interval seconds.
	TileWidth, TileHeight int
	Interval              float64
	// Still is the size of the still picture, which is taken at StillAt seconds.
	StillWidth, StillHeight int
	StillAt                 float64
}

// NewPlan decides what is made of a clip.
func NewPlan(clip Clip, rungs []Rung) Plan {
	p := Plan{Clip: clip, Renditions: Renditions(clip, rungs)}
	p.TileWidth, p.TileHeight = within(clip, 160, 160)
	// The still picture has the size that the tutorial gives it, but keeps the clip's shape.
	p.StillWidth, p.StillHeight = within(clip, 1280, 1280)
	p.StillAt = 10
	if clip.Duration > 0 && clip.Duration <= p.StillAt {
		p.StillAt = clip.Duration / 2
	}
	// A hundred pictures make one sprite. Where the duration is unknown there may be more.
	p.Interval = 5
	if clip.Duration > 0 {
		p.Interval = min(10, max(1, math.Ceil(clip.Duration/100)))
	}
	return p
}

// Names of the streams, as they are numbered in the run's output: the renditions, then Audio.
func (p Plan) Names() []string {
	var names []string
	for _, r := range p.Renditions {
		names = append(names, r.Name)
	}
	if p.Clip.Audio >= 0 {
		names = append(names, "audio")
	}
	return names
}

// ManifestName is the name under which ffmpeg writes its manifest.
const ManifestName = "ffmpeg.mpd"

// The pipes that a run writes to, beside standard input, output and error.
const (
	progressPipe = iota + 3
	tilesPipe
	stillPipe
)

// graph is the filter graph. Every size is scaled from the next larger one: a picture is read once, and the smaller it
// is the less there is to read.
func (p Plan) graph() string {
	var chains []string
	first := "null"
	if p.Clip.Interlaced {
		first = "yadif=deint=interlaced"
	}
	chains = append(chains, fmt.Sprintf("[0:%d]%s,split=2[in][still]", p.Clip.Video, first))
	from := "in"
	for i, r := range p.Renditions {
		// A player switches between pictures of one shape, to which even sizes come close only.
		chains = append(chains, fmt.Sprintf("[%s]scale=%d:%d:flags=bicubic,setdar=dar=%d/%d:max=65535,format=yuv420p,split=2[v%d][s%d]",
			from, r.Width, r.Height, p.Renditions[0].Width, p.Renditions[0].Height, i, i))
		from = fmt.Sprintf("s%d", i)
	}
	// Each tile is the picture at the time that it stands for, the last one before it if need be. JPEG's colours are BT.601's in full range.
	chains = append(chains, fmt.Sprintf("[%s]fps=1/%g:start_time=0:round=up,scale=%d:%d:out_range=pc:out_color_matrix=bt601,format=yuvj420p[tiles]",
		from, p.Interval, p.TileWidth, p.TileHeight))
	// The first picture stands in for the one of a clip that turns out to be shorter.
	chains = append(chains, fmt.Sprintf("[still]select='isnan(prev_selected_t)+gte(t,%g)*lt(prev_selected_t,%g)',scale=%d:%d,format=rgb24[png]",
		p.StillAt, p.StillAt, p.StillWidth, p.StillHeight))
	return strings.Join(chains, ";")
}

// effort is how much time x264 may take for a picture. The large sizes are what a run spends its time on, and are good
// enough with little: refining motion vectors less (subme) saves a fifth of it and costs 0.001 of SSIM. The small ones
// have few bits to make do with. BenchmarkTranscode tells what comes of it.
func (r Rendition) effort() (preset, parameters string) {
	if min(r.Width, r.Height) <= 480 {
		return "fast", ""
	}
	return "veryfast", "subme=1"
}

// arguments are ffmpeg's. What it makes of the clip it sends with PUT to names beside the output address.
func (p Plan) arguments(source, output string) []string {
	args := []string{"-nostdin", "-hide_banner", "-nostats", "-v", "error", "-y",
		"-progress", fmt.Sprintf("pipe:%d", progressPipe), "-stats_period", "0.5"}
	args = append(args, input(source)...)
	args = append(args, "-filter_complex", p.graph())
	for i := range p.Renditions {
		args = append(args, "-map", fmt.Sprintf("[v%d]", i))
	}
	sets := fmt.Sprintf("id=0,seg_duration=%g,streams=v", 0.975*SegmentSeconds)
	if p.Clip.Audio >= 0 {
		args = append(args, "-map", fmt.Sprintf("0:%d", p.Clip.Audio), "-c:a", "aac", "-b:a", "128k", "-ar", "48000",
			"-ac", fmt.Sprint(min(2, p.Clip.Channels)),
			// Audio that begins late or pauses is filled up with silence, lest it run ahead.
			"-af", "aresample=async=1:first_pts=0")
		sets += fmt.Sprintf(" id=1,seg_duration=%d,streams=a", SegmentSeconds)
	}
	args = append(args, "-c:v", "libx264", "-tune", "ssim", "-profile:v", "high")
	for i, r := range p.Renditions {
		preset, parameters := r.effort()
		args = append(args,
			fmt.Sprintf("-preset:v:%d", i), preset,
			fmt.Sprintf("-x264-params:v:%d", i), parameters,
			fmt.Sprintf("-b:v:%d", i), fmt.Sprint(r.Bitrate),
			fmt.Sprintf("-maxrate:v:%d", i), fmt.Sprint(r.Bitrate),
			fmt.Sprintf("-bufsize:v:%d", i), fmt.Sprint(2*r.Bitrate))
	}
	return append(args,
		// Key frames stand where they are forced to and nowhere else, at the same frame of every rendition; the segments
		// begin there. They are counted from the first frame, and a segment may be a little shorter than their distance,
		// since times are rounded.
		"-force_key_frames:v", fmt.Sprintf("expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+%g))", SegmentSeconds-0.001),
		"-g", "100000", "-sc_threshold", "0",
		// A variable frame rate stays one. The time base is a multiple of all usual rates; ffmpeg's own, the mean rate,
		// would move frames and drop those that fall together.
		"-fps_mode:v", "vfr", "-enc_time_base:v", "1/120000",
		"-map_metadata", "-1", "-map_chapters", "-1",
		"-f", "dash", "-adaptation_sets", sets, "-use_template", "1", "-use_timeline", "1",
		"-init_seg_name", "$RepresentationID$-init.mp4", "-media_seg_name", "$RepresentationID$-$Number%05d$.m4s",
		"-method", "PUT", output+"/"+ManifestName,
		"-map", "[tiles]", "-fps_mode", "passthrough", "-f", "rawvideo", fmt.Sprintf("pipe:%d", tilesPipe),
		"-map", "[png]", "-fps_mode", "passthrough", "-f", "rawvideo", fmt.Sprintf("pipe:%d", stillPipe))
}
