package gallery

import (
	"crypto/rand"
	"fmt"
	"iter"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNameBytes keeps names well under Object Storage's limit of 1024 bytes and
// within what file systems take when a picture is downloaded again.
const maxNameBytes = 200

// fallbackStem names a file of which no usable name is left.
func fallbackStem(contentType string) string {
	if isVideo(contentType) {
		return "video"
	}
	return "picture"
}

// SafeName makes an object name of what a client calls its file: the last path
// element under either slash convention, valid UTF-8, without control and
// direction-changing characters, leading dots and outer spaces, at most 200
// bytes. Letters of every script stay. A name without extension gets that of
// the content type.
func SafeName(clientName, contentType string) string {
	name := strings.ToValidUTF8(clientName, "_")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\uFEFF' || r == utf8.RuneError {
			return -1
		}
		if unicode.IsSpace(r) { // includes line and paragraph separators
			return ' '
		}
		return r
	}, name)
	name = strings.TrimRight(strings.TrimLeft(name, ". "), ". ")

	ext := path.Ext(name)
	stem := strings.TrimRight(strings.TrimSuffix(name, ext), ". ")
	if ext == "" || len(ext) > 16 {
		stem, ext = name, extensionOf(contentType)
	}
	if stem == "" {
		stem = fallbackStem(contentType)
	}
	return truncate(stem, maxNameBytes-len(ext)) + ext
}

// candidates offers the name itself, then numbered ones, then one that chance
// makes unique.
func candidates(name string) iter.Seq[string] {
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	return func(yield func(string) bool) {
		if !yield(name) {
			return
		}
		for n := 2; n <= 4; n++ {
			if !yield(fmt.Sprintf("%s-%d%s", stem, n, ext)) {
				return
			}
		}
		yield(fmt.Sprintf("%s-%s%s", stem, strings.ToLower(rand.Text()[:10]), ext))
	}
}

// truncate shortens s to at most limit bytes without splitting a character.
func truncate(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return strings.TrimRight(s[:limit], " .")
}
