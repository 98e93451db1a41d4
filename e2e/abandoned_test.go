package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/events"

	"oci-media-pipelines/internal/analysis"
)

// TestAbandonedPicture: OCI promises no redelivery of events, so a picture whose
// event led nowhere must not be lost.
func TestAbandonedPicture(t *testing.T) {
	u, b := newUser(t), goBackstage(t)
	name := fresh("abandoned.jpg")
	withoutRule(t, b.rules, compartment, b.bucket, func() { b.put(name, photo(t, "coffee.jpg")) })
	u.forget(name)
	if _, analysed := u.result(name); analysed {
		t.Fatal("the picture was analysed although no rule was enabled")
	}
	if card := u.page(u.at("/card/", name)); !strings.Contains(card, "Analyzing…") || strings.Contains(card, "data-retry") {
		t.Errorf("the card of a new picture: %s", card)
	}

	// The rest takes a minute, in which the other tests run.
	t.Parallel()
	b = goBackstage(t) // Some of them start the local cloud anew, where an earlier seat counts for nothing.
	until(t, 90*time.Second, "a retry button", func() bool {
		card := u.page(u.at("/card/", name))
		return strings.Contains(card, "Still no result after a minute") && strings.Contains(card, "data-retry")
	})
	if docs := b.documentsAbout(name); len(docs) > 0 {
		t.Fatalf("documents before the retry: %+v", docs)
	}
	if status, body := u.call(http.MethodPost, u.at("/retry/", name)); status != http.StatusOK {
		t.Fatalf("retry: %d %s", status, body)
	}
	// The answer comes when the document is there.
	if doc, ok := u.result(name); !ok || doc.Status != analysis.Succeeded || doc.ETag != b.etag(name) || len(doc.Results.Objects) == 0 {
		t.Errorf("after the retry: %+v", doc)
	}
	if status, body := u.call(http.MethodPost, u.at("/retry/", name)); status != http.StatusConflict || !strings.Contains(body, "is analysed already") {
		t.Errorf("retry of an analysed picture: %d %s", status, body)
	}
	if status, body := u.call(http.MethodPost, u.at("/retry/", fresh("never.jpg"))); status != http.StatusNotFound || !strings.Contains(body, "no such picture") {
		t.Errorf("retry of a picture that is not there: %d %s", status, body)
	}
}

// withoutRule does something while the events rule about a bucket is disabled.
func withoutRule(t testing.TB, rules events.EventsClient, compartment, bucket string, do func()) {
	t.Helper()
	all, err := rules.ListRules(t.Context(), events.ListRulesRequest{CompartmentId: &compartment})
	must(t, err)
	var mine []string
	for _, rule := range all.Items {
		if strings.Contains(*rule.Condition, bucket) {
			mine = append(mine, *rule.Id)
		}
	}
	if len(mine) != 1 {
		t.Fatalf("rules about bucket %s: %q", bucket, mine)
	}
	enable := func(on bool) {
		_, err := rules.UpdateRule(t.Context(), events.UpdateRuleRequest{RuleId: &mine[0], UpdateRuleDetails: events.UpdateRuleDetails{IsEnabled: &on}})
		must(t, err)
	}
	enable(false)
	defer enable(true)
	do()
}
