// Package logging is the local cloud's Logging service: log groups, logs, and
// the lines that services write for the resources that a log watches.
package logging

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
	mu     sync.Mutex
}

// New makes the service.
func New(engine *kind.Engine, s *store.Store) (*Service, error) {
	dir, err := s.Dir("logs")
	if err != nil {
		return nil, err
	}
	l := &Service{api: api.NewService("logging", "logging.{region}.oci.oraclecloud.com"), engine: engine, dir: dir}
	engine.Register(l.api, kind.Kind{
		Name: "LogGroup", Type: "loggroup", Path: "/logGroups",
		Create: sdk.CreateLogGroupDetails{}, Update: sdk.UpdateLogGroupDetails{},
		Unique: []string{"compartmentId", "displayName"}, WorkRequests: true, NoCreateBody: true,
		Defaults: func(c *api.Call, o kind.Object) error {
			o["timeLastModified"] = kind.Timestamp(time.Now())
			return nil
		},
	})
	engine.Register(l.api, kind.Kind{
		Name: "Log", Type: "log", Path: "/logGroups/{logGroupId}/logs",
		Create: sdk.CreateLogDetails{}, Update: sdk.UpdateLogDetails{}, References: []string{"logGroupId"},
		Unique: []string{"logGroupId", "displayName"}, WorkRequests: true, NoCreateBody: true,
		Check: check, Defaults: l.defaults,
		Deleted: func(o kind.Object) error {
			if err := os.Remove(l.file(o.Str("id"))); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove log: %w", err)
			}
			return nil
		},
	})
	engine.RegisterWorkRequests(l.api)
	return l, nil
}

// APIs returns the service's API.
func (l *Service) APIs() []*api.Service { return []*api.Service{l.api} }

func check(_ *api.Call, _, o kind.Object) error {
	if days := o.Number("retentionDuration"); days != 0 && (days < 30 || days > 180 || int(days)%30 != 0) {
		return api.InvalidParameter("retentionDuration must be 30 to 180 days in steps of 30, it is %v.", days)
	}
	source := o.Object("configuration").Object("source")
	if o.Str("logType") == "SERVICE" && source.Str("resource") == "" {
		return api.MissingParameter("configuration.source.resource is required for a SERVICE log.")
	}
	return nil
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
	line, err := json.Marshal(Line{Time: time.Now().UTC(), Resource: resource, Category: category, Message: message})
	if err != nil {
		return fmt.Errorf("encode log line: %w", err)
	}
	for _, o := range logs {
		if err := l.append(l.file(o.Str("id")), append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

func (l *Service) append(path string, line []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if info, err := os.Stat(path); err == nil && info.Size() > fileLimit {
		if err := os.Rename(path, path+".1"); err != nil {
			return fmt.Errorf("put log aside: %w", err)
		}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	_, err = file.Write(line)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write log: %w", err)
	}
	return nil
}

func (l *Service) file(id string) string { return filepath.Join(l.dir, id+".jsonl") }

// Logs returns the OCIDs of all logs.
func (l *Service) Logs() []string {
	var ids []string
	for _, o := range l.engine.List("log", nil) {
		ids = append(ids, o.Str("id"))
	}
	return ids
}

// Read returns the lines of a log, oldest first; none when nothing was written.
func (l *Service) Read(logID string) ([]Line, error) {
	file, err := os.Open(l.file(logID))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	defer file.Close()
	var lines []Line
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var line Line
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("read log: %w", err)
		}
		lines = append(lines, line)
	}
	return lines, scanner.Err()
}
