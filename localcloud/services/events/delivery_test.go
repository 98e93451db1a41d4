package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/events"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/services/events"
)

// targets remembers what reached functions and topics.
type targets struct {
	mu  sync.Mutex
	got []string
	// invoke is how a function answers; at once and well when nil.
	invoke func(context.Context) error
}

func (r *targets) Invoke(ctx context.Context, id string, _ []byte) error {
	r.note("function " + id)
	if r.invoke != nil {
		return r.invoke(ctx)
	}
	return nil
}

func (r *targets) Publish(topic, title, body string) error {
	r.note("topic " + topic + " " + title + " " + body[:1])
	return nil
}

func (r *targets) note(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, what)
}

func (r *targets) take() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.Sort(r.got)
	taken := strings.Join(r.got, "|")
	r.got = nil
	return taken
}

const topic = "ocid1.onstopic.oc1.iad.one"

func action(kind string, target string, enabled bool) sdk.ActionDetails {
	if kind == "ONS" {
		return sdk.CreateNotificationServiceActionDetails{IsEnabled: common.Bool(enabled), TopicId: common.String(target)}
	}
	return sdk.CreateFaaSActionDetails{IsEnabled: common.Bool(enabled), FunctionId: common.String(target)}
}

func create(t *testing.T, cloud *gatewaytest.Cloud, enabled bool, condition string, actions ...sdk.ActionDetails) error {
	t.Helper()
	client, err := sdk.NewEventsClientWithConfigurationProvider(cloud.Credentials())
	if err != nil {
		t.Fatal(err)
	}
	cloud.Use(&client.BaseClient)
	_, err = client.CreateRule(t.Context(), sdk.CreateRuleRequest{CreateRuleDetails: sdk.CreateRuleDetails{
		DisplayName: common.String("rule"), IsEnabled: common.Bool(enabled), CompartmentId: common.String(iam.CompartmentID),
		Condition: common.String(condition), Actions: &sdk.ActionDetailsList{Actions: actions}}})
	return err
}

func emit(t *testing.T, service *events.Service, compartment string) {
	t.Helper()
	if err := service.Emit(compartment, map[string]any{"eventType": "test", "source": "Test"}); err != nil {
		t.Fatal(err)
	}
}

