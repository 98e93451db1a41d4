// Package media is ffmpeg and ffprobe: what a file is, what is to become of it, and the one run of ffmpeg that makes it.
package media

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// ErrUnreadable says that it is the file's fault.
var ErrUnreadable = errors.New("the file cannot be read as a video")

// ErrMissing says that ffmpeg or ffprobe is not installed.
var ErrMissing = errors.New("not found on PATH")

// Tools are the paths of the programs.
type Tools struct{ FFmpeg, FFprobe string }

// Find looks for the programs on PATH.
func Find() (Tools, error) {
	var tools Tools
	var missing []string
	for name, path := range map[string]*string{"ffmpeg": &tools.FFmpeg, "ffprobe": &tools.FFprobe} {
		found, err := exec.LookPath(name)
		if err != nil {
			missing = append(missing, name)
		}
		*path = found
	}
	if len(missing) > 0 {
		return Tools{}, fmt.Errorf("%s %w: install ffmpeg (Debian and Ubuntu: apt-get install ffmpeg; "+
			"macOS: brew install ffmpeg), or build the job's image on a base that has it (transcoding.baseImage)",
			strings.Join(missing, " and "), ErrMissing)
	}
	return tools, nil
}

// readers are the demuxers of files that hold a video whole. Playlists, image sequences and terminal recordings are
// not among them: ffmpeg would follow a playlist to wherever it points.
const readers = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,live_flv,asf,ogg,mxf,h264,hevc,m4v,dv,wtv"

// input are the options before the address of an input, for both programs.
func input(address string) []string {
	return []string{"-protocol_whitelist", "http,tcp", "-format_whitelist", readers, "-i", address}
}

// environment is all that the programs get of this process's: no proxy may stand before loopback, and the names of
// credentials are none of their business.
func environment() []string {
	var env []string
	for _, name := range []string{"PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// tail keeps the end of what is written to it.
type tail struct{ text []byte }

// tailSize is enough for ffmpeg's last words.
const tailSize = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if extra := len(t.text) - tailSize; extra > 0 {
		t.text = append(t.text[:0], t.text[extra:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return strings.TrimSpace(strings.ToValidUTF8(string(t.text), "�")) }
