package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// maxSegment bounds what one request may bring: more than 4 seconds at 100 Mbit/s.
const maxSegment = 256 << 20

// Sink is a http.Handler to which ffmpeg sends segments and manifests. Segments are stored while ffmpeg goes on, but
// two for each stream at most: a storage slower than ffmpeg makes it wait, so nothing piles up.
type Sink struct {
	names []string
	store func(ctx context.Context, name string, segment []byte) error
	group *errgroup.Group
	ctx   context.Context // ends when a segment could not be stored

	mu       sync.Mutex
	sizes    map[string]int // of the segments that came
	manifest []byte
	changed  chan struct{} // closed and made anew when something came
	closed   bool
	handlers sync.WaitGroup
}

// NewSink returns a sink for streams of these names, which ffmpeg numbers, that keeps segments with store. The context
// that it returns ends when a segment could not be kept.
func NewSink(ctx context.Context, names []string, store func(ctx context.Context, name string, segment []byte) error) (*Sink, context.Context) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2 * len(names))
	return &Sink{names: names, store: store, group: group, ctx: ctx, sizes: map[string]int{}, changed: make(chan struct{})}, ctx
}

// ServeHTTP implements http.Handler.
func (s *Sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPut {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSegment))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		w.WriteHeader(http.StatusGone)
		return
	}
	name := path.Base(r.URL.Path)
	if strings.HasSuffix(name, ".mpd") {
		// ffmpeg does not wait for answers: its last manifest may be here before the one that it wrote before that.
		if finished(body) {
			s.manifest = body
		}
	} else if name, err = s.name(name); err != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	} else {
		s.keep(name, body)
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

// keep has a segment stored, and waits until that has begun. The mutex is held, but not while it waits.
func (s *Sink) keep(name string, segment []byte) {
	s.handlers.Add(1)
	defer s.handlers.Done()
	s.mu.Unlock()
	s.group.Go(func() error { return s.store(s.ctx, name, segment) })
	s.mu.Lock()
	s.sizes[name] = len(segment)
}

// name replaces the number that ffmpeg gave a stream.
func (s *Sink) name(file string) (string, error) {
	number, rest, _ := strings.Cut(file, "-")
	stream, err := strconv.Atoi(number)
	if err != nil || stream < 0 || stream >= len(s.names) {
		return "", fmt.Errorf("no stream has a segment %s", file)
	}
	return s.names[stream] + "-" + rest, nil
}

// Close lets nothing more in and waits until nothing is being stored.
func (s *Sink) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.handlers.Wait()
	_ = s.group.Wait()
}

// lastRequests is how long a request that ffmpeg sent before it ended may take to arrive.
const lastRequests = 10 * time.Second

// Finish waits for what ffmpeg, which has ended well, sent, and returns its manifest. Everything in it is stored then.
func (s *Sink) Finish() (*Manifest, error) {
	late := time.NewTimer(lastRequests)
	defer late.Stop()
	for {
		s.mu.Lock()
		text, changed := s.manifest, s.changed
		s.mu.Unlock()
		manifest, err := s.complete(text)
		if !errors.Is(err, errUnfinished) {
			return manifest, err
		}
		select {
		case <-changed:
		case <-s.ctx.Done():
			return nil, s.group.Wait()
		case <-late.C:
			return nil, fmt.Errorf("ffmpeg ended without a whole result: %w", err)
		}
	}
}

// complete returns the manifest if it is the last one, once all of its segments are stored.
func (s *Sink) complete(text []byte) (*Manifest, error) {
	if text == nil {
		return nil, errUnfinished
	}
	manifest, err := parse(text, s.names)
	if err != nil {
		return nil, err
	}
	for _, contentType := range []string{"video", "audio"} {
		for _, r := range manifest.Representations(contentType) {
			for _, name := range append([]string{r.Init()}, segmentNames(r)...) {
				if s.Bytes(name) == 0 {
					return nil, fmt.Errorf("%w: segment %s has not come", errUnfinished, name)
				}
			}
		}
	}
	return manifest, s.group.Wait()
}

// Bytes tells how many bytes a segment has.
func (s *Sink) Bytes(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sizes[name]
}

func segmentNames(r *Representation) []string {
	var names []string
	for _, segment := range r.Segments() {
		names = append(names, segment.Name)
	}
	return names
}
