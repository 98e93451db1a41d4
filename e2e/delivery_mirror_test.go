package e2e

import (
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/devops"
)

// TestDeliveryOfAMirror delivers from a repository that is kept elsewhere. When that does
// not let the mirror in, or is not there, the record of the mirroring says so, and what
// was delivered serves on.
func TestDeliveryOfAMirror(t *testing.T) {
	from := newUpstream(t)
	d := openMirror(t, "mirrored", from)
	d.hold("analyze", "from elsewhere")
	pushed := d.push("Release")
	if record := d.mirror(); record.MirrorStatus != devops.RepositoryMirrorRecordSummaryMirrorStatusPassed {
		t.Fatalf("the mirroring: %s", record)
	}
	d.delivered("analyze", pushed)
	d.wantServing("analyze", version(pushed))

	token := from.token
	from.token = "another"
	d.touch("analyze", "not fetched")
	d.push("Nobody fetches this")
	if record := d.mirror(); record.MirrorStatus != devops.RepositoryMirrorRecordSummaryMirrorStatusFailed {
		t.Errorf("with a wrong token: %s", record)
	}
	from.token = token
	from.server.Close()
	if record := d.mirror(); record.MirrorStatus != devops.RepositoryMirrorRecordSummaryMirrorStatusFailed {
		t.Errorf("with no server: %s", record)
	}
	log := strings.Join(d.log(), "\n")
	for _, reason := range []string{"Authentication failed", "connect"} {
		if !strings.Contains(log, reason) {
			t.Errorf("the log says nothing of %q:\n%s", reason, tail(d.log(), 5))
		}
	}
	d.wantServing("analyze", version(pushed))
}
