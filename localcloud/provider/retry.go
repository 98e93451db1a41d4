package provider

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
)

const (
	// defaultLimit is how long one operation may take unless the program says
	// otherwise (customTimeouts). Databases and load balancers take minutes,
	// behind a queue of work requests longer.
	defaultLimit = time.Hour
	// conflictLimit is how long a delete waits for what still uses the
	// resource: OCI lets go of VNICs and addresses some time after their owner.
	conflictLimit = 2 * time.Minute
	// appearLimit is how long what was just created may not be found.
	appearLimit = 10 * time.Second
	// firstPause and longestPause bound the wait between two looks at a
	// resource in transition, which otherwise is a share of the wait so far.
	firstPause   = 20 * time.Millisecond
	longestPause = 2 * time.Second
	pauseShare   = 0.04
)

// timeLimit bounds an operation and is the error of one that exceeds it.
type timeLimit struct{ duration time.Duration }

func (t timeLimit) Error() string {
	return "not finished within " + t.duration.String() + " (the customTimeouts resource option allows more)"
}

// limitOf reads the engine's timeout, in seconds, 0 for none given.
func limitOf(seconds float64) timeLimit {
	if seconds <= 0 {
		return timeLimit{defaultLimit}
	}
	return timeLimit{time.Duration(seconds * float64(time.Second))}
}

// pacer spaces repeated looks: short at first, since much is done at once, longer
// for what takes its time, so that nobody waits much longer than they have to.
type pacer struct{ waited, next time.Duration }

// pause waits for the next look; the error is why ctx ended.
func (p *pacer) pause(ctx context.Context) error {
	p.next = min(max(firstPause, time.Duration(pauseShare*float64(p.waited))), longestPause)
	p.waited += p.next
	timer := time.NewTimer(p.next)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// sdkRetries is the SDK's default policy without its reading of "eventual
// consistency", which would hold a plain 404 back for minutes, and with what it
// leaves out: a connection that ends in place of an answer, where the call is
// idempotent. Conflicts are left to [operation.send]. Nothing is repeated once
// ctx has ended.
func sdkRetries(ctx context.Context, idempotent bool) common.RetryPolicy {
	policy := common.DefaultRetryPolicyWithoutEventualConsistency()
	retryable := policy.ShouldRetryOperation
	policy.ShouldRetryOperation = func(r common.OCIOperationResponse) bool {
		if status, _ := statusOf(r.Error); status == http.StatusConflict || ctx.Err() != nil {
			return false
		}
		return retryable(r) || idempotent && errors.Is(r.Error, io.EOF)
	}
	return policy
}

// transientConflicts are the 409 codes that pass by themselves: the resource, or
// its parent, is busy with another change. Others (a name that is taken, a
// bucket that is not empty) need somebody to act.
var transientConflicts = []string{"IncorrectState", "LockConflict", "ConcurrencyConflict", "ExternalServerIncorrectState"}

// worthRepeating says whether a refused call may succeed unchanged: a conflict
// that passes; for resources whose siblings are changed one at a time (row.serial)
// or a delete, the plain "Conflict" too.
func worthRepeating(err error, serial, deleting bool) bool {
	status, code := statusOf(err)
	if status != http.StatusConflict {
		return false
	}
	return slices.Contains(transientConflicts, code) || (serial || deleting) && code == "Conflict"
}
