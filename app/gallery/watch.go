package gallery

import (
	"context"
	"sync"
	"time"
)

// Pace sets how often the watcher looks. Zero fields take the defaults.
type Pace struct {
	// Fast is the first interval while a picture is pending or a video at work
	// (default 250 ms).
	Fast time.Duration
	// Slow is what Fast backs off to while that lasts (default 2 s).
	Slow time.Duration
	// Idle is the interval while none is pending, to notice what other
	// replicas and other tools do (default 5 s).
	Idle time.Duration
}

func (p Pace) withDefaults() Pace {
	if p.Fast <= 0 {
		p.Fast = 250 * time.Millisecond
	}
	if p.Slow <= 0 {
		p.Slow = 2 * time.Second
	}
	if p.Idle <= 0 {
		p.Idle = 5 * time.Second
	}
	return p
}

// Versions tells for each object name the version of the item shown.
type Versions map[string]string

// Change is one message to a subscriber. Exactly one field is set.
type Change struct {
	// Sync is the first message: what the gallery holds now.
	Sync Versions
	// Item is new or has another version than before.
	Item Item
	// Removed is the name of a picture or video that is gone.
	Removed string
	// Database tells that the database became (un)reachable.
	Database *bool
}

// watchedDocuments bounds the documents that one look asks the database for:
// those of the newest pictures and videos that are not done.
const watchedDocuments = 100

// Watcher looks at buckets and collections while someone listens, often while an
// item is unsettled, and tells subscribers what changed. Without subscribers
// it does nothing at all.
type Watcher struct {
	gallery *Gallery
	pace    Pace
	nudge   chan struct{}

	mu          sync.Mutex
	subscribers map[*subscription]bool
	seen        map[string]Item
	databaseUp  bool
	running     bool
}

type subscription struct {
	changes chan Change
	synced  bool
}

// NewWatcher makes a watcher of the gallery.
func NewWatcher(g *Gallery, pace Pace) *Watcher {
	return &Watcher{
		gallery:     g,
		pace:        pace.withDefaults(),
		nudge:       make(chan struct{}, 1),
		subscribers: make(map[*subscription]bool),
	}
}

// Nudge makes the watcher look at once, because something was changed here.
func (w *Watcher) Nudge() {
	select {
	case w.nudge <- struct{}{}:
	default:
	}
}

// Subscribe delivers changes, a Sync first, until ctx ends or the subscriber
// falls too far behind; then the channel is closed, and subscribing anew brings
// a fresh Sync.
func (w *Watcher) Subscribe(ctx context.Context) <-chan Change {
	s := &subscription{changes: make(chan Change, 256)}
	w.mu.Lock()
	w.subscribers[s] = true
	start := !w.running
	w.running = true
	w.mu.Unlock()
	if start {
		go w.run()
	}
	w.Nudge()
	context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.drop(s)
		w.Nudge() // lets the loop notice that nobody is left
	})
	return s.changes
}

// drop ends a subscription; w.mu is held.
func (w *Watcher) drop(s *subscription) {
	if w.subscribers[s] {
		delete(w.subscribers, s)
		close(s.changes)
	}
}

// run looks until nobody listens.
func (w *Watcher) run() {
	delay, waiting := w.pace.Fast, false
	var thorough time.Time
	for {
		began := time.Now()
		all := began.Sub(thorough) >= w.pace.Idle
		if all {
			thorough = began
		}
		pending, ok := w.look(all)
		switch {
		case !ok:
			delay = min(delay*2, w.pace.Idle)
		case pending && waiting:
			delay = min(delay*5/4, w.pace.Slow)
		case pending:
			delay = w.pace.Fast
		default:
			delay = w.pace.Idle
		}
		waiting = pending
		// A bucket that takes long to list is listed less often.
		timer := time.NewTimer(max(delay, 2*time.Since(began)))
		select {
		case <-timer.C:
		case <-w.nudge:
			waiting, delay, thorough = false, w.pace.Fast, time.Time{}
		}
		timer.Stop()

		w.mu.Lock()
		if len(w.subscribers) == 0 {
			w.running, w.seen = false, nil
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
	}
}

// look compares the gallery with what was seen before and sends the
// differences. With all set it asks for every missing document (within
// watchedDocuments), else only for those of new and unsettled items. pending tells whether
// an item is unsettled.
func (w *Watcher) look(all bool) (pending, ok bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	entries, err := w.gallery.entries(ctx)
	if err != nil {
		w.gallery.log().Warn("the gallery cannot be listed, trying again", "error", err)
		return false, false
	}
	budget, now := watchedDocuments, w.gallery.now()
	w.mu.Lock()
	seen := w.seen // replaced as a whole, never changed
	w.mu.Unlock()
	items, documentErr := w.gallery.join(ctx, entries, func(e entry) bool {
		before, known := seen[e.Name]
		if !all && known && before.About().ETag == e.ETag && !before.Unsettled() && now.Sub(e.Created) >= OverdueAfter {
			return false
		}
		budget--
		return budget >= 0
	})
	if documentErr != nil {
		w.gallery.log().Warn("documents cannot be read, trying again", "error", documentErr)
	}

	w.mu.Lock()
	defer w.mu.Unlock()
	changes := w.compare(items)
	for _, item := range w.seen {
		pending = pending || item.Unsettled()
	}
	if up := documentErr == nil; up != w.databaseUp {
		w.databaseUp = up
		changes = append(changes, Change{Database: &up})
	}
	w.publish(changes)
	return pending, documentErr == nil
}

// compare replaces what was seen and returns the differences; w.mu is held.
func (w *Watcher) compare(items []Item) []Change {
	now := make(map[string]Item, len(items))
	var changes []Change
	for _, item := range items {
		name := item.About().Name
		before, known := w.seen[name]
		if item.State() == StatusUnknown && known && before.About().ETag == item.About().ETag {
			item = before // an outage is no news about a picture or video
		}
		now[name] = item
		if !known || before.Version() != item.Version() {
			changes = append(changes, Change{Item: item})
		}
	}
	for name := range w.seen {
		if _, still := now[name]; !still {
			changes = append(changes, Change{Removed: name})
		}
	}
	w.seen = now
	return changes
}

// publish sends changes to whom has seen the state before them and a Sync to
// the others; w.mu is held.
func (w *Watcher) publish(changes []Change) {
	for s := range w.subscribers {
		messages := changes
		if !s.synced {
			s.synced = true
			versions := make(Versions, len(w.seen))
			for name, item := range w.seen {
				versions[name] = item.Version()
			}
			up := w.databaseUp
			messages = []Change{{Sync: versions}, {Database: &up}}
		}
		for _, message := range messages {
			select {
			case s.changes <- message:
			default:
				w.drop(s)
			}
			if !w.subscribers[s] {
				break
			}
		}
	}
}
