package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/oracle/oci-go-sdk/v65/devops"
)

// deliver is who pushes to the repository that the stack mirrors. It holds images of
// both functions.
func (r *rights) deliver(u *upstream) *delivery {
	r.Helper()
	d := watch(r.TB, nil, r.outputs, cloned(r.TB, &url.URL{Path: u.folder}))
	for _, function := range []string{"analyze", "transcode"} {
		d.hold(function, "of the program")
	}
	d.push("Images of both functions")
	return d
}

// rollsOut pushes a change of a function and waits until it is served and all of it has
// been told, or something is refused.
func (r *rights) rollsOut(function string) func() error {
	return func() error {
		d := r.code.as(r.TB)
		r.since = time.Now()
		d.touch(function, fmt.Sprint(r.since.UnixNano()))
		commit := d.push("Change " + function)
		repository := output(d, d.outputs, "deliveryRepositoryId")
		if _, err := d.devops.MirrorRepository(d.Context(), devops.MirrorRepositoryRequest{RepositoryId: &repository}); err != nil {
			return fmt.Errorf("mirror: %w", err)
		}
		var outcome error
		until(d, patience, "an end of the roll-out of "+version(commit), func() bool {
			if missing := r.refusals(); len(missing) > 0 {
				outcome = fmt.Errorf("something is refused: %s", missing[0])
				return true
			}
			runs := d.runs(function, commit)
			return len(runs) == 1 && d.told(*runs[0].Id, "SUCCEEDED") && slices.ContainsFunc(d.deployments(function, version(commit)), func(deployment devops.Deployment) bool {
				return d.told(*deployment.GetId(), "SUCCEEDED")
			})
		})
		return outcome
	}
}
