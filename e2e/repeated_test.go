package e2e

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/events"

	"oci-media-pipelines/internal/analysis"
	"oci-media-pipelines/internal/event"
)

// Events come at least once, in any order, and from wherever somebody is
// permitted to invoke the function.

func TestTheSameEventTwice(t *testing.T) {
	u, b := newUser(t), goBackstage(t)
	name := u.upload(fresh("twice.jpg"), photo(t, "coffee.jpg"))
	first := u.waitFor(name, patience)
	again := b.written(name, first.ETag)
	again.EventType = event.ObjectCreated
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if a, err := b.invoke(again); err != nil || a.Outcome != "unchanged" || a.Key != first.Key() {
				t.Errorf("the event again: %+v, %v", a, err)
			}
		})
	}
	group.Wait()
	b.wantDocuments(name, first)
}

// TestAnEventDeliveredTwice lets the Events service itself deliver one event
// twice, to two instances of the function at the same time.
func TestAnEventDeliveredTwice(t *testing.T) {
	u, b := newUser(t), goBackstage(t)
	name := fresh("doubled.jpg")
	condition, err := json.Marshal(map[string]any{"data": map[string]any{
		"resourceName": name, "additionalDetails": map[string]any{"bucketName": b.bucket},
	}})
	must(t, err)
	second, err := b.rules.CreateRule(t.Context(), events.CreateRuleRequest{CreateRuleDetails: events.CreateRuleDetails{
		DisplayName: new("a second rule"), CompartmentId: new(compartment), IsEnabled: new(true), Condition: new(string(condition)),
		Actions: &events.ActionDetailsList{Actions: []events.ActionDetails{
			events.CreateFaaSActionDetails{FunctionId: &b.functionID, IsEnabled: new(true)},
		}},
	}})
	must(t, err)
	removeRule := func() {
		_, err := b.rules.DeleteRule(t.Context(), events.DeleteRuleRequest{RuleId: second.Id})
		must(t, err)
	}
	u.upload(name, photo(t, "coffee.jpg"))
	until(t, patience, "two invocations for "+name, func() bool { return len(outcomes(t, name)) == 2 })
	removeRule() // or it would be told of the deletion, too
	ended := outcomes(t, name)
	for _, outcome := range ended {
		if outcome != "analyzed" && outcome != "unchanged" {
			t.Errorf("the invocations ended with %q", ended)
		}
	}
	b.wantDocuments(name, u.waitFor(name, patience))
}

func TestOverwrittenPicture(t *testing.T) {
	u, b := newUser(t), goBackstage(t)
	name := fresh("overwritten.jpg")
	u.forget(name)
	old := b.put(name, photo(t, "astronaut.jpg"))
	first := u.waitFor(name, patience)
	if first.ETag != old || !sees(first, "Human face") {
		t.Errorf("the first version, %s: %+v", old, first)
	}

	current := b.put(name, photo(t, "coffee.jpg"))
	var second analysis.Document
	until(t, patience, "a result for the second version", func() bool {
		second, _ = u.result(name)
		return second.ETag == current
	})
	if current == old || sees(second, "Human face") || reflect.DeepEqual(first.Results, second.Results) {
		t.Errorf("the second version, %s: %+v", current, second)
	}
	until(t, patience, "only the newest document", func() bool { return len(b.documentsAbout(name)) == 1 })
	b.wantDocuments(name, second)

	if a, err := b.invoke(b.written(name, old)); err != nil || a.Outcome != "ignored" || !strings.Contains(a.Reason, "overwritten") {
		t.Errorf("an event about the old version: %+v, %v", a, err)
	}
	b.wantDocuments(name, second)
}

func TestEventsAboutNothingNew(t *testing.T) {
	u, b := newUser(t), goBackstage(t)
	name := u.upload(fresh("ignored.jpg"), photo(t, "coffee.jpg"))
	doc := u.waitFor(name, patience)
	before := b.contents()
	deleted, elsewhere, gone := b.written(name, doc.ETag), b.written(name, doc.ETag), b.written(fresh("gone.jpg"), "e")
	deleted.EventType = event.ObjectDeleted
	elsewhere.Data.AdditionalDetails.BucketName = "another-bucket"
	for says, ev := range map[string]event.Event{"not about what was written": deleted, "not this function's": elsewhere, "deleted": gone} {
		if a, err := b.invoke(ev); err != nil || a.Outcome != "ignored" || !strings.Contains(a.Reason, says) {
			t.Errorf("got %+v, %v; want it to be ignored and say %q", a, err, says)
		}
	}
	broken := b.written(name, "")
	if a, err := b.invoke(broken); err == nil {
		t.Errorf("an event without an eTag: %+v", a)
	}
	wantContents(t, b.contents(), before)
}

// wantDocuments compares all that the database holds about an object.
func (b backstage) wantDocuments(name string, want ...analysis.Document) {
	b.Helper()
	if got := b.documentsAbout(name); !reflect.DeepEqual(got, want) {
		b.Errorf("the database holds about %q\n%+v\nwant\n%+v", name, got, want)
	}
}

func sees(doc analysis.Document, name string) bool {
	for _, o := range doc.Results.Objects {
		if o.Name == name {
			return true
		}
	}
	return false
}
