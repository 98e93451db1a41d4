package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// RootFS is an unpacked image.
type RootFS struct {
	// Path is the folder on this machine that stands for "/" of the image.
	Path string
	// Digest is the digest of the image's manifest.
	Digest v1.Hash
	// Config is the image's configuration: entry point, variables and so on.
	Config v1.Config
}

// Unpack makes the image's file system available as a folder. The work is done
// once per digest: folders are named after it and appear whole or not at all.
// It fails with a [*PlatformError] before any layer is fetched when the image
// was built for another kind of machine.
func (r *Runtime) Unpack(ctx context.Context, img v1.Image) (*RootFS, error) {
	digest, err := img.Digest()
	if err != nil {
		return nil, fmt.Errorf("runtime: image digest: %w", err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("runtime: image configuration of %s: %w", digest, err)
	}
	if err := checkPlatform(config); err != nil {
		return nil, err
	}
	root := &RootFS{
		Path:   filepath.Join(r.cfg.Dir, rootfsFolder, digest.Algorithm, digest.Hex),
		Digest: digest,
		Config: config.Config,
	}
	done := r.unpack.DoChan(root.Path, func() (any, error) {
		return nil, r.unpackTo(root.Path, img)
	})
	r.unpacking.Add(1)
	select {
	case res := <-done:
		r.unpacking.Done()
		if res.Err != nil {
			return nil, fmt.Errorf("runtime: unpack %s: %w", digest, res.Err)
		}
		return root, nil
	case <-ctx.Done():
		// Others may wait for the same image, so the work goes on.
		go func() { <-done; r.unpacking.Done() }()
		return nil, fmt.Errorf("runtime: unpack %s: %w", digest, ctx.Err())
	}
}

func (r *Runtime) unpackTo(target string, img v1.Image) error {
	if _, err := os.Stat(target); err == nil {
		return nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(target)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	unfinished, err := os.MkdirTemp(filepath.Join(r.cfg.Dir, rootfsFolder), unfinishedPrefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(unfinished)
	if err := applyImage(unfinished, img, r.cfg.MaxUnpackedBytes); err != nil {
		return err
	}
	if err := os.Chmod(unfinished, 0o755); err != nil {
		return err
	}
	return os.Rename(unfinished, target)
}

// applyImage unpacks all layers, lowest first, into dir.
func applyImage(dir string, img v1.Image, limit int64) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	layers, err := img.Layers()
	if err != nil {
		return fmt.Errorf("layers: %w", err)
	}
	for i, layer := range layers {
		if err := applyLayer(root, layer, &limit); err != nil {
			return fmt.Errorf("layer %d: %w", i+1, err)
		}
	}
	return nil
}

func applyLayer(root *os.Root, layer v1.Layer, budget *int64) error {
	content, err := layer.Uncompressed()
	if err != nil {
		return err
	}
	defer content.Close()
	u := unpacker{root: root, budget: budget, fromThisLayer: map[string]bool{}}
	if err := u.apply(content); err != nil {
		return err
	}
	// The digest is verified at the very end of the stream, which a tar
	// reader does not reach.
	if _, err := io.Copy(io.Discard, content); err != nil {
		return err
	}
	return nil
}

// RemoveUnused deletes unpacked images whose digest keep does not want and
// that no container started by this runtime uses; they are unpacked again when
// needed.
func (r *Runtime) RemoveUnused(keep func(v1.Hash) bool) error {
	r.mu.Lock()
	used := map[string]bool{}
	for _, c := range r.containers {
		used[c.root.Path] = true
	}
	r.mu.Unlock()

	dir := filepath.Join(r.cfg.Dir, rootfsFolder)
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil {
		return fmt.Errorf("runtime: unused images: %w", err)
	}
	for _, path := range paths {
		hash := v1.Hash{Algorithm: filepath.Base(filepath.Dir(path)), Hex: filepath.Base(path)}
		if used[path] || keep(hash) {
			continue
		}
		// Renamed first, so that a half-deleted folder is never taken for an image.
		doomed, err := os.MkdirTemp(dir, unfinishedPrefix)
		if err != nil {
			return fmt.Errorf("runtime: unused images: %w", err)
		}
		if err := os.Rename(path, filepath.Join(doomed, "rootfs")); err != nil {
			return fmt.Errorf("runtime: unused image %s: %w", hash, err)
		}
		if err := os.RemoveAll(doomed); err != nil {
			return fmt.Errorf("runtime: unused image %s: %w", hash, err)
		}
	}
	return nil
}

const unfinishedPrefix = ".unfinished-"

func removeUnfinished(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), unfinishedPrefix) {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
