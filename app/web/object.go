package web

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"oci-media-pipelines/app/gallery"
)

// image answers GET /image/<name>: the bytes of the picture, out of a bucket
// that nobody else can read.
func (s *Server) image(w http.ResponseWriter, r *http.Request) {
	s.sendObject(w, r, s.gallery.Storage, r.PathValue("name"), "picture", func(stored string) (string, bool) {
		contentType, _, _ := mime.ParseMediaType(stored)
		return contentType, gallery.Displayable(contentType)
	})
}

// reader is a bucket as far as sendObject needs one.
type reader interface {
	Get(ctx context.Context, name string, options gallery.GetOptions) (*gallery.Blob, error)
}

// sendObject answers with the bytes of an object, which users know as a noun. It
// honours If-None-Match and Range. How long the answer may be cached says the
// object; if it does not, it may be for good with the current ETag as ?v=, because
// other bytes have another ETag. typeOf makes the content
// type of the one that the object is stored with; what it does not accept is
// handed out as a download, for it was put there by other means and is nothing a
// browser should interpret.
func (s *Server) sendObject(w http.ResponseWriter, r *http.Request, bucket reader, name, noun string, typeOf func(stored string) (string, bool)) {
	known := knownETag(r.Header.Get("If-None-Match"))
	options := gallery.GetOptions{IfNoneMatch: known}
	// If-Range would need the object's ETag first; without it the whole object
	// is a correct answer to any range request.
	if r.Header.Get("If-Range") == "" {
		options.Range = singleRange(r.Header.Get("Range"))
	}
	blob, err := bucket.Get(r.Context(), name, options)
	switch {
	case errors.Is(err, gallery.ErrNotModified):
		w.Header().Set("ETag", strconv.Quote(known))
		w.Header().Set("Cache-Control", cacheControl(r, known))
		w.WriteHeader(http.StatusNotModified)
		return
	case errors.Is(err, gallery.ErrRange):
		s.fail(w, r, http.StatusRequestedRangeNotSatisfiable, "The "+noun+" has no such range of bytes.", nil)
		return
	case errors.Is(err, gallery.ErrNotFound):
		s.fail(w, r, http.StatusNotFound, "There is no such "+noun+".", nil)
		return
	case err != nil:
		status, words := s.explain(err, "The "+noun+" cannot be read at the moment.")
		s.fail(w, r, status, words, err)
		return
	}
	defer blob.Body.Close()

	header := w.Header()
	contentType, ok := typeOf(blob.ContentType)
	if !ok {
		contentType = "application/octet-stream"
		header.Set("Content-Disposition", "attachment")
	}
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.FormatInt(blob.Length, 10))
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	header.Set("ETag", strconv.Quote(blob.ETag))
	header.Set("Cache-Control", cmp.Or(blob.CacheControl, cacheControl(r, blob.ETag)))
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
		s.log.Warn("a "+noun+" broke off", "object", name, "error", err)
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
