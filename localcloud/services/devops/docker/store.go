// Package docker is the docker command of build steps: as much of it as passes an
// image from a step that has built it to the end of the build.
//
// It keeps images in a folder and needs no container engine. A real docker or
// podman of this machine is not used, even where there is one: it keeps images
// where they outlive the run and where runs see each other's, and a machine may
// have none. So a build that works here works on every machine.
//
// # What differs from OCI
//
// On OCI's runners docker is Podman, with an engine. Here nothing builds, pulls,
// runs or pushes images; those commands fail and say what to do. Images keep
// their digest, where Podman compresses layers anew and gives another one.
package docker

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gofrs/flock"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// nameAnnotation has an image's name in an OCI layout:
// https://specs.opencontainers.org/image-spec/annotations/
const nameAnnotation = "org.opencontainers.image.ref.name"

// Store keeps images under names, as an OCI layout in a folder. Any number of
// processes may use it at once.
type Store struct {
	path layout.Path
	lock *flock.Flock
}

// Open opens the store in dir, which is made if it does not exist.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of images: %w", err)
	}
	s := &Store{lock: flock.New(filepath.Join(dir, "lock"))}
	err := s.locked(func() error {
		var err error
		if s.path, err = layout.FromPath(dir); errors.Is(err, fs.ErrNotExist) {
			s.path, err = layout.Write(dir, empty.Index)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("folder of images: %w", err)
	}
	return s, nil
}

func (s *Store) locked(f func() error) error {
	if err := s.lock.Lock(); err != nil {
		return err
	}
	defer func() { _ = s.lock.Unlock() }() // ends with the process, at the latest
	return f()
}

// NotFoundError says that there is no image of that name.
type NotFoundError struct {
	// Name is the name as it was asked for.
	Name string
	// Known are the names that there are.
	Known []string
}

// Error names the image, and those that there are.
func (e *NotFoundError) Error() string {
	known := "there are none"
	if len(e.Known) > 0 {
		known = "there are " + strings.Join(e.Known, ", ")
	}
	return fmt.Sprintf("no image %s: %s", e.Name, known)
}

// Image returns the image that a name, or the beginning of an ID, stands for. It
// reads its layers from the store.
func (s *Store) Image(reference string) (v1.Image, error) {
	all, err := s.list()
	if err != nil {
		return nil, err
	}
	found, err := find(all, reference)
	if err != nil {
		return nil, err
	}
	return found.image, nil
}

// entry is an image under one name.
type entry struct {
	name       string // "" for an image without one
	descriptor v1.Descriptor
	id         v1.Hash
	image      v1.Image
}

// list is entries for who does not hold the lock.
func (s *Store) list() (all []entry, err error) {
	err = s.locked(func() error {
		all, err = s.entries()
		return err
	})
	return all, err
}

func (s *Store) entries() ([]entry, error) {
	index, err := s.path.ImageIndex()
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	all := make([]entry, 0, len(manifest.Manifests))
	for _, descriptor := range manifest.Manifests {
		image, err := s.path.Image(descriptor.Digest)
		if err != nil {
			return nil, err
		}
		id, err := image.ConfigName()
		if err != nil {
			return nil, err
		}
		all = append(all, entry{descriptor.Annotations[nameAnnotation], descriptor, id, image})
	}
	return all, nil
}

// find looks for a name, then for an ID.
func find(all []entry, reference string) (entry, error) {
	for _, candidate := range candidates(reference) {
		if i := slices.IndexFunc(all, func(e entry) bool { return e.name == candidate }); i >= 0 {
			return all[i], nil
		}
	}
	var found []entry
	for _, e := range all {
		digits := strings.TrimPrefix(reference, "sha256:")
		if len(digits) >= 4 && strings.HasPrefix(e.id.Hex, digits) || strings.HasSuffix(reference, "@"+e.descriptor.Digest.String()) {
			found = append(found, e)
		}
	}
	if len(found) > 0 && !slices.ContainsFunc(found, func(e entry) bool { return e.id != found[0].id }) {
		return found[0], nil
	}
	missing := &NotFoundError{Name: reference}
	for _, e := range all {
		if e.name != "" {
			missing.Known = append(missing.Known, familiar(e.name))
		}
	}
	return entry{}, missing
}

// canonical is a name with everything that it may leave out.
func canonical(reference string) (string, error) {
	tag, err := name.NewTag(reference)
	if err != nil {
		return "", fmt.Errorf("image name %q: %w", reference, err)
	}
	return tag.Name(), nil
}

// candidates are the names that reference may stand for. Podman keeps what it has
// built under localhost/, and finds it without.
func candidates(reference string) []string {
	var all []string
	for _, prefix := range []string{"", "localhost/"} {
		if full, err := canonical(prefix + reference); err == nil {
			all = append(all, full)
		}
	}
	return all
}

// familiar is a canonical name as docker shows it.
func familiar(full string) string {
	short := strings.TrimPrefix(full, name.DefaultRegistry+"/")
	return strings.TrimPrefix(short, "library/")
}

// add puts an image under a canonical name, or under none, which nothing else
// has then.
func (s *Store) add(image v1.Image, full string) error {
	if full == "" {
		return s.path.AppendImage(image)
	}
	return s.path.ReplaceImage(image, named(full), layout.WithAnnotations(map[string]string{nameAnnotation: full}))
}

func named(full string) func(v1.Descriptor) bool {
	return func(d v1.Descriptor) bool { return d.Annotations[nameAnnotation] == full }
}

// Tag gives the image source another name, target.
func (s *Store) Tag(source, target string) error {
	full, err := canonical(target)
	if err != nil {
		return err
	}
	return s.locked(func() error {
		all, err := s.entries()
		if err != nil {
			return err
		}
		found, err := find(all, source)
		if err != nil {
			return err
		}
		return s.add(found.image, full)
	})
}

// Remove takes a name from its image. Layers stay until the folder goes.
func (s *Store) Remove(reference string) (removed string, err error) {
	err = s.locked(func() error {
		all, err := s.entries()
		if err != nil {
			return err
		}
		found, err := find(all, reference)
		if err != nil {
			return err
		}
		removed = familiar(found.name)
		if found.name == "" {
			removed = found.id.String()
		}
		return s.path.RemoveDescriptors(func(d v1.Descriptor) bool {
			return d.Annotations[nameAnnotation] == found.name && d.Digest == found.descriptor.Digest
		})
	})
	return removed, err
}
