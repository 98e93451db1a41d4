package image_test

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"oci-media-pipelines/infra/image"
)

const program = `package main

import "os"

func main() { os.Stdout.WriteString("hello from the image\n") }
`

// checkout writes a small module into a new folder and returns its root.
func checkout(t testing.TB, main string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "some", "checkout")
	for name, content := range map[string]string{
		"go.mod":         "module example.com/demo\n\ngo 1.26\n",
		"cmd/app/app.go": main,
		"library/lib.go": "package library\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func build(t testing.TB, dir, platform string) *image.Image {
	t.Helper()
	img, err := image.Build(t.Context(), image.Spec{ImportPath: "./cmd/app", Dir: dir, Platform: platform})
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestBuildGivesOneDigestFromAnyCheckout(t *testing.T) {
	first := build(t, checkout(t, program), "linux/arm64")

	other := checkout(t, program)
	git := exec.Command("git", "init", "-q", other)
	if out, err := git.CombinedOutput(); err != nil {
		t.Fatalf("git init: %v\n%s", err, out)
	}
	// What a developer's shell may hold must not reach the binary.
	t.Setenv("GOFLAGS", "-gcflags=all=-N")
	t.Setenv("CGO_ENABLED", "1")
	t.Setenv("GOOS", "windows")
	second := build(t, other, "linux/arm64")

	if first.Digest() != second.Digest() {
		t.Errorf("digests differ: %s and %s", first.Digest(), second.Digest())
	}
	if changed := build(t, checkout(t, strings.Replace(program, "hello", "hallo", 1)), "linux/arm64"); changed.Digest() == first.Digest() {
		t.Error("a changed source has the same digest")
	}
	if want := strings.TrimPrefix(first.Digest(), "sha256:")[:len(first.Tag())]; first.Tag() != want || len(want) < 12 {
		t.Errorf("tag %q is not the first 12 or more digits of %s", first.Tag(), first.Digest())
	}
}

func TestBuiltImageRuns(t *testing.T) {
	img := build(t, checkout(t, program), image.HostPlatform)

	config, err := img.V1().ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.OS != runtime.GOOS || config.Architecture != runtime.GOARCH {
		t.Errorf("platform is %s/%s, want the machine's own", config.OS, config.Architecture)
	}
	if config.Config.User != "65532" {
		t.Errorf("user is %q, want 65532", config.Config.User)
	}
	if got := img.ImportPath(); got != "example.com/demo/cmd/app" {
		t.Errorf("import path is %q", got)
	}
	if len(config.Config.Entrypoint) != 1 {
		t.Fatalf("entrypoint is %q, want one path", config.Config.Entrypoint)
	}
	binary := extract(t, img, config.Config.Entrypoint[0])
	out, err := exec.Command(binary).Output()
	if err != nil || string(out) != "hello from the image\n" {
		t.Errorf("running the image's entrypoint: %q, %v", out, err)
	}

	var compressed int64
	layers, err := img.V1().Layers()
	if err != nil {
		t.Fatal(err)
	}
	for _, layer := range layers {
		size, err := layer.Size()
		if err != nil {
			t.Fatal(err)
		}
		compressed += size
	}
	if img.Size() <= compressed || img.Size() > compressed+4096 {
		t.Errorf("size is %d, want the layers' %d and a small configuration", img.Size(), compressed)
	}
}

// extract writes one file of the image to disk and returns where.
func extract(t *testing.T, img *image.Image, path string) string {
	t.Helper()
	content := mutate.Extract(img.V1())
	defer content.Close()
	for reader := tar.NewReader(content); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			t.Fatalf("the image has no file %s", path)
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.TrimPrefix(header.Name, "/") != strings.TrimPrefix(path, "/") {
			continue
		}
		data, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "binary")
		if err := os.WriteFile(file, data, 0o755); err != nil {
			t.Fatal(err)
		}
		return file
	}
}

func TestBuildErrorsSpeakTheCompilersWords(t *testing.T) {
	good := checkout(t, program)
	broken := checkout(t, strings.Replace(program, "os.Stdout", "os.Stdnot", 1))
	for _, c := range []struct {
		name string
		spec image.Spec
		want []string
	}{
		{"wrong import path", image.Spec{ImportPath: "./cmd/ap", Dir: good, Platform: "linux/amd64"}, []string{"./cmd/ap", "directory not found"}},
		{"unknown module", image.Spec{ImportPath: "example.com/other/cmd", Dir: good, Platform: "linux/amd64"}, []string{"no required module provides package"}},
		{"does not compile", image.Spec{ImportPath: "./cmd/app", Dir: broken, Platform: "linux/amd64"}, []string{"cmd/app/app.go:5:18", "undefined: os.Stdnot"}},
		{"not a command", image.Spec{ImportPath: "./library", Dir: good, Platform: "linux/amd64"}, []string{`"library", not "main"`}},
		{"several packages", image.Spec{ImportPath: "./...", Dir: good, Platform: "linux/amd64"}, []string{"matches 2 packages"}},
		{"no module", image.Spec{ImportPath: "./app", Dir: t.TempDir(), Platform: "linux/amd64"}, []string{"go.mod"}},
		{"half a platform", image.Spec{ImportPath: "./cmd/app", Dir: good, Platform: "linux"}, []string{`platform "linux"`, "linux/amd64"}},
		{"no platform", image.Spec{ImportPath: "./cmd/app", Dir: good}, []string{`platform ""`}},
		{"unknown platform", image.Spec{ImportPath: "./cmd/app", Dir: good, Platform: "linux/z80"}, []string{"linux/z80", "unsupported GOOS/GOARCH"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := image.Build(t.Context(), c.spec)
			if err == nil {
				t.Fatal("built")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error does not say %q:\n%v", want, err)
				}
			}
		})
	}
}
