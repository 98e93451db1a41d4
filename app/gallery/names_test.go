package gallery_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"oci-media-pipelines/app/gallery"
)

func TestSafeName(t *testing.T) {
	for given, want := range map[string]string{
		"dog.png":                          "dog.png",
		"../../etc/passwd":                 "passwd.jpg",
		`..\..\dog.jpeg`:                   "dog.jpeg",
		"a\tb\x00c\x7fd\r\ne\u202egnp.png": "abcdegnp.png",
		"line\u2028break.png":              "line break.png",
		"...hidden.png":                    "hidden.png",
		" spaces . .png ":                  "spaces.png",
		"bad\xffutf8.png":                  "bad_utf8.png",
		"family 👩\u200d👧.png":              "family 👩\u200d👧.png",
		"e\u0301te\u0301.png":              "e\u0301te\u0301.png",
		"":                                 "picture.jpg",
		"/":                                "picture.jpg",
		".png":                             "png.jpg",
		strings.Repeat("ü", 300) + ".png":  strings.Repeat("ü", 98) + ".png",
		"v1." + strings.Repeat("x", 400):   "v1." + strings.Repeat("x", 193) + ".jpg",
	} {
		got := gallery.SafeName(given, "image/jpeg")
		if got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}

func FuzzSafeName(f *testing.F) {
	for _, seed := range []string{"dog.png", "../x", "\xff", "a/..", "…", strings.Repeat("日", 200)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		got := gallery.SafeName(given, "image/png")
		switch {
		case got == "" || len(got) > 200 || !utf8.ValidString(got):
			t.Errorf("%q became %q", given, got)
		case strings.ContainsAny(got, "/\\\x00\r\n") || got[0] == '.':
			t.Errorf("%q became %q", given, got)
		case gallery.SafeName(got, "image/png") != got:
			t.Errorf("%q became %q, which is not stable", given, got)
		}
	})
}
