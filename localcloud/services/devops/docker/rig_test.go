package docker_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"oci-media-pipelines/localcloud/services/devops/docker"
)

// run runs the command and returns its exit code and what it wrote.
func run(t *testing.T, dir string, in io.Reader, arguments ...string) (code int, out, errOut string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = docker.Run(dir, arguments, in, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// want runs the command, which has to succeed, and returns what it wrote.
func want(t *testing.T, dir string, arguments ...string) string {
	t.Helper()
	code, out, errOut := run(t, dir, nil, arguments...)
	if code != 0 {
		t.Fatalf("docker %q: exit code %d: %s", arguments, code, errOut)
	}
	return out
}

func randomImage(t *testing.T) v1.Image {
	t.Helper()
	image, err := random.Image(2048, 2)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func digest(t *testing.T, image v1.Image) string {
	t.Helper()
	d, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return d.String()
}

// stored is the digest of an image in the folder.
func stored(t *testing.T, dir, reference string) string {
	t.Helper()
	store, err := docker.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	image, err := store.Image(reference)
	if err != nil {
		t.Fatal(err)
	}
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	for _, layer := range layers {
		content, err := layer.Compressed()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, content); err != nil {
			t.Fatal(err)
		}
		content.Close()
	}
	return digest(t, image)
}

// dockerArchive writes image as docker save does, in its own format.
func dockerArchive(t *testing.T, image v1.Image, names ...string) string {
	t.Helper()
	tags := map[name.Tag]v1.Image{}
	for _, reference := range names {
		tag, err := name.NewTag(reference)
		if err != nil {
			t.Fatal(err)
		}
		tags[tag] = image
	}
	file := filepath.Join(t.TempDir(), "docker.tar")
	if err := tarball.MultiWriteToFile(file, tags); err != nil {
		t.Fatal(err)
	}
	return file
}

// ociArchive writes image as an OCI layout, with the annotations of its name.
func ociArchive(t *testing.T, image v1.Image, annotations map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	path, err := layout.Write(dir, mutate.AppendManifests(emptyIndex(t)))
	if err != nil {
		t.Fatal(err)
	}
	if err := path.AppendImage(image, layout.WithAnnotations(annotations)); err != nil {
		t.Fatal(err)
	}
	return pack(t, dir)
}

func emptyIndex(t *testing.T) v1.ImageIndex {
	t.Helper()
	index, err := random.Index(0, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return index
}

func pack(t *testing.T, dir string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "packed.tar")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	archive := tar.NewWriter(out)
	if err := archive.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

func zipped(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file+".gz", out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file + ".gz"
}
