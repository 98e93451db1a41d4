package e2e

import (
	"net/http"
	"testing"
	"time"

	"oci-media-pipelines/docs"
)

// rounds is how often a stack comes and goes.
const rounds = 20

// TestRounds deploys and removes a stack again and again under one name. What OCI
// only schedules for deletion keeps its name for weeks, and stays in nobody's way.
func TestRounds(t *testing.T) {
	t.Parallel()
	docs.WantFigure(t, "rounds of `up` and `down` under one name, nothing left", rounds)
	f := newFragile(t, "rounds")
	empty := f.inventory()
	began := time.Now()
	var deployed map[string]map[string]int
	for round := range rounds {
		url := f.up()
		wantStatus(t, url+"/health", http.StatusOK)
		if round == 0 {
			deployed = f.inventory()
		}
		if got := f.inventory(); !equalInventory(got, withScheduled(deployed, round)) {
			t.Fatalf("after %d rounds a deployed stack is %v, at first it was %v", round, got, deployed)
		}
		f.destroy(withScheduled(empty, round), 1)
		if t.Failed() {
			t.Fatalf("after %d rounds", round)
		}
	}
	t.Logf("%d rounds in %.0f s", rounds, time.Since(began).Seconds())
}
