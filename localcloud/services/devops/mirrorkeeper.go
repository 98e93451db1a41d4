package devops

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// mirrors keeps the mirrored repositories up to date, each by a goroutine.
type mirrors struct {
	mu     sync.Mutex
	closed bool
	kept   map[string]*keeper // by repository
	group  sync.WaitGroup
}

// keeper is the goroutine of a mirror.
type keeper struct {
	wake chan struct{}
	ctx  context.Context
	stop context.CancelFunc
}

// keepMirror lets a mirror be kept up to date from now on, and looks at once whether
// there is something to do.
func (s *Service) keepMirror(id string) {
	m := &s.mirrors
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return
	}
	if k := m.kept[id]; k != nil {
		select {
		case k.wake <- struct{}{}:
		default: // It is to look anyway.
		}
		return
	}
	k := &keeper{wake: make(chan struct{}, 1)}
	k.ctx, k.stop = context.WithCancel(s.ctx)
	m.kept[id] = k
	m.group.Go(func() { s.mirrorLoop(id, k) })
}

// leaveMirror ends what is done for a mirror that is deleted.
func (s *Service) leaveMirror(id string) {
	s.mirrors.mu.Lock()
	defer s.mirrors.mu.Unlock()
	if k := s.mirrors.kept[id]; k != nil {
		k.stop()
	}
}

// close waits until no mirroring is under way.
func (m *mirrors) close(ctx context.Context) error {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	done := make(chan struct{})
	go func() { m.group.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("mirrorings did not end: %w", ctx.Err())
	}
}

// mirrorLoop mirrors a repository whenever it is time or somebody asks for it, as long
// as it is a mirror.
func (s *Service) mirrorLoop(id string, k *keeper) {
	defer k.stop()
	for {
		next, is := s.mirrorNow(k.ctx, id)
		if !is && s.mirrors.end(id, k) {
			return
		}
		var timer <-chan time.Time
		if !next.IsZero() {
			timer = time.After(time.Until(next))
		}
		select {
		case <-k.wake:
		case <-timer:
		case <-k.ctx.Done():
			s.mirrors.end(id, k)
			return
		}
	}
}

// end lets a keeper go, unless somebody has asked for it since.
func (m *mirrors) end(id string, k *keeper) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(k.wake) > 0 && k.ctx.Err() == nil {
		return false
	}
	delete(m.kept, id)
	return true
}
