package functions

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// pool keeps the containers of all functions within a common memory budget.
type pool struct {
	budget int64 // MB
	idleAt time.Duration
	start  func(context.Context, *plan) (*worker, error)

	mu      sync.Mutex
	closed  bool
	used    int64                // MB, of all workers that live or start
	living  map[*worker]struct{} // busy and idle
	idle    []*worker            // least recently used first
	changed chan struct{}        // closed when a worker or memory gets free
	ending  sync.WaitGroup
}

func newPool(budget int64, idleAt time.Duration, start func(context.Context, *plan) (*worker, error)) *pool {
	return &pool{budget: budget, idleAt: idleAt, start: start, living: map[*worker]struct{}{}, changed: make(chan struct{})}
}

// acquire returns a container for one request: the idle one used last, or a new
// one if memory allows, for which another function's idle container has to go
// if need be. It waits while all are busy, as long as ctx lasts.
func (p *pool) acquire(ctx context.Context, plan *plan) (w *worker, cold bool, err error) {
	if plan.memoryMB > p.budget {
		return nil, false, tooManyRequests(fmt.Sprintf("the function has %d MB, all functions together may use %d MB", plan.memoryMB, p.budget))
	}
	for {
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			return nil, false, executionFailed("the local cloud is stopping")
		}
		if w := p.takeIdle(plan); w != nil {
			p.mu.Unlock()
			return w, false, nil
		}
		if p.used+plan.memoryMB <= p.budget {
			p.used += plan.memoryMB
			p.ending.Add(1)
			p.mu.Unlock()
			w, err := p.launch(ctx, plan)
			return w, true, err
		}
		if len(p.idle) > 0 {
			p.retire(p.idle[0])
		}
		wait := p.changed
		p.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, false, tooManyRequests("all containers are busy")
		}
	}
}

// takeIdle removes the function's newest idle worker from the idle ones; those
// of an older revision are retired. The caller holds p.mu.
func (p *pool) takeIdle(plan *plan) *worker {
	for i := len(p.idle) - 1; i >= 0; i-- {
		w := p.idle[i]
		if w.plan.functionID != plan.functionID {
			continue
		}
		if w.plan.revision != plan.revision {
			p.retire(w)
			continue
		}
		w.expiry.Stop()
		p.idle = slices.Delete(p.idle, i, i+1)
		return w
	}
	return nil
}

// launch starts a worker for which memory is reserved.
func (p *pool) launch(ctx context.Context, plan *plan) (*worker, error) {
	w, err := p.start(ctx, plan)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.free(plan.memoryMB)
		return nil, err
	}
	p.living[w] = struct{}{}
	if p.closed {
		p.retire(w)
		return nil, executionFailed("the local cloud is stopping")
	}
	go func() {
		<-w.container.Done()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.retire(w)
	}()
	return w, nil
}

// release gives a worker back after a request; one that is not fit for another
// is stopped.
func (p *pool) release(w *worker, fit bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, alive := p.living[w]; !alive {
		return
	}
	if !fit || w.drained || p.closed {
		p.retire(w)
		return
	}
	p.idle = append(p.idle, w)
	w.expiry = time.AfterFunc(p.idleAt, func() { p.expire(w) })
	p.announce()
}

// expire stops a worker that has been idle long enough.
func (p *pool) expire(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Contains(p.idle, w) {
		return
	}
	siblings := 0
	for other := range p.living {
		if other.plan.functionID == w.plan.functionID {
			siblings++
		}
	}
	if siblings <= w.plan.keep {
		w.expiry = time.AfterFunc(p.idleAt, func() { p.expire(w) })
		return
	}
	p.retire(w)
}

// drain stops the function's idle workers now and the busy ones after their
// request.
func (p *pool) drain(functionID string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.living {
		if w.plan.functionID != functionID {
			continue
		}
		w.drained = true
		if slices.Contains(p.idle, w) {
			p.retire(w)
		}
	}
}

// retire stops a worker, once. The caller holds p.mu.
func (p *pool) retire(w *worker) {
	if _, alive := p.living[w]; !alive {
		return
	}
	delete(p.living, w)
	if i := slices.Index(p.idle, w); i >= 0 {
		p.idle = slices.Delete(p.idle, i, i+1)
	}
	if w.expiry != nil {
		w.expiry.Stop()
	}
	go func() {
		w.stop()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.free(w.plan.memoryMB)
	}()
}

// free gives memory back. The caller holds p.mu.
func (p *pool) free(memoryMB int64) {
	p.used -= memoryMB
	p.announce()
	p.ending.Done()
}

// announce wakes those who wait. The caller holds p.mu.
func (p *pool) announce() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// close retires all workers and refuses more.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for w := range p.living {
		p.retire(w)
	}
	p.announce()
}

// wait returns when all workers have stopped.
func (p *pool) wait() { p.ending.Wait() }
