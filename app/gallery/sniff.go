package gallery

import "net/http"

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

// ContentTypes lists the accepted content types for a file picker.
const ContentTypes = "image/png,image/jpeg,image/gif,image/webp,image/bmp"

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
