package main

import (
	"log/slog"

	fdk "github.com/fnproject/fdk-go"

	"oci-media-pipelines/internal/invocation"
)

// handler is the function at Fn's side: event in, answer out.
func handler(analyzer *Analyzer, log *slog.Logger) fdk.HandlerFunc {
	return invocation.Handler(log, analyzer.Analyze)
}

// LogValues implements invocation.Answer.
func (a Answer) LogValues() []any {
	return []any{"object", a.Object, "outcome", string(a.Outcome), "reason", a.Reason}
}
