// Package events is the local cloud's Events service: rules, and the delivery of
// events to the functions and topics that rules name.
package events

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	sdk "github.com/oracle/oci-go-sdk/v65/events"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
	"oci-media-pipelines/localcloud/store"
)

const pending = "events-pending"

// Invoker calls a function with an event as the body.
type Invoker interface {
	Invoke(ctx context.Context, functionID string, body []byte) error
}

// Publisher sends a message to a topic.
type Publisher interface {
	Publish(topicID, title, body string) error
}

// Service is the Events service.
type Service struct {
	api       *api.Service
	engine    *kind.Engine
	store     *store.Store
	invoker   Invoker
	publisher Publisher

	// Faults says how often an event is delivered, and how much later. Nil: once and at
	// once. It is set before the first event.
	Faults interface {
		OfEvent(eventType string) (copies int, delay time.Duration)
	}

	ctx        context.Context
	stop       context.CancelFunc
	mu         sync.Mutex // so that none begins once they are waited for
	deliveries sync.WaitGroup
}

// New makes the service.
func New(engine *kind.Engine, s *store.Store, invoker Invoker, publisher Publisher) *Service {
	ctx, stop := context.WithCancel(context.Background())
	e := &Service{api: api.NewService("events", "events.{region}.oci.oraclecloud.com", "events.{region}.oraclecloud.com"), engine: engine, store: s,
		invoker: invoker, publisher: publisher, ctx: ctx, stop: stop}
	engine.Register(e.api, kind.Kind{
		Name: "Rule", Type: "eventrule", Path: "/rules", Access: ruleAccess,
		Create: sdk.CreateRuleDetails{}, Update: sdk.UpdateRuleDetails{},
		References: []string{"actions.actions.functionId", "actions.actions.topicId"},
		Check:      e.check, Limits: []kind.Count{{Limit: limits.EventRules}},
		Defaults: func(_ *api.Call, o kind.Object) error {
			o["lifecycleMessage"] = ""
			return nil
		},
	})
	return e
}

// APIs returns the service's API.
func (e *Service) APIs() []*api.Service { return []*api.Service{e.api} }

func (e *Service) check(_ *api.Call, _, o kind.Object) error {
	if _, err := parseCondition(o.Str("condition")); err != nil {
		return api.InvalidParameter("%v", err)
	}
	list, _ := o.Object("actions")["actions"].([]any)
	if len(list) == 0 {
		return api.InvalidParameter("actions.actions must hold at least one action.")
	}
	if err := e.engine.Limits().Parts(limits.ActionsPerEventRule, "actions.actions", len(list)); err != nil {
		return err
	}
	for _, item := range list {
		action, _ := item.(map[string]any)
		target := map[string]string{"FAAS": "functionId", "ONS": "topicId"}[kind.Object(action).Str("actionType")]
		switch {
		case target == "":
			return api.NotImplemented("actionType %q: the local cloud delivers to FAAS and ONS.", action["actionType"])
		case kind.Object(action).Str(target) == "":
			return api.MissingParameter("%s is required in an action of type %s.", target, action["actionType"])
		}
		kind.Object(action).Default("id", kind.NewID("eventaction", ""))
		action["lifecycleState"] = "ACTIVE"
	}
	return nil
}

// delivery is an event that is yet to reach the targets of its rules.
type delivery struct {
	Event map[string]any `json:"event"`
}

// Emit takes an event (the members eventType, source and data) for the rules of
// its compartment. It returns when the event is kept; delivery follows in the
// background, at least once, also when the local cloud is restarted meanwhile.
func (e *Service) Emit(compartmentID string, event map[string]any) error {
	id := uuid.NewString()
	now := kind.Timestamp(time.Now())
	full := map[string]any{
		"cloudEventsVersion": "0.1", "eventTypeVersion": "2.0", "contentType": "application/json",
		"eventID": id, "eventTime": now, "extensions": map[string]any{"compartmentId": compartmentID},
	}
	for name, value := range event {
		full[name] = value
	}
	key := now + "/" + id // so that kept events are delivered in their order
	if err := e.store.Put(pending, key, delivery{full}); err != nil {
		return fmt.Errorf("keep event: %w", err)
	}
	e.deliver(key, compartmentID, full)
	return nil
}

// Start delivers events that a stopped local cloud had kept.
func (e *Service) Start(context.Context) error {
	return e.store.Scan(pending, "", func(key string, raw json.RawMessage) error {
		var d delivery
		if err := json.Unmarshal(raw, &d); err != nil {
			return fmt.Errorf("decode kept event: %w", err)
		}
		extensions, _ := d.Event["extensions"].(map[string]any)
		e.deliver(key, kind.Object(extensions).Str("compartmentId"), d.Event)
		return nil
	})
}

// Close stops deliveries and waits for them. What is not delivered is kept.
func (e *Service) Close() {
	e.mu.Lock()
	e.stop()
	e.mu.Unlock()
	e.deliveries.Wait()
}

func (e *Service) deliver(key, compartmentID string, event map[string]any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ctx.Err() != nil {
		return // The next start delivers it.
	}
	// Before anything else can happen: a rule that is enabled later is not for
	// this event.
	rules := e.matching(compartmentID, event)
	e.deliveries.Go(func() {
		body, err := json.Marshal(event)
		if err != nil {
			slog.Error("event cannot be encoded", "event", key, "error", err)
			return
		}
		for range e.copies(event) {
			e.actAll(rules, body)
		}
		if e.ctx.Err() != nil {
			return // Stopped half-way: delivered again at the next start.
		}
		if err := e.store.Delete(pending, key); err != nil {
			slog.Error("delivered event cannot be forgotten", "event", key, "error", err)
		}
	})
}

// copies is how often an event is delivered; it returns when it is time for that.
func (e *Service) copies(event map[string]any) int {
	if e.Faults == nil {
		return 1
	}
	copies, delay := e.Faults.OfEvent(kind.Object(event).Str("eventType"))
	if delay == 0 {
		return copies
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return copies
	case <-e.ctx.Done():
		return 0
	}
}

// actAll performs the actions of all rules and waits for them.
func (e *Service) actAll(rules []kind.Object, body []byte) {
	var targets sync.WaitGroup
	for _, rule := range rules {
		list, _ := rule.Object("actions")["actions"].([]any)
		for _, item := range list {
			action, _ := item.(map[string]any)
			if o := kind.Object(action); o.Bool("isEnabled") {
				targets.Go(func() { e.act(rule, o, body) })
			}
		}
	}
	targets.Wait()
}

func (e *Service) matching(compartmentID string, event map[string]any) []kind.Object {
	return e.engine.List("eventrule", func(rule kind.Object) bool {
		if !rule.Bool("isEnabled") || !e.covers(rule.Str("compartmentId"), compartmentID) {
			return false
		}
		c, err := parseCondition(rule.Str("condition"))
		return err == nil && c.matches(event)
	})
}

// act performs one action. OCI documents no redelivery after a failed function,
// so a failure is logged and that is all.
func (e *Service) act(rule, action kind.Object, body []byte) {
	var err error
	switch action.Str("actionType") {
	case "FAAS":
		err = e.invoker.Invoke(e.ctx, action.Str("functionId"), body)
	case "ONS":
		err = e.publisher.Publish(action.Str("topicId"), "OCI event", string(body))
	}
	if err != nil && e.ctx.Err() == nil {
		slog.Warn("event was not handled", "rule", rule.Str("displayName"), "error", err)
	}
}
