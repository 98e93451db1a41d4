package transcoding_test

import (
	"slices"
	"strings"
	"testing"

	"oci-media-pipelines/internal/transcoding"
)

func TestSniff(t *testing.T) {
	packets := strings.Repeat("\x47"+strings.Repeat("\xff", 187), 4)
	for name, c := range map[string]struct{ head, want string }{
		"mp4":              {"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41", "video/mp4"},
		"m4v":              {"\x00\x00\x00\x20ftypM4V \x00\x00\x02\x00", "video/mp4"},
		"quicktime":        {"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  ", "video/quicktime"},
		"old quicktime":    {"\x00\x00\x00\x08wide\x00\x10\x00\x00mdat", "video/quicktime"},
		"3gp":              {"\x00\x00\x00\x1cftyp3gp4\x00\x00\x02\x00", "video/3gpp"},
		"webm":             {"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "video/webm"},
		"matroska":         {"\x1a\x45\xdf\xa3\xa3B\x86\x81\x01B\x82\x88matroska", "video/x-matroska"},
		"avi":              {"RIFF\x00\x00\x00\x00AVI LIST", "video/x-msvideo"},
		"transport stream": {packets, "video/mp2t"},
		"camcorder":        {strings.Repeat("\x00\x00\x00\x00\x47"+strings.Repeat("\xff", 187), 3), "video/mp2t"},
		"program stream":   {"\x00\x00\x01\xba\x44\x00", "video/mpeg"},
		"flash":            {"FLV\x01\x05\x00\x00\x00\x09", "video/x-flv"},
		"wmv":              {"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c\x00", "video/x-ms-asf"},

		"nothing":               {"", ""},
		"text":                  {"hello, world", ""},
		"text with a box":       {"The wide road", ""},
		"text of G":             {"G" + strings.Repeat("g", 500), ""},
		"one packet":            {packets[:188], ""},
		"png":                   {"\x89PNG\r\n\x1a\n", ""},
		"webp":                  {"RIFF\x00\x00\x00\x00WEBPVP8 ", ""},
		"wave":                  {"RIFF\x00\x00\x00\x00WAVEfmt ", ""},
		"heic":                  {"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", ""},
		"m4a":                   {"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00", ""},
		"half a file type box":  {"\x00\x00\x00\x18ftyp", ""},
		"EBML of another kind":  {"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84else", ""},
		"matroska, much later ": {"\x1a\x45\xdf\xa3" + strings.Repeat("\x00", transcoding.SniffLen) + "matroska", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := transcoding.Sniff([]byte(c.head)); got != c.want || ok != (c.want != "") {
				t.Errorf("got %q, %v; want %q", got, ok, c.want)
			}
		})
	}
}

func TestExtensions(t *testing.T) {
	if got := transcoding.Extensions("video/quicktime"); !slices.Equal(got, []string{".mov", ".qt"}) {
		t.Errorf("got %q", got)
	}
	if got := transcoding.Extensions("image/png"); got != nil {
		t.Errorf("a picture has %q", got)
	}
	for _, extension := range []string{".mp4", ".mkv", ".webm", ".wmv"} {
		if !slices.Contains(transcoding.Extensions(""), extension) {
			t.Errorf("no %s among all", extension)
		}
	}
}
