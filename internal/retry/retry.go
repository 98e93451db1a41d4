// Package retry repeats a step that may succeed later: a service that throttles, a database that is still warming
// up, an IAM policy that has not settled. It ends with the context, says in the log what it waits for, and keeps
// the last reason, so that running out of time never hides why.
package retry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Defaults of a Loop's waits.
const (
	// DefaultFirst is the mean wait before the second attempt.
	DefaultFirst = 250 * time.Millisecond
	// DefaultMax is the mean wait that repeated failures grow to.
	DefaultMax = 10 * time.Second
)

// Loop says how a step is repeated. The zero value is ready for use.
type Loop struct {
	// Step names what is attempted, in the log and in errors, e.g. "read secret".
	Step string
	// Log receives one warning for each wait; nil stands for slog.Default().
	Log *slog.Logger
	// First and Max bound the wait between attempts, which doubles with each failure and is spread by half of
	// itself either way; zero stands for DefaultFirst and DefaultMax.
	First, Max time.Duration
}

// Do calls op until it returns nil or an error marked Final, or until ctx ends. It returns at once when the next
// wait would outlast ctx's deadline. An error that ended with ctx wraps both ctx's error and op's last one.
func (l Loop) Do(ctx context.Context, op func(context.Context) error) error {
	waits := backoff.NewExponentialBackOff()
	waits.InitialInterval = positive(l.First, DefaultFirst)
	waits.MaxInterval = positive(l.Max, DefaultMax)
	waits.Multiplier = 2
	var last error
	for attempt := 1; ; attempt++ {
		err := op(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() == nil || last == nil {
			// An attempt cut short by ctx says less than the one before it.
			last = err
		}
		if final, ok := errors.AsType[*finalError](err); ok {
			return final.error
		}
		if ctx.Err() != nil {
			return l.gaveUp(attempt, context.Cause(ctx), last)
		}
		wait := waits.NextBackOff()
		if asked, ok := errors.AsType[*afterError](err); ok && asked.wait > wait {
			wait = asked.wait
		}
		if end, ok := ctx.Deadline(); ok && time.Until(end) <= wait {
			return l.gaveUp(attempt, context.DeadlineExceeded, last)
		}
		l.log().WarnContext(ctx, "waiting to try again", "step", l.Step, "attempt", attempt,
			"wait", wait.Round(time.Millisecond).String(), "reason", err.Error())
		if !sleep(ctx, wait) {
			return l.gaveUp(attempt, context.Cause(ctx), last)
		}
	}
}

// Final marks err as one that no repetition can mend: Do returns it, without the mark. Final(nil) is nil.
func Final(err error) error {
	if err == nil {
		return nil
	}
	return &finalError{err}
}

// After marks err with the least time the service asked to be left alone (its Retry-After). Final wins over After.
func After(err error, wait time.Duration) error {
	if err == nil || wait <= 0 {
		return err
	}
	return &afterError{err, wait}
}

func (l Loop) gaveUp(attempts int, end, last error) error {
	times := "1 attempt"
	if attempts > 1 {
		times = fmt.Sprintf("%d attempts", attempts)
	}
	step := l.Step
	if step == "" {
		step = "step"
	}
	return fmt.Errorf("%s: no time left after %s (%w); last reason: %w", step, times, end, last)
}

func (l Loop) log() *slog.Logger {
	if l.Log != nil {
		return l.Log
	}
	return slog.Default()
}

func positive(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// sleep reports whether the whole wait passed before ctx ended.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

type finalError struct{ error }

func (e *finalError) Unwrap() error { return e.error }

type afterError struct {
	error
	wait time.Duration
}

func (e *afterError) Unwrap() error { return e.error }
