package devops

import (
	"strconv"
	"strings"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// defaultMirroring is how often a mirror with the schedule DEFAULT, or without one, is
// brought up to date (API reference, TriggerSchedule).
const defaultMirroring = 30 * time.Minute

// frequencies are those of recurrence rules (RFC 5545, 3.3.10) that are served.
var frequencies = map[string]time.Duration{"MINUTELY": time.Minute, "HOURLY": time.Hour, "DAILY": 24 * time.Hour, "WEEKLY": 7 * 24 * time.Hour}

// mirroringInterval is the time between two mirrorings of a repository; 0: it is
// mirrored only when somebody asks for it.
func mirroringInterval(config kind.Object) (time.Duration, error) {
	schedule := config.Object("triggerSchedule")
	rule := schedule.Str("customSchedule")
	switch scheduleType := schedule.Str("scheduleType"); {
	case scheduleType == "CUSTOM":
		return recurrence(rule)
	case rule != "":
		return 0, api.InvalidParameter("mirrorRepositoryConfig.triggerSchedule.customSchedule is for the schedule type CUSTOM, this one is %s.", scheduleType)
	case scheduleType == "NONE":
		return 0, nil
	}
	return defaultMirroring, nil
}

// recurrence reads a rule like FREQ=MINUTELY;INTERVAL=10.
func recurrence(rule string) (time.Duration, error) {
	const field = "mirrorRepositoryConfig.triggerSchedule.customSchedule"
	if rule == "" {
		return 0, api.MissingParameter("%s is required for the schedule type CUSTOM, for instance FREQ=MINUTELY;INTERVAL=10.", field)
	}
	every, times := time.Duration(0), 1
	for part := range strings.SplitSeq(strings.TrimPrefix(rule, "RRULE:"), ";") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "FREQ":
			if every = frequencies[value]; every == 0 {
				return 0, api.InvalidParameter("%s: FREQ must be MINUTELY, HOURLY, DAILY or WEEKLY, it is %q.", field, value)
			}
		case "INTERVAL":
			var err error
			if times, err = strconv.Atoi(value); err != nil || times < 1 || times > 1000 {
				return 0, api.InvalidParameter("%s: INTERVAL must be 1 to 1000, it is %q.", field, value)
			}
		default:
			return 0, api.InvalidParameter("%s %q has %q: the local cloud reads FREQ and INTERVAL only.", field, rule, part)
		}
	}
	if every == 0 {
		return 0, api.InvalidParameter("%s %q has no FREQ.", field, rule)
	}
	return every * time.Duration(times), nil
}
