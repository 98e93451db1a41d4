package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"oci-media-pipelines/app/gallery"
)

// wantsJSON reports whether the client prefers JSON to a page.
func wantsJSON(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "application/json")
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "the answer cannot be written as JSON", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

// page renders a template, whole before the first byte goes out.
func (s *Server) page(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var body bytes.Buffer
	if err := templates.ExecuteTemplate(&body, name, data); err != nil {
		s.log.Error("the page cannot be rendered", "template", name, "error", err)
		http.Error(w, "The page cannot be rendered.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = body.WriteTo(w)
	}
}

// fail answers with words, as JSON {"error": …} or as a page. cause goes to the
// log only.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, status int, words string, cause error) {
	if cause != nil && r.Context().Err() == nil {
		s.log.Error(words, "method", r.Method, "path", r.URL.Path, "error", cause)
	}
	if wantsJSON(r) {
		writeJSON(w, status, map[string]string{"error": words})
		return
	}
	s.page(w, r, status, "message", message{Title: http.StatusText(status), Words: []string{words}})
}

// explain turns an error of the gallery into a status and words for the user.
func (s *Server) explain(err error, otherwise string) (status int, words string) {
	var refusal *gallery.Refusal
	switch {
	case errors.As(err, &refusal):
		return refusal.Reason.Status(), refusal.Words
	case errors.Is(err, gallery.ErrNotFound):
		return http.StatusNotFound, "There is no such " + s.noun() + "."
	case errors.Is(err, gallery.ErrNotReady):
		return http.StatusServiceUnavailable, "The database is not reachable yet. Please try again in a moment."
	default:
		return http.StatusBadGateway, otherwise
	}
}

// noun is what the gallery holds.
func (s *Server) noun() string {
	if s.gallery.Videos == nil {
		return "picture"
	}
	return "picture or video"
}

// nouns is noun in plural.
func (s *Server) nouns() string {
	if s.gallery.Videos == nil {
		return "pictures"
	}
	return "pictures and videos"
}
