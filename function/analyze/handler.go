package main

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

// handler is the function at Fn's side: event in, answer out.
func handler(analyzer *Analyzer, log *slog.Logger) fdk.HandlerFunc {
	return func(ctx context.Context, in io.Reader, out io.Writer) {
		ctx, cancel := withMargin(ctx)
		defer cancel()
		start := time.Now()
		answer, err := invoke(ctx, analyzer, in)
		took := time.Since(start).Milliseconds()
		if err != nil {
			log.ErrorContext(ctx, "invocation failed", "object", answer.Object, "error", err.Error(), "ms", took)
			fail(ctx, out, err)
			return
		}
		log.InfoContext(ctx, "invocation done", "object", answer.Object, "outcome", string(answer.Outcome),
			"reason", answer.Reason, "ms", took)
		write(out, answer)
	}
}

func invoke(ctx context.Context, analyzer *Analyzer, in io.Reader) (Answer, error) {
	ev, err := event.Decode(in)
	if err != nil {
		return Answer{}, err
	}
	return analyzer.Analyze(ctx, ev)
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
