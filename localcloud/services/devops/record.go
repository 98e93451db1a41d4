package devops

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"oci-media-pipelines/localcloud/kind"
)

// logCategory is the category of a project's log.
const logCategory = "all"

// logged reports whether a project has an enabled log.
func (s *Service) logged(projectID string) bool {
	return len(s.Engine.List("log", func(o kind.Object) bool {
		source := o.Object("configuration").Object("source")
		return o.Bool("isEnabled") && source.Str("resource") == projectID && source.Str("category") == logCategory
	})) > 0
}

// notLogged refuses a run whose project has no enabled log (documentation: Running a
// Build).
func notLogged(run kind.Object) error {
	return fmt.Errorf("logging is not enabled for the project: enable a log of service devops and category %s for %s", logCategory, run.Str("projectId"))
}

// record writes a run's lines to its project's log, without the secrets that the run
// has read.
type record struct {
	service   *Service
	projectID string
	// about are the members that all lines have: the run's and the pipeline's OCIDs.
	about map[string]string

	mu      sync.Mutex
	secrets []string
}

// hide keeps a value out of all later lines.
func (r *record) hide(secret string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for line := range strings.Lines(secret) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(r.secrets, line) {
			r.secrets = append(r.secrets, line)
		}
	}
	// The longest first: one may be part of another.
	slices.SortFunc(r.secrets, func(a, b string) int { return len(b) - len(a) })
}

func (r *record) masked(message string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, secret := range r.secrets {
		message = strings.ReplaceAll(message, secret, "***")
	}
	return message
}

// line writes one line, of a stage unless stageID is empty.
func (r *record) line(stageID, message string) {
	r.service.line(r.projectID, r.about, stageID, r.masked(message))
}

func (s *Service) line(projectID string, about map[string]string, stageID, message string) {
	data := map[string]string{"message": message}
	for name, value := range about {
		data[name] = value
	}
	if stageID != "" {
		data["stageId"] = stageID
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // People read it.
	err := encoder.Encode(data)
	if err == nil {
		err = s.Logs.Write(projectID, logCategory, strings.TrimSpace(text.String()))
	}
	if err != nil {
		slog.Error("line of a run cannot be logged", "project", projectID, "error", err)
	}
}
