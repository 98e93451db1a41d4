package docker

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Load adds the images of an archive as docker save writes it, in docker's own
// format, in OCI's, or in both, gzipped or not. It returns their names, and the
// IDs of those without one.
func (s *Store) Load(archive io.Reader) (loaded []string, err error) {
	dir, err := os.MkdirTemp(string(s.path), "load-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := unpack(archive, dir); err != nil {
		return nil, fmt.Errorf("reading the archive: %w", err)
	}
	images, err := archived(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the archive: %w", err)
	}
	err = s.locked(func() error {
		for _, image := range images {
			if err := s.add(image.image, image.name); err != nil {
				return err
			}
			if image.name != "" {
				loaded = append(loaded, familiar(image.name))
			} else {
				loaded = append(loaded, image.id.String())
			}
		}
		return nil
	})
	return loaded, err
}

// unpack writes the files of a tar archive into dir.
func unpack(archive io.Reader, dir string) error {
	buffered := bufio.NewReader(archive)
	archive = buffered
	if magic, _ := buffered.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return err
		}
		archive = unzipped
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for reader := tar.NewReader(archive); ; {
		header, err := reader.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("no tar archive: %w", err)
		case header.Typeflag == tar.TypeReg:
			if err := unpackFile(root, header.Name, reader); err != nil {
				return err
			}
		case header.Typeflag == tar.TypeSymlink, header.Typeflag == tar.TypeLink:
			// Old versions of docker link equal layers; no builder of today does.
			return fmt.Errorf("%s is a link, which is not supported: save the image with a newer docker", header.Name)
		}
	}
}

// unpackFile refuses, by root, what would end up outside.
func unpackFile(root *os.Root, path string, content io.Reader) error {
	path = filepath.FromSlash(path)
	if err := root.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := root.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}

// archived lists the images of an unpacked archive.
func archived(dir string) ([]entry, error) {
	tags, err := dockerTags(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, "index.json")); err == nil {
		// OCI's format first: it has the manifests, and with them the digests.
		return ociImages(dir, tags)
	}
	if len(tags) == 0 {
		return nil, errors.New("neither docker's manifest.json nor OCI's index.json is in it: not an archive of images")
	}
	// The library reads an archive, or whatever opens like one.
	opener := func() (io.ReadCloser, error) { return pack(dir), nil }
	var all []entry
	for config, names := range tags {
		var tag *name.Tag
		if len(names) > 0 {
			parsed, err := name.NewTag(names[0])
			if err != nil {
				return nil, err
			}
			tag = &parsed
		} else if len(tags) > 1 {
			return nil, fmt.Errorf("several images are in it, and %s has no name", config)
		}
		image, err := tarball.Image(opener, tag)
		if err != nil {
			return nil, err
		}
		if all, err = appendNamed(all, image, names); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// dockerTags reads docker's list of images: their names by configuration file.
func dockerTags(dir string) (map[string][]string, error) {
	content, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var manifest tarball.Manifest
	if err := json.Unmarshal(content, &manifest); err != nil {
		return nil, fmt.Errorf("manifest.json: %w", err)
	}
	tags := map[string][]string{}
	for _, image := range manifest {
		tags[image.Config] = append(tags[image.Config], image.RepoTags...)
	}
	return tags, nil
}

// containerdName has the whole name where nameAnnotation has its tag only; docker,
// containerd and Podman know it
// (https://github.com/containerd/containerd/blob/main/core/images/annotations.go).
const containerdName = "io.containerd.image.name"

func ociImages(dir string, tags map[string][]string) ([]entry, error) {
	path, err := layout.FromPath(dir)
	if err != nil {
		return nil, err
	}
	index, err := path.ImageIndex()
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("index.json: %w", err)
	}
	var all []entry
	for _, descriptor := range manifest.Manifests {
		if !descriptor.MediaType.IsImage() {
			return nil, fmt.Errorf("%s is no image for one platform, but %s: save the image for the platform that it is to run on", descriptor.Digest, descriptor.MediaType)
		}
		image, err := path.Image(descriptor.Digest)
		if err != nil {
			return nil, err
		}
		var names []string
		if full := descriptor.Annotations[containerdName]; full != "" {
			names = append(names, full)
		} else if full := descriptor.Annotations[nameAnnotation]; strings.ContainsAny(full, ":/") {
			names = append(names, full)
		} else if id, err := image.ConfigName(); err == nil {
			names = tags["blobs/sha256/"+id.Hex]
		}
		if all, err = appendNamed(all, image, names); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// appendNamed appends image under each of its names, once if it has none.
func appendNamed(all []entry, image v1.Image, names []string) ([]entry, error) {
	id, err := image.ConfigName()
	if err != nil {
		return nil, fmt.Errorf("an image's configuration: %w", err)
	}
	if len(names) == 0 {
		return append(all, entry{id: id, image: image}), nil
	}
	for _, reference := range names {
		full, err := canonical(reference)
		if err != nil {
			return nil, err
		}
		all = append(all, entry{name: full, id: id, image: image})
	}
	return all, nil
}

// pack is the folder dir as a tar archive.
func pack(dir string) io.ReadCloser {
	read, write := io.Pipe()
	go func() {
		archive := tar.NewWriter(write)
		err := archive.AddFS(os.DirFS(dir))
		_ = write.CloseWithError(errors.Join(err, archive.Close()))
	}()
	return read
}
