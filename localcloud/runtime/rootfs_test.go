package runtime_test

import (
	"archive/tar"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"oci-media-pipelines/localcloud/runtime"
	"oci-media-pipelines/localcloud/runtime/imagetest"
)

type entry = imagetest.Entry

func TestUnpackAppliesLayersInOrder(t *testing.T) {
	r := newRuntime(t, nil)
	img := imagetest.Image(t, v1.Config{},
		imagetest.Layer(t,
			entry{Name: "a", Content: []byte("1")},
			entry{Name: "gone", Content: []byte("1")},
			entry{Name: "dir/lower", Content: []byte("1")},
			entry{Name: "opaque/lower", Content: []byte("1")},
			entry{Name: "opaque/sub/lower", Content: []byte("1")},
			entry{Name: "becomes-dir", Content: []byte("1")},
			entry{Name: "becomes-file/x", Content: []byte("1")},
		),
		imagetest.Layer(t,
			entry{Name: "./a", Content: []byte("2")},
			entry{Name: "link", Typeflag: tar.TypeLink, Linkname: "a"},
			entry{Name: ".wh.gone"},
			entry{Name: "dir/.wh.lower"},
			entry{Name: "opaque/sub/upper", Content: []byte("2")},
			entry{Name: "opaque/.wh..wh..opq"},
			entry{Name: "becomes-dir/", Typeflag: tar.TypeDir},
			entry{Name: "becomes-dir/x", Content: []byte("2")},
			entry{Name: "becomes-file", Content: []byte("2")},
			entry{Name: "dev/null", Typeflag: tar.TypeChar},
		))
	root, err := r.Unpack(t.Context(), img)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	err = fs.WalkDir(os.DirFS(root.Path), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(root.Path, p))
		got = append(got, p+"="+string(content))
		if info, _ := d.Info(); info.Mode()&0o222 != 0 {
			t.Errorf("%s is writable: %s", p, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a=2", "becomes-dir/x=2", "becomes-file=2", "link=2", "opaque/sub/upper=2"}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
}

func TestNothingLeavesTheRootFS(t *testing.T) {
	outside := t.TempDir()
	tests := []struct {
		name    string
		entries []entry
		refused bool
	}{
		{"climbing name", []entry{{Name: "../evil"}}, true},
		{"climbing in the middle", []entry{{Name: "a/../../evil"}}, true},
		{"hard link to the host", []entry{{Name: "l", Typeflag: tar.TypeLink, Linkname: "../../../../etc/passwd"}}, true},
		{"write through an absolute link", []entry{
			{Name: "l", Typeflag: tar.TypeSymlink, Linkname: outside}, {Name: "l/evil", Content: []byte("x")}}, true},
		{"write through a climbing link", []entry{
			{Name: "l", Typeflag: tar.TypeSymlink, Linkname: strings.Repeat("../", 20) + outside}, {Name: "l/evil", Content: []byte("x")}}, true},
		{"link placed through a link", []entry{
			{Name: "a/b/c", Typeflag: tar.TypeDir}, {Name: "a/b/c/up", Typeflag: tar.TypeSymlink, Linkname: "../../.."},
			{Name: "a/b/c/up/l", Typeflag: tar.TypeSymlink, Linkname: "../../../../" + outside}, {Name: "l/evil", Content: []byte("x")}}, true},
		{"absolute link to a path of the image", []entry{
			{Name: "usr/bin/", Typeflag: tar.TypeDir}, {Name: "bin", Typeflag: tar.TypeSymlink, Linkname: "/usr/bin"},
			{Name: "bin/x", Content: []byte("x")}}, false},
	}
	r := newRuntime(t, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root, err := r.Unpack(t.Context(), imagetest.Image(t, v1.Config{}, imagetest.Layer(t, tt.entries...)))
			if tt.refused != (err != nil) {
				t.Errorf("error: %v", err)
			}
			if err == nil {
				err := filepath.WalkDir(root.Path, func(p string, d fs.DirEntry, err error) error {
					if d.Type()&fs.ModeSymlink != 0 {
						real, err := filepath.EvalSymlinks(p)
						if err != nil || !strings.HasPrefix(real, root.Path) {
							t.Errorf("%s leads to %s (%v)", p, real, err)
						}
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
			if left, _ := os.ReadDir(outside); len(left) > 0 {
				t.Errorf("written outside: %v", left)
			}
		})
	}
}

func TestUnpackOncePerDigest(t *testing.T) {
	dir := t.TempDir()
	r := newRuntime(t, func(c *runtime.Config) { c.Dir = dir })
	img := &countingImage{Image: probeImage(t)}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := r.Unpack(t.Context(), img); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	again := newRuntime(t, func(c *runtime.Config) { c.Dir = dir })
	if _, err := again.Unpack(t.Context(), img); err != nil {
		t.Fatal(err)
	}
	if img.reads != 1 {
		t.Errorf("layers read %d times", img.reads)
	}
	if err := again.RemoveUnused(func(v1.Hash) bool { return false }); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "rootfs", "*", "*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

type countingImage struct {
	v1.Image
	mu    sync.Mutex
	reads int
}

func (i *countingImage) Layers() ([]v1.Layer, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.reads++
	return i.Image.Layers()
}

func TestFailedUnpackLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	r := newRuntime(t, func(c *runtime.Config) { c.Dir, c.MaxUnpackedBytes = dir, 10 })
	if _, err := r.Unpack(t.Context(), probeImage(t)); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("error: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "rootfs", "*", "*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestForeignPlatformIsRefusedInWords(t *testing.T) {
	r := newRuntime(t, nil)
	_, err := r.Unpack(t.Context(), imagetest.ImageFor(t, "linux", "s390x", v1.Config{}))
	var platform *runtime.PlatformError
	if !errors.As(err, &platform) || platform.Image != "linux/s390x" || platform.Machine != goruntime.GOOS+"/"+goruntime.GOARCH {
		t.Fatalf("error: %v", err)
	}
	if !strings.Contains(err.Error(), "platform: host") {
		t.Errorf("no word on what to do: %v", err)
	}
}
