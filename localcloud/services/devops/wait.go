package devops

import (
	"regexp"
	"strconv"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// The bounds of a wait stage (API reference, AbsoluteWaitCriteria).
const (
	minWait = 5 * time.Second
	maxWait = 48 * time.Hour
)

// iso8601 are the durations of ISO 8601 whose length is certain: no months or years.
var iso8601 = regexp.MustCompile(`^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$`)

// waitDuration reads how long a wait stage waits.
func waitDuration(text string) (time.Duration, error) {
	parts := iso8601.FindStringSubmatch(text)
	if parts == nil {
		return 0, api.InvalidParameter("waitCriteria.waitDuration must be an ISO 8601 duration such as PT5M, it is %q.", text)
	}
	var total time.Duration
	for i, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if parts[i+1] == "" {
			continue
		}
		n, err := strconv.ParseFloat(parts[i+1], 64)
		if err != nil || n > maxWait.Seconds() {
			return 0, api.InvalidParameter("waitCriteria.waitDuration %q is longer than 2 days.", text)
		}
		total += time.Duration(n * float64(unit))
	}
	if total < minWait || total > maxWait {
		return 0, api.InvalidParameter("waitCriteria.waitDuration must be 5 seconds to 2 days, it is %q.", text)
	}
	return total, nil
}

// checkWait checks a wait stage's criteria by the SDK's structs for them.
func checkWait(o kind.Object, criteria kind.Union) error {
	given := o.Object("waitCriteria")
	if err := criteria.Validate("waitCriteria", given); err != nil {
		return err
	}
	_, err := waitDuration(given.Str("waitDuration"))
	return err
}
