package transcoding

import (
	"bytes"
	"slices"
)

// SniffLen is how many bytes from a file's beginning Sniff wants; fewer do if the file is shorter.
const SniffLen = 512

// container is a video file's format. Extensions begin with the usual one.
type container struct {
	contentType string
	extensions  []string
	is          func(head []byte) bool
}

// containers are the formats that are taken for videos: those of cameras, telephones, browsers and broadcast that
// ffmpeg reads. What is inside, and whether it has a picture at all, only ffprobe can tell.
var containers = []container{
	{"video/mp4", []string{".mp4", ".m4v"}, func(head []byte) bool { return isBaseMedia(head) && !startsAt(head, 8, "qt  ", "3gp", "3g2") }},
	{"video/quicktime", []string{".mov", ".qt"}, func(head []byte) bool { return isBaseMedia(head) && startsAt(head, 8, "qt  ") || isOldQuickTime(head) }},
	{"video/3gpp", []string{".3gp", ".3g2"}, func(head []byte) bool { return isBaseMedia(head) && startsAt(head, 8, "3gp", "3g2") }},
	{"video/webm", []string{".webm"}, func(head []byte) bool { return isEBML(head) && bytes.Contains(head, []byte("webm")) }},
	{"video/x-matroska", []string{".mkv"}, func(head []byte) bool { return isEBML(head) && bytes.Contains(head, []byte("matroska")) }},
	{"video/x-msvideo", []string{".avi"}, func(head []byte) bool { return startsAt(head, 0, "RIFF") && startsAt(head, 8, "AVI ") }},
	{"video/mp2t", []string{".ts", ".mts", ".m2ts"}, isTransportStream},
	{"video/mpeg", []string{".mpg", ".mpeg"}, func(head []byte) bool { return startsAt(head, 0, "\x00\x00\x01\xba", "\x00\x00\x01\xb3") }},
	{"video/x-flv", []string{".flv"}, func(head []byte) bool { return startsAt(head, 0, "FLV\x01") }},
	{"video/x-ms-asf", []string{".wmv", ".asf"}, func(head []byte) bool {
		return startsAt(head, 0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c")
	}},
}

// Sniff tells from a file's first bytes (SniffLen of them) whether it is a video, and its content type.
func Sniff(head []byte) (contentType string, ok bool) {
	head = head[:min(len(head), SniffLen)]
	for _, c := range containers {
		if c.is(head) {
			return c.contentType, true
		}
	}
	return "", false
}

// Extensions returns the file name extensions of videos of a content type, the usual one first, or of all content
// types that Sniff knows where it is empty.
func Extensions(contentType string) []string {
	var all []string
	for _, c := range containers {
		if contentType == "" || c.contentType == contentType {
			all = append(all, c.extensions...)
		}
	}
	return all
}

// stillOrSound are the major brands of ISO base media files that hold pictures or sound only
// (https://mp4ra.org/registered-types/brands).
var stillOrSound = []string{"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "mif2", "msf1", "avif", "avis", "crx ", "jp2 ", "M4A ", "M4B ", "M4P "}

// isBaseMedia knows files that begin with a file type box (ISO/IEC 14496-12).
func isBaseMedia(head []byte) bool {
	return len(head) >= 12 && startsAt(head, 4, "ftyp") && !startsAt(head, 8, stillOrSound...)
}

// isOldQuickTime knows movies older than file type boxes. The first box's size tells them from text.
func isOldQuickTime(head []byte) bool {
	return len(head) >= 8 && head[0] < 0x20 && startsAt(head, 4, "moov", "mdat", "wide", "free", "skip", "pnot")
}

func isEBML(head []byte) bool { return startsAt(head, 0, "\x1a\x45\xdf\xa3") }

// isTransportStream wants the sync byte of two packets, which are 188 bytes long, or 192 with a time stamp before
// each (BDAV, of camcorders).
func isTransportStream(head []byte) bool {
	return len(head) > 376 && head[0] == 0x47 && head[188] == 0x47 && head[376] == 0x47 ||
		len(head) > 388 && head[4] == 0x47 && head[196] == 0x47 && head[388] == 0x47
}

// startsAt reports whether one of the texts stands at the offset.
func startsAt(head []byte, offset int, texts ...string) bool {
	return len(head) > offset && slices.ContainsFunc(texts, func(text string) bool { return bytes.HasPrefix(head[offset:], []byte(text)) })
}
