// Package imagetest builds container images for tests from Go programs of the
// module, without a registry or a daemon.
package imagetest

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Program compiles the Go package at pkg (an import path, or a path relative
// to the test's folder) into a static binary and returns its content.
func Program(tb testing.TB, pkg string) []byte {
	tb.Helper()
	out := filepath.Join(tb.TempDir(), "program")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("build %s: %v\n%s", pkg, err, output)
	}
	content, err := os.ReadFile(out)
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

// Entry is one entry of a layer; Name and Typeflag as in a tar archive, the
// type defaulting to a regular file.
type Entry struct {
	Name     string
	Content  []byte
	Typeflag byte
	Linkname string
	Mode     int64 // default 0755
}

// Layer packs entries into a layer, in their order.
func Layer(tb testing.TB, entries ...Entry) v1.Layer {
	tb.Helper()
	var buf bytes.Buffer
	archive := tar.NewWriter(&buf)
	for _, e := range entries {
		h := &tar.Header{Name: e.Name, Typeflag: e.Typeflag, Linkname: e.Linkname, Mode: e.Mode, Size: int64(len(e.Content))}
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
		}
		if h.Mode == 0 {
			h.Mode = 0o755
		}
		if err := archive.WriteHeader(h); err != nil {
			tb.Fatal(err)
		}
		if _, err := archive.Write(e.Content); err != nil {
			tb.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		tb.Fatal(err)
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(buf.Bytes())), nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return layer
}

// Image makes an image for this machine's platform out of layers, lowest
// first, and a configuration.
func Image(tb testing.TB, config v1.Config, layers ...v1.Layer) v1.Image {
	tb.Helper()
	return ImageFor(tb, goruntime.GOOS, goruntime.GOARCH, config, layers...)
}

// ImageFor is [Image] for another platform, in Go's names.
func ImageFor(tb testing.TB, os, architecture string, config v1.Config, layers ...v1.Layer) v1.Image {
	tb.Helper()
	img, err := mutate.AppendLayers(empty.Image, layers...)
	if err != nil {
		tb.Fatal(err)
	}
	file, err := img.ConfigFile()
	if err != nil {
		tb.Fatal(err)
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Config = os, architecture, config
	if img, err = mutate.ConfigFile(img, file); err != nil {
		tb.Fatal(err)
	}
	return img
}

// ProgramImage makes an image that runs program as /app with the given
// variables ("name=value").
func ProgramImage(tb testing.TB, program []byte, env ...string) v1.Image {
	tb.Helper()
	return Image(tb, v1.Config{Entrypoint: []string{"/app"}, Env: env}, Layer(tb, Entry{Name: "app", Content: program}))
}
