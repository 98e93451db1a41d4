package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"oci-media-pipelines/internal/transcoding"
	"oci-media-pipelines/transcoder/media"
	"oci-media-pipelines/transcoder/storage"
)

const (
	// publishTime is how long the last steps may take once a manifest may be out; a signal does not stop them.
	publishTime = 2 * time.Minute
	// deletions is how many objects are deleted at a time.
	deletions = 8
)

// put stores an object of the video's folder. What a version's folder holds never changes; the manifests do.
func (j *job) put(ctx context.Context, name string, body []byte) error {
	return j.results.Put(ctx, transcoding.Folder(j.object)+name, content(name, body))
}

func content(name string, body []byte) storage.Content {
	c := storage.Content{Body: body, CacheControl: "no-cache"}
	if strings.Contains(name, "/") {
		c.CacheControl = "private, max-age=31536000, immutable"
	}
	c.Type = map[string]string{
		".mp4": "video/mp4", ".m4s": "video/mp4", ".m3u8": "application/vnd.apple.mpegurl", ".mpd": "application/dash+xml",
		".jpg": "image/jpeg", ".vtt": "text/vtt", ".png": "image/png",
	}[path.Ext(name)]
	if strings.HasPrefix(path.Base(name), "audio-") {
		c.Type = "audio/mp4"
	}
	return c
}

// publish makes the result visible: what the manifests refer to is stored first, then they are, then the document says
// so, and at last what they replaced goes.
func (j *job) publish(ctx context.Context, plan media.Plan, m made) error {
	duration := m.manifest.Representations("video")[0].Duration()
	folder := j.version
	result := &transcoding.Result{
		BucketName: j.destination, Duration: duration, Width: plan.Renditions[0].Width, Height: plan.Renditions[0].Height,
		Thumbnail: transcoding.Thumbnail(j.object), Seek: transcoding.Seek(j.object),
	}
	for _, r := range plan.Renditions {
		result.Renditions = append(result.Renditions, transcoding.Rendition(r))
	}
	seek, err := m.seek(folder, duration)
	if err != nil {
		return err
	}
	thumbnail, err := m.thumbnail()
	if err != nil {
		return err
	}
	last := []struct {
		name string
		body []byte
	}{{result.Thumbnail, thumbnail}, {result.Seek, seek}}
	var obsolete []string
	if j.dash {
		manifest, err := m.manifest.DASH(folder)
		if err != nil {
			return err
		}
		result.DASH = transcoding.DASH(j.object)
		last = append(last, struct {
			name string
			body []byte
		}{result.DASH, manifest})
	} else {
		obsolete = append(obsolete, transcoding.DASH(j.object))
	}
	if j.hls {
		for _, contentType := range []string{"audio", "video"} {
			for _, r := range m.manifest.Representations(contentType) {
				if err := j.put(ctx, folder+"/"+r.Playlist(), r.Media()); err != nil {
					return err
				}
			}
		}
		result.HLS = transcoding.HLS(j.object)
		last = append(last, struct {
			name string
			body []byte
		}{result.HLS, m.manifest.Master(folder, m.sizes)})
	} else {
		obsolete = append(obsolete, transcoding.HLS(j.object))
	}

	// An older video must not replace the result of a newer one, nor an older attempt that of a newer.
	if _, err := j.source.Size(ctx, j.object, j.etag); err != nil {
		return err
	}
	if err := j.ledger.read(ctx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	// From here on the job goes through with it: half of it would be worse than the old result and than the new one.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishTime)
	defer cancel()
	j.published = true
	for _, object := range last {
		if err := j.results.Put(ctx, object.name, content(path.Base(object.name), object.body)); err != nil {
			return err
		}
	}
	err = j.ledger.update(ctx, func(doc *transcoding.Job) {
		doc.State, doc.Percent, doc.Error, doc.Result = transcoding.Succeeded, 100, "", result
	})
	if errors.Is(err, errDeleted) {
		return errors.Join(err, j.withdraw(ctx))
	}
	if err != nil {
		return err
	}
	j.log.InfoContext(ctx, "video transcoded", "seconds", duration, "renditions", len(result.Renditions))
	if err := j.delete(ctx, append(obsolete, j.older...)); err != nil {
		// The result is whole; the next one of this video removes what this one could not.
		j.log.WarnContext(ctx, "an older result is left", "error", err.Error())
	}
	return nil
}

// noteOlder remembers the objects of other versions.
func (j *job) noteOlder(ctx context.Context) error {
	names, err := j.results.List(ctx, transcoding.Folder(j.object))
	if err != nil {
		return err
	}
	for _, name := range names {
		if version, ok := transcoding.InVersion(j.object, name); ok && version != j.version {
			j.older = append(j.older, name)
		}
	}
	return nil
}

// withdraw removes all that this attempt has stored, published or not: the video was deleted.
func (j *job) withdraw(ctx context.Context) error {
	return errors.Join(j.delete(ctx, []string{
		transcoding.HLS(j.object), transcoding.DASH(j.object), transcoding.Seek(j.object), transcoding.Thumbnail(j.object),
	}), j.deleteOwn(ctx))
}

// deleteOwn removes this attempt's version.
func (j *job) deleteOwn(ctx context.Context) error {
	names, err := j.results.List(ctx, transcoding.Folder(j.object)+j.version+"/")
	if err != nil {
		return err
	}
	return j.delete(ctx, names)
}

func (j *job) delete(ctx context.Context, names []string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(deletions)
	for _, name := range names {
		group.Go(func() error { return j.results.Delete(ctx, name) })
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("delete %d objects: %w", len(names), err)
	}
	return nil
}
