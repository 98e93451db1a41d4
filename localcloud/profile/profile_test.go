package profile_test

import (
	"context"
	"testing"
	"time"

	"oci-media-pipelines/localcloud/profile"
)

func named(t *testing.T, name string, scale float64) *profile.Profile {
	t.Helper()
	p, err := profile.Named(name, scale)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range profile.Table() {
		id := row.Resource + " " + string(row.Action)
		if seen[id] {
			t.Errorf("%s is in the table twice", id)
		}
		seen[id] = true
		if row.Takes <= 0 || row.Source == "" {
			t.Errorf("%s takes %v by source %q: a row without time or source says nothing", id, row.Takes, row.Source)
		}
		if row.Blocks && row.Action != profile.Create && row.Action != profile.Update && row.Action != profile.Delete {
			t.Errorf("%s blocks, but no request is answered by it", id)
		}
	}
}

// What takes longer than something else does so on any scale.
func TestScaleKeepsTheOrder(t *testing.T) {
	whole, tiny := named(t, profile.Realistic, 1), named(t, profile.Realistic, 0.001)
	for _, a := range profile.Table() {
		for _, b := range profile.Table() {
			longer := whole.Takes(a.Resource, a.Action) > whole.Takes(b.Resource, b.Action)
			if longer != (tiny.Takes(a.Resource, a.Action) > tiny.Takes(b.Resource, b.Action)) {
				t.Fatalf("%s %s against %s %s: the order is another one on a small scale", a.Resource, a.Action, b.Resource, b.Action)
			}
		}
	}
}

func TestProfiles(t *testing.T) {
	var none *profile.Profile
	realistic := named(t, profile.Realistic, 0.5)
	for _, c := range []struct {
		name             string
		profile          *profile.Profile
		resource         string
		action           profile.Action
		takes            time.Duration
		answers, lasting bool
	}{
		{"no profile", none, "vcn", profile.Create, 0, false, false},
		{"immediate", named(t, profile.Immediate, 1), "vcn", profile.Create, 0, false, false},
		{"transition", realistic, "vcn", profile.Create, 500 * time.Millisecond, false, true},
		{"blocking", realistic, "fnfunc", profile.Create, 500 * time.Millisecond, true, false},
		{"unknown", realistic, "submarine", profile.Create, 0, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.profile.Takes(c.resource, c.action); got != c.takes {
				t.Errorf("takes %v, want %v", got, c.takes)
			}
			if got := c.profile.Answers(c.resource, c.action) > 0; got != c.answers {
				t.Errorf("the answer waits: %v, want %v", got, c.answers)
			}
			if got := c.profile.Lasts(c.resource, c.action) > 0; got != c.lasting {
				t.Errorf("there is a transition: %v, want %v", got, c.lasting)
			}
		})
	}
}

func TestWrongProfiles(t *testing.T) {
	for name, of := range map[string]func() (*profile.Profile, error){
		"unknown name": func() (*profile.Profile, error) { return profile.Named("fast", 1) },
		"no scale":     func() (*profile.Profile, error) { return profile.Named(profile.Realistic, 0) },
		"large scale":  func() (*profile.Profile, error) { return profile.Named(profile.Realistic, 2) },
	} {
		t.Run(name, func(t *testing.T) {
			if p, err := of(); err == nil {
				t.Errorf("it is %v", p)
			}
		})
	}
}

func TestWait(t *testing.T) {
	if err := profile.Wait(t.Context(), time.Now().Add(-time.Hour)); err != nil {
		t.Error(err)
	}
	until := time.Now().Add(5 * time.Millisecond)
	if err := profile.Wait(t.Context(), until); err != nil || time.Now().Before(until) {
		t.Errorf("waited until %v: %v", time.Now(), err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := profile.Wait(ended, time.Now().Add(time.Hour)); err == nil {
		t.Error("it waited for somebody who has gone")
	}
}
