package deploy

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/gofrs/flock"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// ErrBusy means that another process works on the stack.
var ErrBusy = errors.New("another run works on this stack; wait until it has ended")

// lock takes the stack for this process.
func lock(o Options) (*flock.Flock, error) {
	held := flock.New(filepath.Join(o.State, "workspaces", o.Stack+".lock"))
	ok, err := held.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock stack %s: %w", o.Stack, err)
	}
	if !ok {
		return nil, fmt.Errorf("stack %s: %w", o.Stack, ErrBusy)
	}
	return held, nil
}

// release removes the engine's own lock that a killed run left behind. It is
// called with the stack's lock held, so no run can be under way.
func release(ctx context.Context, stack auto.Stack, state string) error {
	locks, err := filepath.Glob(filepath.Join(state, "pulumi", ".pulumi", "locks", "*", "*", stack.Name(), "*.json"))
	if err != nil || len(locks) == 0 {
		return err
	}
	if err := stack.Cancel(ctx); err != nil {
		return fmt.Errorf("release stack %s: %w", stack.Name(), err)
	}
	return nil
}
