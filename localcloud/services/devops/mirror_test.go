package devops

import (
	"context"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

// schedule is a mirror's configuration with a schedule.
func schedule(scheduleType, rule string) kind.Object {
	trigger := map[string]any{"scheduleType": scheduleType}
	if rule != "" {
		trigger["customSchedule"] = rule
	}
	return kind.Object{"triggerSchedule": trigger}
}

func TestMirroringInterval(t *testing.T) {
	for name, tt := range map[string]struct {
		config kind.Object
		want   time.Duration
		says   string
	}{
		"none given":         {kind.Object{}, 30 * time.Minute, ""},
		"default":            {schedule("DEFAULT", ""), 30 * time.Minute, ""},
		"none":               {schedule("NONE", ""), 0, ""},
		"minutes":            {schedule("CUSTOM", "FREQ=MINUTELY;INTERVAL=10"), 10 * time.Minute, ""},
		"in any order":       {schedule("CUSTOM", "RRULE:INTERVAL=2;FREQ=HOURLY"), 2 * time.Hour, ""},
		"each day":           {schedule("CUSTOM", "FREQ=DAILY"), 24 * time.Hour, ""},
		"no rule":            {schedule("CUSTOM", ""), 0, "customSchedule is required"},
		"a rule too many":    {schedule("DEFAULT", "FREQ=DAILY"), 0, "is for the schedule type CUSTOM"},
		"no frequency":       {schedule("CUSTOM", "INTERVAL=2"), 0, "has no FREQ"},
		"another frequency":  {schedule("CUSTOM", "FREQ=YEARLY"), 0, "FREQ must be"},
		"no interval":        {schedule("CUSTOM", "FREQ=DAILY;INTERVAL=0"), 0, "INTERVAL must be"},
		"what is not served": {schedule("CUSTOM", "FREQ=DAILY;BYHOUR=3"), 0, `"BYHOUR=3"`},
		"no rule at all":     {schedule("CUSTOM", "every day"), 0, `"every day"`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := mirroringInterval(tt.config)
			if got != tt.want || (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%s, %v, want %s, %q", got, err, tt.want, tt.says)
			}
		})
	}
}

// alone makes a service with nothing around it: its proxy is nowhere, so that every
// mirroring fails.
func alone(t *testing.T) *Service {
	t.Helper()
	state, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(nil)
	authority := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	server.Close()
	engine := kind.NewEngine(state)
	s, err := New(Config{Engine: engine, Store: state, ProxyURL: "http://127.0.0.1:1", CAFile: authority})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
		engine.Close()
		if err := state.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestMirrorIfDue(t *testing.T) {
	ago := func(d time.Duration, status string) []mirrorRecord {
		return []mirrorRecord{{Status: status, TimeEnqueued: kind.Timestamp(time.Now().Add(-d))}}
	}
	hourly, none := schedule("CUSTOM", "FREQ=HOURLY"), schedule("NONE", "")
	for name, tt := range map[string]struct {
		config  kind.Object
		records []mirrorRecord
		// status is that of the newest record then, count how many there are, and next the
		// time until the next mirroring.
		status string
		count  int
		next   time.Duration
	}{
		"a new one":                        {hourly, nil, mirrorFailed, 1, time.Hour},
		"a new one without schedule":       {none, nil, mirrorFailed, 1, 0},
		"too early":                        {hourly, ago(20*time.Minute, mirrorPassed), mirrorPassed, 1, 40 * time.Minute},
		"in time":                          {hourly, ago(61*time.Minute, mirrorPassed), mirrorFailed, 2, time.Hour},
		"after a day without a cloud":      {hourly, ago(24*time.Hour, mirrorFailed), mirrorFailed, 2, time.Hour},
		"never":                            {none, ago(24*time.Hour, mirrorPassed), mirrorPassed, 1, 0},
		"asked for":                        {none, ago(0, mirrorQueued), mirrorFailed, 1, 0},
		"one that a stopped cloud was at":  {hourly, ago(time.Minute, mirrorRunning), mirrorFailed, 1, time.Hour},
		"one that is late, and waits, too": {hourly, ago(61*time.Minute, mirrorQueued), mirrorFailed, 1, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			s := alone(t)
			tt.config["connectorId"] = "ocid1.devopsconnection.oc1..gone"
			repository := kind.Object{"id": kind.NewID(typeRepository, "us-ashburn-1"), "repositoryType": mirrored, "mirrorRepositoryConfig": tt.config}
			if err := s.Engine.Put(repository); err != nil {
				t.Fatal(err)
			}
			for _, r := range tt.records {
				r.Key = repository.Str("id") + "/0"
				if err := s.Store.Put(mirrorRecords, r.Key, r); err != nil {
					t.Fatal(err)
				}
			}
			s.Logs = nowhere{}
			next, err := s.mirrorIfDue(t.Context(), repository)
			if err != nil {
				t.Fatal(err)
			}
			records, err := s.mirrorRecordsOf(repository.Str("id"))
			if err != nil || len(records) != tt.count || records[0].Status != tt.status {
				t.Errorf("records %v, %v, want %d, the newest %s", records, err, tt.count, tt.status)
			}
			if next.IsZero() != (tt.next == 0) || !next.IsZero() && (time.Until(next)-tt.next).Abs() > 30*time.Second {
				t.Errorf("the next is in %s, want %s", time.Until(next), tt.next)
			}
			shown, _ := s.Engine.Get(repository.Str("id"))
			if got := shown.Str("lifecyleDetails"); (tt.status == mirrorFailed) != strings.Contains(got, "connection ocid1.devopsconnection.oc1..gone is gone") {
				t.Errorf("the repository says %q", got)
			}
		})
	}
}

// nowhere takes log lines.
type nowhere struct{}

// Write forgets a line.
func (nowhere) Write(string, string, string) error { return nil }

func TestCheckRepository(t *testing.T) {
	s := alone(t)
	for name, tt := range map[string]struct {
		repository kind.Object
		says       string
	}{
		"a fork":               {kind.Object{"name": "a", "repositoryType": forked}, "does not serve forks"},
		"a hosted fork":        {kind.Object{"name": "a", "repositoryType": hosted, "parentRepositoryId": "x"}, "does not serve forks"},
		"a name with a slash":  {kind.Object{"name": "a/b", "repositoryType": hosted}, "name must begin"},
		"a name with a suffix": {kind.Object{"name": "a.git", "repositoryType": hosted}, "not end in .git"},
		"a hosted mirror":      {kind.Object{"name": "a", "repositoryType": hosted, "mirrorRepositoryConfig": map[string]any{}}, "mirrorRepositoryConfig is for"},
		"a mirror of nothing":  {kind.Object{"name": "a", "repositoryType": mirrored}, "mirrorRepositoryConfig.connectorId is required"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := s.checkRepository(nil, nil, tt.repository); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error is %v, want %q", err, tt.says)
			}
		})
	}
}
