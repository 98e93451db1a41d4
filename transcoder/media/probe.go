package media

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os/exec"
	"strconv"
	"strings"
)

// Clip is what ffprobe says of a file.
type Clip struct {
	// Video and Audio are the indexes of the streams to use; Audio is -1 where there is none.
	Video, Audio int
	// Width and Height are as the video is shown: rotated, with square pixels.
	Width, Height int
	// Duration is in seconds, 0 where the file does not tell.
	Duration float64
	// Interlaced says that a frame holds two fields.
	Interlaced bool
	// Channels is how many the audio has.
	Channels int
}

type probed struct {
	Streams []struct {
		Index       int    `json:"index"`
		Type        string `json:"codec_type"`
		Width       int    `json:"width"`
		Height      int    `json:"height"`
		Aspect      string `json:"sample_aspect_ratio"`
		FieldOrder  string `json:"field_order"`
		Duration    string `json:"duration"`
		Channels    int    `json:"channels"`
		Disposition struct {
			Default  int `json:"default"`
			Attached int `json:"attached_pic"`
		} `json:"disposition"`
		SideData []struct {
			Rotation float64 `json:"rotation"`
		} `json:"side_data_list"`
	} `json:"streams"`
	Format struct {
		Duration string `json:"duration"`
	} `json:"format"`
}

// Probe asks what the file at the address is; an error that is ErrUnreadable blames the file.
func (t Tools) Probe(ctx context.Context, address string) (Clip, error) {
	var stderr tail
	args := append([]string{"-v", "error", "-of", "json", "-show_streams", "-show_format"}, input(address)...)
	cmd := exec.CommandContext(ctx, t.FFprobe, args...)
	cmd.Env, cmd.Stderr = environment(), &stderr
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return Clip{}, fmt.Errorf("ffprobe: %w", context.Cause(ctx))
	}
	if err != nil {
		return Clip{}, failure("ffprobe", err, &stderr)
	}
	var p probed
	if err := json.Unmarshal(out, &p); err != nil {
		return Clip{}, fmt.Errorf("read ffprobe's answer: %w", err)
	}
	return p.clip()
}

func (p probed) clip() (Clip, error) {
	clip := Clip{Video: -1, Audio: -1}
	for i, s := range p.Streams {
		switch {
		case s.Type == "video" && s.Disposition.Attached == 0 && s.Width > 0 && s.Height > 0 &&
			(clip.Video < 0 || s.Disposition.Default > p.Streams[clip.Video].Disposition.Default):
			clip.Video = i
		case s.Type == "audio" && s.Channels > 0 &&
			(clip.Audio < 0 || s.Disposition.Default > p.Streams[clip.Audio].Disposition.Default):
			clip.Audio = i
		}
	}
	if clip.Video < 0 {
		return Clip{}, fmt.Errorf("%w: it has no video stream", ErrUnreadable)
	}
	video := p.Streams[clip.Video]
	width, height := float64(video.Width)*ratio(video.Aspect), float64(video.Height)
	for _, data := range video.SideData {
		if quarter := math.Abs(math.Round(data.Rotation / 90)); math.Mod(quarter, 2) == 1 {
			width, height = height, width
			break
		}
	}
	clip.Width, clip.Height = int(math.Round(width)), int(math.Round(height))
	if clip.Width < 2 || clip.Height < 2 {
		return Clip{}, fmt.Errorf("%w: its picture has %dx%d pixels", ErrUnreadable, clip.Width, clip.Height)
	}
	clip.Interlaced = video.FieldOrder != "" && video.FieldOrder != "progressive" && video.FieldOrder != "unknown"
	clip.Duration = max(seconds(video.Duration), seconds(p.Format.Duration))
	if d := seconds(video.Duration); d > 0 {
		clip.Duration = d
	}
	clip.Video = video.Index
	if clip.Audio >= 0 {
		audio := p.Streams[clip.Audio]
		clip.Audio, clip.Channels = audio.Index, audio.Channels
	}
	return clip, nil
}

// ratio reads such as "4:3"; what is not known counts as 1.
func ratio(text string) float64 {
	a, b, _ := strings.Cut(text, ":")
	over, errA := strconv.ParseFloat(a, 64)
	under, errB := strconv.ParseFloat(b, 64)
	if errA != nil || errB != nil || over <= 0 || under <= 0 {
		return 1
	}
	return over / under
}

func seconds(text string) float64 {
	d, err := strconv.ParseFloat(text, 64)
	if err != nil || d < 0 {
		return 0
	}
	return d
}

// failure makes an error of a program's exit: it is the file's fault unless a signal or the system ended the program.
func failure(program string, err error, stderr *tail) error {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Exited() {
		return fmt.Errorf("%w: %s: %w: %s", ErrUnreadable, program, err, stderr)
	}
	return fmt.Errorf("%s: %w: %s", program, err, stderr)
}
