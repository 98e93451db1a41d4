package stream

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// audioGroup is the name of the one group of audio renditions.
const audioGroup = "audio"

// Playlist is the name of the media playlist of a representation.
func (r Representation) Playlist() string { return r.ID + ".m3u8" }

// Media returns the HLS media playlist (RFC 8216) of a representation, which stands beside its segments.
func (r Representation) Media() []byte {
	segments := r.Segments()
	longest := 0.0
	for _, s := range segments {
		longest = max(longest, s.Duration)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:%d\n#EXT-X-PLAYLIST-TYPE:VOD\n",
		int(math.Round(longest)), r.Template.StartNumber)
	fmt.Fprintf(&text, "#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI=%q\n", r.Init())
	for _, s := range segments {
		fmt.Fprintf(&text, "#EXTINF:%.6f,\n%s\n", s.Duration, s.Name)
	}
	text.WriteString("#EXT-X-ENDLIST\n")
	return []byte(text.String())
}

// rates returns the highest bit rate of a segment and the mean of all. size tells how many bytes a segment has.
func (r Representation) rates(size func(name string) int) (peak, mean float64) {
	bits, duration := 0.0, 0.0
	for _, s := range r.Segments() {
		b := 8 * float64(size(s.Name))
		bits, duration = bits+b, duration+s.Duration
		// The rest that a last segment is may be too short to tell a rate.
		if s.Duration >= 0.5 {
			peak = max(peak, b/s.Duration)
		}
	}
	mean = bits / max(duration, 1e-3)
	return max(peak, mean), mean
}

// Master returns the HLS master playlist, whose media playlists are in folder, relative to it. Bit rates are as measured.
func (m *Manifest) Master(folder string, size func(name string) int) []byte {
	var text strings.Builder
	text.WriteString("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n")
	var audioPeak, audioMean float64
	audioCodec, group := "", ""
	for _, a := range m.Representations("audio") {
		fmt.Fprintf(&text, "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=%q,NAME=%q,DEFAULT=YES,AUTOSELECT=YES", audioGroup, a.ID)
		if a.Channels != nil {
			fmt.Fprintf(&text, ",CHANNELS=%q", a.Channels.Value)
		}
		fmt.Fprintf(&text, ",URI=%q\n", folder+"/"+a.Playlist())
		audioPeak, audioMean = a.rates(size)
		audioCodec, group = ","+a.Codecs, fmt.Sprintf(",AUDIO=%q", audioGroup)
	}
	rate := m.frameRate()
	for _, v := range m.Representations("video") {
		peak, mean := v.rates(size)
		fmt.Fprintf(&text, "#EXT-X-STREAM-INF:BANDWIDTH=%.0f,AVERAGE-BANDWIDTH=%.0f,RESOLUTION=%dx%d,CODECS=%q%s%s\n%s\n",
			math.Ceil(peak+audioPeak), math.Ceil(mean+audioMean), v.Width, v.Height, v.Codecs+audioCodec, rate, group, folder+"/"+v.Playlist())
	}
	return []byte(text.String())
}

// frameRate returns the attribute of that name, or nothing where the rate varies too much to tell.
func (m *Manifest) frameRate() string {
	for _, set := range m.Period.Sets {
		over, under, _ := strings.Cut(set.FrameRate, "/")
		a, errA := strconv.ParseFloat(over, 64)
		b, errB := strconv.ParseFloat(under, 64)
		if errA == nil && errB == nil && b > 0 && a/b <= 240 {
			return fmt.Sprintf(",FRAME-RATE=%.3f", a/b)
		}
	}
	return ""
}
