package image

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// blobs is where an OCI layout keeps what digests name.
const blobs = "blobs/sha256/"

// WriteArchive writes the image, under a name with a tag, as the archive that
// docker load and podman load read.
//
// It is both an OCI layout and docker's own format over the same files, as docker
// save writes since version 25. The layout is what keeps the image's digest;
// docker's own format has no manifest, so whoever reads that makes another one.
func (i *Image) WriteArchive(w io.Writer, reference string) error {
	tag, err := name.NewTag(reference)
	if err != nil {
		return fmt.Errorf("image name %q: want <name>:<tag>: %w", reference, err)
	}
	archive := &archiveWriter{tar: tar.NewWriter(w), written: map[v1.Hash]bool{}}
	if err := archive.image(i.image, tag); err != nil {
		return fmt.Errorf("writing the archive of %s: %w", reference, err)
	}
	return nil
}

type archiveWriter struct {
	tar     *tar.Writer
	written map[v1.Hash]bool // a layer may occur twice
}

func (a *archiveWriter) image(image v1.Image, tag name.Tag) error {
	index, docker, err := a.blobs(image)
	if err != nil {
		return err
	}
	// docker's and containerd's annotations of the name:
	// https://github.com/containerd/containerd/blob/main/core/images/annotations.go
	index.Annotations = map[string]string{"io.containerd.image.name": tag.Name(), "org.opencontainers.image.ref.name": tag.TagStr()}
	docker["RepoTags"] = []string{tag.String()}
	for _, file := range []struct {
		name    string
		content any
	}{
		{"index.json", v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: []v1.Descriptor{index}}},
		{"manifest.json", []any{docker}},
		{"oci-layout", map[string]string{"imageLayoutVersion": "1.0.0"}},
	} {
		content, err := json.Marshal(file.content)
		if err != nil {
			return err
		}
		if err := a.file(file.name, int64(len(content)), bytes.NewReader(content)); err != nil {
			return err
		}
	}
	return a.tar.Close()
}

// blobs writes layers, configuration and manifest, and returns how the two
// formats refer to them.
func (a *archiveWriter) blobs(image v1.Image) (index v1.Descriptor, docker map[string]any, err error) {
	layers, err := image.Layers()
	if err != nil {
		return index, nil, err
	}
	files := make([]string, len(layers))
	for i, layer := range layers {
		if files[i], err = a.layer(layer); err != nil {
			return index, nil, err
		}
	}
	config, err := image.RawConfigFile()
	if err != nil {
		return index, nil, err
	}
	id, err := image.ConfigName()
	if err != nil {
		return index, nil, err
	}
	manifest, err := image.RawManifest()
	if err != nil {
		return index, nil, err
	}
	digest, err := image.Digest()
	if err != nil {
		return index, nil, err
	}
	mediaType, err := image.MediaType()
	if err != nil {
		return index, nil, err
	}
	if err := a.blob(id, int64(len(config)), bytes.NewReader(config)); err != nil {
		return index, nil, err
	}
	if err := a.blob(digest, int64(len(manifest)), bytes.NewReader(manifest)); err != nil {
		return index, nil, err
	}
	index = v1.Descriptor{MediaType: mediaType, Size: int64(len(manifest)), Digest: digest}
	return index, map[string]any{"Config": blobs + id.Hex, "Layers": files}, nil
}

func (a *archiveWriter) layer(layer v1.Layer) (path string, err error) {
	digest, err := layer.Digest()
	if err != nil {
		return "", err
	}
	size, err := layer.Size()
	if err != nil {
		return "", err
	}
	content, err := layer.Compressed()
	if err != nil {
		return "", err
	}
	defer content.Close()
	return blobs + digest.Hex, a.blob(digest, size, content)
}

func (a *archiveWriter) blob(digest v1.Hash, size int64, content io.Reader) error {
	if a.written[digest] {
		return nil
	}
	a.written[digest] = true
	return a.file(blobs+digest.Hex, size, content)
}

// file leaves out times and owners: equal images give equal archives.
func (a *archiveWriter) file(path string, size int64, content io.Reader) error {
	if err := a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: path, Size: size, Mode: 0o644}); err != nil {
		return err
	}
	_, err := io.Copy(a.tar, content)
	return err
}
