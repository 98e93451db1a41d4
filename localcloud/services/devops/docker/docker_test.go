package docker_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

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

func TestTagInspectAndRemove(t *testing.T) {
	dir, image, other := t.TempDir(), randomImage(t), randomImage(t)
	want(t, dir, "load", "-i", dockerArchive(t, image, "function:1"))
	want(t, dir, "load", "--input="+dockerArchive(t, other, "other"))

	want(t, dir, "tag", "function:1", "registry.example.com/ns/function:2")
	if got := stored(t, dir, "registry.example.com/ns/function:2"); got != digest(t, image) {
		t.Errorf("the new name has digest %s, want %s", got, digest(t, image))
	}
	table := want(t, dir, "images")
	for _, part := range []string{"REPOSITORY", "function ", "registry.example.com/ns/function ", "other "} {
		if !strings.Contains(table, part) {
			t.Errorf("no %q in\n%s", part, table)
		}
	}
	if ids := want(t, dir, "image", "ls", "-q", "function"); strings.Count(ids, "\n") != 1 {
		t.Errorf("images of one name: %q", ids)
	}

	var inspected []struct {
		ID          string `json:"Id"`
		RepoTags    []string
		RepoDigests []string
		Size        int64
	}
	if err := json.Unmarshal([]byte(want(t, dir, "image", "inspect", "function:1")), &inspected); err != nil {
		t.Fatal(err)
	}
	id, err := image.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	if len(inspected) != 1 || inspected[0].ID != id.String() || len(inspected[0].RepoTags) != 2 || inspected[0].Size < 4096 ||
		inspected[0].RepoDigests[0] != "function@"+digest(t, image) {
		t.Errorf("inspected: %+v", inspected)
	}
	if got := want(t, dir, "inspect", "--format", "{{.Id}} {{json .RepoTags}}", id.Hex[:12]); got != id.String()+` ["function:1","registry.example.com/ns/function:2"]`+"\n" {
		t.Errorf("formatted: %q", got)
	}

	// Another image takes the name over.
	want(t, dir, "tag", "other", "function:1")
	if got := stored(t, dir, "function:1"); got != digest(t, other) {
		t.Errorf("the name is still of %s", got)
	}
	if got := want(t, dir, "rmi", "-f", "other", "function:1"); got != "Untagged: other:latest\nUntagged: function:1\n" {
		t.Errorf("removing said %q", got)
	}
	if got := stored(t, dir, "registry.example.com/ns/function:2"); got != digest(t, image) {
		t.Errorf("another image's name has digest %s", got)
	}
	code, _, errOut := run(t, dir, nil, "rmi", "function:1")
	if code != 1 || errOut != "docker: rmi: no image function:1: there are registry.example.com/ns/function:2\n" {
		t.Errorf("removing it again: exit code %d, %q", code, errOut)
	}
}

func TestEverythingElseFails(t *testing.T) {
	for _, c := range []struct {
		arguments []string
		want      string
	}{
		{nil, "want a command"},
		{[]string{"build", "-t", "x", "."}, "go run ./infra/image/archive"},
		{[]string{"buildx", "build", "."}, "no container engine"},
		{[]string{"image", "build", "."}, "docker: image build: no container engine"},
		{[]string{"run", "x"}, "run the program itself"},
		{[]string{"push", "x"}, "DELIVER_ARTIFACT"},
		{[]string{"login", "registry.example.com"}, "DELIVER_ARTIFACT"},
		{[]string{"pull", "x"}, "inputArtifacts"},
		{[]string{"save", "x"}, "outputArtifacts"},
		{[]string{"swarm", "init"}, "swarm: the local cloud's docker has no such command"},
		{[]string{"image", "prune"}, "image prune: the local cloud's docker has no such command"},
		{[]string{"load", "--platform", "x"}, "-platform"},
		{[]string{"load", "x.tar"}, "with -i"},
		{[]string{"tag", "x"}, "want an image and its new name"},
		{[]string{"tag", "x", "UPPER"}, "UPPER"},
		{[]string{"rmi"}, "want the names"},
		{[]string{"inspect"}, "want the names"},
	} {
		code, out, errOut := run(t, t.TempDir(), nil, c.arguments...)
		if code != 125 || out != "" || !strings.HasPrefix(errOut, "docker: ") || !strings.Contains(errOut, c.want) {
			t.Errorf("docker %q: exit code %d, %q, %q; want %q", c.arguments, code, out, errOut, c.want)
		}
	}
}

func TestVersion(t *testing.T) {
	if got := want(t, t.TempDir(), "--version"); !strings.HasPrefix(got, "Docker version ") {
		t.Errorf("got %q", got)
	}
}

// A test's executable that started itself as docker would run its tests again, and
// these start it again.
func TestAProgramThatDoesNotCallMainIsNotStarted(t *testing.T) {
	if command, err := docker.Command(); err == nil || !strings.Contains(err.Error(), "docker.Main") {
		t.Fatalf("got %q, %v", command, err)
	}
	if code, ok := docker.Main(); ok {
		t.Fatalf("this is docker, with exit code %d", code)
	}
	if command, err := docker.Command(); err != nil || len(command) != 2 {
		t.Errorf("got %q, %v", command, err)
	}
}
