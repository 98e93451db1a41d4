package web

import (
	"encoding/json"
	"net/http"
	"strconv"

	"oci-media-pipelines/app/gallery"
)

// showGallery answers GET /: pictures and videos, newest first; page counts from 1 and
// min is the least confidence shown, in percent.
func (s *Server) showGallery(w http.ResponseWriter, r *http.Request) {
	number, _ := strconv.Atoi(r.FormValue("page"))
	page, err := s.gallery.Page(r.Context(), number, s.options.PageSize)
	if err != nil {
		s.fail(w, r, http.StatusBadGateway, "The "+s.nouns()+" cannot be listed at the moment. Please try again.", err)
		return
	}
	if page.DocumentsErr != nil {
		s.log.Warn("documents cannot be read", "error", page.DocumentsErr)
	}
	view := galleryView{
		Page:     page,
		Minimum:  minimumOf(r),
		MaxBytes: s.gallery.MaxUploadBytes,
		Accept:   gallery.ContentTypes,
		One:      s.noun(),
		Many:     s.nouns(),
	}
	if s.gallery.Videos != nil {
		view.MaxVideoBytes = s.gallery.Videos.MaxUploadBytes
		view.Accept += "," + gallery.VideoTypes()
	}
	for _, item := range page.Items {
		view.Cards = append(view.Cards, viewOf(item, view.Minimum))
	}
	s.page(w, r, http.StatusOK, "gallery", view)
}

// results answers GET /api/results, what was written last first: of pictures the
// documents as they are stored, of videos a videoResult each.
func (s *Server) results(w http.ResponseWriter, r *http.Request) {
	items, err := s.gallery.Results(r.Context())
	if err != nil {
		status, words := s.explain(err, "The analyses cannot be read at the moment.")
		r.Header.Set("Accept", "application/json") // an API answers in JSON, errors too
		s.fail(w, r, status, words, err)
		return
	}
	documents := make([]any, 0, len(items))
	for _, item := range items {
		switch item := item.(type) {
		case gallery.Video:
			documents = append(documents, resultOf(item))
		case gallery.Picture:
			documents = append(documents, item.Record.Raw)
		}
	}
	writeJSON(w, http.StatusOK, documents)
}

// viewResult answers GET /view_result/<name>: the picture with everything found
// in it, or the video to be played; or the stored document with ?raw=1 or Accept:
// application/json.
func (s *Server) viewResult(w http.ResponseWriter, r *http.Request) {
	raw := r.FormValue("raw") != "" || wantsJSON(r)
	if raw {
		r.Header.Set("Accept", "application/json")
	}
	item, documentErr, err := s.gallery.Find(r.Context(), r.PathValue("name"))
	if err != nil {
		status, words := s.explain(err, "The "+s.noun()+" cannot be read at the moment.")
		s.fail(w, r, status, words, unlessNotFound(status, err))
		return
	}
	switch view := viewOf(item, minimumOf(r)).(type) {
	case cardView:
		if !raw {
			s.page(w, r, http.StatusOK, "result", view)
			return
		}
		s.rawResult(w, r, view.Raw(), documentErr, "This picture has no analysis yet; its status is "+string(view.Status)+".")
	case videoView:
		if !raw {
			w.Header().Set("Content-Security-Policy", playerPolicy)
			s.page(w, r, http.StatusOK, "video", view)
			return
		}
		s.rawResult(w, r, view.Raw(), documentErr, "This video has no job yet; its status is "+string(view.Status)+".")
	}
}

// rawResult answers with a stored document, or says why there is none.
func (s *Server) rawResult(w http.ResponseWriter, r *http.Request, raw json.RawMessage, documentErr error, otherwise string) {
	switch {
	case documentErr != nil:
		status, words := s.explain(documentErr, "The result cannot be read at the moment.")
		s.fail(w, r, status, words, documentErr)
	case raw == nil:
		s.fail(w, r, http.StatusNotFound, otherwise, nil)
	default:
		writeJSON(w, http.StatusOK, raw)
	}
}

// card answers GET /card/<name>: one card of the gallery as an HTML
// fragment, for the page's script.
func (s *Server) card(w http.ResponseWriter, r *http.Request) {
	s.itemPage(w, r, "card")
}

// confirmDelete answers GET /delete_file/<name> with the question.
func (s *Server) confirmDelete(w http.ResponseWriter, r *http.Request) {
	s.itemPage(w, r, "delete")
}

// itemPage renders a template about the item that the path names.
func (s *Server) itemPage(w http.ResponseWriter, r *http.Request, template string) {
	item, _, err := s.gallery.Find(r.Context(), r.PathValue("name"))
	if err != nil {
		status, words := s.explain(err, "The "+s.noun()+" cannot be read at the moment.")
		s.fail(w, r, status, words, unlessNotFound(status, err))
		return
	}
	s.page(w, r, http.StatusOK, template, viewOf(item, defaultMinimum))
}

// deleteFile answers POST and DELETE /delete_file/<name>.
func (s *Server) deleteFile(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if err := s.gallery.Delete(r.Context(), name); err != nil {
		status, words := s.explain(err, "The "+s.noun()+" cannot be deleted at the moment. Please try again.")
		s.fail(w, r, status, words, unlessNotFound(status, err))
		return
	}
	s.watcher.Nudge()
	if wantsJSON(r) || r.Method == http.MethodDelete {
		writeJSON(w, http.StatusOK, map[string]string{"deleted": name})
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// retry answers POST /retry/<name>: it sends the picture through the analysis
// again and answers when that has finished, or the video through the transcoding
// and answers when that has begun.
func (s *Server) retry(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	err := s.gallery.Retry(r.Context(), name)
	s.watcher.Nudge()
	if err != nil {
		status, words := s.explain(err, "The analysis did not work: "+err.Error())
		s.fail(w, r, status, words, unlessNotFound(status, err))
		return
	}
	if wantsJSON(r) {
		writeJSON(w, http.StatusOK, map[string]string{"analysed": name})
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// unlessNotFound keeps what merely does not exist out of the error log.
func unlessNotFound(status int, err error) error {
	if status < 500 {
		return nil
	}
	return err
}

// defaultMinimum is the least confidence shown when nobody chose one, in percent.
const defaultMinimum = 50

func minimumOf(r *http.Request) int {
	minimum, err := strconv.Atoi(r.FormValue("min"))
	if err != nil || minimum < 0 || minimum > 100 {
		return defaultMinimum
	}
	return minimum
}

// galleryView is the data of the gallery page.
type galleryView struct {
	gallery.Page
	Cards    []any // cardView or videoView
	Minimum  int
	MaxBytes int64
	// MaxVideoBytes is 0 where only pictures are taken.
	MaxVideoBytes int64
	// Accept is what the file picker offers.
	Accept string
	// One and Many are nouns for what the gallery holds.
	One, Many string
}
