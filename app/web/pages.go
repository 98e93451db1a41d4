package web

import (
	"encoding/json"
	"net/http"
	"strconv"

	"oci-media-pipelines/app/gallery"
)

// showGallery answers GET /: the pictures, newest first; page counts from 1 and
// min is the least confidence shown, in percent.
func (s *Server) showGallery(w http.ResponseWriter, r *http.Request) {
	number, _ := strconv.Atoi(r.FormValue("page"))
	page, err := s.gallery.Page(r.Context(), number, s.options.PageSize)
	if err != nil {
		s.fail(w, r, http.StatusBadGateway, "The pictures cannot be listed at the moment. Please try again.", err)
		return
	}
	if page.DocumentsErr != nil {
		s.log.Warn("analyses cannot be read", "error", page.DocumentsErr)
	}
	view := galleryView{
		Page:     page,
		Minimum:  minimumOf(r),
		MaxBytes: s.gallery.MaxUploadBytes,
	}
	for _, picture := range page.Pictures {
		view.Cards = append(view.Cards, cardView{Picture: picture, Minimum: view.Minimum})
	}
	s.page(w, r, http.StatusOK, "gallery", view)
}

// results answers GET /api/results: the documents as they are stored, newest
// analysis first.
func (s *Server) results(w http.ResponseWriter, r *http.Request) {
	records, err := s.gallery.Results(r.Context())
	if err != nil {
		status, words := explain(err, "The analyses cannot be read at the moment.")
		r.Header.Set("Accept", "application/json") // an API answers in JSON, errors too
		s.fail(w, r, status, words, err)
		return
	}
	documents := make([]json.RawMessage, 0, len(records))
	for _, record := range records {
		documents = append(documents, record.Raw)
	}
	writeJSON(w, http.StatusOK, documents)
}

// viewResult answers GET /view_result/<name>: the picture with everything found
// in it, or the stored document with ?raw=1 or Accept: application/json.
func (s *Server) viewResult(w http.ResponseWriter, r *http.Request) {
	raw := r.FormValue("raw") != "" || wantsJSON(r)
	if raw {
		r.Header.Set("Accept", "application/json")
	}
	picture, documentErr, err := s.gallery.Find(r.Context(), r.PathValue("name"))
	if err != nil {
		status, words := explain(err, "The picture cannot be read at the moment.")
		s.fail(w, r, status, words, unlessNotFound(err))
		return
	}
	if !raw {
		s.page(w, r, http.StatusOK, "result", resultView{cardView{Picture: picture, Minimum: minimumOf(r)}})
		return
	}
	switch {
	case documentErr != nil:
		status, words := explain(documentErr, "The analysis cannot be read at the moment.")
		s.fail(w, r, status, words, documentErr)
	case picture.Record == nil:
		s.fail(w, r, http.StatusNotFound, "This picture has no analysis yet; its status is "+string(picture.Status)+".", nil)
	default:
		writeJSON(w, http.StatusOK, picture.Record.Raw)
	}
}

// card answers GET /card/<name>: one picture of the gallery as an HTML
// fragment, for the page's script.
func (s *Server) card(w http.ResponseWriter, r *http.Request) {
	picture, _, err := s.gallery.Find(r.Context(), r.PathValue("name"))
	if err != nil {
		status, words := explain(err, "The picture cannot be read at the moment.")
		s.fail(w, r, status, words, unlessNotFound(err))
		return
	}
	s.page(w, r, http.StatusOK, "card", cardView{Picture: picture, Minimum: defaultMinimum})
}

// confirmDelete answers GET /delete_file/<name> with the question.
func (s *Server) confirmDelete(w http.ResponseWriter, r *http.Request) {
	picture, _, err := s.gallery.Find(r.Context(), r.PathValue("name"))
	if err != nil {
		status, words := explain(err, "The picture cannot be read at the moment.")
		s.fail(w, r, status, words, unlessNotFound(err))
		return
	}
	s.page(w, r, http.StatusOK, "delete", cardView{Picture: picture, Minimum: defaultMinimum})
}

// deleteFile answers POST and DELETE /delete_file/<name>.
func (s *Server) deleteFile(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if err := s.gallery.Delete(r.Context(), name); err != nil {
		status, words := explain(err, "The picture cannot be deleted at the moment. Please try again.")
		s.fail(w, r, status, words, unlessNotFound(err))
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
// again and answers when that has finished.
func (s *Server) retry(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	err := s.gallery.Retry(r.Context(), name)
	s.watcher.Nudge()
	if err != nil {
		status, words := explain(err, "The analysis did not work: "+err.Error())
		s.fail(w, r, status, words, unlessNotFound(err))
		return
	}
	if wantsJSON(r) {
		writeJSON(w, http.StatusOK, map[string]string{"analysed": name})
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// unlessNotFound keeps what merely does not exist out of the error log.
func unlessNotFound(err error) error {
	if status, _ := explain(err, ""); status < 500 {
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
	Cards    []cardView
	Minimum  int
	MaxBytes int64
}
