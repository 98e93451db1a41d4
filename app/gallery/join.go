package gallery

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// lookups bounds the documents that one listing reads at the same time.
	lookups = 8
	// lookupTime bounds how long a listing waits for documents altogether.
	lookupTime = 6 * time.Second
)

// entry is an object of one of the two buckets.
type entry struct {
	Object
	video bool
}

// entry looks a name up. Uploads give no name twice (see names); where other
// tools have put an object of the same name into both buckets, the name means
// the picture, here and in entries, and the video comes to light once the
// picture is gone.
func (g *Gallery) entry(ctx context.Context, name string) (entry, error) {
	object, err := g.Storage.Head(ctx, name)
	if err == nil {
		return entry{Object: object}, nil
	}
	if g.Videos != nil && errors.Is(err, ErrNotFound) {
		if object, err = g.Videos.Source.Head(ctx, name); err == nil {
			return entry{Object: object, video: true}, nil
		}
		return entry{}, fmt.Errorf("look up video %q: %w", name, err)
	}
	return entry{}, fmt.Errorf("look up picture %q: %w", name, err)
}

// entries lists both buckets, newest first; equal times are ordered by name so
// that two replicas show the same order.
func (g *Gallery) entries(ctx context.Context) ([]entry, error) {
	var pictures, videos []Object
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		if pictures, err = g.Storage.List(ctx); err != nil {
			return fmt.Errorf("list pictures: %w", err)
		}
		return nil
	})
	if g.Videos != nil {
		group.Go(func() (err error) {
			if videos, err = g.Videos.Source.List(ctx); err != nil {
				return fmt.Errorf("list videos: %w", err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	entries := make([]entry, 0, len(pictures)+len(videos))
	named := make(map[string]bool, len(pictures))
	for _, object := range pictures {
		entries = append(entries, entry{Object: object})
		named[object.Name] = true
	}
	for _, object := range videos {
		if !named[object.Name] {
			entries = append(entries, entry{Object: object, video: true})
		}
	}
	sort.Slice(entries, func(i, j int) bool {
		if !entries[i].Created.Equal(entries[j].Created) {
			return entries[i].Created.After(entries[j].Created)
		}
		return entries[i].Name < entries[j].Name
	})
	return entries, nil
}

// join pairs objects with their documents. It always returns as many items as
// objects; the error tells that some document could not be read. With want set,
// only objects that it accepts are looked up; the others come from the cache
// alone.
func (g *Gallery) join(ctx context.Context, entries []entry, want func(entry) bool) ([]Item, error) {
	now := g.now()
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	items := make([]Item, len(entries))
	var group errgroup.Group
	group.SetLimit(lookups)
	var failure sync.Once
	var firstErr error
	for i, e := range entries {
		var known bool
		if items[i], known = g.recall(e, now); known {
			continue
		}
		if want != nil && !want(e) {
			continue // recall says that it is unknown
		}
		group.Go(func() error {
			var err error
			if items[i], err = g.lookUp(ctx, e, now); err != nil {
				failure.Do(func() { firstErr = err })
			}
			return nil
		})
	}
	_ = group.Wait()
	if ready := g.Documents.Ready() && (g.Videos == nil || g.Videos.Jobs.Ready()); firstErr == nil && !ready {
		firstErr = ErrNotReady // there may have been nothing to ask
	}
	return items, firstErr
}

// recall makes an item of what is remembered; known is false if that is nothing.
func (g *Gallery) recall(e entry, now time.Time) (item Item, known bool) {
	if e.video {
		if record, ok := g.Videos.cache.get(g.Videos.Jobs.Key(e.Object)); ok {
			return newVideo(e.Object, &record, nil, now), true
		}
		return Video{Object: e.Object, Status: StatusUnknown}, false
	}
	if record, ok := g.cache.get(g.Documents.Key(e.Object)); ok {
		return newPicture(e.Object, &record, nil, now), true
	}
	return Picture{Object: e.Object, Status: StatusUnknown}, false
}

// lookUp makes an item of what the database says. The error tells that it says
// nothing; there is an item all the same.
func (g *Gallery) lookUp(ctx context.Context, e entry, now time.Time) (Item, error) {
	if e.video {
		record, err := read(ctx, g.Videos.Jobs, e.Object)
		video := newVideo(e.Object, record, err, now)
		if video.Status == StatusSucceeded {
			g.Videos.cache.put(record.Key, *record)
		}
		return video, err
	}
	record, err := read(ctx, g.Documents, e.Object)
	picture := newPicture(e.Object, record, err, now)
	if picture.Status == StatusSucceeded { // someone may remove another to have the picture analysed again
		g.cache.put(record.Key, *record)
	}
	return picture, err
}

// read returns the object's current document, nil if it has none.
func read[T any](ctx context.Context, documents Collection[T], object Object) (*Stored[T], error) {
	record, err := documents.Get(ctx, documents.Key(object))
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &record, nil
}

// allOf reads every document, by key.
func allOf[T any](ctx context.Context, documents Collection[T]) (map[string]Stored[T], error) {
	records, err := documents.List(ctx)
	if err != nil {
		return nil, err
	}
	byKey := make(map[string]Stored[T], len(records))
	for _, record := range records {
		byKey[record.Key] = record
	}
	return byKey, nil
}
