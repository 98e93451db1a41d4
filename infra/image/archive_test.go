package image_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

func TestAnArchiveIsReadInBothFormats(t *testing.T) {
	img := build(t, checkout(t, program), "linux/arm64")
	var archive, again bytes.Buffer
	if err := img.WriteArchive(&archive, "localhost/demo:1"); err != nil {
		t.Fatal(err)
	}
	if err := img.WriteArchive(&again, "localhost/demo:1"); err != nil || !bytes.Equal(archive.Bytes(), again.Bytes()) {
		t.Errorf("a second archive of the image differs: %v", err)
	}

	// OCI's format has the very image.
	path, err := layout.FromPath(unpack(t, bytes.NewReader(archive.Bytes())))
	if err != nil {
		t.Fatal(err)
	}
	index, err := path.ImageIndex()
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(index); err != nil {
		t.Errorf("the layout does not hold together: %v", err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if len(manifest.Manifests) != 1 {
		t.Fatalf("the layout has %d images", len(manifest.Manifests))
	}
	descriptor := manifest.Manifests[0]
	if descriptor.Digest.String() != img.Digest() || descriptor.Annotations["io.containerd.image.name"] != "localhost/demo:1" {
		t.Errorf("the layout has %+v, want %s", descriptor, img.Digest())
	}

	// docker's own has the same configuration and layers.
	tag, err := name.NewTag("localhost/demo:1")
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := tarball.Image(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive.Bytes())), nil }, &tag)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(loaded); err != nil {
		t.Errorf("docker's format does not hold together: %v", err)
	}
	got, err := loaded.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	if want, err := img.V1().ConfigName(); err != nil || got != want {
		t.Errorf("docker's format has image ID %s, want %s, %v", got, want, err)
	}
}

func TestAnArchiveNeedsAName(t *testing.T) {
	img := build(t, checkout(t, program), "linux/arm64")
	if err := img.WriteArchive(io.Discard, "Demo:1"); err == nil || !strings.Contains(err.Error(), `image name "Demo:1"`) {
		t.Errorf("got %v", err)
	}
}

// unpack writes the files of an archive into a new folder.
func unpack(t *testing.T, archive io.Reader) string {
	t.Helper()
	dir := t.TempDir()
	for reader := tar.NewReader(archive); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return dir
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, header.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
