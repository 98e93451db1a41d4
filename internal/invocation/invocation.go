// Package invocation is the side of a function that faces the platform: an event comes in, an answer or a failure goes
// out, in the time that the platform gives.
package invocation

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"time"

	fdk "github.com/fnproject/fdk-go"

	"oci-media-pipelines/internal/event"
)

const (
	// defaultTime is how long an invocation may take when the platform does not say: OCI's default time limit of a
	// function.
	defaultTime = 30 * time.Second
	// maxMargin is kept of that time to say how the invocation ended.
	maxMargin = 2 * time.Second
)

// Answer is what a function answers to its invoker, as JSON.
type Answer interface {
	// LogValues are the keys and values that the log says of the answer; of one beside an error, too.
	LogValues() []any
}

// Handler makes a function of act. It says in the log how each invocation ended.
func Handler[A Answer](log *slog.Logger, act func(context.Context, event.Event) (A, error)) fdk.HandlerFunc {
	return func(ctx context.Context, in io.Reader, out io.Writer) {
		ctx, cancel := withMargin(ctx)
		defer cancel()
		start := time.Now()
		var answer A
		ev, err := event.Decode(in)
		if err == nil {
			answer, err = act(ctx, ev)
		}
		values := append(answer.LogValues(), "ms", time.Since(start).Milliseconds())
		if err != nil {
			log.ErrorContext(ctx, "invocation failed", append(values, "error", err.Error())...)
			fail(ctx, out, err)
			return
		}
		log.InfoContext(ctx, "invocation done", values...)
		write(out, answer)
	}
}

// fail reports an invocation as failed. Fn's contract knows a status of the function's own for HTTP triggers only;
// fdk-go answers every other invocation with 200. Breaking off the response is what the platform takes for a
// failure (502, FunctionInvokeExecutionFailed): it counts as an error and reaches the caller and the alarm.
func fail(ctx context.Context, out io.Writer, err error) {
	if _, ok := fdk.GetContext(ctx).(fdk.HTTPContext); !ok {
		panic(http.ErrAbortHandler)
	}
	fdk.WriteStatus(out, http.StatusBadGateway)
	write(out, map[string]string{"error": err.Error()})
}

func write(out io.Writer, v any) {
	fdk.SetHeader(out, "Content-Type", "application/json")
	// out is a buffer of the FDK: writing cannot fail.
	_ = json.NewEncoder(out).Encode(v)
}

// withMargin ends ctx a little before the platform ends the invocation.
func withMargin(ctx context.Context) (context.Context, context.CancelFunc) {
	end, ok := ctx.Deadline()
	if !ok {
		end = time.Now().Add(defaultTime)
	}
	return context.WithDeadline(ctx, end.Add(-min(maxMargin, time.Until(end)/10)))
}
