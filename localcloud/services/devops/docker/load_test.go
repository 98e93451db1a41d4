package docker_test

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func TestLoad(t *testing.T) {
	image := randomImage(t)
	id, err := image.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	// OCI's types, as the project's own images have them: docker's format does
	// not say which they were, OCI's does.
	oci := mutate.ConfigMediaType(mutate.MediaType(image, types.OCIManifestSchema1), types.OCIConfigJSON)
	docked := dockerArchive(t, image, "function:1", "registry.example.com/function:1")
	for name, c := range map[string]struct {
		file, said string
		names      []string
		image      v1.Image
	}{
		"docker's format": {docked, "Loaded image: ", []string{"function:1", "registry.example.com/function:1"}, image},
		"gzipped":         {zipped(t, docked), "Loaded image: ", []string{"function:1", "registry.example.com/function:1"}, image},
		"OCI's, with containerd's name": {ociArchive(t, oci, map[string]string{
			"io.containerd.image.name": "docker.io/library/function:2", "org.opencontainers.image.ref.name": "2",
		}), "Loaded image: function:2\n", []string{"function:2", "docker.io/library/function:2"}, oci},
		"OCI's, with a name": {ociArchive(t, oci, map[string]string{"org.opencontainers.image.ref.name": "localhost/function:3"}),
			"Loaded image: localhost/function:3\n", []string{"localhost/function:3", "function:3"}, oci},
		"OCI's, with nothing": {ociArchive(t, oci, nil), "Loaded image ID: " + id.String() + "\n", []string{id.String(), id.Hex[:12]}, oci},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if said := want(t, dir, "load", "-i", c.file); !strings.HasPrefix(said, c.said) {
				t.Errorf("said %q, want %q", said, c.said)
			}
			for _, reference := range c.names {
				if got := stored(t, dir, reference); got != digest(t, c.image) {
					t.Errorf("%s has digest %s, want %s", reference, got, digest(t, c.image))
				}
			}
		})
	}
}

func TestLoadFromStandardInput(t *testing.T) {
	image, dir := randomImage(t), t.TempDir()
	file, err := os.Open(dockerArchive(t, image, "function:1"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if code, out, errOut := run(t, dir, file, "image", "load", "--quiet"); code != 0 || out != "Loaded image: function:1\n" {
		t.Errorf("exit code %d, %q, %q", code, out, errOut)
	}
	if got := stored(t, dir, "function:1"); got != digest(t, image) {
		t.Errorf("digest %s, want %s", got, digest(t, image))
	}
}

func TestLoadRefuses(t *testing.T) {
	escaping := filepath.Join(t.TempDir(), "escaping.tar")
	var content bytes.Buffer
	archive := tar.NewWriter(&content)
	if err := archive.WriteHeader(&tar.Header{Name: "../../outside", Mode: 0o600, Size: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other.tar")
	for file, bytes := range map[string][]byte{escaping: content.Bytes(), other: []byte("version: 0.1\n")} {
		if err := os.WriteFile(file, bytes, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	index, err := random.Index(64, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	platforms := t.TempDir()
	path, err := layout.Write(platforms, emptyIndex(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := path.AppendIndex(index); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ file, want string }{
		"no file":           {filepath.Join(t.TempDir(), "none.tar"), "no such file"},
		"no archive":        {other, "no tar archive"},
		"no images":         {pack(t, t.TempDir()), "not an archive of images"},
		"a path outside":    {escaping, "escapes"},
		"several platforms": {pack(t, platforms), "save the image for the platform"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			code, out, errOut := run(t, dir, nil, "load", "-i", c.file)
			if code != 125 || out != "" || !strings.Contains(errOut, c.want) {
				t.Errorf("exit code %d, %q, %q; want %q", code, out, errOut, c.want)
			}
			if left := want(t, dir, "images", "-q"); left != "" {
				t.Errorf("there are images: %s", left)
			}
			if left, err := filepath.Glob(filepath.Join(dir, "load-*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}
