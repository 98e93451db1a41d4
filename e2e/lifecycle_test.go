package e2e

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"oci-media-pipelines/localcloud/smoke"
)

// TestLifeCycle is the life of one stack, from the first preview to the last
// destroy. Each step finds the stack as the earlier one left it: deployed, and in
// step with its sources.
func TestLifeCycle(t *testing.T) {
	l := &life{stack: openStack(t, "life", nil), before: inventory(t), objects: storedObjects(t)}
	// The sources that the steps change are as they were when all of these have ended.
	t.Run("Alone", func(t *testing.T) {
		l.whole = t
		t.Run("Preview", l.preview)
		for _, step := range []struct {
			name string
			run  func(*testing.T)
		}{
			{"Unchanged", l.unchanged},
			{"ChangedFunction", l.changedFunction},
			{"ChangedApp", l.changedApp},
			{"Drift", l.drift},
			{"LostManifests", l.lostManifests},
			{"Destroy", l.tornDown},
		} {
			t.Run(step.name, func(t *testing.T) {
				l.begin(t)
				step.run(t)
			})
		}
	})
	t.Run("BesideAnother", l.beside)
}

// life is the stack whose life is tested.
type life struct {
	*stack
	whole   testing.TB                // that lasts as long as changes of the sources do
	before  map[string]map[string]int // what was in the cloud
	objects int                       // and on its disk
	outputs auto.OutputMap            // of the latest up
}

// watch makes a step's test the one that fails.
func (l *life) watch(t *testing.T) { l.stack.t = t }

// begin prepares a step, and deploys the stack unless an earlier step has.
func (l *life) begin(t *testing.T) {
	t.Helper()
	l.watch(t)
	if l.outputs == nil {
		l.deploy()
	}
}

// deploy runs up and returns what it changed.
func (l *life) deploy() (changes map[string]int) {
	l.t.Helper()
	l.outputs, changes = l.up()
	return changes
}

// deployed is a resource count that only a whole stack has.
const deployed = 30

// output returns an output of the latest up.
func (l *life) output(name string) string {
	l.t.Helper()
	return output(l.t, l.outputs, name)
}

// configure changes a setting for the rest of the test.
func (l *life) configure(key, value string) {
	l.t.Helper()
	ctx, cancel := l.context()
	defer cancel()
	engine := l.Stack()
	must(l.t, engine.SetConfig(ctx, key, auto.ConfigValue{Value: value}))
	l.t.Cleanup(func() {
		must(l.t, engine.RemoveConfig(context.Background(), key))
	})
}

func (l *life) url() string { return strings.TrimRight(l.output("applicationUrl"), "/") }

// instances returns the OCIDs of the app's container instances.
func (l *life) instances() []string {
	l.t.Helper()
	var ids []string
	values, _ := l.outputs["containerInstanceIds"].Value.([]any)
	for _, value := range values {
		id, _ := value.(string)
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		l.t.Fatalf("the stack has no container instance: %v", l.outputs["containerInstanceIds"].Value)
	}
	return ids
}

// nothing is what an operation of the engine changes that finds all as it should be.
var nothing = map[string]int{}

func (l *life) preview(t *testing.T) {
	l.watch(t)
	before := time.Now()
	if changes := l.stack.preview(); changes["create"] < deployed || len(changes) != 1 {
		t.Fatalf("the first preview plans %v", changes)
	}
	if wrote := writes(t, before); len(wrote) > 0 {
		t.Errorf("preview wrote:\n%s", requests(wrote))
	}
}

func (l *life) unchanged(t *testing.T) {
	wantStatus(t, l.url()+"/health", http.StatusOK)
	before := time.Now()
	wantChanges(t, "preview after up", l.stack.preview(), nothing, l.progress)
	wantChanges(t, "up after up", l.deploy(), nothing, l.progress)
	if wrote := writes(t, before); len(wrote) > 0 {
		t.Errorf("preview and up with nothing to change wrote:\n%s", requests(wrote))
	}
	wantChanges(t, "refresh after up", l.refresh(), nothing, l.progress)
}

func (l *life) changedFunction(t *testing.T) {
	instances, app, function := l.instances(), l.output("appImage"), l.output("functionImage")
	l.edit("function/analyze/main.go", "func main() {", "func main() {\n\tprintln(\"changed\")")
	before := time.Now()
	wantChanges(t, "up after a changed function", l.deploy(), map[string]int{"update": 1}, l.progress)
	if got := l.instances(); strings.Join(got, " ") != strings.Join(instances, " ") {
		t.Errorf("the app's instances were %v and are %v", instances, got)
	}
	if l.output("appImage") != app || l.output("functionImage") == function {
		t.Errorf("the images are %s (was %s) and %s (was %s)", l.output("appImage"), app, l.output("functionImage"), function)
	}
	if pushed := pushes(t, before); len(pushed) != 1 || !strings.Contains(pushed[0], "-analyze-") {
		t.Errorf("images were pushed to %v, want one to the function's repository", pushed)
	}
	changed := 0
	for _, e := range writes(t, before) {
		switch {
		case e.Operation == "UpdateFunction":
			changed++
		case e.Service != registryService:
			t.Errorf("a changed function also led to:\n%s", requests(writes(t, before)))
		}
	}
	if changed != 1 {
		t.Errorf("%d functions were updated, want 1", changed)
	}
	tryOut(t, l.url())
	if !strings.Contains(strings.Join(functionLog(t), "\n"), "changed") {
		t.Error("the function that ran is not the changed one")
	}
}

// tryOut fails the test unless a picture can be uploaded and is analysed.
func tryOut(t testing.TB, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := smoke.Test(ctx, url); err != nil {
		t.Errorf("%v\n%s", err, tail(functionLog(t), 20))
	}
}

// edit changes a file of the project for as long as the stack is alone.
func (l *life) edit(path, old, new string) {
	l.t.Helper()
	raw, err := os.ReadFile(path)
	must(l.t, err)
	text := strings.Replace(string(raw), old, new, 1)
	if text == string(raw) {
		l.t.Fatalf("%s does not hold %q", path, old)
	}
	must(l.t, os.WriteFile(path, []byte(text), 0o600))
	l.whole.Cleanup(func() { must(l.whole, os.WriteFile(path, raw, 0o600)) })
}
