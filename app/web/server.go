// Package web serves the gallery over HTTP: pages rendered on the server, a
// JSON interface beside them, and live updates as server-sent events.
//
// The routes are those of the system this app succeeds (/, /upload,
// /api/results, /view_result/<name>, /delete_file/<name>, /health) and a few
// more. One differs on purpose: GET /delete_file/<name> asks for confirmation
// instead of deleting, because links get followed by prefetchers and crawlers;
// POST and DELETE delete.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"oci-media-pipelines/app/gallery"
)

// Options tune a Server. Zero fields take the defaults.
type Options struct {
	// PageSize is the number of pictures to a page (default 48).
	PageSize int
	// Heartbeat is the longest silence on an event stream (default 20 s, far
	// below the idle time-out of 60 s that load balancer listeners start with).
	Heartbeat time.Duration
	// UploadSlots bounds the uploads received at the same time, and with them
	// the memory they take (default 16).
	UploadSlots int
	// Pace is how often the watcher looks.
	Pace gallery.Pace
	// Log receives requests and failures (default slog.Default()).
	Log *slog.Logger
}

// Server is the app's http.Handler. Make one with New.
type Server struct {
	gallery *gallery.Gallery
	watcher *gallery.Watcher
	options Options
	log     *slog.Logger
	slots   chan struct{}
	handler http.Handler

	draining atomic.Bool
	probed   chan struct{}             // gets a value when a health probe saw the draining
	asked    atomic.Pointer[time.Time] // when the last health probe came
	streams  context.Context
	hangUp   context.CancelFunc
}

// New returns a server for the gallery.
func New(g *gallery.Gallery, options Options) *Server {
	if options.PageSize <= 0 {
		options.PageSize = 48
	}
	if options.Heartbeat <= 0 {
		options.Heartbeat = 20 * time.Second
	}
	if options.UploadSlots <= 0 {
		options.UploadSlots = 16
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	s := &Server{
		gallery: g,
		watcher: gallery.NewWatcher(g, options.Pace),
		options: options,
		log:     options.Log,
		slots:   make(chan struct{}, options.UploadSlots),
		probed:  make(chan struct{}, 1),
	}
	s.noteProbe()
	s.streams, s.hangUp = context.WithCancel(context.Background())
	s.handler = s.logged(secured(http.NewCrossOriginProtection().Handler(s.routes())))
	return s
}

// routes is the table of everything the app answers. Names are one escaped
// path element as the app itself links them; slashes may also stand bare.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showGallery)
	mux.HandleFunc("POST /upload", s.upload)
	mux.HandleFunc("GET /api/results", s.results)
	mux.HandleFunc("GET /view_result/{name...}", s.viewResult)
	mux.HandleFunc("GET /delete_file/{name...}", s.confirmDelete)
	mux.HandleFunc("POST /delete_file/{name...}", s.deleteFile)
	mux.HandleFunc("DELETE /delete_file/{name...}", s.deleteFile)
	mux.HandleFunc("POST /retry/{name...}", s.retry)
	mux.HandleFunc("GET /image/{name...}", s.image)
	mux.HandleFunc("GET /stream/{object...}", s.stream)
	mux.HandleFunc("GET /card/{name...}", s.card)
	mux.HandleFunc("GET /events", s.events)
	mux.HandleFunc("GET /health", s.health)
	mux.Handle("GET /assets/{version}/{file}", http.HandlerFunc(serveAsset))
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, assetURL("icon.svg"), http.StatusFound)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, http.StatusNotFound, "There is no such page.", nil)
	})
	return mux
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// health answers GET /health for load balancers: 200 while this process takes
// requests, 503 once it drains. It asks neither bucket nor database, because
// taking every replica out would not repair those.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	s.noteProbe()
	if s.draining.Load() {
		writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "draining"})
		select {
		case s.probed <- struct{}{}:
		default:
		}
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

func (s *Server) noteProbe() {
	now := time.Now()
	s.asked.Store(&now)
}

// Drain makes /health answer 503 and returns when a load balancer has seen
// that, or when none has asked for as long as patience: it has taken this process
// out before. Other requests are still served.
func (s *Server) Drain(patience time.Duration) {
	s.draining.Store(true)
	select {
	case <-s.probed:
	case <-time.After(patience - time.Since(*s.asked.Load())):
	}
}

// HangUp ends the event streams, which would otherwise outlast any shutdown.
// Browsers reconnect by themselves, to another replica.
func (s *Server) HangUp() { s.hangUp() }
