package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"oci-media-pipelines/internal/analysis"
	"oci-media-pipelines/localcloud/cloud"
	"oci-media-pipelines/localcloud/endpoint"
	"oci-media-pipelines/localcloud/faults"
)

// onDeployment is what goes wrong while a stack is deployed: a tenth of all requests is
// refused, and of what is made some answers are lost.
const onDeployment = `
seed: 11
rules:
  - {fault: throttle, share: 0.05}
  - {fault: error, share: 0.05, status: 503}
  - {fault: lost, share: 0.05}
`

// onUse is what goes wrong while the app is used: events come twice, late and in
// another order, and the services that app and function ask fail now and then.
const onUse = `
seed: 12
rules:
  - {fault: duplicate, share: 0.5}
  - {fault: reorder, share: 0.5, delay: 300ms}
  - {fault: throttle, share: 0.1, services: [objectstorage, vision, ords, secrets]}
  - {fault: error, share: 0.1, status: 503, services: [objectstorage, vision, ords, secrets]}
  - {fault: lost, share: 0.05, services: [objectstorage, vision, ords]}
`

// TestFaults deploys and uses a stack while much goes wrong. The plans have seeds: what
// fails once fails again.
func TestFaults(t *testing.T) {
	plan := filepath.Join(t.TempDir(), "faults.yaml")
	must(t, os.WriteFile(plan, []byte(onDeployment), 0o600))
	c := startCloud(t, "faults", operationTimeout, map[string]string{}, "--faults", plan)
	said, err := c.try("up")
	if err != nil {
		t.Logf("the first up did not get through: %v\n%s", err, said)
		said = c.do("up")
	}
	e := c.endpoint()
	var report faults.Report
	must(t, e.Control(t.Context(), http.MethodGet, "/faults", &report))
	t.Logf("struck while deploying: %v", report.Struck)
	if report.Struck[faults.Throttle]+report.Struck[faults.Error] < 10 || report.Struck[faults.Lost] < 5 {
		t.Errorf("too little went wrong: %v", report.Struck)
	}
	must(t, e.Control(t.Context(), http.MethodDelete, "/faults", nil))
	if again := c.do("up"); !unchanged.MatchString(again) {
		t.Errorf("after the faults up says:\n%s", again)
	}

	u := user{t, c.url(said)}
	t.Run("Uploads", func(t *testing.T) { uploadsUnderFaults(t, e, u) })

	c.do("down")
	// The cloud of an empty state folder is stopped by down.
	if _, err := endpoint.Find(t.Context(), c.state); err == nil {
		var status cloud.Status
		must(t, e.Control(t.Context(), http.MethodGet, "/status", &status))
		t.Errorf("after down there are %v", status.Resources)
	}
}

// endpoint is where the cloud is.
func (c ownCloud) endpoint() endpoint.Endpoint {
	c.Helper()
	e, err := endpoint.Find(c.Context(), c.state)
	must(c, err)
	return e
}

// uploadsUnderFaults: of what the app took nothing is lost, and nothing is there twice.
func uploadsUnderFaults(t *testing.T, e endpoint.Endpoint, u user) {
	u.TB = t
	must(t, e.Send(t.Context(), http.MethodPut, "/faults", []byte(onUse), nil))
	var taken []string
	for _, file := range []string{"astronaut.jpg", "coffee.jpg", "rocket.jpg", "cat.png", "astronaut.jpg", "coffee.jpg", "rocket.jpg", "cat.png"} {
		name := fresh(file)
		content := photo(t, file)
		until(t, patience, "an upload that is taken", func() bool {
			got := u.send(name, content)
			if got.code == http.StatusCreated {
				taken = append(taken, got.Name)
			}
			return got.code == http.StatusCreated
		})
	}
	documents := func() (counts map[string]int) {
		status, body := u.call(http.MethodGet, u.url+"/api/results")
		var docs []analysis.Document
		if status != http.StatusOK || json.Unmarshal([]byte(body), &docs) != nil {
			return nil // A fault: asked again.
		}
		counts = map[string]int{}
		for _, doc := range docs {
			if doc.Status == analysis.Succeeded {
				counts[doc.ImageName]++
			}
		}
		return counts
	}
	until(t, 2*patience, "an analysis of every picture", func() bool {
		counts := documents()
		for _, name := range taken {
			if counts[name] == 0 {
				return false
			}
		}
		return true
	})
	var report faults.Report
	must(t, e.Control(t.Context(), http.MethodGet, "/faults", &report))
	t.Logf("struck while uploading: %v", report.Struck)
	if report.Struck[faults.Duplicate] == 0 || report.Struck[faults.Reorder] == 0 || report.Struck[faults.Error] == 0 {
		t.Errorf("too little went wrong: %v", report.Struck)
	}
	must(t, e.Control(t.Context(), http.MethodDelete, "/faults", nil))
	for name, n := range documents() {
		if n != 1 {
			t.Errorf("%d documents are about %q", n, name)
		}
	}
	for _, name := range taken {
		if status, picture := u.call(http.MethodGet, u.at("/image/", name)); status != http.StatusOK || len(picture) == 0 {
			t.Errorf("picture %q: %d", name, status)
		}
	}
}
