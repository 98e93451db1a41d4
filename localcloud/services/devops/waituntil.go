package devops

import (
	"context"
	"time"
)

// waitUntil returns at an instant, or with the cause that ends ctx.
func waitUntil(ctx context.Context, until time.Time) error {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
