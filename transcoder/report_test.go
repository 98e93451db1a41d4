package main

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestAJobWithoutProgressLearnsOfItsDeletion: ffmpeg may be at work for long before there is a tenth of a per cent more.
func TestAJobWithoutProgressLearnsOfItsDeletion(t *testing.T) {
	cloud := newCloud(t, []byte("never read"))
	job := cloud.newJob(smallLadder)
	job.progressTime = time.Millisecond
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := job.report(ctx, cancel, func() float64 { return 0 })
	limit := time.After(10 * time.Second)
	for cloud.doc().Updated.IsZero() {
		select {
		case <-limit:
			t.Fatal("it never writes")
		default:
		}
	}
	cloud.mu.Lock()
	cloud.document = nil
	cloud.mu.Unlock()
	select {
	case <-ctx.Done():
	case <-limit:
		t.Fatal("it goes on")
	}
	stopped()
	if !errors.Is(context.Cause(ctx), errDeleted) {
		t.Errorf("it stops for %v", context.Cause(ctx))
	}
}
