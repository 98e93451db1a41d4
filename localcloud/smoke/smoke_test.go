package smoke_test

import (
	"context"
	"encoding/json"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/internal/analysis"
	"oci-media-pipelines/localcloud/smoke"
)

// app is a stand-in for the web app that answers the analysis it is given.
type app struct {
	t        *testing.T
	answer   *analysis.Document // nil: none comes
	health   int
	upload   int
	busy     int // how often the results are not ready
	uploaded string
	deleted  string
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/health":
		w.WriteHeader(a.health)
	case r.Method == http.MethodPost && r.URL.Path == "/upload":
		file, header, err := r.FormFile("file")
		if err != nil {
			a.t.Error(err)
			return
		}
		if _, err := png.Decode(file); err != nil {
			a.t.Error(err)
		}
		a.uploaded = header.Filename
		http.Error(w, "no room", a.upload)
	case r.URL.Path == "/api/results" && a.busy > 0:
		a.busy--
		w.WriteHeader(http.StatusServiceUnavailable)
	case r.URL.Path == "/api/results":
		documents := []analysis.Document{{ImageName: "another", Status: analysis.Succeeded}}
		if a.answer != nil {
			a.answer.ImageName = a.uploaded
			documents = append(documents, *a.answer)
		}
		if err := json.NewEncoder(w).Encode(documents); err != nil {
			a.t.Error(err)
		}
	case r.Method == http.MethodDelete && strings.HasPrefix(r.URL.Path, "/delete_file/"):
		a.deleted = strings.TrimPrefix(r.URL.Path, "/delete_file/")
	default:
		a.t.Errorf("asked for %s %s", r.Method, r.URL.Path)
	}
}

func TestSmoke(t *testing.T) {
	for name, tt := range map[string]struct {
		app     app
		limit   time.Duration
		want    string // what the error says
		removed bool
	}{
		"works":              {app{health: 200, upload: 200, busy: 1, answer: &analysis.Document{Status: analysis.Succeeded}}, time.Minute, "", true},
		"unhealthy":          {app{health: 502}, time.Minute, "/health answered 502", false},
		"refuses the upload": {app{health: 200, upload: 507}, time.Minute, "answered 507 Insufficient Storage: no room", false},
		"fails the analysis": {app{health: 200, upload: 200, answer: &analysis.Document{Status: analysis.Failed, Error: "too dark"}}, time.Minute, "too dark", true},
		"never answers":      {app{health: 200, upload: 200}, 300 * time.Millisecond, "no analysis of smoke-", true},
	} {
		t.Run(name, func(t *testing.T) {
			tt.app.t = t
			server := httptest.NewServer(&tt.app)
			defer server.Close()
			ctx, cancel := context.WithTimeout(t.Context(), tt.limit)
			defer cancel()
			err := smoke.Test(ctx, server.URL+"/")
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
			if removed := tt.app.deleted != "" && tt.app.deleted == tt.app.uploaded; removed != tt.removed {
				t.Errorf("uploaded %q, removed %q", tt.app.uploaded, tt.app.deleted)
			}
		})
	}
}
