// Package gallery is the domain of the web app: the pictures of one bucket,
// each joined with the analysis that the function wrote for it.
//
// It knows no HTTP and no OCI. What it needs from outside stands in [Storage],
// [Documents] and [Analyzer]; package oci implements them against the cloud.
// Nothing is remembered here that another replica of the app would need: the
// bucket and the collection are the only state.
package gallery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sort"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// OverdueAfter is the age at which a picture without a document counts as
// overdue. OCI Events promises neither delivery nor redelivery, so an object
// that was never analysed must be found and sent through again.
const OverdueAfter = 60 * time.Second

const (
	// lookups bounds the documents that one listing reads at the same time.
	lookups = 8
	// lookupTime bounds how long a listing waits for documents altogether.
	lookupTime = 6 * time.Second
)

// Gallery answers questions about the pictures and carries out what users ask
// for. The zero value is not usable: all of Storage, Documents and Analyzer are
// required.
type Gallery struct {
	Storage   Storage
	Documents Documents
	Analyzer  Analyzer

	// MaxUploadBytes is the size of the largest picture accepted, in bytes.
	MaxUploadBytes int64

	// Now tells the time; nil means time.Now.
	Now func() time.Time

	// Log receives what users are not told; nil means slog.Default().
	Log *slog.Logger

	cache documentCache
}

// Page is a part of the gallery, newest picture first.
type Page struct {
	Pictures []Picture
	// Number counts from 1; Pages is at least 1.
	Number, Pages int
	// Total counts the pictures of the whole bucket.
	Total int
	// DocumentsErr says why analyses could not be read; the pictures are then
	// of status StatusUnknown unless their document was seen before.
	DocumentsErr error
}

// Page returns page number (from 1, clamped to what exists) of the gallery with
// size pictures to a page. It fails only if the bucket cannot be listed; a
// database that does not answer is reported in the page.
func (g *Gallery) Page(ctx context.Context, number, size int) (Page, error) {
	objects, err := g.objects(ctx)
	if err != nil {
		return Page{}, err
	}
	page := Page{Total: len(objects), Pages: max(1, (len(objects)+size-1)/size)}
	page.Number = min(max(1, number), page.Pages)
	first := (page.Number - 1) * size
	page.Pictures, page.DocumentsErr = g.join(ctx, objects[first:min(first+size, len(objects))], nil)
	return page, nil
}

// Find returns one picture with its analysis. The error is ErrNotFound if the
// bucket has no such object. A database that does not answer gives the picture
// with StatusUnknown and, beside it, the second error.
func (g *Gallery) Find(ctx context.Context, name string) (picture Picture, documentErr, err error) {
	object, err := g.Storage.Head(ctx, name)
	if err != nil {
		return Picture{}, nil, fmt.Errorf("look up picture %q: %w", name, err)
	}
	pictures, documentErr := g.join(ctx, []Object{object}, nil)
	return pictures[0], documentErr, nil
}

// Results returns the current documents, newest analysis first. Documents of
// deleted or overwritten objects are left out.
func (g *Gallery) Results(ctx context.Context) ([]Record, error) {
	objects, err := g.Storage.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list pictures: %w", err)
	}
	current := make(map[string]bool, len(objects))
	for _, object := range objects {
		current[g.Documents.Key(object)] = true
	}
	all, err := g.Documents.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list documents: %w", err)
	}
	records := make([]Record, 0, len(all))
	for _, record := range all {
		if current[record.Key] {
			records = append(records, record)
		}
	}
	sort.SliceStable(records, func(i, j int) bool {
		return records[i].Document.Timestamp.After(records[j].Document.Timestamp)
	})
	return records, nil
}

// Delete removes a picture and its documents. The error is ErrNotFound if there
// is no such object. The object goes first: should the documents outlive it,
// they belong to no object any more and are ignored everywhere.
func (g *Gallery) Delete(ctx context.Context, name string) error {
	if err := g.Storage.Delete(ctx, name); err != nil {
		return fmt.Errorf("delete picture %q: %w", name, err)
	}
	if err := g.Documents.DeleteFor(ctx, name); err != nil {
		g.log().Warn("the picture is deleted, its documents stay behind unused", "object", name, "error", err)
	}
	return nil
}

// Retry sends a picture without document through the analysis again and returns
// when the function has finished. The error is ErrNotFound if there is no such
// object, and a *Refusal if the picture has its document already.
func (g *Gallery) Retry(ctx context.Context, name string) error {
	object, err := g.Storage.Head(ctx, name)
	if err != nil {
		return fmt.Errorf("look up picture %q: %w", name, err)
	}
	switch _, err := g.Documents.Get(ctx, g.Documents.Key(object)); {
	case err == nil:
		return &Refusal{AlreadyAnalysed, fmt.Sprintf("%q is analysed already.", name)}
	case !errors.Is(err, ErrNotFound):
		return fmt.Errorf("read the analysis of %q: %w", name, err)
	}
	if err := g.Analyzer.Analyze(ctx, object); err != nil {
		return fmt.Errorf("analyse %q: %w", name, err)
	}
	return nil
}

// objects lists the bucket, newest first; equal times are ordered by name so
// that two replicas show the same order.
func (g *Gallery) objects(ctx context.Context) ([]Object, error) {
	objects, err := g.Storage.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list pictures: %w", err)
	}
	sort.Slice(objects, func(i, j int) bool {
		if !objects[i].Created.Equal(objects[j].Created) {
			return objects[i].Created.After(objects[j].Created)
		}
		return objects[i].Name < objects[j].Name
	})
	return objects, nil
}

// join pairs objects with their documents. It always returns as many pictures
// as objects; the error tells that some document could not be read. With want
// set, only objects that it accepts are looked up; the others come from the
// cache alone.
func (g *Gallery) join(ctx context.Context, objects []Object, want func(Object) bool) ([]Picture, error) {
	now := g.now()
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	pictures := make([]Picture, len(objects))
	var group errgroup.Group
	group.SetLimit(lookups)
	var failure sync.Once
	var firstErr error
	for i, object := range objects {
		key := g.Documents.Key(object)
		if record, ok := g.cache.get(key); ok {
			pictures[i] = newPicture(object, &record, nil, now)
			continue
		}
		if want != nil && !want(object) {
			pictures[i] = Picture{Object: object, Status: StatusUnknown}
			continue
		}
		group.Go(func() error {
			record, err := g.Documents.Get(ctx, key)
			switch {
			case err == nil:
				g.cache.put(key, record)
				pictures[i] = newPicture(object, &record, nil, now)
			case errors.Is(err, ErrNotFound):
				pictures[i] = newPicture(object, nil, nil, now)
			default:
				failure.Do(func() { firstErr = err })
				pictures[i] = newPicture(object, nil, err, now)
			}
			return nil
		})
	}
	_ = group.Wait()
	if firstErr == nil && !g.Documents.Ready() { // there may have been nothing to ask
		firstErr = ErrNotReady
	}
	return pictures, firstErr
}

func (g *Gallery) now() time.Time {
	if g.Now != nil {
		return g.Now()
	}
	return time.Now()
}

func (g *Gallery) log() *slog.Logger {
	if g.Log != nil {
		return g.Log
	}
	return slog.Default()
}
