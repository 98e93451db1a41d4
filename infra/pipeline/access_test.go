package pipeline

import (
	"strings"
	"testing"
	"time"
)

func TestEveryGrantIsWrittenOnce(t *testing.T) {
	names := map[string]bool{}
	for _, grant := range Grants() {
		if names[grant.Name] || grant.Needed == "" || grant.Statement == "" {
			t.Errorf("grant %q is not unique or says nothing", grant.Name)
		}
		names[grant.Name] = true
	}
	written := 0
	for _, policy := range deployed(t, fullRig()).all("Policy") {
		written += len(statements(policy))
	}
	if written != len(Grants()) {
		t.Errorf("%d statements are written for %d grants", written, len(Grants()))
	}
}

func TestJobsInTheStacksCompartmentNeedNoStatementTwice(t *testing.T) {
	seen := map[string]bool{}
	for _, policy := range deployed(t, fullRig("transcoding.compartmentId", "")).all("Policy") {
		for _, statement := range statements(policy) {
			if seen[statement] {
				t.Errorf("%s repeats %q", policy.name, statement)
			}
			seen[statement] = true
		}
	}
	if want := len(Grants()) - 2; len(seen) != want {
		t.Errorf("%d statements, want %d", len(seen), want)
	}
}

func TestOnlyAnotherHomeRegionGetsItsOwnProvider(t *testing.T) {
	r := deployed(t, newRig())
	for _, d := range r.resources {
		if d.kind == "pulumi:providers:oci" {
			t.Errorf("provider %s, though the stack is in the home region", d.name)
		}
	}
	r = newRig()
	r.home = "us-ashburn-1"
	r.provider = map[string]string{"region": "eu-frankfurt-1", "auth": "SecurityToken", "configFileProfile": "WORK"}
	deployed(t, r)
	provider := r.named(t, "home-region")
	for key, want := range map[string]string{"region": "us-ashburn-1", "auth": "SecurityToken", "configFileProfile": "WORK"} {
		if got := provider.text(t, key); got != want {
			t.Errorf("home-region provider: %s is %s, want %s", key, got, want)
		}
	}
	for _, d := range r.resources {
		identity := strings.HasPrefix(d.kind, "oci:Identity/")
		if identity != strings.Contains(d.provider, "::home-region::") {
			t.Errorf("%s %s uses provider %q", d.kind, d.name, d.provider)
		}
	}
}

func TestGroupsAndPoliciesGetTimeToTakeEffect(t *testing.T) {
	for name, c := range map[string]struct {
		after   time.Duration // from the policies' creation to this run
		settle  string
		preview bool
		want    time.Duration // longest wait
	}{
		"at once":     {0, "120", false, 120 * time.Second},
		"half way":    {time.Minute, "120", false, time.Minute},
		"later run":   {time.Hour, "120", false, 0},
		"slow clock":  {-time.Hour, "120", false, 120 * time.Second},
		"preview":     {0, "120", true, 0},
		"local cloud": {0, "0", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig("iamSettleSeconds", c.settle)
			r.clock, r.preview = testTime.Add(c.after), c.preview
			deployed(t, r)
			longest := time.Duration(0)
			for _, wait := range r.waits {
				longest = max(longest, wait)
			}
			if longest != c.want {
				t.Errorf("longest wait %s, want %s (%v)", longest, c.want, r.waits)
			}
		})
	}
}

func TestTimestampsOfTheProvider(t *testing.T) {
	want := time.Date(2026, 3, 1, 12, 0, 0, 5e8, time.UTC)
	for _, text := range []string{"2026-03-01 12:00:00.5 +0000 UTC", "2026-03-01T12:00:00.500Z", "2026-03-01T13:00:00.5+01:00"} {
		if got, err := parseTimestamp(text); err != nil || !got.Equal(want) {
			t.Errorf("parseTimestamp(%q) = %v, %v", text, got, err)
		}
	}
	if _, err := parseTimestamp("yesterday"); err == nil {
		t.Error("no error for a time stamp that is none")
	}
}

func TestAnExistingKeysPolicyIsAttachedToItsCompartment(t *testing.T) {
	r := deployed(t, shapes()["existing key"])
	policy := r.named(t, "encryption-policy")
	if got, want := policy.text(t, "compartmentId"), "ocid1.compartment.oc1..aaaaaaaakeys"; got != want {
		t.Errorf("attached to %s, want %s", got, want)
	}
	if len(r.all("Vault"))+len(r.all("Key")) != 0 {
		t.Error("a vault or key was made, though both are given")
	}
}

func TestStatementsForTheRootCompartmentSpeakOfTheTenancy(t *testing.T) {
	for _, policy := range deployed(t, newRig("compartmentId", testTenancy)).all("Policy") {
		for _, statement := range statements(policy) {
			if !strings.Contains(statement, " in tenancy") || strings.Contains(statement, "compartment id") {
				t.Errorf("%s: %q", policy.name, statement)
			}
		}
	}
}
