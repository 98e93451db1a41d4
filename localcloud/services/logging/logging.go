// Package logging is the local cloud's Logging service: log groups, logs, and
// the lines that services write for the resources that a log watches.
package logging

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/logging"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

// fileLimit is the size at which a log's file is put aside, in bytes; one older
// file is kept.
const fileLimit = 8 << 20

// Line is one entry of a log.
type Line struct {
	Time     time.Time `json:"time"`
	Resource string    `json:"resource"`
	Category string    `json:"category"`
	Message  string    `json:"message"`
}

// Service is the Logging service.
type Service struct {
	api    *api.Service
	engine *kind.Engine
	dir    string

	mu   sync.Mutex
	open map[string]*store.Lines // by log OCID
}

// New makes the service.
func New(engine *kind.Engine, s *store.Store) (*Service, error) {
	dir, err := s.Dir("logs")
	if err != nil {
		return nil, err
	}
	l := &Service{api: api.NewService("logging", "logging.{region}.oci.oraclecloud.com"), engine: engine, dir: dir, open: map[string]*store.Lines{}}
	engine.Register(l.api, kind.Kind{
		Name: "LogGroup", Type: "loggroup", Path: "/logGroups", Access: groupAccess,
		Create: sdk.CreateLogGroupDetails{}, Update: sdk.UpdateLogGroupDetails{},
		Unique: []string{"compartmentId", "displayName"}, WorkRequests: true, NoCreateBody: true,
		Defaults: func(c *api.Call, o kind.Object) error {
			o["timeLastModified"] = kind.Timestamp(time.Now())
			return nil
		},
	})
	engine.Register(l.api, kind.Kind{
		Name: "Log", Type: "log", Path: "/logGroups/{logGroupId}/logs", Access: logAccess,
		Create: sdk.CreateLogDetails{}, Update: sdk.UpdateLogDetails{}, References: []string{"logGroupId"},
		Parameters: map[string]string{"sourceService": "configuration.source.service", "sourceResource": "configuration.source.resource"},
		Unique:     []string{"logGroupId", "displayName"}, WorkRequests: true, NoCreateBody: true,
		Check: l.check, Defaults: l.defaults,
		Deleted: l.remove,
	})
	l.api.Route("SearchLogs", "POST /search", l.search, contentRead)
	engine.RegisterWorkRequests(l.api, false, "LOG_GROUP_READ")
	return l, nil
}

// APIs returns the service's API.
func (l *Service) APIs() []*api.Service { return []*api.Service{l.api} }

func (l *Service) check(_ *api.Call, _, o kind.Object) error {
	if days := o.Number("retentionDuration"); days != 0 && (days < 30 || days > 180 || int(days)%30 != 0) {
		return api.InvalidParameter("retentionDuration must be 30 to 180 days in steps of 30, it is %v.", days)
	}
	source := o.Object("configuration").Object("source")
	if o.Str("logType") == "SERVICE" && source.Str("resource") == "" {
		return api.MissingParameter("configuration.source.resource is required for a SERVICE log.")
	}
	return l.onlyOne(o, source)
}

func (l *Service) defaults(_ *api.Call, o kind.Object) error {
	group, _ := l.engine.Get(o.Str("logGroupId"))
	o["compartmentId"] = group.Str("compartmentId")
	o.Default("isEnabled", true)
	o.Default("retentionDuration", 30)
	o["timeLastModified"] = kind.Timestamp(time.Now())
	if configuration := o.Object("configuration"); configuration != nil {
		configuration.Default("compartmentId", group.Str("compartmentId"))
	}
	return nil
}

// Write appends a line to every enabled log that watches the resource's category.
// The resource is named as in the log's configuration: an application's OCID, a
// load balancer's, a bucket's name.
func (l *Service) Write(resource, category, message string) error {
	logs := l.engine.List("log", func(o kind.Object) bool {
		source := o.Object("configuration").Object("source")
		return o.Bool("isEnabled") && source.Str("resource") == resource && source.Str("category") == category
	})
	line := Line{Time: time.Now().UTC(), Resource: resource, Category: category, Message: message}
	for _, o := range logs {
		if err := l.lines(o.Str("id")).Append(line); err != nil {
			return fmt.Errorf("write log: %w", err)
		}
	}
	return nil
}

// lines returns the lines of a log.
func (l *Service) lines(id string) *store.Lines {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[id] == nil {
		l.open[id] = store.OpenLines(filepath.Join(l.dir, id+".jsonl"), fileLimit)
	}
	return l.open[id]
}

// remove deletes a log's lines.
func (l *Service) remove(o kind.Object) error {
	id := o.Str("id")
	err := l.lines(id).Remove()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, id)
	return err
}

// Logs returns the OCIDs of all logs.
func (l *Service) Logs() []string {
	var ids []string
	for _, o := range l.engine.List("log", nil) {
		ids = append(ids, o.Str("id"))
	}
	return ids
}

// Read returns the kept lines of a log, oldest first; none when nothing was
// written.
func (l *Service) Read(logID string) ([]Line, error) {
	return store.ReadLines[Line](l.lines(logID), nil)
}

// Close closes the logs' files.
func (l *Service) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, lines := range l.open {
		errs = append(errs, lines.Close())
	}
	return errors.Join(errs...)
}
