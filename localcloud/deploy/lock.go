package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// ErrBusy means that another process works on the stack.
var ErrBusy = errors.New("another run works on this stack; wait until it has ended")

var stackName = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$`)

// CheckStack refuses a name that the engine would refuse, and that could lead
// outside the folders that are named after a stack.
func CheckStack(name string) error {
	if !stackName.MatchString(name) {
		return fmt.Errorf("stack %q: a name has 1 to 100 letters, digits, hyphens, underscores and dots", name)
	}
	return nil
}

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
	for _, path := range locks {
		awaitEnd(ctx, path)
	}
	if err := stack.Cancel(ctx); err != nil {
		return fmt.Errorf("release stack %s: %w", stack.Name(), err)
	}
	return nil
}

// orphanPatience is how long an engine may take to end that has lost the process
// that ran it, and with it the program and the provider.
const orphanPatience = 10 * time.Second

// awaitEnd waits until the engine that wrote a lock has ended: it might write the
// stack's state until then.
func awaitEnd(ctx context.Context, lock string) {
	var holder struct {
		PID  int    `json:"pid"`
		Host string `json:"hostname"`
	}
	raw, err := os.ReadFile(lock)
	if err != nil || json.Unmarshal(raw, &holder) != nil || holder.PID <= 0 {
		return // It has ended, and so has its lock; or was cut off writing it.
	}
	if host, err := os.Hostname(); err != nil || host != holder.Host {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, orphanPatience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		process, err := os.FindProcess(holder.PID)
		if err != nil || process.Signal(syscall.Signal(0)) != nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
