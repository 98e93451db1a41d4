// Package gallery is the domain of the web app: the pictures of one bucket,
// each joined with the analysis that the function wrote for it, and beside them
// the videos of another, each joined with its transcoding.
//
// It knows no HTTP and no OCI. What it needs from outside stands in [Storage],
// [Collection], [Analyzer], [Streams] and [Transcoder]; package oci implements
// them against the cloud. Nothing is remembered here that another replica of the
// app would need: buckets and collections are the only state.
package gallery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sort"
	"time"

	"oci-media-pipelines/internal/analysis"
)

// OverdueAfter is the age at which a picture without a document counts as
// overdue. OCI Events promises neither delivery nor redelivery, so an object
// that was never analysed must be found and sent through again.
const OverdueAfter = 60 * time.Second

// Gallery answers questions about the pictures and videos and carries out what
// users ask for. The zero value is not usable: all of Storage, Documents and
// Analyzer are required.
type Gallery struct {
	Storage   Storage
	Documents Documents
	Analyzer  Analyzer

	// Videos is nil where only pictures are taken.
	Videos *Videos

	// MaxUploadBytes is the size of the largest picture accepted, in bytes.
	MaxUploadBytes int64

	// Now tells the time; nil means time.Now.
	Now func() time.Time

	// Log receives what users are not told; nil means slog.Default().
	Log *slog.Logger

	cache documentCache[analysis.Document]
}

// Item is a Picture or a Video.
type Item interface {
	// About is the object that people uploaded.
	About() Object
	// State is what users are told about it.
	State() Status
	// Version changes whenever the item has to be shown anew. It is empty while
	// the status is unknown; else it begins with the ETag and the status, each
	// followed by a space or the end.
	Version() string
	// ID is an HTML id for the item, the same for every version of the name.
	ID() string
	// Unsettled reports whether its status is about to change by itself.
	Unsettled() bool
}

// Page is a part of the gallery, newest item first.
type Page struct {
	Items []Item
	// Number counts from 1; Pages is at least 1.
	Number, Pages int
	// Total counts the pictures and videos of both buckets.
	Total int
	// DocumentsErr says why documents could not be read; the items are then of
	// status StatusUnknown unless their document was seen before.
	DocumentsErr error
}

// Page returns page number (from 1, clamped to what exists) of the gallery with
// size pictures to a page. It fails only if the bucket cannot be listed; a
// database that does not answer is reported in the page.
func (g *Gallery) Page(ctx context.Context, number, size int) (Page, error) {
	entries, err := g.entries(ctx)
	if err != nil {
		return Page{}, err
	}
	page := Page{Total: len(entries), Pages: max(1, (len(entries)+size-1)/size)}
	page.Number = min(max(1, number), page.Pages)
	first := (page.Number - 1) * size
	page.Items, page.DocumentsErr = g.join(ctx, entries[first:min(first+size, len(entries))], nil)
	return page, nil
}

// Find returns one picture or video with its document. The error is ErrNotFound
// if neither bucket has such an object. A database that does not answer gives
// the item with StatusUnknown and, beside it, the second error.
func (g *Gallery) Find(ctx context.Context, name string) (item Item, documentErr, err error) {
	e, err := g.entry(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	items, documentErr := g.join(ctx, []entry{e}, nil)
	return items[0], documentErr, nil
}

// Results returns the pictures that have a current document, and all videos, what
// was written last first. Documents of deleted or overwritten objects are left
// out.
func (g *Gallery) Results(ctx context.Context) ([]Item, error) {
	entries, err := g.entries(ctx)
	if err != nil {
		return nil, err
	}
	analyses, err := allOf(ctx, g.Documents)
	if err != nil {
		return nil, fmt.Errorf("list documents: %w", err)
	}
	var jobs map[string]JobRecord
	if g.Videos != nil {
		if jobs, err = allOf(ctx, g.Videos.Jobs); err != nil {
			return nil, fmt.Errorf("list jobs: %w", err)
		}
	}
	type result struct {
		item Item
		at   time.Time
	}
	var results []result
	for _, e := range entries {
		if e.video {
			r := result{newVideo(e.Object, nil, nil, g.now()), e.Created}
			if record, ok := jobs[g.Videos.Jobs.Key(e.Object)]; ok {
				r = result{newVideo(e.Object, &record, nil, g.now()), record.Document.Updated}
			}
			results = append(results, r)
		} else if record, ok := analyses[g.Documents.Key(e.Object)]; ok {
			results = append(results, result{newPicture(e.Object, &record, nil, g.now()), record.Document.Timestamp})
		}
	}
	sort.SliceStable(results, func(i, j int) bool { return results[i].at.After(results[j].at) })
	items := make([]Item, len(results))
	for i, r := range results {
		items[i] = r.item
	}
	return items, nil
}

// Delete removes a picture or a video with everything that belongs to it. The
// error is ErrNotFound if there is no such object.
func (g *Gallery) Delete(ctx context.Context, name string) error {
	// The object goes first: should the documents outlive it, they belong to no
	// object any more and are ignored everywhere.
	err := g.Storage.Delete(ctx, name)
	if errors.Is(err, ErrNotFound) && g.Videos != nil {
		return g.Videos.remove(ctx, name, g.log())
	}
	if err != nil {
		return fmt.Errorf("delete picture %q: %w", name, err)
	}
	if err := g.Documents.DeleteFor(ctx, name); err != nil {
		g.log().Warn("the picture is deleted, its documents stay behind unused", "object", name, "error", err)
	}
	return nil
}

// Retry sends a picture without document through the analysis again, or a video
// that nobody works on through the transcoding, and returns when the function
// has finished. The error is ErrNotFound if there is no such object, and a
// *Refusal if there is nothing to be done.
func (g *Gallery) Retry(ctx context.Context, name string) error {
	e, err := g.entry(ctx, name)
	if err != nil {
		return err
	}
	if e.video {
		return g.Videos.retry(ctx, e.Object, g.now())
	}
	switch _, err := g.Documents.Get(ctx, g.Documents.Key(e.Object)); {
	case err == nil:
		return &Refusal{AlreadyAnalysed, fmt.Sprintf("%q is analysed already.", name)}
	case !errors.Is(err, ErrNotFound):
		return fmt.Errorf("read the analysis of %q: %w", name, err)
	}
	if err := g.Analyzer.Analyze(ctx, e.Object); err != nil {
		return fmt.Errorf("analyse %q: %w", name, err)
	}
	return nil
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
