package media

import (
	"fmt"
	"strings"
	"testing"
)

func TestRenditions(t *testing.T) {
	for _, c := range []struct {
		width, height int
		want          string
	}{
		{1920, 1080, "1080p 1920x1080 5000, 720p 1280x720 3000, 360p 640x360 1000"},
		{3840, 2160, "1080p 1920x1080 5000, 720p 1280x720 3000, 360p 640x360 1000"},
		{1080, 1920, "1080p 1080x1920 5000, 720p 720x1280 3000, 360p 360x640 1000"},
		{1280, 720, "720p 1280x720 3000, 360p 640x360 1000"},
		{1440, 1080, "1080p 1440x1080 5000, 720p 960x720 3000, 360p 480x360 1000"},
		{1920, 800, "800p 1920x800 3187, 720p 1728x720 3000, 360p 864x360 1000"},
		{640, 480, "480p 640x480 1632, 360p 480x360 1000"},
		{426, 240, "240p 426x240 544"},
		{641, 361, "360p 640x360 1000"},
		{1279, 719, "718p 1278x718 2987, 360p 640x360 1000"},
		{90, 51, "50p 88x50 51"},
		{2000, 2, "2p 2000x2 0"},
	} {
		rungs, err := ParseRungs(DefaultRungs)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range Renditions(Clip{Width: c.width, Height: c.height}, rungs) {
			got = append(got, fmt.Sprintf("%s %dx%d %d", r.Name, r.Width, r.Height, r.Bitrate/1000))
			if r.Width > c.width || r.Height > c.height || r.Width%2 != 0 || r.Height%2 != 0 {
				t.Errorf("%dx%d gives %dx%d", c.width, c.height, r.Width, r.Height)
			}
		}
		if joined := strings.Join(got, ", "); joined != c.want {
			t.Errorf("%dx%d gives %s, want %s", c.width, c.height, joined, c.want)
		}
	}
}
