package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"oci-media-pipelines/app/gallery"
)

// cardEvent is the data of a "picture" or "video" event.
type cardEvent struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Status  string `json:"status"`
	Version string `json:"version"`
	Created int64  `json:"created"`
	HTML    string `json:"html"`
}

// events answers GET /events, a stream of server-sent events:
//
//	sync      {"name": "version", …}: what the gallery holds, first of all
//	picture   a new or changed picture, with its card as HTML
//	video     the same of a video
//	removed   {"name": …}
//	database  {"reachable": bool}
//
// A comment is sent whenever nothing else was for a while, so that no load
// balancer takes the stream for dead.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store, no-transform")
	header.Set("X-Accel-Buffering", "no") // nginx and what copies it
	if s.draining.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	// Bytes at once: proxies pass the header on with the first of them.
	if _, err := io.WriteString(w, "retry: 2000\n\n"); err != nil || control.Flush() != nil {
		return
	}
	changes := s.watcher.Subscribe(r.Context())
	heartbeat := time.NewTicker(s.options.Heartbeat)
	defer heartbeat.Stop()
	defer control.SetWriteDeadline(time.Time{}) // the connection may serve further requests
	for {
		var message []byte
		select {
		case <-s.streams.Done():
			return
		case change, ok := <-changes:
			if !ok {
				return
			}
			var err error
			if message, err = eventOf(change); err != nil {
				s.log.Error("an event cannot be rendered", "error", err)
				continue
			}
			heartbeat.Reset(s.options.Heartbeat)
		case <-heartbeat.C:
			message = []byte(": still here\n\n")
		}
		_ = control.SetWriteDeadline(time.Now().Add(30 * time.Second))
		if _, err := w.Write(message); err != nil || control.Flush() != nil {
			return
		}
	}
}

// eventOf writes one change in the format of server-sent events. JSON has no
// raw line breaks, so one data line does.
func eventOf(change gallery.Change) ([]byte, error) {
	var name string
	var data any
	switch {
	case change.Sync != nil:
		name, data = "sync", change.Sync
	case change.Item != nil:
		var html bytes.Buffer
		item, object := change.Item, change.Item.About()
		if err := templates.ExecuteTemplate(&html, "card", viewOf(item, defaultMinimum)); err != nil {
			return nil, fmt.Errorf("render the card of %q: %w", object.Name, err)
		}
		name = "picture"
		if _, ok := item.(gallery.Video); ok {
			name = "video"
		}
		data = cardEvent{
			ID: item.ID(), Name: object.Name, Status: string(item.State()), Version: item.Version(),
			Created: object.Created.UnixMilli(), HTML: html.String(),
		}
	case change.Removed != "":
		name, data = "removed", map[string]string{"name": change.Removed}
	default:
		name, data = "database", map[string]bool{"reachable": *change.Database}
	}
	encoded, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("encode event %s: %w", name, err)
	}
	return fmt.Appendf(nil, "event: %s\ndata: %s\n\n", name, encoded), nil
}
