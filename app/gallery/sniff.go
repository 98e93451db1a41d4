package gallery

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"oci-media-pipelines/internal/transcoding"
)

// sniffLen is how many bytes decide about the content type (WHATWG's MIME
// sniffing, which net/http implements, looks at no more).
const sniffLen = 512

// extensions are the accepted content types with their usual extension: those
// the source system took. Vision reads JPEG and PNG only; the others are kept
// and shown, and their analysis fails in words.
var extensions = map[string]string{
	"image/png":  ".png",
	"image/jpeg": ".jpg",
	"image/gif":  ".gif",
	"image/webp": ".webp",
	"image/bmp":  ".bmp",
}

// ContentTypes lists the pictures' accepted content types for a file picker.
const ContentTypes = "image/png,image/jpeg,image/gif,image/webp,image/bmp"

// VideoTypes is what a file picker is told to offer beside pictures. It names
// extensions, too, because browsers do not know every container's content type.
func VideoTypes() string { return "video/*," + strings.Join(transcoding.Extensions(""), ",") }

// Displayable reports whether browsers may be given this content type as a
// picture. Everything else in the bucket is handed out as a download.
func Displayable(contentType string) bool {
	_, ok := extensions[contentType]
	return ok
}

// Sniff tells the accepted content type of a file from its first bytes.
func Sniff(head []byte) (contentType string, ok bool) {
	contentType = http.DetectContentType(head)
	return contentType, Displayable(contentType)
}

func extensionOf(contentType string) string { return extensions[contentType] }

func isVideo(contentType string) bool { return strings.HasPrefix(contentType, "video/") }

// fitting gives a safe name an extension by which it cannot belong to the other
// kind: a video's name ends in an extension of videos, a picture's in none. So a
// name stands for the same object in both buckets, whoever uploads at the same
// time.
func fitting(name, contentType string) string {
	ofVideos := slices.Contains(transcoding.Extensions(""), strings.ToLower(path.Ext(name)))
	switch {
	case isVideo(contentType) && !ofVideos:
		return name + transcoding.Extensions(contentType)[0]
	case !isVideo(contentType) && ofVideos:
		return name + extensionOf(contentType)
	default:
		return name
	}
}
