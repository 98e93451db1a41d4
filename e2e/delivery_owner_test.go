package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// TestDeliveryAndUp is about who says which image a function has: with delivery, its
// code repository alone, in whatever order people push and deploy.
func TestDeliveryAndUp(t *testing.T) {
	d := openDelivery(t, "owned", nil)
	first, _, memory := d.serving("analyze")

	// Push, then up.
	d.hold("analyze", "one")
	pushed := d.push("Release one")
	d.delivered("analyze", pushed)
	d.wantServing("analyze", version(pushed))
	_, changes := d.stack.up()
	t.Logf("up after a push changed %v: what the state has of the image", changes)
	d.wantServing("analyze", version(pushed))
	wantChanges(t, "another up after the push", d.stack.preview(), nothing, d.stack.progress)
	d.stack.refresh()
	wantChanges(t, "preview after a refresh", d.stack.preview(), nothing, d.stack.progress)

	// Up with a change of the function's own, then push.
	deployed := d.stack.Stack()
	must(t, deployed.SetConfig(t.Context(), "functionMemoryMb", auto.ConfigValue{Value: "512"}))
	outputs, changes := d.stack.up()
	wantChanges(t, "up with another memory", changes, map[string]int{"update": 1}, d.stack.progress)
	d.wantServing("analyze", version(pushed))
	if got := output(t, outputs, "functionImage"); got[len(got)-len(version(pushed)):] != version(pushed) {
		t.Errorf("functionImage is %s, the function has %s", got, version(pushed))
	}
	d.hold("analyze", "two")
	later := d.push("Release two")
	d.delivered("analyze", later)
	tag, _, now := d.serving("analyze")
	if tag != version(later) || now != 512 || memory == now {
		t.Errorf("the function serves %s with %d MB, want %s with 512; first it was %s with %d", tag, now, version(later), first, memory)
	}

	// Two pushes at once end on the second.
	d.hold("analyze", "three")
	third := d.push("Release three")
	d.hold("analyze", "four")
	fourth := d.push("Release four")
	d.delivered("analyze", fourth)
	d.built("analyze", third)
	d.wantServing("analyze", version(fourth))

	// Back to an earlier one, which up leaves alone.
	said, err := d.rollback("analyze", version(pushed))
	if err != nil {
		t.Fatalf("rollback: %v\n%s", err, said)
	}
	d.wantServing("analyze", version(pushed))
	d.stack.up()
	d.wantServing("analyze", version(pushed))
	if said, err := d.rollback("analyze", "000000000000"); err == nil || !strings.Contains(said, version(fourth)) {
		t.Errorf("rollback to what never was: %v\n%s", err, said)
	}
	d.wantServing("analyze", version(pushed))
}

// rollback runs the command that "make rollback" runs.
func (d *delivery) rollback(function, imageVersion string) (said string, err error) {
	d.Helper()
	values := map[string]any{}
	for name, o := range d.outputs {
		values[name] = o.Value
	}
	outputs, err := json.Marshal(values)
	must(d, err)
	command := exec.CommandContext(d.Context(), "go", "run", "./infra/rollback", "-function", function, "-version", imageVersion)
	command.Dir, command.Stdin, command.Env = world.project, bytes.NewReader(outputs), os.Environ()
	for name, value := range world.cloud.Environment() {
		command.Env = append(command.Env, name+"="+value)
	}
	out, err := command.CombinedOutput()
	return string(out), err
}
