package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"oci-media-pipelines/app/gallery"
)

// image answers GET /image/<name>: the bytes of the picture, out of a bucket
// that nobody else can read. It honours If-None-Match and Range. With the
// current ETag as ?v= the answer may be cached for good, because other bytes
// have another ETag.
func (s *Server) image(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	known := knownETag(r.Header.Get("If-None-Match"))
	options := gallery.GetOptions{IfNoneMatch: known}
	// If-Range would need the object's ETag first; without it the whole object
	// is a correct answer to any range request.
	if r.Header.Get("If-Range") == "" {
		options.Range = singleRange(r.Header.Get("Range"))
	}
	blob, err := s.gallery.Storage.Get(r.Context(), name, options)
	switch {
	case errors.Is(err, gallery.ErrNotModified):
		w.Header().Set("ETag", strconv.Quote(known))
		w.Header().Set("Cache-Control", cacheControl(r, known))
		w.WriteHeader(http.StatusNotModified)
		return
	case errors.Is(err, gallery.ErrRange):
		s.fail(w, r, http.StatusRequestedRangeNotSatisfiable, "The picture has no such range of bytes.", nil)
		return
	case err != nil:
		status, words := explain(err, "The picture cannot be read at the moment.")
		s.fail(w, r, status, words, unlessNotFound(err))
		return
	}
	defer blob.Body.Close()

	header := w.Header()
	contentType, _, _ := mime.ParseMediaType(blob.ContentType)
	if !gallery.Displayable(contentType) {
		// Put there by other means: nothing a browser should interpret.
		contentType = "application/octet-stream"
		header.Set("Content-Disposition", "attachment")
	}
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.FormatInt(blob.Length, 10))
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	header.Set("ETag", strconv.Quote(blob.ETag))
	header.Set("Cache-Control", cacheControl(r, blob.ETag))
	header.Set("Accept-Ranges", "bytes")
	if !blob.Created.IsZero() {
		header.Set("Last-Modified", blob.Created.UTC().Format(http.TimeFormat))
	}
	if blob.ContentRange != "" {
		header.Set("Content-Range", blob.ContentRange)
		w.WriteHeader(http.StatusPartialContent)
	}
	if r.Method == http.MethodHead {
		return
	}
	if _, err := io.Copy(w, blob.Body); err != nil && r.Context().Err() == nil {
		s.log.Warn("a picture broke off", "object", name, "error", err)
	}
}

func cacheControl(r *http.Request, etag string) string {
	if v := r.FormValue("v"); v != "" && v == etag {
		return "private, max-age=31536000, immutable"
	}
	return "private, no-cache"
}

// knownETag takes the first entity tag out of an If-None-Match header. A
// browser sends one; forms that cannot be passed on ("*") count as none.
func knownETag(header string) string {
	first, _, _ := strings.Cut(header, ",")
	tag := strings.TrimPrefix(strings.TrimSpace(first), "W/")
	if len(tag) < 2 || tag[0] != '"' || tag[len(tag)-1] != '"' {
		return ""
	}
	return tag[1 : len(tag)-1]
}

// singleRange passes on a range header for one range of bytes. Others are
// ignored, as RFC 9110 section 14.2 allows.
func singleRange(header string) string {
	if !strings.HasPrefix(header, "bytes=") || strings.Contains(header, ",") {
		return ""
	}
	return header
}
