package runtime

import (
	"context"
	"fmt"
	"time"
)

// supervise waits for the process, restarts it as the policy says and marks
// the container's end.
func (c *Container) supervise() {
	defer close(c.done)
	inARow := 0
	for {
		exit := c.await()
		if time.Since(c.Status().StartedAt) > settled {
			inARow = 0
		}
		for {
			exit.Restarting = !c.isStopping() && c.spec.Restart.applies(exit.Code)
			c.ended(exit)
			if !exit.Restarting {
				return
			}
			inARow++
			if !c.pause(c.rt.cfg.BackOff(inARow)) {
				c.markEnded()
				return
			}
			err := c.startProcess()
			if err == nil {
				break
			}
			fmt.Fprintf(c.log, "[local cloud] restart: %v\n", err)
			exit = Exit{Code: 127, Reason: err.Error(), At: time.Now()}
		}
	}
}

// startProcess starts the resolved command and watches its memory.
func (c *Container) startProcess() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isStopping() {
		return fmt.Errorf("it was stopped")
	}
	out := &lineWriter{log: c.log, stream: "stdout", each: c.spec.OnLine}
	errs := &lineWriter{log: c.log, stream: "stderr", each: c.spec.OnLine}
	p, err := startProcess(c.command, out, errs)
	if err != nil {
		return err
	}
	if !c.status.StartedAt.IsZero() {
		c.status.Restarts++
	}
	c.process, c.reason = p, ""
	c.status.PID, c.status.StartedAt = p.pid(), time.Now()
	if limit := c.spec.MemoryBytes; limit > 0 {
		go watchMemory(p, limit, func(used int64) {
			c.kill(p, fmt.Sprintf("out of memory: %d MB used, the limit is %d MB", used>>20, limit>>20))
		})
	}
	return nil
}

// await waits for the current process to end.
func (c *Container) await() Exit {
	code, reason := c.process.wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason != "" {
		reason = c.reason
		fmt.Fprintf(c.log, "[local cloud] killed: %s\n", reason)
	}
	return Exit{Code: code, Reason: reason, At: time.Now()}
}

func (c *Container) ended(exit Exit) {
	c.mu.Lock()
	c.process, c.status.PID = nil, 0
	c.status.LastExit = &exit
	c.status.Ended = !exit.Restarting
	c.mu.Unlock()
	if c.spec.OnExit != nil {
		c.spec.OnExit(exit)
	}
}

func (c *Container) markEnded() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status.Ended = true
}

// pause waits and tells whether to go on.
func (c *Container) pause(wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return !c.isStopping()
	case <-c.stopping:
		return false
	}
}

func (c *Container) isStopping() bool {
	select {
	case <-c.stopping:
		return true
	default:
		return false
	}
}

// ID is the ID it was started under.
func (c *Container) ID() string { return c.spec.ID }

// Digest is the digest of the image it runs, "sha256:…".
func (c *Container) Digest() string { return c.root.Digest.String() }

// Done is closed when the container has ended and will not start again.
func (c *Container) Done() <-chan struct{} { return c.done }

// Status returns what is known now.
func (c *Container) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

// Stop ends the container for good: SIGTERM to its process, SIGKILL to that and its
// descendants after the grace time or when ctx ends. It returns when nothing is left of it.
func (c *Container) Stop(ctx context.Context) {
	c.stopOnce.Do(func() { close(c.stopping) })
	c.mu.Lock()
	p := c.process
	c.mu.Unlock()
	if p != nil && c.spec.Grace > 0 {
		p.terminate()
		timer := time.NewTimer(c.spec.Grace)
		defer timer.Stop()
		select {
		case <-c.done:
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	if p != nil {
		p.kill()
	}
	<-c.done
}

// Kill ends the current process at once, for the given reason; the restart
// policy applies, as after any failure. Without a process it does nothing.
func (c *Container) Kill(reason string) {
	c.mu.Lock()
	p := c.process
	c.mu.Unlock()
	if p != nil {
		c.kill(p, reason)
	}
}

func (c *Container) kill(p *process, reason string) {
	c.mu.Lock()
	if c.process == p && c.reason == "" {
		c.reason = reason
	}
	c.mu.Unlock()
	p.kill()
}
