// Package monitoring is the local cloud's Monitoring service: alarms over the
// metrics that services count, evaluated once a minute, as OCI does, and whenever
// a metric changes, and told to the alarm's topics.
package monitoring

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/monitoring"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

// Publisher sends a message to a topic.
type Publisher interface {
	Publish(topicID, title, body string) error
}

// resolution is the finest that OCI aggregates to.
const resolution = time.Minute

// retention is how long points are kept, the longest interval of a query.
const retention = 24 * time.Hour

// point sums up one minute of a metric with the same dimensions.
type point struct {
	time       time.Time // the minute's beginning
	sum        float64
	count      int
	dimensions map[string]string
}

// Service is the Monitoring service. Metrics live in memory only.
type Service struct {
	api       *api.Service
	engine    *kind.Engine
	publisher Publisher

	ctx     context.Context
	stop    context.CancelFunc
	ticking sync.WaitGroup

	mu     sync.Mutex
	points map[string][]point // by namespace/metric
	firing map[string]bool    // by alarm OCID
}

// New makes the service.
func New(engine *kind.Engine, publisher Publisher) *Service {
	ctx, stop := context.WithCancel(context.Background())
	m := &Service{
		ctx: ctx, stop: stop,
		api:    api.NewService("monitoring", "telemetry.{region}.oraclecloud.com", "telemetry-ingestion.{region}.oraclecloud.com"),
		engine: engine, publisher: publisher, points: map[string][]point{}, firing: map[string]bool{},
	}
	m.api.Route("ListAlarmsStatus", "GET /alarms/status", api.On(api.InCompartment, m.status), "ALARM_INSPECT")
	engine.Register(m.api, kind.Kind{
		Name: "Alarm", Type: "alarm", Path: "/alarms", Access: alarmAccess,
		Create: sdk.CreateAlarmDetails{}, Update: sdk.UpdateAlarmDetails{}, References: []string{"destinations"}, Limits: []kind.Count{{Limit: limits.Alarms}},
		Check: func(_ *api.Call, _, o kind.Object) error {
			if _, err := parseQuery(o.Str("query")); err != nil {
				return api.InvalidParameter("query: %v", err)
			}
			return nil
		},
		Defaults: func(_ *api.Call, o kind.Object) error {
			o.Default("pendingDuration", "PT1M")
			o.Default("resolution", "1m")
			o.Default("messageFormat", "RAW")
			o.Default("isNotificationsPerMetricDimensionEnabled", false)
			o.Default("metricCompartmentIdInSubtree", false)
			return nil
		},
		Deleted: func(o kind.Object) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			delete(m.firing, o.Str("id"))
			return nil
		},
	})
	return m
}

// APIs returns the service's API.
func (m *Service) APIs() []*api.Service { return []*api.Service{m.api} }

// Count adds a value to a metric and evaluates the alarms that watch it.
// pendingDuration is not waited for: an alarm fires at the first breach.
func (m *Service) Count(namespace, metric string, value float64, dimensions map[string]string) {
	key := namespace + "/" + metric
	now := time.Now()
	m.mu.Lock()
	m.points[key] = add(m.points[key], now, value, dimensions)
	m.mu.Unlock()
	for _, alarm := range m.alarms(func(o kind.Object) bool { return o.Str("namespace") == namespace }) {
		m.evaluate(alarm, now)
	}
}

// add adds a value to the points of a metric, oldest first, and drops those that
// no query can ask for.
func add(points []point, now time.Time, value float64, dimensions map[string]string) []point {
	for len(points) > 0 && now.Sub(points[0].time) > retention+resolution {
		points = points[1:]
	}
	minute := now.Truncate(resolution)
	for i := len(points) - 1; i >= 0 && points[i].time.Equal(minute); i-- {
		if maps.Equal(points[i].dimensions, dimensions) {
			points[i].sum += value
			points[i].count++
			return points
		}
	}
	return append(points, point{minute, value, 1, dimensions})
}

// Start evaluates all alarms once a minute until Close, so that one recovers when
// its metric falls silent.
func (m *Service) Start() {
	m.ticking.Go(func() {
		tick := time.NewTicker(resolution)
		defer tick.Stop()
		for {
			select {
			case <-m.ctx.Done():
				return
			case now := <-tick.C:
				m.Evaluate(now)
			}
		}
	})
}

// Close ends what Start began.
func (m *Service) Close() {
	m.stop()
	m.ticking.Wait()
}

// Evaluate evaluates all alarms as of a time.
func (m *Service) Evaluate(now time.Time) {
	for _, alarm := range m.alarms(nil) {
		m.evaluate(alarm, now)
	}
}

// alarms returns the enabled alarms that match returns true for, all when nil.
func (m *Service) alarms(match func(kind.Object) bool) []kind.Object {
	return m.engine.List("alarm", func(o kind.Object) bool { return o.Bool("isEnabled") && (match == nil || match(o)) })
}

func (m *Service) evaluate(alarm kind.Object, now time.Time) {
	q, err := parseQuery(alarm.Str("query"))
	if err != nil {
		slog.Error("alarm cannot be evaluated", "alarm", alarm.Str("displayName"), "error", err)
		return
	}
	id := alarm.Str("id")
	m.mu.Lock()
	value, known := q.evaluate(m.points[alarm.Str("namespace")+"/"+q.metric], now)
	// Without data an alarm does not fire.
	breach := known && q.breached(value)
	changed := breach != m.firing[id]
	m.firing[id] = breach
	m.mu.Unlock()
	if !changed {
		return
	}
	state := map[bool]string{true: "FIRING", false: "OK"}[breach]
	title := fmt.Sprintf("%s: %s", state, alarm.Str("displayName"))
	body := fmt.Sprintf("%s\n%s is %v.", alarm.Str("body"), alarm.Str("query"), value)
	for _, topic := range alarm.Strings("destinations") {
		if err := m.publisher.Publish(topic, title, body); err != nil {
			slog.Error("alarm cannot be published", "alarm", alarm.Str("displayName"), "error", err)
		}
	}
}

func (m *Service) status(c *api.Call) (*api.Response, error) {
	now := time.Now()
	m.Evaluate(now)
	alarms := m.engine.List("alarm", func(o kind.Object) bool { return o.Str("compartmentId") == c.Query("compartmentId") })
	var rows []kind.Object
	for _, o := range alarms {
		m.mu.Lock()
		state := map[bool]string{true: "FIRING", false: "OK"}[m.firing[o.Str("id")]]
		m.mu.Unlock()
		row := kind.Object{"id": o["id"], "displayName": o["displayName"], "severity": o["severity"], "status": state,
			"timestampTriggered": kind.Timestamp(now)}
		if wanted(c, row, "displayName", "status") {
			rows = append(rows, row)
		}
	}
	return kind.Page(c, rows, nil, false)
}

// wanted reports whether a row has the values that a list's parameters ask for.
func wanted(c *api.Call, row kind.Object, parameters ...string) bool {
	for _, name := range parameters {
		if value := c.Query(name); value != "" && value != row.Str(name) {
			return false
		}
	}
	return true
}
