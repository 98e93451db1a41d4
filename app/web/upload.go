package web

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"
	"unicode/utf8"

	"oci-media-pipelines/app/gallery"
)

const (
	// uploadField is the form field of the files.
	uploadField = "file"
	// maxFiles bounds the files of one request.
	maxFiles = 50
	// uploadTime is how long one request may take to arrive.
	uploadTime = 15 * time.Minute
	// videoTime is the same where videos may come, which take as long as the line
	// needs; so long as it brings something at least every idleTime.
	videoTime = 12 * time.Hour
	idleTime  = 2 * time.Minute
)

// uploadResult tells what became of one file.
type uploadResult struct {
	// File is what the client calls it; Name is the object's name.
	File   string `json:"file"`
	Name   string `json:"name,omitempty"`
	Status string `json:"status,omitempty"`
	URL    string `json:"url,omitempty"`
	Error  string `json:"error,omitempty"`

	code int
}

// upload answers POST /upload: multipart/form-data with one or several files in
// the field "file". Browsers are sent back to the gallery; JSON clients get 201
// and {"files": [...]}. If any file is refused the answer has the status of the
// first refusal, and says for each file what became of it.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	largest := s.gallery.MaxUploadBytes
	if s.gallery.Videos != nil {
		largest = max(largest, s.gallery.Videos.MaxUploadBytes)
	}
	most := maxFiles * (largest + 1<<16)
	if r.ContentLength > most {
		s.fail(w, r, http.StatusRequestEntityTooLarge, fmt.Sprintf("That is too much at once: at most %d files of %s each.",
			maxFiles, gallery.FormatBytes(largest)), nil)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, most)
	if control := http.NewResponseController(w); s.gallery.Videos != nil {
		r.Body = &patientBody{ReadCloser: r.Body, control: control, until: time.Now().Add(videoTime)}
	} else {
		_ = control.SetReadDeadline(time.Now().Add(uploadTime))
	}
	reader, err := r.MultipartReader()
	if err != nil {
		s.fail(w, r, http.StatusBadRequest, `Send the `+s.noun()+` as multipart/form-data in the field "file".`, nil)
		return
	}

	var results []uploadResult
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			s.fail(w, r, bodyStatus(err), "The upload broke off before it was complete.", nil)
			return
		}
		if part.FormName() != uploadField {
			continue // NextPart skips what is left of it
		}
		if len(results) == maxFiles {
			results = append(results, uploadResult{Error: fmt.Sprintf("At most %d files at once.", maxFiles), code: http.StatusRequestEntityTooLarge})
			break
		}
		results = append(results, s.receive(r, part))
	}
	s.answerUpload(w, r, results)
}

// receive stores one file; it waits for a slot so that many uploads at once
// take turns rather than memory.
func (s *Server) receive(r *http.Request, part *multipart.Part) uploadResult {
	result := uploadResult{File: part.FileName()}
	if !utf8.ValidString(result.File) || result.File == "" {
		result.File = gallery.SafeName(result.File, "")
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-r.Context().Done():
		result.code, result.Error = http.StatusServiceUnavailable, "The upload was given up."
		return result
	}
	object, err := s.gallery.Upload(r.Context(), result.File, part)
	if err != nil {
		result.code, result.Error = s.explain(err, "The "+s.noun()+" could not be stored. Please try again.")
		if errors.Is(err, gallery.ErrNotFound) {
			// A bucket that is missing or not permitted; neither is the user's doing.
			result.code, result.Error = http.StatusBadGateway, "The bucket cannot be reached at the moment. Please try again."
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			result.code, result.Error = http.StatusBadRequest, "The upload broke off before it was complete."
		}
		if result.code >= 500 && r.Context().Err() == nil {
			s.log.Error("a "+s.noun()+" could not be stored", "file", result.File, "error", err)
		}
		return result
	}
	result.Name, result.Status, result.URL = object.Name, string(gallery.StatusPending), pathTo("/view_result/", object.Name)
	s.watcher.Nudge()
	return result
}

func (s *Server) answerUpload(w http.ResponseWriter, r *http.Request, results []uploadResult) {
	if len(results) == 0 {
		s.fail(w, r, http.StatusBadRequest, `No file came with the upload. Choose one (field "file").`, nil)
		return
	}
	status := http.StatusCreated
	var words []string
	for _, result := range results {
		if result.Error != "" {
			if status == http.StatusCreated {
				status = result.code
			}
			words = append(words, result.Error)
		}
	}
	switch {
	case wantsJSON(r):
		answer := map[string]any{"files": results}
		if len(words) > 0 {
			answer["error"] = words[0]
		}
		writeJSON(w, status, answer)
	case len(words) > 0:
		s.page(w, r, status, "message", message{Title: "Not uploaded", Words: words})
	default:
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

func bodyStatus(err error) int {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// patientBody gives each read of a request's body its time. The clock does not
// run while nobody reads, that is, while the bucket takes its time.
type patientBody struct {
	io.ReadCloser
	control *http.ResponseController
	until   time.Time
	set     time.Time
}

// Read implements io.Reader.
func (b *patientBody) Read(p []byte) (int, error) {
	if now := time.Now(); now.Sub(b.set) > time.Second {
		b.set = now
		deadline := now.Add(idleTime)
		if deadline.After(b.until) {
			deadline = b.until
		}
		_ = b.control.SetReadDeadline(deadline)
	}
	return b.ReadCloser.Read(p)
}
