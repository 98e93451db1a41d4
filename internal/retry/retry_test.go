package retry_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"oci-media-pipelines/internal/retry"
)

var errBusy = errors.New("busy")

func TestDoRepeatsUntilSuccessAndSaysWhatItWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		loop := retry.Loop{Step: "read secret", Log: slog.New(slog.NewTextHandler(&out, nil))}
		calls, start := 0, time.Now()
		err := loop.Do(t.Context(), func(context.Context) error {
			if calls++; calls < 4 {
				return errBusy
			}
			return nil
		})
		if err != nil || calls != 4 {
			t.Fatalf("err %v after %d calls, want success after 4", err, calls)
		}
		// Means 250 ms, 500 ms, 1 s, each spread by half.
		if took := time.Since(start); took < 875*time.Millisecond || took > 2625*time.Millisecond {
			t.Errorf("waited %v, outside the back-off's range", took)
		}
		if n := strings.Count(out.String(), `step="read secret"`); n != 3 {
			t.Errorf("%d log lines name the step, want 3:\n%s", n, &out)
		}
	})
}

func TestDoReturnsFinalErrorsAtOnce(t *testing.T) {
	calls := 0
	err := retry.Loop{}.Do(t.Context(), func(context.Context) error {
		calls++
		return retry.Final(errBusy)
	})
	if err != errBusy || calls != 1 {
		t.Errorf("got %v after %d calls, want the bare error after 1", err, calls)
	}
}

func TestDoHonoursTheServicesWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls, start := 0, time.Now()
		err := retry.Loop{Log: slog.New(slog.DiscardHandler)}.Do(t.Context(), func(context.Context) error {
			if calls++; calls == 1 {
				return retry.After(errBusy, 42*time.Second)
			}
			return nil
		})
		if took := time.Since(start); err != nil || took != 42*time.Second {
			t.Errorf("err %v after %v, want success after 42s", err, took)
		}
	})
}

func TestDoEndsWithTheDeadlineAndKeepsTheReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		err := retry.Loop{Step: "put document", Log: slog.New(slog.DiscardHandler)}.Do(ctx, func(context.Context) error {
			return errBusy
		})
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, errBusy) {
			t.Errorf("got %v, want both the deadline and the last reason", err)
		}
		if !strings.HasPrefix(err.Error(), "put document: ") {
			t.Errorf("error %q does not name the step", err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("returned after %v, later than the deadline", took)
		}
	})
}

func TestDoEndsWithCancellationWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			done <- retry.Loop{Log: slog.New(slog.DiscardHandler)}.Do(ctx, func(context.Context) error {
				return retry.After(errBusy, time.Hour)
			})
		}()
		synctest.Wait()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) || !errors.Is(err, errBusy) {
			t.Errorf("got %v, want cancellation and the last reason", err)
		}
	})
}

func TestFromHeader(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"7":                             7 * time.Second,
		"-1":                            0,
		"soon":                          0,
		"Sun, 01 Mar 2026 12:00:09 GMT": 9 * time.Second,
		"Sun, 01 Mar 2026 11:00:00 GMT": 0,
	} {
		if got := retry.FromHeader(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("%q: got %v, want %v", value, got, want)
		}
	}
}
