// Package monitoring is the local cloud's Monitoring service: alarms over the
// metrics that services count, evaluated as OCI does once a minute or whenever a
// metric changes, and told to the alarm's topics.
package monitoring

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/monitoring"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// Publisher sends a message to a topic.
type Publisher interface {
	Publish(topicID, title, body string) error
}

// point is one value of a metric.
type point struct {
	time       time.Time
	value      float64
	dimensions map[string]string
}

// retention is how long points are kept, the longest interval of a query.
const retention = time.Hour

// Service is the Monitoring service. Metrics live in memory only.
type Service struct {
	api       *api.Service
	engine    *kind.Engine
	publisher Publisher

	mu     sync.Mutex
	points map[string][]point // by namespace/metric
	firing map[string]bool    // by alarm OCID
}

// New makes the service.
func New(engine *kind.Engine, publisher Publisher) *Service {
	m := &Service{
		api:    api.NewService("monitoring", "telemetry.{region}.oraclecloud.com", "telemetry-ingestion.{region}.oraclecloud.com"),
		engine: engine, publisher: publisher, points: map[string][]point{}, firing: map[string]bool{},
	}
	m.api.Route("ListAlarmsStatus", "GET /alarms/status", m.status)
	engine.Register(m.api, kind.Kind{
		Name: "Alarm", Type: "alarm", Path: "/alarms",
		Create: sdk.CreateAlarmDetails{}, Update: sdk.UpdateAlarmDetails{}, References: []string{"destinations"},
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
	kept := m.points[key]
	for len(kept) > 0 && now.Sub(kept[0].time) > retention {
		kept = kept[1:]
	}
	m.points[key] = append(kept, point{now, value, dimensions})
	m.mu.Unlock()
	for _, alarm := range m.engine.List("alarm", func(o kind.Object) bool { return o.Bool("isEnabled") && o.Str("namespace") == namespace }) {
		m.evaluate(alarm)
	}
}

func (m *Service) evaluate(alarm kind.Object) {
	q, err := parseQuery(alarm.Str("query"))
	if err != nil {
		slog.Error("alarm cannot be evaluated", "alarm", alarm.Str("displayName"), "error", err)
		return
	}
	id := alarm.Str("id")
	m.mu.Lock()
	value := q.evaluate(m.points[alarm.Str("namespace")+"/"+q.metric], time.Now())
	breach := q.breached(value)
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
	alarms := m.engine.List("alarm", func(o kind.Object) bool { return o.Str("compartmentId") == c.Query("compartmentId") })
	rows := make([]kind.Object, len(alarms))
	for i, o := range alarms {
		m.evaluate(o)
		m.mu.Lock()
		state := map[bool]string{true: "FIRING", false: "OK"}[m.firing[o.Str("id")]]
		m.mu.Unlock()
		rows[i] = kind.Object{"id": o["id"], "displayName": o["displayName"], "severity": o["severity"], "status": state,
			"timestampTriggered": kind.Timestamp(time.Now())}
	}
	return api.Page(c, rows, false)
}
