package gatewaytest

import (
	"testing"
	"time"

	"oci-media-pipelines/localcloud/profile"
)

// Realistic makes the cloud take OCI's times from now on, on a scale.
func (c *Cloud) Realistic(scale float64) *profile.Profile {
	c.T.Helper()
	p, err := profile.Named(profile.Realistic, scale)
	c.must(err)
	c.Engine.Profile = p
	return p
}

// patience is how long conditions may take to hold, on a machine with much to do.
const patience = 20 * time.Second

// Eventually waits until a condition holds.
func Eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// NotBefore is Eventually for what must not hold before an instant.
func NotBefore(t testing.TB, earliest time.Time, what string, holds func() bool) {
	t.Helper()
	Eventually(t, what, holds)
	if early := time.Until(earliest); early > 0 {
		t.Errorf("%v too early: %s", early, what)
	}
}
