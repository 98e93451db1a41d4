package runtime

import "time"

// RestartPolicy says what happens when a container's process ends by itself;
// the values are OCI's containerRestartPolicy.
type RestartPolicy string

// The restart policies. The empty value means RestartNever.
const (
	RestartAlways    RestartPolicy = "ALWAYS"
	RestartOnFailure RestartPolicy = "ON_FAILURE"
	RestartNever     RestartPolicy = "NEVER"
)

func (p RestartPolicy) applies(exitCode int) bool {
	switch p {
	case RestartAlways:
		return true
	case RestartOnFailure:
		return exitCode != 0
	default:
		return false
	}
}

// settled is how long a process has to run for the back-off to start afresh.
const settled = 10 * time.Second

// DefaultBackOff waits 100 ms before the first restart, twice as long before
// each further one, and a minute at most. OCI documents no figures.
func DefaultBackOff(n int) time.Duration {
	wait := 100 * time.Millisecond
	for i := 1; i < n && wait < time.Minute; i++ {
		wait *= 2
	}
	return min(wait, time.Minute)
}