func TestActions(t *testing.T) {
	for name, tt := range map[string]struct {
		enabled     bool
		compartment string
		actions     []sdk.ActionDetails
		want        string
	}{
		"a function and a topic": {true, iam.CompartmentID, []sdk.ActionDetails{action("FAAS", "f", true), action("ONS", topic, true)}, "function f|topic " + topic + " OCI event {"},
		"a disabled action":      {true, iam.CompartmentID, []sdk.ActionDetails{action("FAAS", "f", false), action("FAAS", "g", true)}, "function g"},
		"a disabled rule":        {false, iam.CompartmentID, []sdk.ActionDetails{action("FAAS", "f", true)}, ""},
		"another compartment":    {true, "ocid1.compartment.oc1..other", []sdk.ActionDetails{action("FAAS", "f", true)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			cloud, reached := gatewaytest.New(t), &targets{}
			service := events.New(cloud.Engine, cloud.Store, reached, reached)
			cloud.Add(service.APIs()...)
			if err := create(t, cloud, tt.enabled, `{}`, tt.actions...); err != nil {
				t.Fatal(err)
			}
			emit(t, service, tt.compartment)
			service.Close() // Waits for what was begun.
			if got := reached.take(); got != tt.want {
				t.Errorf("reached %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRulesAreRefused(t *testing.T) {
	cloud, reached := gatewaytest.New(t), &targets{}
	service := events.New(cloud.Engine, cloud.Store, reached, reached)
	t.Cleanup(service.Close)
	cloud.Add(service.APIs()...)
	works := action("FAAS", "f", true)
	for name, tt := range map[string]struct {
		condition string
		actions   []sdk.ActionDetails
		status    int
	}{
		"null":               {`null`, []sdk.ActionDetails{works}, 400},
		"a number":           {`{"eventType":1}`, []sdk.ActionDetails{works}, 400},
		"numbers in a list":  {`{"eventType":["a",1]}`, []sdk.ActionDetails{works}, 400},
		"no action":          {`{}`, []sdk.ActionDetails{}, 400},
		"no target":          {`{}`, []sdk.ActionDetails{action("FAAS", "", true)}, 400},
		"an unserved target": {`{}`, []sdk.ActionDetails{sdk.CreateStreamingServiceActionDetails{IsEnabled: common.Bool(true), StreamId: common.String("s")}}, 501},
	} {
		t.Run(name, func(t *testing.T) {
			var failure common.ServiceError
			if err := create(t, cloud, true, tt.condition, tt.actions...); !errors.As(err, &failure) || failure.GetHTTPStatusCode() != tt.status {
				t.Errorf("error is %v, want %d", err, tt.status)
			}
		})
	}
}

func TestKeptEventsAreDeliveredAfterARestart(t *testing.T) {
	cloud := gatewaytest.New(t)
	begun := make(chan struct{})
	stopped := &targets{invoke: func(ctx context.Context) error {
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	}}
	first := events.New(cloud.Engine, cloud.Store, stopped, stopped)
	cloud.Add(first.APIs()...)
	if err := create(t, cloud, true, `{}`, action("FAAS", "f", true)); err != nil {
		t.Fatal(err)
	}
	emit(t, first, iam.CompartmentID)
	<-begun
	first.Close()
	emit(t, first, iam.CompartmentID) // What comes while the cloud stops is kept, too.

	for restart, want := range []string{"function f|function f", ""} {
		reached := &targets{}
		again := events.New(cloud.Engine, cloud.Store, reached, reached)
		if err := again.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		settled(t, cloud, restart)
		again.Close()
		if got := reached.take(); got != want {
			t.Errorf("restart %d delivered %q, want %q", restart+1, got, want)
		}
	}
}

func TestFailedActionIsNotRepeated(t *testing.T) {
	cloud := gatewaytest.New(t)
	reached := &targets{invoke: func(context.Context) error { return errors.New("the function failed") }}
	service := events.New(cloud.Engine, cloud.Store, reached, reached)
	t.Cleanup(service.Close)
	cloud.Add(service.APIs()...)
	if err := create(t, cloud, true, `{}`, action("FAAS", "f", true)); err != nil {
		t.Fatal(err)
	}
	emit(t, service, iam.CompartmentID)
	settled(t, cloud, 0)
	if got := reached.take(); got != "function f" {
		t.Errorf("reached %q", got)
	}
}

// settled waits until no event is kept for delivery.
func settled(t *testing.T, cloud *gatewaytest.Cloud, round int) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		kept := 0
		if err := cloud.Store.Scan("events-pending", "", func(string, json.RawMessage) error { kept++; return nil }); err != nil {
			t.Fatal(err)
		}
		if kept == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("round %d: %d events are kept", round, kept)
		}
	}
}

// disturbed is how often events are delivered, and how late.
type disturbed struct {
	copies int
	delay  time.Duration
}

func (d disturbed) OfEvent(string) (int, time.Duration) { return d.copies, d.delay }

func TestDisturbedDelivery(t *testing.T) {
	for name, tt := range map[string]struct {
		faults disturbed
		want   string
	}{
		"twice":            {disturbed{copies: 2}, "function f|function f"},
		"late":             {disturbed{1, time.Millisecond}, "function f"},
		"after the end":    {disturbed{1, time.Hour}, ""},
		"not even delayed": {disturbed{copies: 1}, "function f"},
	} {
		t.Run(name, func(t *testing.T) {
			cloud, reached := gatewaytest.New(t), &targets{}
			service := events.New(cloud.Engine, cloud.Store, reached, reached)
			service.Faults = tt.faults
			cloud.Add(service.APIs()...)
			if err := create(t, cloud, true, `{}`, action("FAAS", "f", true)); err != nil {
				t.Fatal(err)
			}
			emit(t, service, iam.CompartmentID)
			if tt.faults.delay == time.Millisecond {
				for limit := time.After(10 * time.Second); ; {
					reached.mu.Lock()
					n := len(reached.got)
					reached.mu.Unlock()
					if n > 0 {
						break
					}
					select {
					case <-limit:
						t.Fatal("it was never delivered")
					case <-time.After(time.Millisecond):
					}
				}
			}
			service.Close()
			if got := reached.take(); got != tt.want {
				t.Errorf("reached %q, want %q", got, tt.want)
			}
		})
	}
}
